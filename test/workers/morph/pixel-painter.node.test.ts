// The kernel and the reference make the same frames.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {composeFrame} from '../../../src/core/morph/compose-frame.js';
import {frameFields} from '../../../src/core/morph/frame-fields.js';
import type {Pixels} from '../../../src/core/morph/plan.js';
import {PixelPainter} from '../../../workers/morph/pixel-painter.js';
import {syntheticPicture, syntheticPlan} from './support.js';

/** The largest difference of two frames' bytes, colours counted where there is alpha. */
function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const seen = i % 4 === 3 ? 1 : Math.max(a[i | 3]!, b[i | 3]!) / 255;
    most = Math.max(most, seen * Math.abs(a[i]! - b[i]!));
  }
  return most;
}

const sizes: [number, number][] = [
  [64, 64],
  [97, 41],
  [3, 200],
  [1, 1],
];

for (const [width, height] of sizes) {
  for (const alpha of [false, true]) {
    const what = `${String(width)}×${String(height)}${alpha ? ', transparent' : ''}`;
    test(`the kernel agrees with composeFrame: ${what}`, () => {
      const painter = new PixelPainter();
      const a = syntheticPicture(width, height, 1, alpha);
      const b = syntheticPicture(width, height, 2, alpha);
      const plan = syntheticPlan();
      for (const t of [0, 0.03, 0.31, 0.5, 0.77, 1]) {
        const painted = painter.paint({a, b, t, plan}, frameFields(plan, t));
        assert.ok(difference(painted, composeFrame(plan, a, b, t).data) <= 1, `t = ${String(t)}`);
      }
    });
  }
}

test('each picture shows where it is asked for, in whatever order pairs come', () => {
  const painter = new PixelPainter();
  const plan = syntheticPlan();
  const pictures = [1, 2, 3].map((seed) => syntheticPicture(32, 32, seed, false));
  const pairs: [Pixels, Pixels][] = [
    [pictures[0]!, pictures[1]!],
    [pictures[1]!, pictures[2]!],
    [pictures[2]!, pictures[0]!],
    [pictures[0]!, pictures[2]!],
    [pictures[1]!, pictures[1]!],
  ];
  for (const [a, b] of pairs) {
    const painted = painter.paint({a, b, t: 0.4, plan}, frameFields(plan, 0.4));
    assert.ok(difference(painted, composeFrame(plan, a, b, 0.4).data) <= 1);
  }
});

test('while it takes over, a frame is a share of the morph and the rest of the plain line', () => {
  const painter = new PixelPainter();
  const plan = syntheticPlan();
  const a = syntheticPicture(48, 32, 1, false);
  const b = syntheticPicture(48, 32, 2, false);
  const line = painter.paint({a, b, t: 0.4}, undefined);
  const morph = composeFrame(plan, a, b, 0.4).data;
  const half = line.map((value, i) => value + 0.5 * (morph[i]! - value));
  const painted = painter.paint({a, b, t: 0.4, plan, share: 0.5}, frameFields(plan, 0.4));
  assert.ok(difference(painted, half) <= 1);
  assert.ok(Math.abs(line[0]! - (0.6 * a.data[0]! + 0.4 * b.data[0]!)) <= 1);
});
