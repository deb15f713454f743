import assert from 'node:assert/strict';
import {test} from 'node:test';
import {principalPlane, projectRows} from '../../../src/core/map/pca.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose} from '../support.js';

/** Rows whose numbers have these standard deviations. */
function cloud(seed: number, count: number, deviations: readonly number[]): Float32Array {
  const size = deviations.length;
  return randomNormal(seed, count * size).map((value, i) => value * deviations[i % size]!);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

test('points on a line have that line as their first axis, and no second variance', () => {
  // (1, 2, 2) / 3, at −1, 0 and 1 of it, around (5, 5, 5).
  const rows = Float32Array.from(
    [-1, 0, 1].flatMap((t) => [5 + t / 3, 5 + (2 * t) / 3, 5 + (2 * t) / 3]),
  );
  const {mean, axes, variances} = principalPlane(rows, 3);
  assertClose(mean, [5, 5, 5], 1e-6);
  assertClose(axes[0], [1 / 3, 2 / 3, 2 / 3], 1e-6);
  assertClose(variances, [2 / 3, 0], 1e-6);
  assertClose(projectRows(rows, {mean, axes, variances}), [-1, 0, 0, 0, 1, 0], 1e-6);
});

test('two by two, it is the closed form of a covariance matrix', () => {
  const rows = cloud(1, 400, [3, 1]);
  // Turned by 30 degrees.
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  for (let i = 0; i < rows.length; i += 2) {
    const [x, y] = [rows[i]!, rows[i + 1]!];
    rows[i] = c * x - s * y;
    rows[i + 1] = s * x + c * y;
  }
  const mean = [0, 1].map(
    (axis) => rows.filter((_, i) => i % 2 === axis).reduce((a, b) => a + b) / 400,
  );
  const sums = [0, 0, 0];
  for (let i = 0; i < rows.length; i += 2) {
    const [x, y] = [rows[i]! - mean[0]!, rows[i + 1]! - mean[1]!];
    sums[0]! += (x * x) / 400;
    sums[1]! += (x * y) / 400;
    sums[2]! += (y * y) / 400;
  }
  const [a, b, d] = sums as [number, number, number];
  const root = Math.sqrt(((a - d) / 2) ** 2 + b * b);
  const [first, second] = [(a + d) / 2 + root, (a + d) / 2 - root];
  const {axes, variances} = principalPlane(rows, 2);
  assertClose(variances, [first, second], 1e-5);
  const slope = (first - a) / b;
  assertClose([axes[0][1]! / axes[0][0]!], [slope], 1e-4);
});

test('of many numbers it finds the two that vary most, orthonormal, by rows and by covariance alike', () => {
  const deviations = Array.from({length: 40}, (_, i) => (i === 7 ? 6 : i === 21 ? 4 : 1));
  // More numbers than rows: the rows themselves. More rows: their covariance.
  for (const count of [30, 2000]) {
    const {axes} = principalPlane(cloud(2, count, deviations), 40);
    assertClose(
      [dot(axes[0], axes[0]), dot(axes[1], axes[1]), dot(axes[0], axes[1])],
      [1, 1, 0],
      1e-9,
    );
    const least = count === 30 ? 0.85 : 0.99;
    assert.ok(axes[0][7]! > least, `axis 1 of ${count}: ${axes[0][7]}`);
    assert.ok(Math.abs(axes[1][21]!) > least - 0.1, `axis 2 of ${count}: ${axes[1][21]}`);
  }
});

test('the residuals of its plane are the least: no other plane keeps more of the variance', () => {
  const deviations = [3, 2.5, 2, 1, 1, 0.5];
  const rows = cloud(3, 200, deviations);
  const {mean, axes, variances} = principalPlane(rows, 6);
  const kept = (plane: readonly ArrayLike<number>[]) => {
    let sum = 0;
    for (let i = 0; i < rows.length; i += 6) {
      const row = Array.from(rows.subarray(i, i + 6), (value, at) => value - mean[at]!);
      sum += dot(row, plane[0]!) ** 2 + dot(row, plane[1]!) ** 2;
    }
    return sum / 200;
  };
  assertClose([kept(axes)], [variances[0] + variances[1]], 1e-6);
  const tilted = axes[0].map((value, i) => Math.cos(0.2) * value + Math.sin(0.2) * Number(i === 5));
  const length = Math.sqrt(dot(tilted, tilted));
  assert.ok(kept([tilted.map((value) => value / length), axes[1]]) < kept(axes));
});

test('the same vectors give the same plane, and the largest number of each axis is positive', () => {
  const rows = cloud(4, 100, [1, 4, 2, 3]);
  const [one, other] = [principalPlane(rows, 4), principalPlane(rows, 4)];
  assert.deepEqual(one, other);
  const mirrored = principalPlane(
    rows.map((value) => -value),
    4,
  );
  for (const axis of [...one.axes, ...mirrored.axes]) {
    assert.ok(Math.max(...axis) > -Math.min(...axis));
  }
});

test('none, one, two and the same vectors many times have a place each', () => {
  for (const [rows, dimension] of [
    [[], 0],
    [[], 4],
    [[1, 2, 3], 3],
    [[1, 2, 1, 2, 1, 2], 2],
    [[7, 7, 7], 1],
  ] as const) {
    const numbers = Float32Array.from(rows);
    const positions = projectRows(numbers, principalPlane(numbers, dimension));
    assert.equal(positions.length, dimension === 0 ? 0 : (2 * rows.length) / dimension);
    assert.ok(
      positions.every((value) => Math.abs(value) < 1e-6),
      positions.join(),
    );
  }
  const two = Float32Array.of(0, 0, 3, 4);
  assertClose(projectRows(two, principalPlane(two, 2)), [-2.5, 0, 2.5, 0], 1e-6);
});
