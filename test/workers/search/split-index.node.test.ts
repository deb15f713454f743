import assert from 'node:assert/strict';
import {setMaxListeners} from 'node:events';
import {readFileSync} from 'node:fs';
import {afterEach, before, test} from 'node:test';
import {gzipSync} from 'node:zlib';
import {splitIndex} from '../../../src/cli/split-index.js';
import {LatentError} from '../../../src/core/errors.js';
import {partName, readHead, sealPart} from '../../../src/core/search/index-head.js';
import {VectorIndex} from '../../../src/core/search/vector-index.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import {StaticTextEncoder} from '../../../src/core/text/static-text-encoder.js';
import {HybridIndex} from '../../../workers/search/hybrid-index.js';
import {IndexParts} from '../../../workers/search/index-parts.js';
import {SplitIndex} from '../../../workers/search/split-index.js';

const file = (name: string) =>
  readFileSync(new URL(`../../../models/words/${name}`, import.meta.url));
const encoder = new StaticTextEncoder(
  parsePack(JSON.parse(file('pack.json').toString()), 'words'),
  {tokenizer: file('vocabulary.txt'), table: file('table.safetensors')},
);
const NOISE = 0.2;
// Each part that a query waits for listens to its signal.
setMaxListeners(0);
const URL_OF_HEAD = 'https://site.example/docs/search.latents?v=1';
/** Pages of a made-up handbook: 1 500 passages about 40 things, each said in its own words. */
const THINGS = (
  'boat harbour sail anchor rope storm coast fish net island garden tomato soup bread oven kitchen ' +
  'guitar piano concert song theatre film camera photo museum painting train bicycle bridge street ' +
  'market bank money tax doctor medicine school teacher puppy kitten'
).split(' ');
const DEEDS = 'repair buy find clean describe compare measure borrow protect plan'.split(' ');
const PLACES = 'at home,in winter,abroad,on Sundays,for beginners'.split(',');
const PASSAGES = Array.from({length: 1500}, (_, i) => {
  const at = (list: readonly string[], step: number) => list[Math.floor(i / step) % list.length]!;
  const [thing, other, deed, place] = [
    at(THINGS, 1),
    at(THINGS, 37),
    at(DEEDS, 40),
    at(PLACES, 400),
  ];
  return {
    id: `/page/${String(i)}`,
    title: `How to ${deed} a ${thing}`,
    text: `Whoever wants to ${deed} the ${thing} ${place} thinks of the ${other}. Number ${String(i)} says so.`,
    href: `/page/${String(i)}`,
  };
});

const index = new VectorIndex({space: encoder.space, shape: [encoder.dimensions]});
for (const {id, ...fields} of PASSAGES) index.add(id, encoder.embedDocument(fields)!, fields);
const {head, parts} = splitIndex(index);
const {build} = readHead(head);
const whole = new HybridIndex(index);

/** What the server has; what was asked of it. */
let server = new Map<string, Uint8Array | number>();
let asked: string[] = [];
const fetchBefore = globalThis.fetch;

before(async () => {
  await whole.indexWords(() => undefined);
});
afterEach(() => {
  globalThis.fetch = fetchBefore;
});

function open(): SplitIndex {
  server = new Map(parts);
  asked = [];
  globalThis.fetch = (async (url: string, {signal}: RequestInit = {}) => {
    const folder = 'https://site.example/docs/search.latents.parts/';
    assert.ok(url.startsWith(folder), url);
    const name = url.slice(folder.length);
    asked.push(name);
    // As a network does, later than now.
    await new Promise((resolve) => setTimeout(resolve, 1));
    signal?.throwIfAborted();
    const body = server.get(name) ?? 404;
    return typeof body === 'number'
      ? new Response('', {status: body})
      : new Response(body as Uint8Array<ArrayBuffer>);
  }) as typeof fetch;
  const reader = new IndexParts(URL_OF_HEAD, build);
  return new SplitIndex(readHead(head), reader, () => Promise.resolve(encoder));
}
/** As the worker asks: what failed is given up as a whole. */
function find(from: SplitIndex, text: string, limit = 10, call = new AbortController()) {
  const question = {text, latent: encoder.embed(text), limit, noise: NOISE, fields: true};
  return from.query(question, call.signal).catch((error: unknown) => {
    call.abort();
    throw error;
  });
}
const findWhole = (text: string, limit = 10) =>
  whole.query(
    {text, latent: encoder.embed(text), limit, noise: NOISE, fields: true},
    encoder.matcher(text),
  );
