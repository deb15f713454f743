import assert from 'node:assert/strict';
import {statSync} from 'node:fs';
import {test} from 'node:test';
import {de} from '../../src/core/strings/de.js';
import {configure, pageStrings, RUNTIME_BYTES, settings} from '../../src/engine/config.js';

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

test('the bytes of each build of ONNX Runtime are those of its file', () => {
  const folder = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url);
  for (const [build, bytes] of Object.entries(RUNTIME_BYTES)) {
    const file = `ort-wasm-simd-threaded${build}.wasm`;
    assert.equal(statSync(new URL(file, folder)).size, bytes, file);
  }
});

test('strings are not taken as an option of engines, and bad ones change nothing', () => {
  configure({strings: de});
  assert.ok(!('strings' in settings()));
  assert.throws(() => configure({model: 'x', strings: 7 as never}), {code: 'bad-argument'});
  assert.deepEqual(pageStrings(), [de]);
  assert.notEqual(settings().model, 'x');
});
