import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type IndexEntry, VectorIndex} from '../../../src/core/search/vector-index.js';
import type {Metric} from '../../../src/core/search/metric.js';
import {assertClose, latent, throwsLatentError} from '../support.js';
import {clustered} from './reference.js';

const ids = (found: readonly {readonly id: string}[]) => found.map(({id}) => id);

/** Four points of a plane. */
function square(options: {metric?: Metric} = {}): VectorIndex {
  const index = new VectorIndex(options);
  index.add([
    {id: 'east', latent: latent([1, 0]), item: {title: 'East'}},
    {id: 'north', latent: latent([0, 1])},
    {id: 'far east', latent: latent([3, 0])},
    {id: 'nowhere', latent: latent([0, 0])},
  ]);
  return index;
}

test('each metric scores as it says, nearer is always higher', () => {
  const index = square();
  const query = latent([2, 0]);
  assert.deepEqual(index.search(query), [
    {id: 'east', score: 1},
    {id: 'far east', score: 1},
    {id: 'north', score: 0},
    {id: 'nowhere', score: 0},
  ]);
  assert.deepEqual(index.search(query, 4, {metric: 'dot'}), [
    {id: 'far east', score: 6},
    {id: 'east', score: 2},
    {id: 'north', score: 0},
    {id: 'nowhere', score: 0},
  ]);
  const near = index.search(query, 4, {metric: 'euclidean'});
  assert.deepEqual(ids(near), ['east', 'far east', 'nowhere', 'north']);
  assertClose(
    near.map(({score}) => score),
    [-1, -1, -2, -Math.sqrt(5)],
    1e-15,
  );
  assert.deepEqual(ids(square({metric: 'dot'}).search(query, 1)), ['far east']);
  throwsLatentError(() => square({metric: 'manhattan' as Metric}), 'bad-argument', /manhattan/);
  throwsLatentError(
    () => index.search(query, 1, {metric: 'l2' as Metric}),
    'bad-argument',
    /'l2'.*cosine, dot, euclidean/,
  );
});

test('the zero vector has the cosine 0 with everything, itself included', () => {
  assert.deepEqual(
    square()
      .search(latent([0, 0]))
      .map(({score}) => score),
    [0, 0, 0, 0],
  );
});

test('k, threshold and filter', () => {
  const index = square();
  const query = latent([1, 0.1]);
  assert.equal(index.search(query).length, 4, 'all where there are fewer than 10');
  assert.deepEqual(index.search(query, 0), []);
  for (const k of [1e9, Number.MAX_SAFE_INTEGER, Infinity]) {
    assert.equal(index.search(query, k).length, 4);
  }
  for (const k of [-1, 0.5, NaN, -Infinity, '3' as unknown as number]) {
    throwsLatentError(() => index.search(query, k), 'bad-argument', /k must be/);
  }
  assert.deepEqual(ids(index.search(query, 10, {threshold: 0.9})), ['east', 'far east']);
  assert.deepEqual(index.search(query, 10, {threshold: 1.1}), []);
  assert.deepEqual(index.search(query, 10, {metric: 'euclidean', threshold: 1}), []);
  throwsLatentError(() => index.search(query, 1, {threshold: NaN}), 'bad-argument', /threshold/);
  assert.deepEqual(ids(index.search(query, 2, {filter: (id) => id.includes('r')})), [
    'far east',
    'north',
  ]);
  assert.deepEqual(index.search(query, 2, {filter: () => false}), []);
  assert.deepEqual(ids(index.similarTo('east', 2)), ['far east', 'north']);
  assert.deepEqual(ids(index.similarTo('east', 9, {filter: (id) => id !== 'north'})), [
    'far east',
    'nowhere',
  ]);
  throwsLatentError(() => index.similarTo('west'), 'bad-argument', /'west'/);
});

test('an empty index finds nothing, and takes its form from what is added first', () => {
  const index = new VectorIndex();
  assert.deepEqual(index.search(latent([1, 2, 3])), []);
  index.add([]);
  assert.deepEqual(
    [index.space, index.shape, index.dimension, index.size],
    [undefined, undefined, 0, 0],
  );
  index.add('a', latent([1, 2, 3]));
  assert.deepEqual([index.space, index.shape, index.dimension, index.size], ['test', [3], 3, 1]);
  throwsLatentError(() => index.add('b', latent([1, 2])), 'bad-argument', /'b'.*\[2\].*\[3\]/);
  throwsLatentError(
    () => index.add('b', latent([1, 2, 3], 'other')),
    'space-mismatch',
    /'test'.*'other'/,
  );
  throwsLatentError(
    () => new VectorIndex({space: 'words-1'}).add('b', latent([1])),
    'space-mismatch',
    /'words-1'.*'test'/,
  );
  throwsLatentError(() => index.search(latent([1, 2, 3], 'other')), 'space-mismatch');
  throwsLatentError(() => index.search(latent([1, 2])), 'bad-argument', /query/);
});

