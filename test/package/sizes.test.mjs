// Bytes are a promise: what an element costs a page before any model, and that neither ONNX Runtime
// nor Comlink comes with it.
import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {gzipSync} from 'node:zlib';
import {build, dist} from '../../scripts/paths.mjs';
import {bundle} from './bundle.mjs';

const KB = 1000;
// One element, Lit included, without the engine; consent is .6 kB of it, words in any language 1 kB.
const ELEMENT_BUDGET = 27 * KB;
// All of them, which share most of it; the morph is 2.5 kB of it, the map 2.2 kB until one is drawn.
const ELEMENTS_BUDGET = 53 * KB;
const ENGINE_BUDGET = 15 * KB; // What the engine has on the main thread, Comlink included.
// All of core, search and stores on top; .5 kB of it reads the words of other languages.
const CDN_BUDGET = ELEMENTS_BUDGET + ENGINE_BUDGET + 32 * KB;

const isEngine = (path) => path.includes('/src/engine/');
const sizes = {};

/** Keeps a size for the records and holds it to its budget. */
function within(name, bytes, budget) {
  sizes[name] = {gzip: bytes, budget};
  console.log(`${name}: ${bytes} B after gzip, of ${budget}`);
  assert.ok(bytes <= budget, `${name}: ${bytes} B after gzip is over the budget of ${budget} B`);
}

test.after(() => {
  mkdirSync(build, {recursive: true});
  writeFileSync(join(build, 'sizes.json'), `${JSON.stringify(sizes, null, 2)}\n`);
});

for (const tag of readdirSync(join(dist, 'components')).filter((each) => /^latent-/.test(each))) {
  test(`<${tag}> holds neither ONNX Runtime nor Comlink`, async () => {
    const path = join(dist, `components/${tag}/define.js`);
    const {code, modules, gzip} = await bundle(path, {external: isEngine});
    const foreign = modules.filter((id) => /onnxruntime|comlink|\/workers\//.test(id));
    assert.deepEqual(foreign, []);
    assert.doesNotMatch(code, /InferenceSession|ort-wasm|Comlink|releaseProxy/i);
    within(tag, gzip, ELEMENT_BUDGET);
  });
}

test('all elements together', async () => {
  const {gzip, lazy} = await bundle(join(dist, 'components/all.js'), {external: isEngine});
  within('all elements, Lit included, without the engine', gzip, ELEMENTS_BUDGET);
  assert.ok(!lazy.some((id) => /onnxruntime/.test(id)));
});

test('the engine on the main thread', async () => {
  const {gzip, modules, lazy} = await bundle(join(dist, 'src/engine/engine.js'), {
    external: (path) => path.includes('/encoders/'),
  });
  const has = (list, pattern) => list.some((id) => pattern.test(id));
  assert.ok(!has(modules, /onnxruntime|\/lit|valibot/), 'what belongs to workers or elements');
  assert.ok(!has([...modules, ...lazy], /onnxruntime/), 'ONNX Runtime runs in the worker');
  within('the engine on the main thread', gzip, ENGINE_BUDGET);
});

test('the encoders of toBlob come only when they are asked for', async () => {
  const {modules, lazy} = await bundle(join(dist, 'components/all.js'));
  const encoder = /gifenc|mediabunny/;
  assert.deepEqual(
    modules.filter((id) => encoder.test(id)),
    [],
  );
  assert.ok(lazy.some((id) => encoder.test(id)));
});

test('the CDN file', () => {
  const code = readFileSync(join(dist, 'cdn/latent-elements.js'));
  assert.match(code.toString(), /customElements/, 'it registers the elements');
  within('cdn/latent-elements.js', gzipSync(code, {level: 9}).length, CDN_BUDGET);
});

test('the files of the workers and of ONNX Runtime', () => {
  for (const folder of ['workers', 'ort']) {
    for (const file of readdirSync(join(dist, folder))) {
      if (file.endsWith('.map')) continue;
      sizes[`${folder}/${file}`] = {bytes: statSync(join(dist, folder, file)).size};
    }
  }
});
