// Where WebAssembly is refused or has no SIMD: the same results by the long way.
import assert from 'node:assert/strict';
import {test} from 'node:test';

Reflect.set(globalThis, 'WebAssembly', {
  Module: function refuse() {
    throw new Error('refused by a CSP');
  },
});
const {createFilterKernel} = await import('../../../src/core/search/kernel.js');
const {testExactness} = await import('./exactness.js');

test('there is no kernel here, so that the tests below are about its absence', () => {
  assert.equal(createFilterKernel(), undefined);
});

testExactness();
