import assert from 'node:assert/strict';
import {test} from 'node:test';
import {repairStrength} from '../../../src/core/diffusion/repair.js';
import {assertClose, throwsLatentError} from '../support.js';

test('is 0 at every keyframe and whole half-way between two', () => {
  for (const count of [2, 3, 7]) {
    for (let key = 0; key < count; key++) {
      assert.equal(repairStrength(count, key / (count - 1), 0.6), 0);
    }
    for (let key = 0; key < count - 1; key++) {
      assertClose([repairStrength(count, (key + 0.5) / (count - 1), 0.6)], [0.6], 1e-12);
    }
  }
});

test('is √(4s(1 − s)) of the strength in between', () => {
  assertClose([repairStrength(2, 0.1, 1)], [0.6], 1e-12);
  assertClose([repairStrength(2, 0.8, 0.5)], [0.4], 1e-12);
  assertClose([repairStrength(3, 0.05, 1)], [0.6], 1e-12);
});

test('is 0 everywhere at strength 0, and clamps t', () => {
  for (const t of [0, 0.3, 1]) assert.equal(repairStrength(2, t, 0), 0);
  assert.equal(repairStrength(2, -1, 1), 0);
  assert.equal(repairStrength(2, 2, 1), 0);
  throwsLatentError(() => repairStrength(2, NaN, 1), 'bad-argument', /t must be/);
});
