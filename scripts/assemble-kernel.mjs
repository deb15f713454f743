// Assembles WebAssembly kernels into a kernel-bytes.ts beside them, which is committed, so that the
// sources run as they are: run it after a change of a kernel.
import {readFileSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import wabt from 'wabt';
import {root} from './paths.mjs';

const asIs = (source) => source;
// A relaxed swizzle may say anything where an index is above 15, which here none is, and is one
// instruction less for it.
const relaxed = (source) => source.replaceAll('i8x16.swizzle', 'i8x16.relaxed_swizzle');

/** The folders with kernels, and the constants in their kernel-bytes.ts: a file and a change of it. */
export const kernels = {
  'src/core/search': {
    FILTER: ['filter', asIs],
    SKETCH: ['sketch', asIs],
    RELAXED_SKETCH: ['sketch', relaxed],
  },
  'workers/morph': {PAINT: ['paint', asIs]},
};

/** The text of a folder's kernel-bytes.ts for its kernels as they stand. */
export async function assembleKernels(folder) {
  const {parseWat} = await wabt();
  const constants = Object.entries(kernels[folder]).map(([name, [file, change]]) => {
    const source = change(readFileSync(`${root}/${folder}/${file}.wat`, 'utf8'));
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
  for (const folder of Object.keys(kernels)) {
    writeFileSync(`${root}/${folder}/kernel-bytes.ts`, await assembleKernels(folder));
  }
}