test('what is added wrongly leaves no trace', () => {
  const index = square();
  const fine: IndexEntry = {id: 'fine', latent: latent([1, 1])};
  const add = (entry: unknown) => () => index.add([fine, entry as IndexEntry]);
  throwsLatentError(add({id: 'east', latent: latent([1, 1])}), 'bad-argument', /'east'.*update/);
  throwsLatentError(add({id: 'fine', latent: latent([1, 1])}), 'bad-argument', /'fine'.*twice/);
  throwsLatentError(add({id: '', latent: latent([1, 1])}), 'bad-argument', /id/);
  throwsLatentError(add({id: 7, latent: latent([1, 1])}), 'bad-argument', /id.*7/);
  throwsLatentError(add({id: 'none'}), 'bad-argument', /'none'/);
  for (const value of [NaN, Infinity]) {
    const broken = {space: 'test', shape: [2], data: Float32Array.of(0, value)};
    throwsLatentError(add({id: 'broken', latent: broken}), 'bad-argument', /'broken'.*finite/);
    throwsLatentError(() => index.search(broken), 'bad-argument', /query.*finite/);
    throwsLatentError(() => index.update('east', broken), 'bad-argument', /'east'.*finite/);
  }
  assert.deepEqual([...index.ids()], ['east', 'north', 'far east', 'nowhere']);
  const fresh = new VectorIndex();
  throwsLatentError(() => fresh.add([fine, {id: 'x', latent: latent([1])}]), 'bad-argument');
  assert.equal(fresh.space, undefined);
});

test('a batch is many at once', () => {
  const index = new VectorIndex();
  const data = Float32Array.of(1, 0, 0, 1, 3, 0);
  index.addBatch({space: 'test', ids: [], data: new Float32Array()});
  index.addBatch({space: 'test', ids: ['a', 'b', 'c'], data, items: [{n: 1}]});
  data.fill(9);
  assert.deepEqual(index.get('b'), latent([0, 1]));
  assert.deepEqual([index.item('a'), index.item('b')], [{n: 1}, undefined]);
  const batch = (names: string[], numbers: number) => () =>
    index.addBatch({space: 'test', ids: names, data: new Float32Array(numbers)});
  throwsLatentError(batch(['d', 'e'], 3), 'bad-argument', /2 ids.*3 numbers/);
  throwsLatentError(batch([], 2), 'bad-argument', /0 ids/);
  throwsLatentError(batch(['d'], 0), 'bad-argument', /1 ids/);
  assert.equal(index.size, 3);
});

test('items, updates and removals', () => {
  const index = square();
  assert.deepEqual(index.item('east'), {title: 'East'});
  assert.equal(index.item('west'), undefined);
  assert.equal(index.get('west'), undefined);
  index.update('east', latent([0, 2]));
  assert.deepEqual(index.item('east'), {title: 'East'});
  assert.deepEqual(ids(index.search(latent([0, 1]), 2)), ['east', 'north']);
  index.update('east', latent([0, 2]), {title: 'Up'});
  assert.deepEqual(index.item('east'), {title: 'Up'});
  throwsLatentError(() => index.update('west', latent([0, 2])), 'bad-argument', /'west'.*add/);
  assert.equal(index.remove('west'), 0);
  assert.equal(index.remove(['east', 'west', 'east', 'nowhere']), 2);
  assert.deepEqual([...index.ids()], ['north', 'far east']);
  assert.equal(index.has('east'), false);
  index.add('east', latent([5, 0]));
  assert.deepEqual(index.item('east'), undefined);
  assert.deepEqual(ids(index.search(latent([1, 0]))), ['far east', 'east', 'north']);
});

test('removing all but a few gives the room back, and finds the few', () => {
  const rows = clustered(31, 3000, 8);
  const index = new VectorIndex();
  index.add(rows.map((data, i) => ({id: String(i), latent: latent(data), item: {i}})));
  index.search(latent(rows[0]!));
  index.remove(rows.map((_, i) => String(i)).filter((id) => Number(id) % 100 !== 7));
  assert.equal(index.size, 30);
  for (let i = 7; i < 3000; i += 100) {
    assert.equal(index.search(latent(rows[i]!), 1)[0]?.id, String(i));
    assert.deepEqual(index.item(String(i)), {i});
    assert.deepEqual(index.get(String(i)), latent(rows[i]!));
  }
});

