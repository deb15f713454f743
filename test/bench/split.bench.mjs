// What an index in parts costs a visitor before the first answer, and what it misses: bytes of the head and of
// every part that a first query reads (nothing is kept from one query to the next), the share of the exact
// ten nearest that are found, and the order of results beside that of the whole index.
import {setMaxListeners} from 'node:events';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {tsImport} from 'tsx/esm/api';
import {root} from '../../scripts/paths.mjs';
import {openOwn, openPack} from './relevance-methods.mjs';
import {largeSet} from './relevance-sets.mjs';
import {mean, ndcg, table} from './statistics.mjs';

export const title = 'An index in parts: bytes before the first answer, and what is found';

const own = (path) => tsImport(`../../${path}`, import.meta.url);
const {VectorIndex} = await own('src/core/search/vector-index.ts');
const {splitIndex} = await own('src/cli/split-index.ts');
const {readHead} = await own('src/core/search/index-head.ts');
const {IndexParts} = await own('workers/search/index-parts.ts');
const {SplitIndex} = await own('workers/search/split-index.ts');
const {wordsOf, saysSomething} = await own('src/core/search/words.ts');

const HEAD = 'http://site.example/search.latents';
const LIMIT = 10;
const never = new AbortController().signal;
// A query has a listener for each of its parts.
setMaxListeners(0, never);

/** An index of documents in parts, opened anew by each call; `read` has what was fetched since. */
export function openSplit(docs, {encoder}) {
  const index = new VectorIndex({space: encoder.space, shape: [encoder.dimensions]});
  for (const {id, title, text} of docs) {
    const latent = encoder.embedDocument({title, text});
    const fields = {title: title ?? '', text, href: `/docs/page.html#${id}`};
    if (latent) index.add(id, latent, fields);
  }
  const began = performance.now();
  const {head, parts} = splitIndex(index);
  const made = performance.now() - began;
  const read = new Map();
  // In place of a server: only what goes over the line counts.
  globalThis.fetch = (url) => {
    const bytes = parts.get(String(url).split('/').at(-1));
    read.set(String(url), bytes.length);
    return Promise.resolve(new Response(bytes));
  };
  const open = () => {
    read.clear();
    const {build} = readHead(head);
    return new SplitIndex(readHead(head), new IndexParts(HEAD, build), async () => encoder);
  };
  return {index, head, parts, made, open, read};
}

/** By the first, constants were chosen; the others are as long as the program cuts passages. */
const CHOICES = [{}, {skip: 20_000, longest: 1000}];

export async function measure({choices = CHOICES} = {}) {
  const pack = openPack(join(root, 'models/words'));
  const {encoder, noise} = pack;
  const summary = [];
  const bytes = [];
  for (const choice of choices) {
    const set = largeSet(choice);
    if (!set) continue;
    const split = openSplit(set.docs, pack);
    const whole = await openOwn(set.docs, pack);
    const total = [...split.parts.values()].reduce((sum, {length}) => sum + length, 0);
    for (const [kind, queries] of Object.entries(queriesOf(set))) {
      const seen = {recall: [], whole: [], split: [], same: [], bytes: [], requests: [], time: []};
      const kinds = {};
      for (const {q, rel} of queries) {
        const latent = encoder.embed(q);
        const near = await split.open().query({latent, limit: LIMIT, fields: true}, never);
        const exact = split.index.search(latent, LIMIT).map(({id}) => id);
        seen.recall.push(share(exact, near));
        const opened = split.open();
        const began = performance.now();
        const question = {text: q, latent, limit: LIMIT, noise, fields: true};
        const found = await opened.query(question, never);
        seen.time.push(performance.now() - began);
        const expected = await whole.shown(q);
        seen.same.push(
          share(
            expected.map(({id}) => id),
            found,
          ),
        );
        if (rel) {
          seen.whole.push(
            ndcg(
              expected.map(({id}) => id),
              rel,
            ),
          );
          seen.split.push(
            ndcg(
              found.map(({id}) => id),
              rel,
            ),
          );
        }
        seen.requests.push(split.read.size);
        seen.bytes.push(split.head.length + sum([...split.read.values()]));
        for (const [url, length] of split.read) {
          const part = url.split('-')[1];
          kinds[part] = (kinds[part] ?? 0) + length / queries.length;
        }
      }
      const of = (list, digits = 3) => (list.length > 0 ? mean(list).toFixed(digits) : '');
      summary.push([
        set.name,
        `${kind} (${queries.length})`,
        of(seen.recall),
        of(seen.same),
        of(seen.whole),
        of(seen.split),
        `${kB(mean(seen.bytes))}, ${kB(Math.max(...seen.bytes))}`,
        of(seen.requests, 0),
        of(seen.time, 0),
      ]);
      bytes.push([
        set.name,
        kind,
        kB(split.head.length),
        ...['cell', 'words', 'lists', 'items'].map((part) => kB(kinds[part])),
        `${split.parts.size} files, ${kB(total)}`,
        `${(split.made / 1000).toFixed(0)} s`,
      ]);
    }
  }
  const same = ['recall@10 by meaning', 'of the whole index’s ten', 'nDCG whole', 'nDCG in parts'];
  table(['set', 'queries', ...same, 'kB mean, most', 'requests', 'ms'], summary);
  console.log('\nkB of a first query, and of all:\n');
  table(
    ['set', 'queries', 'head', 'cells', 'dictionaries', 'lists', 'items', 'all', 'made in'],
    bytes,
  );
}

const sum = (list) => list.reduce((all, each) => all + each, 0);
const kB = (bytes) => (bytes / 1000).toFixed(0);
const share = (expected, found) => {
  const ids = new Set(found.map(({id}) => id));
  return expected.length > 0 ? expected.filter((id) => ids.has(id)).length / expected.length : 1;
};

/** The set's own queries; and as people type them: one to three words of a document, some misspelt. */
function queriesOf({docs, queries}) {
  let seed = 1;
  const random = (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const words = Array.from({length: 90}, (_, i) => {
    const said = wordsOf(docs[random(docs.length)].text)
      .map(({term}) => term)
      .filter((term) => saysSomething(term) && /^[a-z]{4,}$/.test(term));
    return Array.from({length: 1 + (i % 3)}, () => said[random(said.length)]);
  });
  const misspell = (word) => {
    const at = 1 + random(word.length - 2);
    return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  };
  return {
    descriptions: queries,
    words: words.map((list) => ({q: list.join(' ')})),
    misspelt: words.slice(0, 45).map((list) => ({q: list.map(misspell).join(' ')})),
    'half-typed': words.slice(45).map((list) => ({q: list.join(' ').slice(0, -2)})),
  };
}
