// Ways to search a list, each made by `(docs, pack) => (query) => found`: the first ten, best first, as
// `{id, confident}`; libraries do not say how sure they are.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import MiniSearch from 'minisearch';
import {tsImport} from 'tsx/esm/api';

const LIMIT = 10;
const own = (path) => tsImport(`../../${path}`, import.meta.url);
const {HybridIndex} = await own('workers/search/hybrid-index.ts');
const {VectorIndex} = await own('src/core/search/vector-index.ts');
const {parsePack} = await own('src/core/pack/parse-pack.ts');
const {StaticTextEncoder} = await own('src/core/text/static-text-encoder.ts');

/** A pack that embeds by a table, from its folder. */
export function openPack(folder) {
  const manifest = parsePack(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8')), folder);
  const {embedding, tokenizer, version, name} = manifest;
  const read = ({file}) => readFileSync(join(folder, file));
  const encoder = new StaticTextEncoder(manifest, {
    tokenizer: read(tokenizer),
    table: read(embedding),
  });
  return {encoder, noise: embedding.noise, label: `${name} ${version}`};
}

/** What the search worker runs: by words alone, by meaning alone, and by both; uncut, or as elements do. */
export async function openOwn(docs, {encoder, noise}) {
  const index = new HybridIndex(new VectorIndex());
  await index.add(
    docs.map(({id, title, text}) => ({id, fields: {title, text}})),
    () => undefined,
  );
  await index.embed(
    encoder,
    () => undefined,
    () => undefined,
  );
  const ask = (question, match) => index.query({limit: LIMIT, fields: false, ...question}, match);
  return {
    words: (text) => ask({text}),
    meaning: (text) => ask({latent: encoder.embed(text)}),
    hybrid: (text) => ask({text, latent: encoder.embed(text)}, encoder.matcher(text)),
    shown: (text) => ask({text, latent: encoder.embed(text), noise}, encoder.matcher(text)),
  };
}

/** Libraries that search by words, as their guides set them up for a site's search. */
export function peers(folder) {
  const require = createRequire(join(folder, 'package.json'));
  const load = (name) => import(require.resolve(name));
  return {
    'MiniSearch, fuzzy + prefix': async (docs) => {
      const index = new MiniSearch({fields: ['title', 'text'], storeFields: []});
      index.addAll(docs);
      const options = {fuzzy: 0.2, prefix: true, boost: {title: 2}};
      return (query) => index.search(query, options).slice(0, LIMIT);
    },
    'Orama, tolerance 1': async (docs) => {
      const {create, insertMultiple, search} = await load('@orama/orama');
      const index = await create({schema: {id: 'string', title: 'string', text: 'string'}});
      await insertMultiple(index, docs, 1000);
      const fields = {properties: ['title', 'text'], boost: {title: 2}, tolerance: 1};
      return async (term) => (await search(index, {term, limit: LIMIT, ...fields})).hits;
    },
    'Fuse.js': async (docs) => {
      const {default: Fuse} = await load('fuse.js');
      const index = new Fuse(docs, {keys: [{name: 'title', weight: 2}, 'text']});
      // It refuses nothing, but takes minutes for thousands of documents.
      if (docs.length > 5000) return undefined;
      return (query) => index.search(query, {limit: LIMIT}).map(({item}) => item);
    },
  };
}
