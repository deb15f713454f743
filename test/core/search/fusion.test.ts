import assert from 'node:assert/strict';
import {test} from 'node:test';
import {reciprocalRankFusion} from '../../../src/core/search/fusion.js';
import {assertClose, throwsLatentError} from '../support.js';

const list = (ids: string) => Array.from(ids, (id) => ({id}));
const order = (...given: Parameters<typeof reciprocalRankFusion>) =>
  reciprocalRankFusion(...given)
    .map(({id}) => id)
    .join('');

test('adds 1 / (60 + rank) over the lists, ranks from 1', () => {
  const fused = reciprocalRankFusion([list('abc'), list('cad')]);
  assert.deepEqual(
    fused.map(({id, ranks}) => [id, ranks]),
    [
      ['a', [1, 2]],
      ['c', [3, 1]],
      ['b', [2, undefined]],
      ['d', [undefined, 3]],
    ],
  );
  assertClose(
    fused.map(({score}) => score),
    [1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62, 1 / 63],
    1e-15,
  );
});

test('of equal scores, what an earlier list has first comes first', () => {
  assert.equal(order([list('ab'), list('cd')]), 'acbd');
  assert.equal(order([list('xy'), list('yx')]), 'xy');
});

test('k and weights', () => {
  assert.equal(order([list('ab'), list('b')], {k: 0}), 'ba');
  assert.equal(order([list('ab'), list('ba')], {weights: [1, 1.1]}), 'ba');
  assert.equal(order([list('ab'), list('c')], {weights: [0, 1]}), 'cab');
});

test('odd lists', () => {
  assert.deepEqual(reciprocalRankFusion([]), []);
  assert.deepEqual(reciprocalRankFusion([[], []]), []);
  assert.equal(order([list('aba')]), 'ab');
  assert.equal(reciprocalRankFusion([list('aaa')])[0]?.score, 1 / 61);
  assert.equal(order([[{id: '__proto__'}, {id: 'constructor'}]]), '__proto__constructor');
});

test('wrong options are refused', () => {
  for (const options of [{k: -1}, {k: NaN}, {k: Infinity}, {weights: []}, {weights: [-1]}]) {
    throwsLatentError(() => reciprocalRankFusion([list('a')], options), 'bad-argument', /weights/);
  }
});
