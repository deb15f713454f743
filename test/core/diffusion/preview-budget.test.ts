import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PreviewBudget} from '../../../src/core/diffusion/preview-budget.js';

/** The steps that get a preview, where each step and each preview takes as long. */
function previewed(steps: number, step: number, preview: number): number[] {
  const budget = new PreviewBudget();
  return Array.from({length: steps}, (_, i) => i + 1).filter((index) => {
    if (!budget.allows(index * step)) return false;
    budget.spend(preview);
    return true;
  });
}

test('every step of a small model has a preview', () => {
  assert.deepEqual(previewed(8, 1, 30), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(previewed(50, 4, 6).length, 50);
});

test('a decoder that is slow beside the steps makes few, and the first tells what they cost', () => {
  assert.deepEqual(previewed(20, 2000, 2000), [1, 8, 12, 16, 20]);
  assert.deepEqual(previewed(1, 5000, 10_000), [1]);
});

test('they never take more than the allowance, a quarter of the steps, and the first', () => {
  for (const step of [1, 10, 100, 1000]) {
    for (const preview of [1, 20, 400, 5000]) {
      const count = previewed(100, step, preview).length;
      assert.ok(count * preview <= 300 + 0.25 * 100 * step + preview);
    }
  }
});