const idsOf = (hits: readonly {readonly id: string}[]) => hits.map(({id}) => id);
const namesOf = (kind: string) => asked.filter((name) => name.includes(`-${kind}-`));

test('what is found, its scores, words and fields are those of the whole index', async () => {
  const split = open();
  assert.deepEqual(split.info, {space: encoder.space, metric: 'cosine', size: 1500});
  const queries = [
    ...['fix my ship', 'money abroad', 'kitten', 'cheap instruments', 'boat anchor rope'],
    ...['proteckt the harbor', 'borr', 'teacher on sundays', 'a', 'Number 1234'],
  ];
  for (const text of queries) {
    const [own, expected] = [await find(split, text), findWhole(text)];
    assert.equal(own.length, expected.length, text);
    assert.equal(own[0]!.confident, expected[0]!.confident, text);
    for (const [i, {id, score, similarity, fields}] of own.entries()) {
      assert.deepEqual(fields, index.item(id), text);
      assert.ok(Math.abs(similarity! - index.score(id, encoder.embed(text))!) < 1e-6, text);
      // Many passages are alike, so that places are compared by their scores; those by words are rounded.
      const wanted = expected[i]!.score;
      assert.ok(Math.abs(score - wanted) < 0.04, `${text}, ${i}: ${score}, not ${wanted}`);
    }
  }
  const [first] = await find(split, 'proteckt the harbor');
  assert.deepEqual(first?.terms.toSorted(), ['harbour', 'protect']);
});

test('by meaning, 97 of 100 of the exact ten nearest', async () => {
  const split = open();
  let found = 0;
  for (let i = 0; i < 60; i++) {
    const latent = encoder.embed(`${THINGS[(7 * i) % 40]!} ${THINGS[i % 40]!} ${DEEDS[i % 10]!}`);
    const {signal} = new AbortController();
    const hits = await split.query({latent, limit: 10, fields: true}, signal);
    // Equal passages have equal scores.
    const least = index.search(latent, 10)[9]!.score;
    found += hits.filter(({score}) => score >= least - 1e-6).length / 600;
  }
  assert.ok(found >= 0.97, String(found));
});

test('a query reads a part of the parts, once, and words alone no codes', async () => {
  const split = open();
  const {signal} = new AbortController();
  const hits = await split.query({text: 'harbour', limit: 3, fields: true}, signal);
  assert.match(hits[0]!.fields!.title as string, /harbour/);
  assert.equal(hits[0]!.similarity, undefined);
  assert.deepEqual(namesOf('cell'), []);
  assert.ok(asked.length < 10, asked.join(' '));
  await find(split, 'harbour');
  assert.equal(new Set(asked).size, asked.length, 'nothing is read twice');
  assert.ok(namesOf('items').length < 60, `${namesOf('items').length} of 188`);
  const before = asked.length;
  await find(split, 'harbour');
  assert.equal(asked.length, before);
});

