import assert from 'node:assert/strict';
import {test} from 'node:test';
import {settings} from '../../src/engine/config.js';

/** What `settings` gives where the machine has so many cores. */
function threadsWith(cores: number | undefined, options = {}): number {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const value = cores === undefined ? undefined : {hardwareConcurrency: cores};
  Object.defineProperty(globalThis, 'navigator', {value, configurable: true});
  try {
    return settings(options).threads;
  } finally {
    if (original) Object.defineProperty(globalThis, 'navigator', original);
    else delete (globalThis as {navigator?: unknown}).navigator;
  }
}

test('a core is left to the page, and four threads are the most', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 16].map((cores) => threadsWith(cores)),
    [1, 1, 2, 3, 4, 4],
  );
  assert.equal(threadsWith(undefined), 1);
});

test('what a page sets is taken', () => {
  assert.equal(threadsWith(2, {threads: 2}), 2);
});
