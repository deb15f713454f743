// Runs one ONNX file on onnxruntime-web: node run_onnx.mjs MODEL FOLDER MODULES [REPEATS]
// With REPEATS it runs that many times more and prints the least time in milliseconds.
// FOLDER holds inputs.json ({name: {file, dims}}) and raw float32 files; outputs.json and files like them are written there.
import {readFile, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [model, folder, modules, repeats = 0] = process.argv.slice(2);
const entry = createRequire(join(modules, 'package.json')).resolve('onnxruntime-web');
const loaded = await import(pathToFileURL(entry).href);
const ort = loaded.InferenceSession ? loaded : loaded.default;
ort.env.wasm.numThreads = 1;

const session = await ort.InferenceSession.create(new Uint8Array(await readFile(model)), {
  executionProviders: ['wasm'],
});
const feeds = {};
for (const [name, {file, dims}] of Object.entries(
  JSON.parse(await readFile(join(folder, 'inputs.json'), 'utf8')),
)) {
  const {buffer} = new Uint8Array(await readFile(join(folder, file)));
  feeds[name] = new ort.Tensor('float32', new Float32Array(buffer), dims);
}
const outputs = {};
for (const [name, tensor] of Object.entries(await session.run(feeds))) {
  const file = `${Object.keys(outputs).length}.out`;
  await writeFile(
    join(folder, file),
    new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
  );
  outputs[name] = {file, dims: [...tensor.dims]};
}
await writeFile(join(folder, 'outputs.json'), JSON.stringify(outputs));

let least = Infinity;
for (let i = 0; i < Number(repeats); i++) {
  const start = performance.now();
  await session.run(feeds);
  least = Math.min(least, performance.now() - start);
}
if (Number(repeats)) console.log(least.toFixed(2));
