import assert from 'node:assert/strict';
import {test} from 'node:test';
import {foldedCells} from '../../../src/core/morph/flow-grid.js';
import type {MorphPlan, PointPair} from '../../../src/core/morph/index.js';
import {anchorsOf} from '../../../src/core/morph/point-pairs.js';
import {throwsLatentError} from '../support.js';
import {flowAt, planOf, scene} from './pictures.js';

const a = scene(64);
const b = scene(64, {phase: 1.5, disc: [0.62, 0.4], light: 15});

function assertKept(plan: MorphPlan, pairs: readonly PointPair[]): void {
  for (const {from, to} of pairs) {
    const [vx, vy] = flowAt(plan, (from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
    const missed = Math.hypot(2 * vx - to[0] + from[0], 2 * vy - to[1] + from[1]);
    assert.ok(missed < 1e-4, `${from.join()} misses by ${missed}`);
  }
}

function assertUnfolded({flow}: MorphPlan): void {
  const half = flow.length / 2;
  const planes = Float32Array.from(flow, (_, i) => flow[2 * (i % half) + Math.floor(i / half)]!);
  assert.deepEqual(foldedCells(planes, Math.sqrt(half), 0), []);
}

test('the flow keeps a few points', () => {
  const pairs: PointPair[] = [
    {from: [0.3, 0.35], to: [0.36, 0.3]},
    {from: [0.6, 0.35], to: [0.7, 0.33]},
    {from: [0.45, 0.7], to: [0.5, 0.64]},
  ];
  const plan = planOf(a, b, pairs);
  assertKept(plan, pairs);
  assertUnfolded(plan);
});

test('the flow keeps a hundred points', () => {
  const pairs = Array.from({length: 100}, (_, i): PointPair => {
    const [x, y] = [0.08 + 0.093 * (i % 10), 0.08 + 0.093 * Math.floor(i / 10)];
    const shift = 0.02 * Math.sin(7 * x + 5 * y);
    return {from: [x, y], to: [x + shift, y - shift]};
  });
  const plan = planOf(a, b, pairs);
  assertKept(plan, pairs);
  assertUnfolded(plan);
});

test('a point may pass between two others', () => {
  const pairs: PointPair[] = [
    {from: [0.4, 0.5], to: [0.4, 0.5]},
    {from: [0.6, 0.5], to: [0.6, 0.5]},
    {from: [0.5, 0.46], to: [0.5, 0.54]},
  ];
  const plan = planOf(a, b, pairs);
  assertKept(plan, pairs);
  assertUnfolded(plan);
});

test('reversed pairs give the reversed flow', () => {
  const [from, to] = [
    [0.3, 0.4],
    [0.4, 0.45],
  ] as const;
  const there = planOf(a, b, [{from, to}]);
  const back = planOf(b, a, [{from: to, to: from}]);
  assert.deepEqual(
    back.flow.map((value) => -value),
    there.flow,
  );
});

test('points that nearly coincide count as one', () => {
  const anchors = anchorsOf([
    {from: [0.3, 0.3], to: [0.4, 0.4]},
    {from: [0.302, 0.3], to: [0.4, 0.402]},
  ]);
  assert.equal(anchors.length, 1);
  assert.ok(Math.abs(anchors[0]!.x - 0.3505) < 1e-9);
});

test('what is no point within the picture is named', () => {
  const good = {from: [0.2, 0.2], to: [0.3, 0.3]} as const;
  for (const bad of [
    {from: [0.5, 1.2], to: [0.5, 0.5]},
    {from: [0.5, 0.5], to: [NaN, 0.5]},
    {from: [0.5, 0.5], to: [0.5]},
    {from: [0.5, 0.5]},
    null,
  ]) {
    throwsLatentError(() => anchorsOf([good, bad as never]), 'bad-argument', /pairs\[1\]/);
  }
});

test('pairs that no movement without a fold can keep are named', () => {
  const crossing = [
    {from: [0.3, 0.5], to: [0.7, 0.5]},
    {from: [0.7, 0.5], to: [0.3, 0.5]},
  ] as const;
  throwsLatentError(() => anchorsOf(crossing), 'bad-argument', /pairs\[1\] and pairs\[0\]/);
  const contradictory = [
    {from: [0.3, 0.5], to: [0.3, 0.5]},
    {from: [0.3, 0.5], to: [0.5, 0.5]},
  ] as const;
  throwsLatentError(() => anchorsOf(contradictory), 'bad-argument', /contradict/);
  const edge = [{from: [0, 0.5], to: [0.3, 0.5]}] as const;
  throwsLatentError(() => anchorsOf(edge), 'bad-argument', /pairs\[0\] leaves the edge/);
});