test('prepare encodes in slices, and says when it is done', () => {
  const index = new VectorIndex();
  assert.equal(index.prepare(), false);
  index.add(clustered(37, 100, 4).map((data, i) => ({id: String(i), latent: latent(data)})));
  assert.equal(index.prepare(60), true);
  assert.equal(index.prepare(60), false);
});

test('duplicates are groups linked by pairs, in order', () => {
  const index = new VectorIndex();
  const at = (degrees: number) =>
    latent([Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]);
  const angles = [0, 90, 8, 200, 91, 16, 300, 300];
  index.add(angles.map((angle) => [angle] as const).map(([a], i) => ({id: `${i}`, latent: at(a)})));
  index.remove('7');
  assert.deepEqual(index.duplicates({threshold: Math.cos((9 * Math.PI) / 180)}), [
    ['0', '2', '5'],
    ['1', '4'],
  ]);
  assert.deepEqual(index.duplicates({threshold: 2}), []);
  assert.deepEqual(index.duplicates({threshold: -1}), [[...index.ids()]]);
  assert.deepEqual(new VectorIndex().duplicates(), []);
  throwsLatentError(() => index.duplicates({threshold: NaN}), 'bad-argument', /threshold/);
});

test('duplicates among thousands are those of all pairs', () => {
  const rows = clustered(41, 2500, 16, {centres: 900, spread: 0.2});
  const index = new VectorIndex();
  index.add(rows.map((data, i) => ({id: String(i), latent: latent(data)})));
  const groups = index.duplicates({threshold: 0.97});
  const groupOf = new Map(groups.flatMap((group, i) => group.map((id) => [id, i] as const)));
  assert.ok(groups.length > 100);
  let linked = 0;
  for (let a = 0; a < rows.length; a++) {
    const partners = index.search(latent(rows[a]!), 50, {threshold: 0.97});
    for (const {id} of partners) {
      if (id === String(a)) continue;
      linked++;
      assert.equal(groupOf.get(id), groupOf.get(String(a)));
    }
    assert.equal(groupOf.has(String(a)), partners.length > 1);
  }
  assert.ok(linked > 1000);
});

test('the search for duplicates pauses, and refuses to go on in an index that changed', () => {
  const index = square();
  const steps = index.duplicateSteps({threshold: 0.5});
  assert.deepEqual(steps.next(), {done: false, value: 0.25});
  index.remove('north');
  throwsLatentError(() => steps.next(), 'bad-argument', /changed/);
});

test('what is no file, entry or id is refused by name, and allocates nothing', () => {
  const from = VectorIndex.from as (file: unknown) => unknown;
  for (const file of [2 ** 31, 'LATENTS', undefined, null, {}, [1, 2]]) {
    throwsLatentError(() => from(file), 'bad-argument', /file/);
  }
  const index = new VectorIndex() as unknown as Record<
    'add' | 'remove',
    (given: unknown) => unknown
  >;
  for (const given of [5, undefined, null, {}]) {
    throwsLatentError(() => index.add(given), 'bad-argument', /entries/);
    throwsLatentError(() => index.remove(given), 'bad-argument', /ids/);
  }
  throwsLatentError(() => index.add('a'), 'bad-argument', /'a'/);
});

test('the score of one id is what a search says of it', () => {
  const index = new VectorIndex();
  index.add('a', latent([1, 2]));
  index.add('b', latent([2, -1]));
  const query = latent([3, 1]);
  for (const metric of ['cosine', 'dot', 'euclidean'] as const) {
    for (const {id, score} of index.search(query, 2, {metric})) {
      assert.equal(index.score(id, query, metric), score);
    }
  }
  assert.equal(index.score('none', query), undefined);
});

test('toBatch gives what addBatch takes: all that is left, in order, its numbers copied', () => {
  const index = new VectorIndex();
  assert.deepEqual(index.toBatch().ids, []);
  index.addBatch({space: 'test', ids: ['a', 'b', 'c'], data: Float32Array.of(1, 2, 3, 4, 5, 6)});
  index.remove('b');
  const batch = index.toBatch();
  assert.deepEqual(batch, {
    space: 'test',
    shape: [2],
    ids: ['a', 'c'],
    data: Float32Array.of(1, 2, 5, 6),
  });
  batch.data[0] = 9;
  assert.equal(index.get('a')!.data[0], 1);
  const copy = new VectorIndex();
  copy.addBatch(index.toBatch());
  assert.deepEqual([...copy.ids()], ['a', 'c']);
});
