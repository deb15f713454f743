// Assembles the kernels of src/core/search into kernel-bytes.ts beside them, which is committed, so
// that the sources run as they are: run it after a change of a kernel.
import {readFileSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import wabt from 'wabt';
import {root} from './paths.mjs';

const folder = `${root}/src/core/search`;

// A relaxed swizzle may say anything where an index is above 15, which here none is, and is one
// instruction less for it.
const kernels = {
  FILTER: ['filter', (source) => source],
  SKETCH: ['sketch', (source) => source],
  RELAXED_SKETCH: [
    'sketch',
    (source) => source.replaceAll('i8x16.swizzle', 'i8x16.relaxed_swizzle'),
  ],
};

/** The text of kernel-bytes.ts for the kernels as they stand. */
export async function assembleKernel() {
  const {parseWat} = await wabt();
  const constants = Object.entries(kernels).map(([name, [file, change]]) => {
    const source = change(readFileSync(`${folder}/${file}.wat`, 'utf8'));
    const parsed = parseWat(file, source, {simd: true, relaxed_simd: true});
    parsed.validate();
    const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
    parsed.destroy();
    const lines = base64.match(/.{1,88}/g).map((line) => `  '${line}'`);
    const what = name.startsWith('RELAXED') ? `${file}.wat in relaxed SIMD` : `${file}.wat`;
    return `
/** The kernel ${what}: a WebAssembly module, in Base64. */
export const ${name}_BASE64 =
${lines.join(' +\n')};
`;
  });
  return `// Made by scripts/assemble-kernel.mjs: do not edit.\n${constants.join('')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(`${folder}/kernel-bytes.ts`, await assembleKernel());
}
