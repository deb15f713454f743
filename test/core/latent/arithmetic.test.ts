import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as arithmetic from '../../../src/core/latent/arithmetic.js';
import type {Latent} from '../../../src/core/latent/latent.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, latent, throwsLatentError} from '../support.js';

const {add, average, cosineSimilarity, distance, lerp, scale, slerp, subtract} = arithmetic;

const a = latent(randomNormal(1, 1000));
const b = latent(randomNormal(2, 1000));
const onCircle = (degrees: number, radius = 1) => {
  const angle = (degrees * Math.PI) / 180;
  return latent([radius * Math.cos(angle), radius * Math.sin(angle)]);
};

for (const [name, interpolate] of Object.entries({lerp, slerp})) {
  test(`${name} is exact at both ends, to the bit, in new arrays`, () => {
    const left = latent([-0, 0.1, 3, 1e-45]);
    const right = latent([0.3, -0, -1, 7]);
    const start = interpolate(left, right, 0);
    assert.deepEqual(start, left);
    assert.notEqual(start.data, left.data);
    assert.deepEqual(interpolate(left, right, 1), right);
    assert.deepEqual(interpolate(a, b, 0), a);
    assert.deepEqual(interpolate(a, b, 1), b);
  });

  test(`${name} of a latent with itself stays there`, () => {
    assert.deepEqual(interpolate(a, a, 0.3), a);
  });

  test(`${name} is the same from either side`, () => {
    assertClose(interpolate(a, b, 0.3).data, interpolate(b, a, 0.7).data, 1e-6);
  });

  test(`${name} names a t that is no number`, () => {
    for (const t of [NaN, Infinity, '0.5' as never]) {
      throwsLatentError(() => interpolate(a, b, t), 'bad-argument', /\bt\b/, new RegExp(String(t)));
    }
  });
}

test('lerp goes straight, also beyond its ends', () => {
  const from = latent([0, 10, -4]);
  const to = latent([1, 20, 4]);
  assertClose(lerp(from, to, 0.25).data, [0.25, 12.5, -2], 0);
  assertClose(lerp(from, to, 2).data, [2, 30, 12], 0);
  assertClose(lerp(from, to, -1).data, [-1, 0, -12], 0);
});

test('slerp goes round a circle at constant speed, also beyond its ends', () => {
  for (const t of [-0.5, 0.1, 0.5, 0.9, 1.5]) {
    assertClose(slerp(onCircle(20), onCircle(110), t).data, onCircle(20 + 90 * t).data, 1e-7);
  }
});

test('slerp keeps the length of high-dimensional noise, which lerp loses', () => {
  const length = (of: Latent) => distance(of, scale(of, 0));
  const expected = Math.sqrt((length(a) ** 2 + length(b) ** 2) / 2);
  assert.ok(Math.abs(length(slerp(a, b, 0.5)) / expected - 1) < 0.01);
  assert.ok(length(lerp(a, b, 0.5)) / expected < 0.75);
});

test('slerp joins lerp without a jump where vectors become parallel', () => {
  for (const degrees of [0, 1e-6, 0.01, 0.025, 0.026, 0.03, 0.5]) {
    const [from, to] = [onCircle(0), onCircle(degrees)];
    assertClose(slerp(from, to, 0.5).data, onCircle(degrees / 2).data, 6e-8);
    if (degrees < 0.1) assertClose(slerp(from, to, 0.5).data, lerp(from, to, 0.5).data, 6e-8);
  }
});

test('slerp of opposite or zero vectors takes the straight line', () => {
  const zero = scale(a, 0);
  for (const [from, to] of [
    [a, scale(a, -1)],
    [a, scale(a, -3)],
    [a, zero],
    [zero, a],
    [zero, zero],
  ] as const) {
    assert.deepEqual(slerp(from, to, 0.25), lerp(from, to, 0.25));
    assert.ok(slerp(from, to, 0.25).data.every(Number.isFinite));
  }
});

test('add, subtract and scale agree', () => {
  assertClose(add(latent([1, 2]), latent([10, 20])).data, [11, 22], 0);
  assertClose(subtract(latent([1, 2]), latent([10, 20])).data, [-9, -18], 0);
  assertClose(scale(latent([1, -2]), 3).data, [3, -6], 0);
  assertClose(subtract(add(a, b), b).data, a.data, 1e-6);
  throwsLatentError(() => scale(a, NaN), 'bad-argument', /\bk\b/, /NaN/);
});

test('average weighs its latents', () => {
  const latents = [latent([1, 0]), latent([2, 10]), latent([6, -4])];
  assertClose(average(latents).data, [3, 2], 0);
  assertClose(average(latents, [1, 1, 2]).data, [3.75, 0.5], 0);
  assertClose(average(latents, [2, -1, 0]).data, [0, -10], 0);
  assert.deepEqual(average([a]), a);
});

test('average names bad input', () => {
  throwsLatentError(() => average([]), 'bad-argument', /at least one/);
  throwsLatentError(() => average([a, b], [1]), 'bad-argument', /2 latents/, /1 weights/);
  throwsLatentError(() => average([a, b], [1, -1]), 'bad-argument', /\[1, -1\] sum to zero/);
  throwsLatentError(() => average([a, b], [1, NaN]), 'bad-argument', /weights\[1\]/, /NaN/);
});

test('distance and cosineSimilarity measure', () => {
  assert.equal(distance(latent([1, 2]), latent([4, 6])), 5);
  assert.equal(distance(a, a), 0);
  assert.equal(cosineSimilarity(latent([1, 0]), latent([0, 2])), 0);
  assertClose([cosineSimilarity(onCircle(10, 3), onCircle(70, 5))], [0.5], 1e-7);
  assert.equal(cosineSimilarity(a, latent(new Float32Array(1000))), 0);
  for (let seed = 0; seed < 50; seed++) {
    const one = latent(randomNormal(seed, 7));
    assertClose([cosineSimilarity(one, scale(one, 1.7))], [1], 1e-7);
    assert.ok(cosineSimilarity(one, one) <= 1);
    assert.ok(cosineSimilarity(one, scale(one, -1)) >= -1);
  }
});

test('nothing mixes two spaces or two shapes', () => {
  const other: Latent = latent(a.data, 'other');
  const short: Latent = latent([1, 2]);
  const all: Readonly<Record<string, (x: Latent, y: Latent) => unknown>> = {
    lerp: (x, y) => lerp(x, y, 0),
    slerp: (x, y) => slerp(x, y, 1),
    average: (x, y) => average([x, y]),
    add,
    subtract,
    distance,
    cosineSimilarity,
  };
  assert.deepEqual(Object.keys({...all, scale}).sort(), Object.keys(arithmetic).sort());
  for (const run of Object.values(all)) {
    throwsLatentError(() => run(a, other), 'space-mismatch', /'test'/, /'other'/);
    throwsLatentError(() => run(a, short), 'bad-argument', /\[1000\]/, /\[2\]/);
  }
});

test('nothing changes its inputs, and results share no numbers with them', () => {
  const [x, y] = [latent(a.data), latent(b.data)];
  const results = [
    ...[0, 0.5, 1].flatMap((t) => [lerp(x, y, t), slerp(x, y, t)]),
    average([x, y]),
    add(x, y),
    subtract(x, y),
    scale(x, 1),
  ];
  for (const {data} of results) data.fill(NaN);
  assert.deepEqual([x, y], [a, b]);
});
