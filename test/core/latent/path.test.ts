import assert from 'node:assert/strict';
import {test} from 'node:test';
import {lerp, slerp} from '../../../src/core/latent/arithmetic.js';
import type {Latent} from '../../../src/core/latent/latent.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {pathAt, residualWeights, segmentAt, repairStrength} from '../../../src/core/latent/path.js';
import {assertClose, latent, throwsLatentError} from '../support.js';

const keyframes = [1, 2, 3, 4].map((seed) => latent(randomNormal(seed, 20)));

test('segmentAt finds the place between keyframes', () => {
  assert.deepEqual(segmentAt(2, 0.25), {index: 0, s: 0.25});
  assert.deepEqual(segmentAt(5, 0.625), {index: 2, s: 0.5});
  assert.deepEqual(segmentAt(5, 0), {index: 0, s: 0});
  assert.deepEqual(segmentAt(5, 1), {index: 3, s: 1});
});

test('segmentAt clamps t', () => {
  assert.deepEqual(segmentAt(3, -1), segmentAt(3, 0));
  assert.deepEqual(segmentAt(3, 2), segmentAt(3, 1));
  assert.deepEqual(segmentAt(3, Infinity), segmentAt(3, 1));
});

test('segmentAt is exact at every keyframe of every count', () => {
  for (let count = 2; count <= 200; count++) {
    for (let k = 0; k < count; k++) {
      const {index, s} = segmentAt(count, k / (count - 1));
      assert.ok(s === 0 || s === 1, `${k} of ${count}: ${s}`);
      assert.equal(index + s, k);
    }
  }
});

test('segmentAt names bad input', () => {
  throwsLatentError(() => segmentAt(1, 0), 'bad-argument', /two or more keyframes, got 1/);
  throwsLatentError(() => segmentAt(2.5, 0), 'bad-argument', /2\.5/);
  throwsLatentError(() => segmentAt(2, NaN), 'bad-argument', /\bt\b/, /NaN/);
});

test('pathAt passes through every keyframe and between them', () => {
  for (const [interpolation, step] of Object.entries({lerp, slerp})) {
    const at = (t: number) => pathAt(keyframes, t, interpolation as 'lerp' | 'slerp');
    keyframes.forEach((keyframe, k) => {
      assert.deepEqual(at(k / 3), keyframe);
    });
    assertClose(at(0.5).data, step(keyframes[1]!, keyframes[2]!, 0.5).data, 1e-6);
    assertClose(at(0.9).data, step(keyframes[2]!, keyframes[3]!, 0.7).data, 1e-6);
  }
});

test('pathAt names bad input, also away from t', () => {
  const other: Latent = latent(randomNormal(5, 20), 'other');
  throwsLatentError(() => pathAt([...keyframes, other], 0), 'space-mismatch', /'other'/);
  throwsLatentError(() => pathAt(keyframes.slice(1, 2), 0), 'bad-argument', /got 1/);
  throwsLatentError(() => pathAt(keyframes, NaN), 'bad-argument', /NaN/);
});

test('residualWeights are whole at a keyframe and fade to its neighbours', () => {
  assert.deepEqual(residualWeights(3, 0), [1, 0, 0]);
  assert.deepEqual(residualWeights(3, 0.5), [0, 1, 0]);
  assert.deepEqual(residualWeights(3, 1), [0, 0, 1]);
  assert.deepEqual(residualWeights(3, 0.25), [0.25, 0.25, 0]);
  assertClose(residualWeights(3, 0.6), [0, 0.64, 0.04], 1e-12);
  assertClose(residualWeights(2, 0.1), [0.81, 0.01], 1e-12);
});

test('residualWeights are continuous', () => {
  let previous = residualWeights(4, 0);
  for (let t = 0.001; t <= 1; t += 0.001) {
    const weights = residualWeights(4, t);
    assertClose(weights, previous, 0.0061);
    previous = weights;
  }
});

test('repairStrength is 0 at every keyframe and whole half-way between two', () => {
  for (const count of [2, 3, 7]) {
    for (let key = 0; key < count; key++) {
      assert.equal(repairStrength(count, key / (count - 1), 0.6), 0);
    }
    for (let key = 0; key < count - 1; key++) {
      assertClose([repairStrength(count, (key + 0.5) / (count - 1), 0.6)], [0.6], 1e-12);
    }
  }
});

test('repairStrength is √(4s(1 − s)) of the strength in between', () => {
  assertClose([repairStrength(2, 0.1, 1)], [0.6], 1e-12);
  assertClose([repairStrength(2, 0.8, 0.5)], [0.4], 1e-12);
  assertClose([repairStrength(3, 0.05, 1)], [0.6], 1e-12);
});

test('repairStrength is 0 everywhere at strength 0, and clamps t', () => {
  for (const t of [0, 0.3, 1]) assert.equal(repairStrength(2, t, 0), 0);
  assert.equal(repairStrength(2, -1, 1), 0);
  assert.equal(repairStrength(2, 2, 1), 0);
  throwsLatentError(() => repairStrength(2, NaN, 1), 'bad-argument', /t must be/);
});
