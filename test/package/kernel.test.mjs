// The kernels that are committed in Base64 are the ones that their sources make.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {assembleKernels, kernels} from '../../scripts/assemble-kernel.mjs';
import {root} from '../../scripts/paths.mjs';

for (const folder of Object.keys(kernels)) {
  test(`kernel-bytes.ts of ${folder} is what its kernels make`, async () => {
    const committed = readFileSync(`${root}/${folder}/kernel-bytes.ts`, 'utf8');
    assert.equal(committed, await assembleKernels(folder));
  });
}
