// Documents, queries and their graded answers: {docs: [{id, title?, text}], queries: [{q, kind, rel: {id: grade}}]}.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {tsImport} from 'tsx/esm/api';
import {build} from '../../scripts/paths.mjs';
import {data} from '../e2e/support.mjs';
import {articleQueries, articles, help, helpQueries, productQueries} from './relevance-lists.mjs';

/** What kinds of queries the sets tell apart, and as what they are reported. */
const KINDS = {
  exact: 'plain',
  plural: 'plain',
  brand: 'plain',
  syn: 'paraphrase',
  question: 'paraphrase',
  pair: 'description',
  typo: 'typo',
  prefix: 'half-typed',
  none: 'unanswered',
};

/**
 * All sets that are here: by which constants are chosen (`choice` true: the lists of this folder, every
 * other query of `debian`), and by which nothing is.
 */
export async function relevanceSets() {
  const {PRODUCTS} = await tsImport('../../stories/products.ts', import.meta.url);
  const products = PRODUCTS.map(({name, about}) => ({id: name, title: name, text: about}));
  const sets = [
    ofList('products', products, productQueries),
    ofList('articles', articles, articleQueries),
    ofList('help', help, helpQueries),
  ];
  const folder = join(data, 'search');
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const name = basename(file, '.json');
    const {docs, queries} = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    if (name !== 'debian') sets.push(named({name, choice: false, docs, queries}));
    else {
      sets.push(
        named({name, choice: true, docs, queries: queries.filter((_, i) => i % 2 === 0)}),
        named({name, choice: false, docs, queries: queries.filter((_, i) => i % 2 === 1)}),
      );
    }
  }
  const large = largeSet();
  return large ? [...sets, named({...large, choice: false})] : sets;
}

function ofList(name, docs, pairs) {
  const queries = pairs.map(([q, ids]) => ({
    q,
    kind: ids.length > 0 ? 'syn' : 'none',
    rel: Object.fromEntries(ids.map((id) => [id, 1])),
  }));
  return named({name, choice: true, docs, queries});
}

function named({queries, ...set}) {
  return {...set, queries: queries.map((query) => ({...query, kind: KINDS[query.kind]}))};
}

const [LARGE_DOCUMENTS, LARGE_QUERIES] = [20_000, 200];

/**
 * Packages of Debian, short description → the first `longest` characters of the long one: 20 000 of them by
 * the checksum of their names, after the first `skip`. Undefined where apt has no descriptions (`Acquire::Languages`).
 */
export function largeSet({skip = 0, longest = 400} = {}) {
  const folder = join(build, 'bench-data');
  const file = join(folder, `debian-${LARGE_DOCUMENTS}-from-${skip}-cut-${longest}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  let text;
  try {
    const lists = join(folder, 'lists');
    mkdirSync(join(lists, 'partial'), {recursive: true});
    const own = ['-o', `Dir::State::lists=${lists}`, '-o', 'Acquire::Languages=en'];
    execFileSync('apt-get', [...own, '-qq', 'update'], {stdio: 'ignore'});
    const files = ['indextargets', '--format', '$(FILENAME)', 'Created-By: Translations'];
    const [translation] = execFileSync('apt-get', [...own, ...files], {encoding: 'utf8'})
      .split('\n')
      .filter((path) => /_dists_[a-z]+_main_/.test(path) && existsSync(path));
    const cat = ['cat-file', translation];
    text = execFileSync('/usr/lib/apt/apt-helper', cat, {encoding: 'utf8', maxBuffer: 2 ** 28});
  } catch {
    return undefined;
  }
  const taken = new Set();
  const found = [];
  for (const part of text.split('\n\n')) {
    const name = /^Package: (.*)/m.exec(part)?.[1];
    const [, short, lines = ''] = /^Description-en: (.*)\n((?: .*\n?)*)/m.exec(part) ?? [];
    const long = lines.replace(/^ \.$/gm, '').replace(/\s+/g, ' ').trim();
    if (!name || !short || long.length < 60 || taken.has(long) || taken.has(short)) continue;
    taken.add(long).add(short);
    found.push({key: createHash('sha1').update(name).digest('hex'), short, long});
  }
  const some = found.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(skip, skip + LARGE_DOCUMENTS);
  const step = Math.floor(some.length / LARGE_QUERIES);
  const set = {
    name: `debian, ${some.length}${skip > 0 ? ' others' : ''}`,
    docs: some.map(({long}, i) => ({id: String(i), text: long.slice(0, longest)})),
    queries: Array.from({length: LARGE_QUERIES}, (_, i) => ({
      q: some[i * step].short,
      kind: 'pair',
      rel: {[i * step]: 2},
    })),
  };
  writeFileSync(file, JSON.stringify(set));
  return set;
}