test('typing a word fetches what the whole word needs', async () => {
  const word = 'photographic';
  await find(open(), word);
  const needed = new Set(asked);
  const split = open();
  let call = new AbortController();
  let last: ReturnType<typeof find> | undefined;
  for (let typed = 1; typed <= word.length; typed++) {
    call.abort();
    call = new AbortController();
    last?.catch(() => undefined);
    last = find(split, word.slice(0, typed), 10, call);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  assert.ok((await last!).length > 0);
  assert.deepEqual(new Set(asked), needed);
  assert.equal(asked.length, needed.size, 'each once');
});

test('what has nothing to look for, and what nothing answers', async () => {
  const split = open();
  const {signal} = new AbortController();
  assert.deepEqual(await split.query({text: ' ', limit: 5, fields: true}, signal), []);
  assert.deepEqual(asked, []);
  assert.deepEqual(await split.query({text: 'zzzyx', limit: 5, fields: true}, signal), []);
  assert.equal((await find(split, 'mortgage', Infinity)).length > 0, true);
  assert.deepEqual(await find(split, 'boat', 0), []);
});

test('similar passages, of what a query has found', async () => {
  const split = open();
  const {signal} = new AbortController();
  await assert.rejects(
    split.similarTo('/page/3', 5, {}, signal),
    (error) => error instanceof LatentError && error.code === 'bad-argument',
  );
  const [first] = await find(split, 'guitar');
  const near = await split.similarTo(first!.id, 5, {}, signal);
  assert.deepEqual(
    near.map(({score}) => score.toFixed(5)),
    index.similarTo(first!.id, 5).map(({score}) => score.toFixed(5)),
  );
  assert.deepEqual(await split.fieldsOf([first!.id, 'unknown']), [
    index.item(first!.id),
    undefined,
  ]);
});

const broken =
  (change: (bytes: Uint8Array, name: string) => Uint8Array | number) => (name: string) =>
    server.set(name, change(parts.get(name)!, name));
const other = build.replace(/./, (digit) => (digit === '0' ? '1' : '0'));
/** A few bytes, from which twice as many come as any part may have. */
const bomb = gzipSync(Buffer.alloc(1 << 25));
const faults: readonly (readonly [
  string,
  ReturnType<typeof broken>,
  LatentError['code'],
  RegExp,
])[] = [
  ['missing', broken(() => 404), 'not-found', /is not there.*reload/],
  ['refused', broken(() => 503), 'network', /503/],
  ['cut short', broken((bytes) => bytes.slice(0, -9)), 'bad-index', /cut short/],
  ['empty', broken(() => new Uint8Array(0)), 'bad-index', /cut short/],
  [
    'changed',
    broken((bytes) => bytes.map((byte, i) => (i === bytes.length - 12 ? byte ^ 255 : byte))),
    'bad-index',
    /changed|does not fit|not JSON/,
  ],
  [
    'a page in its place',
    broken(() => Buffer.from('<!doctype html><title>Not found</title>')),
    'bad-index',
    /no part of an index/,
  ],
  [
    'of another build',
    broken(() => gzipSync(sealPart(other, Uint8Array.of(1)))),
    'bad-index',
    /another build/,
  ],
  [
    'of its build, and nothing that it should be',
    broken(() => gzipSync(sealPart(build, new TextEncoder().encode('{"ids":[]}')))),
    'bad-index',
    /Publish the index/,
  ],
  ['endless', broken(() => bomb), 'bad-index', /no end/],
];
for (const [what, spoil, code, message] of faults) {
  for (const kind of ['cell', 'words', 'lists', 'items']) {
    test(`${kind} that is ${what}: ${code}, and the next query works`, async () => {
      const split = open();
      const expected = idsOf(await find(open(), 'harbour'));
      const names = [...parts.keys()].filter((name) => name.includes(`-${kind}-`));
      names.forEach(spoil);
      await assert.rejects(find(split, 'harbour'), (error) => {
        assert.ok(error instanceof LatentError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        const own = new RegExp(`docs/search\\.latents\\.parts/${build}-${kind}-`);
        // Of several broken parts, the first to come is named.
        assert.match(error.message, own);
        return true;
      });
      server = new Map(parts);
      assert.deepEqual(idsOf(await find(split, 'harbour')), expected);
    });
  }
}

test('a query that was given up fetches nothing more, and takes nothing from the next', async () => {
  const split = open();
  const controller = new AbortController();
  const given = find(split, 'harbour storm', 10, controller);
  const next = find(split, 'harbour storm');
  await new Promise((resolve) => setTimeout(resolve, 0));
  controller.abort();
  await assert.rejects(given, (error) => error instanceof LatentError && error.code === 'aborted');
  assert.equal((await next).length, 10);
  assert.equal(new Set(asked).size, asked.length);
  const alone = new AbortController();
  const stale = find(split, 'piano song', 10, alone);
  await new Promise((resolve) => setTimeout(resolve, 0));
  alone.abort();
  await assert.rejects(stale);
  const before = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(asked.length, before);
});

test('the same pages make the same files', () => {
  const again = splitIndex(index);
  assert.deepEqual(again.head, head);
  assert.deepEqual([...again.parts.keys()], [...parts.keys()]);
  const name = partName(build, 'items', 0);
  assert.deepEqual(again.parts.get(name), parts.get(name));
});
