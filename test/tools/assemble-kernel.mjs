// Assembles src/core/search/kernel.wat into kernel-bytes.ts beside it, which is committed, so that
// the sources run as they are: run it after a change of the kernel.
import {readFileSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import wabt from 'wabt';
import {root} from './paths.mjs';

const folder = `${root}/src/core/search`;

/** The text of kernel-bytes.ts for the kernel as it stands. */
export async function assembleKernel() {
  const {parseWat} = await wabt();
  const parsed = parseWat('kernel.wat', readFileSync(`${folder}/kernel.wat`, 'utf8'), {simd: true});
  parsed.validate();
  const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  parsed.destroy();
  const lines = base64.match(/.{1,88}/g).map((line) => `  '${line}'`);
  return `// Made of kernel.wat by test/tools/assemble-kernel.mjs: do not edit.

/** The search kernel: a WebAssembly module, in Base64. */
export const KERNEL_BASE64 =
${lines.join(' +\n')};
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(`${folder}/kernel-bytes.ts`, await assembleKernel());
}
