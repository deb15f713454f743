import assert from 'node:assert/strict';
import {test} from 'node:test';
import {VectorIndex} from '../../../src/core/search/vector-index.js';
import {latent} from '../support.js';
import {clustered} from './reference.js';

const COUNT = 30_000;
const DIMENSION = 24;
const near = {exact: false};
const data = clustered(109, COUNT + 60, DIMENSION, {centres: 500, spread: 0.8});
const queries = data.slice(COUNT);

function indexOf(count: number): VectorIndex {
  const index = new VectorIndex({space: 'test', shape: [DIMENSION]});
  index.add(data.slice(0, count).map((row, i) => ({id: String(i), latent: latent(row)})));
  return index;
}

/** The share of the nearest ten that is found. */
function recall(index: VectorIndex): number {
  let found = 0;
  for (const query of queries) {
    const exact = new Map(index.search(latent(query)).map(({id, score}) => [id, score]));
    for (const {id, score} of index.search(latent(query), 10, near)) {
      if (exact.has(id)) assert.equal(score, exact.get(id));
      found += exact.has(id) ? 1 : 0;
    }
  }
  return found / (10 * queries.length);
}

test('sorted in slices, nearly all of the nearest are found, and what changed since is found too', () => {
  const index = indexOf(COUNT);
  assert.equal(recall(index), 1, 'exact as long as nothing is sorted');
  let slices = 0;
  while (index.prepare(1000, near)) slices++;
  assert.ok(slices > COUNT / 1000, `${slices} slices`);
  assert.equal(index.prepare(1000, near), false);
  const share = recall(index);
  assert.ok(share >= 0.99, `${share}`);

  const [query] = queries as [Float32Array];
  const [first] = index.search(latent(query), 1, near);
  index.remove(first!.id);
  index.update('100', latent(query));
  index.add('new', latent(query));
  const found = index.search(latent(query), 10, near).map(({id}) => id);
  assert.deepEqual(found.slice(0, 2), ['100', 'new']);
  assert.ok(!found.includes(first!.id));
  index.update('100', latent(query.map((value) => -value)));
  assert.ok(!index.search(latent(query), 10, near).some(({id}) => id === '100'));
  assert.ok(recall(index) >= 0.99);
});

test('changes in the middle of sorting are found', () => {
  const index = indexOf(COUNT);
  const [query, other] = queries as [Float32Array, Float32Array];
  for (let slice = 0; index.prepare(1000, near); slice++) {
    if (slice === 50) index.update('9', latent(query));
    if (slice === 60) index.add('late', latent(other));
    if (slice === 70) index.remove('10');
  }
  assert.equal(index.search(latent(query), 1, near)[0]?.id, '9');
  assert.equal(index.search(latent(other), 1, near)[0]?.id, 'late');
  assert.ok(!index.search(latent(data[10]!), 10, near).some(({id}) => id === '10'));
});

test('a filter that leaves little is searched exactly', () => {
  const index = indexOf(COUNT);
  index.prepare(Infinity, near);
  const filter = (id: string): boolean => Number(id) % 3000 === 0;
  const [query] = queries as [Float32Array];
  assert.deepEqual(
    index.search(latent(query), 5, {filter, ...near}),
    index.search(latent(query), 5, {filter}),
  );
  for (const options of [{metric: 'dot'}, {metric: 'euclidean'}] as const) {
    assert.deepEqual(
      index.search(latent(query), 5, {...options, ...near}),
      index.search(latent(query), 5, options),
    );
  }
  const zero = latent(new Float32Array(DIMENSION));
  assert.deepEqual(index.search(zero, 3, near), index.search(zero, 3));
});

test('once too many are gone or new, searches are exact until all are sorted anew', () => {
  const index = indexOf(COUNT);
  index.prepare(Infinity, near);
  index.remove(Array.from({length: 8000}, (_, i) => String(3 * i)));
  assert.equal(recall(index), 1);
  assert.equal(index.prepare(1000, near), true);
  assert.equal(indexOf(5000).prepare(Infinity, near), false, 'few are not worth it');
});
