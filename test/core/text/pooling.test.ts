import assert from 'node:assert/strict';
import {test} from 'node:test';
import {normalizeVector, planBatches, poolStates} from '../../../src/core/text/pooling.js';
import {assertClose} from '../support.js';

// Two texts of up to three tokens with two numbers each; the second has only two tokens.
const states = Float32Array.of(1, 2, 3, 4, 5, 9, /* second */ 10, 20, 30, 50, 777, 888);

test('tokens are pooled over the text alone, never over what fills it up', () => {
  const pool = (pooling: 'mean' | 'cls' | 'last') =>
    poolStates(states, 3, [3, 2], pooling).map((vector) => [...vector]);
  assert.deepEqual(pool('mean'), [
    [3, 5],
    [20, 35],
  ]);
  assert.deepEqual(pool('cls'), [
    [1, 2],
    [10, 20],
  ]);
  assert.deepEqual(pool('last'), [
    [5, 9],
    [30, 50],
  ]);
});

test('a vector comes to unit length, and zero stays zero', () => {
  assertClose(normalizeVector(Float32Array.of(3, -4)), [0.6, -0.8], 1e-7);
  assertClose(normalizeVector(Float32Array.of(0, 0)), [0, 0], 0);
});

test('batches hold texts of like length, within both limits, each text once', () => {
  const lengths = [5, 50, 6, 7, 300, 5, 51, 6];
  const batches = planBatches(lengths, {texts: 3, tokens: 100});
  assert.deepEqual(
    batches.map((batch) => batch.map((index) => lengths[index])),
    [[5, 5, 6], [6, 7], [50], [51], [300]],
  );
  assert.deepEqual(
    batches.flat().sort((a, b) => a - b),
    lengths.map((_, index) => index),
  );
  assert.deepEqual(planBatches([], {texts: 3, tokens: 100}), []);
});
