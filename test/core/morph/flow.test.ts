import assert from 'node:assert/strict';
import {test} from 'node:test';
import {features} from '../../../src/core/morph/features.js';
import {FlowEnergy} from '../../../src/core/morph/flow-energy.js';
import {foldedCells, holdEdges, unfold} from '../../../src/core/morph/flow-grid.js';
import {foreground} from '../../../src/core/morph/foreground.js';
import type {Pixels} from '../../../src/core/morph/index.js';
import {halve, toWorkingPicture} from '../../../src/core/morph/working-picture.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {flowAt, picture, planOf, scene} from './pictures.js';

function result<T>(steps: Generator<unknown, T, undefined>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

function featuresOf(pixels: Pixels) {
  const half = halve(result(toWorkingPicture(pixels)));
  return features(halve(half), foreground(half));
}

test('the gradient of the energy is what differences say', () => {
  const [a, b] = [featuresOf(scene(64)), featuresOf(scene(64, {phase: 0.4, disc: [0.6, 0.45]}))];
  const m = 9;
  const anchors = [{x: 0.4, y: 0.3, dx: 0.02, dy: -0.01, pair: 0}];
  const energy = new FlowEnergy({aspect: 1.5, drawn: 0.5, anchors});
  const v = randomNormal(1, 2 * m * m).map((value) => 0.03 * value);
  const at = (w: Float32Array): number => {
    energy.begin(a, b, m, w);
    return energy.evaluate();
  };
  at(v);
  const gradient = energy.gradient.slice();
  for (let seed = 2; seed < 12; seed++) {
    const direction = randomNormal(seed, v.length);
    const slope = direction.reduce((sum, d, i) => sum + d * gradient[i]!, 0);
    const h = 3e-5;
    const difference =
      (at(v.map((value, i) => value + h * direction[i]!)) -
        at(v.map((value, i) => value - h * direction[i]!))) /
      (2 * h);
    const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    assert.ok(Math.abs(slope - difference) < 0.02 * size, `${slope} for ${difference}`);
  }
});

test('a smooth warp with a change of exposure is found', () => {
  const size = 128;
  const bump = (x: number, y: number): number => 16 * x * (1 - x) * y * (1 - y);
  const displaced = (x: number, y: number): [number, number] => [
    x + 0.06 * bump(x, y) * Math.sin(4 * y + 1),
    y + 0.05 * bump(x, y) * Math.cos(3 * x),
  ];
  const paint = (x: number, y: number): number[] => {
    const broad = Math.sin(9 * x + 4 * y + 3 * x * y) + Math.cos(8 * y * y - 5 * x);
    const fine = Math.sin(43 * x + 19 * y * y) * Math.cos(37 * y - 15 * x * x);
    const value = 110 + 35 * broad + 25 * fine;
    return [value, value * 0.7 + 60 * x, 160 - 90 * y, 255];
  };
  const a = picture(size, size, paint);
  const b = picture(size, size, (x, y) =>
    paint(...displaced(x, y)).map((c, i) => (i < 3 ? 0.85 * c + 20 : c)),
  );
  const plan = planOf(a, b);
  let [sum, count] = [0, 0];
  for (let y = 0.1; y < 0.95; y += 0.05) {
    for (let x = 0.1; x < 0.95; x += 0.05) {
      const [vx, vy] = flowAt(plan, x, y);
      const [sx, sy] = displaced(x + vx, y + vy);
      sum += 256 * Math.hypot(sx - x + vx, sy - y + vy);
      count++;
    }
  }
  assert.ok(sum / count < 1.5, `${sum / count} px of 256`);
  assert.ok(plan.alignment.after > plan.alignment.before);
});

test('a flow that folds everywhere is unfolded', () => {
  const m = 17;
  const v = randomNormal(3, 2 * m * m).map((value) => 0.2 * value);
  holdEdges(v, m);
  assert.ok(foldedCells(v, m).length > 100);
  unfold(v, m);
  assert.deepEqual(foldedCells(v, m), []);
});
