import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fromHalf, fromHalves, toHalf, toHalves} from '../../../src/core/latent/half.js';

/** IEEE 754 binary16 by its definition, which no code under test shares. */
function valueOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const ALL = Array.from({length: 1 << 16}, (_, half) => half);

test('each of the 65 536 halves has its value, and that value is written as the same half', () => {
  for (const half of ALL) {
    const value = valueOf(half);
    assert.ok(Object.is(fromHalf(half), value), half.toString(16));
    if (!Number.isNaN(value)) assert.equal(toHalf(value), half);
  }
  assert.ok(Number.isNaN(fromHalf(toHalf(NaN))));
});

test('what lies between two halves goes to the nearer, and from the middle to the even one', () => {
  for (let half = 0; half < 0x7bff; half++) {
    const [low, high] = [valueOf(half), valueOf(half + 1)];
    const middle = (low + high) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    // The last of a binary32 is far below half a step.
    const little = (high - low) / 256;
    const written = [middle - little, middle, middle + little].map((value) => [
      toHalf(value),
      toHalf(-value) & 0x7fff,
    ]);
    assert.deepEqual(written, [
      [half, half],
      [even, even],
      [half + 1, half + 1],
    ]);
  }
});

test('the largest is 65 504, and 65 520 is infinite', () => {
  assert.equal(toHalf(65504), 0x7bff);
  assert.equal(toHalf(65519.99), 0x7bff);
  assert.equal(toHalf(65520), 0x7c00);
  assert.equal(toHalf(-1e30), 0xfc00);
  assert.equal(toHalf(1e-30), 0);
  assert.ok(Object.is(fromHalf(toHalf(-1e-30)), -0));
});

test('arrays', () => {
  const halves = toHalves(Float32Array.of(1, -2, 0.1));
  assert.deepEqual([...halves], [0x3c00, 0xc000, 0x2e66]);
  assert.deepEqual([...fromHalves(halves)], [1, -2, 0.0999755859375]);
});
