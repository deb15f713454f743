import assert from 'node:assert/strict';
import {test} from 'node:test';
import {paintPoints} from '../../../src/core/map/paint-points.js';

const [WIDTH, HEIGHT] = [20, 10];
const RED = 0xff0000ff | 0;
const FAINT_BLUE = 0x40ff0000 | 0;

function paint(positions: number[], colours: number[], more = {}): Int32Array {
  const pixels = new Int32Array(WIDTH * HEIGHT).fill(-1);
  paintPoints(pixels, WIDTH, HEIGHT, {
    positions: Float32Array.from(positions),
    colours: Uint8Array.from(colours),
    palette: Int32Array.of(RED, FAINT_BLUE, 0),
    scale: 10,
    left: 0,
    top: 0,
    radius: 2,
    ...more,
  });
  return pixels;
}

const alpha = (pixels: Int32Array, x: number, y: number) => pixels[y * WIDTH + x]! >>> 24;
const covered = (pixels: Int32Array) => pixels.reduce((sum, word) => sum + (word >>> 24) / 255, 0);

test('a dot is where it should be, as large as it should be, and everything else is clear', () => {
  const pixels = paint([1, 0.5], [0]);
  assert.equal(pixels[5 * WIDTH + 10], RED);
  assert.equal(alpha(pixels, 10, 9), 0);
  assert.equal(alpha(pixels, 3, 5), 0);
  assert.ok(Math.abs(covered(pixels) - Math.PI * 4) < 0.7, String(covered(pixels)));
});

test('a dot moves by less than a pixel', () => {
  const [one, other] = [paint([1, 0.5], [0]), paint([1.03, 0.5], [0])];
  assert.notDeepEqual(one, other);
  assert.ok(alpha(other, 11, 5) >= alpha(one, 11, 5));
  assert.ok(Math.abs(covered(one) - covered(other)) < 0.5);
});

test('the more opaque of two stays, in whichever order they come', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const pixels = paint([1, 0.5, 1, 0.5], order);
    assert.equal(pixels[5 * WIDTH + 10], RED);
  }
});

test('dots over the edge are cut, those beyond it and invisible ones are not drawn', () => {
  const pixels = paint([0, 0, 2, 1, 9, 9, -4, 0.5, 1, 0.5], [0, 0, 0, 0, 2]);
  assert.ok(alpha(pixels, 0, 0) > 200 && alpha(pixels, WIDTH - 1, HEIGHT - 1) > 200);
  assert.equal(alpha(pixels, 10, 5), 0);
  assert.ok(Math.abs(covered(pixels) - (Math.PI * 4) / 2) < 1, String(covered(pixels)));
});
