import assert from 'node:assert/strict';
import {test} from 'node:test';
import {expand, fillIn, laplacianPyramid} from '../../../src/core/morph/pyramid.js';
import {assertClose} from '../support.js';

const n = 16;
const values = Float32Array.from({length: 2 * n * n}, (_, i) => Math.sin(i) + (i % 2));

test('the levels of a pyramid, expanded and added, give the picture back', () => {
  const levels = laplacianPyramid(values, n, 3, 2);
  let sum = levels[2]!;
  for (const [l, size] of [
    [1, n / 4],
    [0, n / 2],
  ] as const) {
    const coarse = expand(sum, size, 2);
    sum = levels[l]!.map((value, i) => value + coarse[i]!);
  }
  assertClose(sum, values, 1e-6);
});

test('what is known stays, and is carried on into what is not', () => {
  // Known: the left columns, of 1, and the right ones, of 3.
  const column = (i: number): number => i % n;
  const known = Float32Array.from({length: n * n}, (_, i) =>
    column(i) < 4 || column(i) >= 12 ? 1 : 0,
  );
  const sides = known.map((weight, i) => (weight ? (column(i) < 8 ? 1 : 3) : 99));
  const filled = fillIn(sides, known, n, 1);
  filled.forEach((value, i) => {
    if (known[i]) assert.equal(value, sides[i]);
    else assert.ok(value > 0.99 && value < 3.01, `${value}`);
  });
  const row = Array.from(filled.subarray(8 * n, 9 * n), (value) => Math.round(1e4 * value));
  assert.deepEqual(
    row,
    row.toSorted((x, y) => x - y),
  );
  assert.ok(Math.abs(row[7]! + row[8]! - 40_000) < 1000, row.join());
});

test('where nothing is known there is nothing', () => {
  assertClose(
    fillIn(values, new Float32Array(n * n), n, 2),
    values.map(() => 0),
    1e-5,
  );
});
