import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {LatentError} from '../../../src/core/errors.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import {VectorIndex} from '../../../src/core/search/vector-index.js';
import {StaticTextEncoder} from '../../../src/core/text/static-text-encoder.js';
import {assertOpen, HybridIndex, withPassages} from '../../../workers/search/hybrid-index.js';

const read = (file: string) =>
  readFileSync(new URL(`../../../models/words/${file}`, import.meta.url));
const encoder = new StaticTextEncoder(
  parsePack(JSON.parse(read('pack.json').toString()), 'words'),
  {
    tokenizer: read('vocabulary.txt'),
    table: read('table.safetensors'),
  },
);
const NOISE = 0.2;
const nothing = () => undefined;
const ITEMS = [
  {id: 'soup', fields: {title: 'Tomato soup', text: 'A warm meal for cold evenings', price: 4}},
  {id: 'dog', fields: {text: 'How to train a puppy'}},
  {id: 'bank', fields: {text: 'Opening a savings account at the bank'}},
  {id: 'picture', fields: {image: '/a.png'}},
];

async function made(): Promise<HybridIndex> {
  const index = new HybridIndex(new VectorIndex());
  await index.add(ITEMS, nothing);
  return index;
}
const idsOf = (hits: readonly {readonly id: string}[]) => hits.map(({id}) => id);

test('words find at once, meaning when items have their vectors', async () => {
  const index = await made();
  const byWords = (text: string) => index.query({text, limit: 9, fields: false});
  const both = (text: string) =>
    index.query({text, latent: encoder.embed(text), limit: 9, noise: NOISE, fields: true});
  assert.deepEqual(idsOf(byWords('savings')), ['bank']);
  assert.deepEqual(idsOf(byWords('kitten')), []);
  const done: number[] = [];
  await index.embed(encoder, nothing, (loaded, total) => done.push(loaded / total));
  assert.equal(done.at(-1), 1);
  assert.equal(index.info.size, 3, 'a picture says nothing to a table');
  const [dog] = both('obedience school for dogs');
  assert.deepEqual([dog?.id, dog?.confident, dog?.terms], ['dog', true, []]);
  const [soup] = both('tomatoes');
  assert.deepEqual([soup?.id, soup?.terms], ['soup', ['tomato']]);
  assert.ok(soup!.similarity! > 0.3, 'what its words found has a cosine too');
  assert.deepEqual(soup?.fields, ITEMS[0]!.fields);
  assert.ok(both('quarterly tax audit').length > 0, 'nothing fits, and the nearest are shown');
});

test('words of an item that mean those of the query lift it, with a long text too', async () => {
  const index = new HybridIndex(new VectorIndex());
  const filler = 'Opening hours, parking, directions, tickets, groups, press and everything else.';
  await index.add(
    [
      {id: 'long', fields: {text: `${filler} ${filler} A kitten lives in the shop. ${filler}`}},
      {id: 'near', fields: {text: 'Horses, cows, farms'}},
    ],
    nothing,
  );
  await index.embed(encoder, nothing, nothing);
  const question = {text: 'cat', latent: encoder.embed('cat'), limit: 9, fields: false};
  assert.deepEqual(idsOf(index.query(question)), ['near', 'long'], 'one vector blurs it');
  assert.deepEqual(idsOf(index.query(question, encoder.matcher('cat'))), ['long', 'near']);
});

test('items change and go, also while they wait for a vector', async () => {
  const index = await made();
  index.remove(['dog', 'unknown']);
  await index.embed(encoder, nothing, nothing);
  await index.add([{id: 'soup', fields: {text: 'A red sailing boat'}}], nothing);
  assert.equal(index.vectors.has('soup'), false, 'the vector of what it was is gone');
  assert.deepEqual(index.fieldsOf('soup'), {text: 'A red sailing boat'});
  await index.embed(encoder, nothing, nothing);
  const ask = (text: string) =>
    idsOf(index.query({text, latent: encoder.embed(text), limit: 1, noise: NOISE, fields: false}));
  assert.deepEqual(ask('yacht'), ['soup']);
  assert.ok(!ask('puppy').includes('dog'));
});

test('an index of vectors finds by the words of what was kept with them', async () => {
  const first = await made();
  await first.embed(encoder, nothing, nothing);
  const index = new HybridIndex(VectorIndex.from(first.vectors.toBuffer()));
  await index.indexWords(nothing);
  const hits = index.query({text: 'puppies', limit: 9, fields: false});
  assert.deepEqual(
    hits.map(({id, terms}) => [id, terms]),
    [['dog', ['puppy']]],
  );
});

test('what was closed in a pause ends the work with its error', async () => {
  const index = await made();
  const many = Array.from({length: 4000}, (_, i) => ({
    id: String(i),
    fields: {text: `Number ${i} of a long list of texts that say the same again and again`},
  }));
  const closed = () => {
    assertOpen(undefined);
  };
  await assert.rejects(
    index.add(many, closed),
    (error) => error instanceof LatentError && error.code === 'bad-argument',
  );
});

test('what only its meaning found comes with its nearest sentence, the first results only', async () => {
  const index = new HybridIndex(new VectorIndex());
  const text = 'Open all year. A quiet place for a honeymoon. No children.';
  const many = Array.from({length: 30}, (_, i) => ({
    id: `inn ${i}`,
    fields: {title: `Inn ${i}`, text},
  }));
  await index.add(many, nothing);
  await index.embed(encoder, nothing, nothing);
  const latent = encoder.embed('just married');
  const ask = (query: string) => {
    const hits = index.query({text: query, latent, limit: 30, fields: false});
    return withPassages(hits, (id) => index.fieldsOf(id), latent, encoder);
  };
  const hits = ask('just married');
  const passages = hits.map(
    ({passage}) => passage && text.slice(passage.start, passage.end).trim(),
  );
  assert.equal(hits.length, 30);
  assert.deepEqual(
    passages,
    hits.map((_, i) => (i < 20 ? 'A quiet place for a honeymoon.' : undefined)),
  );
  assert.equal(ask('honeymoon')[0]!.passage, undefined, 'its word is in the text');
  const byTitle = ask('inn')[0]!;
  assert.ok(byTitle.terms.length > 0 && byTitle.passage, 'its word is in the title only');
});
