import assert from 'node:assert/strict';
import {test} from 'node:test';
import {noiseAt, turn, walk} from '../../../src/core/diffusion/noise-walk.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, throwsLatentError} from '../support.js';

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const norm = (a: Float32Array) => Math.sqrt(dot(a, a));
const cosine = (a: Float32Array, b: Float32Array) => dot(a, b) / (norm(a) * norm(b));

const noise = randomNormal(7, 128);
const other = randomNormal(8, 128);

test('a turn is the arc towards the other noise, and keeps the length', () => {
  for (const angle of [-2, 0.1, 0.7, Math.PI / 2, 3, 40]) {
    const turned = turn(noise, other, angle);
    assert.ok(Math.abs(norm(turned) - norm(noise)) < 1e-5, String(angle));
    assert.ok(Math.abs(cosine(turned, noise) - Math.cos(angle)) < 1e-6, String(angle));
  }
  assert.ok(cosine(turn(noise, other, 0.5), other) > cosine(noise, other));
  assert.deepEqual(turn(noise, other, 0), noise);
  assertClose(turn(noise, other, 2 * Math.PI), noise, 1e-6);
});

test('a turn agrees with its closed form in two dimensions', () => {
  const turned = turn(Float32Array.of(3, 0), Float32Array.of(5, 2), Math.PI / 6);
  assertClose(turned, [3 * Math.cos(Math.PI / 6), 3 * Math.sin(Math.PI / 6)], 1e-6);
});

test('noise that spans no plane with the other stays', () => {
  assert.deepEqual(turn(noise, noise, 1), noise);
  assert.deepEqual(
    turn(
      noise,
      noise.map((x) => -3 * x),
      1,
    ),
    noise,
  );
  assert.deepEqual(turn(Float32Array.of(2), Float32Array.of(1), 1), Float32Array.of(2));
});

test('a walk moves either half by its own angle, everywhere alike', () => {
  const halves = (data: Float32Array) => [0, 1].map((n) => data.filter((_, i) => i % 2 === n));
  const [even, odd] = halves(noise);
  const [evenOther, oddOther] = halves(other);
  const [across, up] = halves(walk(noise, other, [0.4, -1.1]));
  assertClose(across!, turn(even!, evenOther!, 0.4), 1e-6);
  assertClose(up!, turn(odd!, oddOther!, -1.1), 1e-6);
  const step = (x: number, y: number) => {
    const [a, b] = [walk(noise, other, [x, y]), walk(noise, other, [x + 0.1, y])];
    return norm(a.map((value, i) => value - b[i]!));
  };
  for (const [x, y] of [
    [0, 0],
    [1, 2],
    [-3, 0.5],
  ] as const) {
    assert.ok(Math.abs(step(x, y) - step(0, 0)) < 1e-5);
    assert.ok(Math.abs(norm(walk(noise, other, [x, y])) - norm(noise)) < 1e-5);
  }
  assertClose(walk(noise, other, [2 * Math.PI, -2 * Math.PI]), noise, 1e-6);
});

test('a place is the seed, its variations one after the other, and a position around them', () => {
  assert.deepEqual(noiseAt({seed: 7}, 128), noise);
  assert.deepEqual(noiseAt({seed: 7, variations: [], position: [0, 0]}, 128), noise);
  const varied = noiseAt({seed: 7, variations: [{seed: 7, amount: 0.5}]}, 128);
  assert.ok(Math.abs(cosine(varied, noise) - Math.SQRT1_2) < 1e-6, 'even by its own seed');
  const again = noiseAt(
    {
      seed: 7,
      variations: [
        {seed: 7, amount: 0.5},
        {seed: 3, amount: 1},
      ],
    },
    128,
  );
  assert.ok(Math.abs(cosine(again, varied)) < 1e-6, 'nothing is left of it');
  const place = {seed: 7, variations: [{seed: 3, amount: 0.2}], position: [0.3, 0.1]} as const;
  const there = noiseAt(place, 128);
  const on = {seed: 7, variations: [{seed: 3, amount: 0, position: [0.3, 0.1]}]} as const;
  assertClose(noiseAt(on, 128), noiseAt({seed: 7, position: [0.3, 0.1]}, 128), 1e-6);
  assert.deepEqual(noiseAt(structuredClone(place), 128), there);
  assert.ok(Math.abs(norm(there) - norm(noise)) < 1e-5);
});

test('what is no place is refused, with its range', () => {
  const at = (place: object) => () => noiseAt({seed: 1, ...place}, 4);
  throwsLatentError(at({seed: -1}), 'bad-argument', /seed/, /2\^53/);
  for (const amount of [-0.1, 1.1, Number.NaN, '1']) {
    const variations = [{seed: 1, amount}];
    throwsLatentError(at({variations}), 'bad-argument', /amount/, /from 0 .* to 1/, /got/);
  }
  throwsLatentError(at({position: [0, Infinity]}), 'bad-argument', /position/, /Infinity/);
});
