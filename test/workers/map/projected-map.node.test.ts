import assert from 'node:assert/strict';
import {test} from 'node:test';
import {randomNormal} from '../../../src/core/random/noise.js';
import {ProjectedMap} from '../../../workers/map/projected-map.js';
import {assertClose} from '../../core/support.js';

const [COUNT, DIMENSION] = [60, 8];
/** Two groups, of which every other vector is one. */
const vectors = () =>
  randomNormal(1, COUNT * DIMENSION).map(
    (value, i) => value + (Math.floor(i / DIMENSION) % 2 === 0 ? 4 : -4),
  );

function projected(projection: 'pca' | 'umap', isUnit = false): ProjectedMap {
  const map = new ProjectedMap({data: vectors(), dimension: DIMENSION, isUnit});
  map.project(projection);
  while (map.advance(50).ratio < 1);
  return map;
}

for (const projection of ['pca', 'umap'] as const) {
  test(`${projection} ends in the unit square, with a cluster for each group and its words`, () => {
    const map = projected(projection);
    map.addTexts(
      Array.from({length: COUNT}, (_, i) => (i % 2 === 0 ? 'a red boat' : 'an old tree')),
    );
    const {positions, ratio} = map.advance(1);
    assert.equal(ratio, 1);
    assert.ok(positions.every((value) => value >= -1e-6 && value <= 1 + 1e-6));
    const {clusters, memberships} = map.clusters();
    assert.equal(clusters.length, 2);
    const [even, odd] = [memberships[0]!, memberships[1]!];
    assert.notEqual(even, odd);
    assert.deepEqual([...clusters[even]!.words].sort(), ['boat', 'red']);
    assert.deepEqual([...clusters[odd]!.words].sort(), ['old', 'tree']);
  });

  test(`${projection} has at the place of a vector that vector`, () => {
    const map = projected(projection);
    const {positions} = map.advance(1);
    for (const row of [0, 33]) {
      const point = map.pointAt(positions[2 * row]!, positions[2 * row + 1]!)!;
      assertClose(point.data, vectors().subarray(row * DIMENSION, (row + 1) * DIMENSION), 1e-3);
      assert.deepEqual(point.shares, [{row, weight: 1}]);
    }
  });
}

test('it stops where it is when nobody goes on, and another projection begins anew', () => {
  const map = new ProjectedMap({data: vectors(), dimension: DIMENSION, isUnit: false});
  map.project('umap');
  const {ratio} = map.advance(0);
  assert.ok(ratio < 1);
  map.project('pca');
  while (map.advance(50).ratio < 1);
  assert.deepEqual(map.advance(1).positions, projected('pca').advance(1).positions);
});

test('of embeddings only the direction counts', () => {
  const data = Float32Array.of(1, 0, 5, 0, 0, 2, 0, 9);
  const map = new ProjectedMap({data, dimension: 2, isUnit: true});
  map.project('pca');
  while (map.advance(50).ratio < 1);
  const {positions} = map.advance(1);
  assertClose(positions.subarray(0, 2), positions.subarray(2, 4), 1e-6);
  assertClose(positions.subarray(4, 6), positions.subarray(6, 8), 1e-6);
});

test('no vectors have no place, and nothing lies anywhere', () => {
  const map = new ProjectedMap({data: new Float32Array(0), dimension: 0, isUnit: true});
  map.project('umap');
  while (map.advance(50).ratio < 1);
  assert.equal(map.advance(1).positions.length, 0);
  assert.deepEqual(map.clusters().clusters, []);
  assert.equal(map.pointAt(0.5, 0.5), undefined);
});
