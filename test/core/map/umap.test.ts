import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type Neighbours, Umap} from '../../../src/core/map/umap.js';
import {neighbourSteps} from '../../../src/core/map/umap.js';
import {principalPlane, projectRows} from '../../../src/core/map/pca.js';
import {randomNormal} from '../../../src/core/random/noise.js';

const [GROUPS, SIZE, DIMENSION] = [4, 40, 16];
const COUNT = GROUPS * SIZE;

/** Points around four centres, of which group i % 4 each. */
function groups(spread: number): Float32Array {
  const centres = randomNormal(1, GROUPS * DIMENSION);
  return randomNormal(2, COUNT * DIMENSION).map((value, i) => {
    const [row, axis] = [Math.floor(i / DIMENSION), i % DIMENSION];
    return 2 * centres[(row % GROUPS) * DIMENSION + axis]! + spread * value;
  });
}

function neighboursOf(rows: Float32Array, count: number, isUnit = false): Neighbours {
  const steps = neighbourSteps(rows, DIMENSION, count, isUnit);
  for (;;) {
    const {done, value} = steps.next();
    if (done) return value;
  }
}

function layout(rows: Float32Array, seed?: number): Float32Array {
  const start = projectRows(rows, principalPlane(rows, DIMENSION));
  const umap = new Umap(neighboursOf(rows, 10), start, {seed});
  while (umap.step());
  assert.equal(umap.ratio, 1);
  return umap.positions;
}

test('neighbours are the nearest, in order, without the point itself', () => {
  const rows = groups(0.5);
  const {rows: found, distances} = neighboursOf(rows, 5);
  const distance = (i: number, j: number) =>
    Math.hypot(
      ...Array.from(
        {length: DIMENSION},
        (_, a) => rows[i * DIMENSION + a]! - rows[j * DIMENSION + a]!,
      ),
    );
  for (const i of [0, 17, 159]) {
    const all = Array.from({length: COUNT}, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => distance(i, a) - distance(i, b));
    assert.deepEqual([...found.subarray(5 * i, 5 * i + 5)], all.slice(0, 5));
    assert.ok(Math.abs(distances[5 * i]! - distance(i, all[0]!)) < 1e-5);
  }
});

test('of rows of length 1, the cosine gives the same neighbours at the same distances', () => {
  const rows = groups(0.5);
  for (let i = 0; i < rows.length; i += DIMENSION) {
    const length = Math.hypot(...rows.subarray(i, i + DIMENSION));
    for (let a = i; a < i + DIMENSION; a++) rows[a]! /= length;
  }
  const [plain, unit] = [neighboursOf(rows, 5), neighboursOf(rows, 5, true)];
  assert.deepEqual(plain.rows, unit.rows);
  plain.distances.forEach((value, i) => assert.ok(Math.abs(value - unit.distances[i]!) < 1e-3));
});

test('groups come apart: whoever is nearest on the map is of the same group', () => {
  const positions = layout(groups(0.8));
  assert.ok(positions.every(Number.isFinite));
  let right = 0;
  for (let i = 0; i < COUNT; i++) {
    let [nearest, least] = [-1, Infinity];
    for (let j = 0; j < COUNT; j++) {
      const distance = Math.hypot(
        positions[2 * i]! - positions[2 * j]!,
        positions[2 * i + 1]! - positions[2 * j + 1]!,
      );
      if (j !== i && distance < least) [nearest, least] = [j, distance];
    }
    if (nearest % GROUPS === i % GROUPS) right++;
  }
  assert.ok(right > 0.98 * COUNT, `${right} of ${COUNT}`);
});

test('the same seed gives the same map, another one another', () => {
  const rows = groups(0.8);
  assert.deepEqual(layout(rows, 3), layout(rows, 3));
  assert.notDeepEqual(layout(rows, 3), layout(rows, 4));
});

test('identical points have places that are numbers', () => {
  const positions = layout(new Float32Array(COUNT * DIMENSION).fill(1));
  assert.ok(positions.every(Number.isFinite));
});
