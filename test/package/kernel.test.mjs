// The kernel that is committed in Base64 is the one that its source makes.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {assembleKernel} from '../../scripts/assemble-kernel.mjs';
import {root} from '../../scripts/paths.mjs';

test('kernel-bytes.ts is what kernel.wat makes', async () => {
  const committed = readFileSync(`${root}/src/core/search/kernel-bytes.ts`, 'utf8');
  assert.equal(committed, await assembleKernel());
});
