// Builds dist/ from scratch: modules, bundles, declarations, ONNX Runtime's files, the packs, the
// element manifest. `npm run build`.
import {execFileSync} from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {ensureInstalled} from './install.mjs';
import {root} from './paths.mjs';

/** The builds of ONNX Runtime that src/engine/config.ts names: WASM, and WebGPU by JSPI. */
const ORT_FILES = ['', '.jspi'].flatMap((backend) => [
  `ort-wasm-simd-threaded${backend}.mjs`,
  `ort-wasm-simd-threaded${backend}.wasm`,
]);

function run(bin, ...parameters) {
  execFileSync(process.execPath, [`${root}/node_modules/${bin}`, ...parameters], {
    cwd: root,
    stdio: 'inherit',
  });
}

/** Copies what a page loads of a pack and its card, or the template of one that lives elsewhere: not how it was trained. */
async function copyPacks() {
  const {assetsIn, isElsewhere} = await import(
    pathToFileURL(`${root}/build/js/src/core/pack/pack-asset.js`).href
  );
  for (const name of readdirSync(`${root}/models`)) {
    for (const source of ['pack.json', 'pack.template.json']) {
      if (!existsSync(`${root}/models/${name}/${source}`)) continue;
      const manifest = JSON.parse(readFileSync(`${root}/models/${name}/${source}`, 'utf8'));
      const files = assetsIn(manifest).map((asset) => asset.file);
      mkdirSync(`${root}/dist/models/${name}`, {recursive: true});
      const own = files.filter((each) => !isElsewhere(each));
      for (const file of [source, 'README.md', ...own]) {
        cpSync(`${root}/models/${name}/${file}`, `${root}/dist/models/${name}/${file}`);
      }
    }
  }
}

async function writeSchema() {
  const {toJsonSchema} = await import('@valibot/to-json-schema');
  const {packSchema} = await import(pathToFileURL(`${root}/build/js/src/core/pack/pack.js`).href);
  const schema = toJsonSchema(packSchema, {errorMode: 'ignore', typeMode: 'input'});
  const text = `${JSON.stringify({...schema, title: 'latent-elements pack.json'}, null, 2)}\n`;
  writeFileSync(`${root}/models/pack.schema.json`, text);
  writeFileSync(`${root}/dist/models/pack.schema.json`, text);
}

/** What the build is made of. A folder counts too: its time changes when a file leaves it. */
const INPUTS = [
  ...['src', 'components', 'workers', 'models', 'scripts'],
  ...['package.json', 'package-lock.json', 'rollup.config.mjs', 'tsconfig.base.json'],
];

/** An empty file that is as old as the last build that went through. */
export const stamp = `${root}/build/built`;

/** Builds where a file of the sources is newer than the last build; whether it was. */
export async function buildIfStale() {
  const built = existsSync(stamp) && existsSync(`${root}/dist`) ? statSync(stamp).mtimeMs : 0;
  const newest = INPUTS.flatMap((input) => {
    const path = join(root, input);
    const inside = statSync(path).isDirectory() ? readdirSync(path, {recursive: true}) : [];
    return [path, ...inside.map((file) => join(path, file))];
  }).reduce((time, path) => Math.max(time, statSync(path).mtimeMs), 0);
  if (newest > built) await build();
  return newest > built;
}

/** Builds everything; throws when a step fails. */
export async function build() {
  rmSync(stamp, {force: true});
  rmSync(`${root}/dist`, {recursive: true, force: true});
  run('typescript/bin/tsc', '--build', 'src/core');
  const {writePackModules} = await import('./packs.mjs');
  await writePackModules();
  run('typescript/bin/tsc', '--build', 'src', 'src/cli', 'workers');
  run('rollup/dist/bin/rollup', '--config');
  chmodSync(`${root}/dist/cli/latent-elements.js`, 0o755);
  const {writeDeclarations} = await import('./declarations.mjs');
  await writeDeclarations();
  mkdirSync(`${root}/dist/ort`, {recursive: true});
  for (const file of ORT_FILES) {
    cpSync(`${root}/node_modules/onnxruntime-web/dist/${file}`, `${root}/dist/ort/${file}`);
  }
  await copyPacks();
  await writeSchema();
  const {generateManifest} = await import('./manifest.mjs');
  const {writeReference} = await import('./reference.mjs');
  writeReference(await generateManifest());
  writeFileSync(stamp, '');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureInstalled();
  await build();
}
