import assert from 'node:assert/strict';
import {test} from 'node:test';
import {latentOnPlane, mixedLatent, sharesAt} from '../../../src/core/map/inverse.js';
import {principalPlane, projectRows} from '../../../src/core/map/pca.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose} from '../support.js';

const DIMENSION = 12;
const rows = randomNormal(6, 60 * DIMENSION);
const plane = principalPlane(rows, DIMENSION);
const positions = projectRows(rows, plane);
const row = (i: number) => rows.subarray(i * DIMENSION, (i + 1) * DIMENSION);

test('shares add up to 1 and are none below 0; at a point it has all', () => {
  const shares = sharesAt(positions, 0.1, -0.2);
  assert.equal(shares.length, 8);
  assertClose([shares.reduce((sum, {weight}) => sum + weight, 0)], [1], 1e-12);
  assert.ok(shares.every(({weight}) => weight >= 0));
  assert.deepEqual(sharesAt(positions, positions[14]!, positions[15]!), [{row: 7, weight: 1}]);
});

test('shares change without a jump, wherever one goes', () => {
  const at = (t: number) => {
    const dense = new Float64Array(60);
    for (const {row: i, weight} of sharesAt(positions, 2 * t - 1, 0.3)) dense[i] = weight;
    return dense;
  };
  for (let step = 0; step < 2000; step++) {
    const [one, next] = [at(step / 2000), at((step + 1) / 2000)];
    const jump = one.reduce((sum, value, i) => sum + Math.abs(value - next[i]!), 0);
    assert.ok(jump < 0.1, `${jump} at ${step}`);
  }
});

test('what lies at a place of the plane projects onto that place exactly', () => {
  for (const place of [
    [0, 0],
    [1.3, -0.7],
    [-2, 2],
  ] as const) {
    const latent = latentOnPlane(rows, plane, place, sharesAt(positions, place[0], place[1]));
    assertClose(projectRows(latent, plane), place, 1e-5);
  }
});

test('at a point lies its own vector, by the plane and by its neighbours', () => {
  for (const i of [0, 31, 59]) {
    const place = [positions[2 * i]!, positions[2 * i + 1]!] as const;
    const shares = sharesAt(positions, ...place);
    assertClose(latentOnPlane(rows, plane, place, shares), row(i), 1e-5);
    assertClose(mixedLatent(rows, plane.mean, shares), row(i), 1e-5);
  }
});

test('a mixture is as far from the middle as what it is made of', () => {
  const shares = [
    {row: 0, weight: 0.5},
    {row: 1, weight: 0.5},
  ];
  const length = (latent: Float32Array) =>
    Math.hypot(...Array.from(latent, (value, i) => value - plane.mean[i]!));
  const mixed = mixedLatent(rows, plane.mean, shares);
  assertClose([length(mixed)], [(length(row(0)) + length(row(1))) / 2], 1e-4);
});

test('no points have nothing anywhere; one is everywhere', () => {
  assert.deepEqual(sharesAt(new Float32Array(0), 0, 0), []);
  assert.deepEqual(sharesAt(Float32Array.of(1, 1), 5, 5), [{row: 0, weight: 1}]);
  const two = sharesAt(Float32Array.of(0, 0, 2, 0), 1, 0);
  assertClose(
    two.map(({weight}) => weight),
    [0.5, 0.5],
    1e-12,
  );
});
