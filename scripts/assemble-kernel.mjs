// Assembles WebAssembly kernels into a kernel-bytes.ts beside them, which is committed, so that the
// sources run as they are: run it after a change of a kernel.
import {readFileSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import asc from 'assemblyscript/asc';
import wabt from 'wabt';
import {root} from './paths.mjs';

const asIs = (source) => source;
// A relaxed swizzle may say anything where an index is above 15, which here none is, and is one
// instruction less for it.
const relaxed = (source) => source.replaceAll('i8x16.swizzle', 'i8x16.relaxed_swizzle');

/**
 * The folders with kernels, and the constants in their kernel-bytes.ts: a file and a change of it.
 * Kernels are in the text format (.wat) or in AssemblyScript (.as).
 */
export const kernels = {
  'src/core/morph': {FLOW_KERNEL: ['flow-kernel.as', asIs]},
  'src/core/search': {
    FILTER: ['filter.wat', asIs],
    SKETCH: ['sketch.wat', asIs],
    RELAXED_SKETCH: ['sketch.wat', relaxed],
  },
  'workers/morph': {PAINT: ['paint.wat', asIs]},
};

/** The text of a folder's kernel-bytes.ts for its kernels as they stand. */
export async function assembleKernels(folder) {
  const texts = Object.entries(kernels[folder]).map(async ([name, [file, change]]) => {
    const source = change(readFileSync(`${root}/${folder}/${file}`, 'utf8'));
    const bytes = await (file.endsWith('.as') ? compile(file, source) : assemble(file, source));
    const base64 = Buffer.from(bytes).toString('base64');
    const lines = base64.match(/.{1,88}/g).map((line) => `  '${line}'`);
    const what = name.startsWith('RELAXED') ? `${file} in relaxed SIMD` : file;
    return `
/** The kernel ${what}: a WebAssembly module, in Base64. */
export const ${name}_BASE64 =
${lines.join(' +\n')};
`;
  });
  return `// Made by scripts/assemble-kernel.mjs: do not edit.\n${(await Promise.all(texts)).join('')}`;
}

async function assemble(file, source) {
  const {parseWat} = await wabt();
  const parsed = parseWat(file, source, {simd: true, relaxed_simd: true});
  parsed.validate();
  const {buffer} = parsed.toBinary({});
  parsed.destroy();
  return buffer;
}

async function compile(file, source) {
  let bytes;
  // It takes .ts only, by name.
  const entry = file.replace('.as', '.ts');
  const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--use', 'abort='];
  const {error, stderr} = await asc.main([entry, '--outFile', 'out.wasm', ...options], {
    readFile: (name) => (name === entry ? source : null),
    writeFile: (_, data) => {
      bytes = data;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return bytes;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const folder of Object.keys(kernels)) {
    writeFileSync(`${root}/${folder}/kernel-bytes.ts`, await assembleKernels(folder));
  }
}
