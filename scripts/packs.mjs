// src/engine/packs/: the shipped packs as modules, one each. A module holds the manifest as the engine
// wants it, complete and checked, with the URL of every file as a literal that bundlers understand:
// nothing is resolved against the address of a pack.json, which they rename, inline or turn into code.
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {format, resolveConfig} from 'prettier';
import {root} from './paths.mjs';

const folder = join(root, 'src/engine/packs');

/** The names of the packs that are shipped whole. */
export const shippedPacks = readdirSync(join(root, 'models')).filter((name) =>
  existsSync(join(root, `models/${name}/pack.json`)),
);

/**
 * The text of a pack's module.
 *
 * @param {string} name
 * @param {(json: unknown, url: string) => object} parsePack Fills in defaults; throws for a bad manifest.
 * @returns {Promise<string>}
 */
export async function packModule(name, parsePack) {
  const json = JSON.parse(readFileSync(join(root, `models/${name}/pack.json`), 'utf8'));
  const manifest = parsePack(json, name);
  const {tokenizer} = manifest;
  const needed = tokenizer?.type === 'phrases' ? /^\.\.\/([\w-]+)\//.exec(tokenizer.pack)[1] : '';
  if (needed) tokenizer.pack = `latent-elements:${needed}`;
  // A path is data in the manifest, and an expression in the module.
  const text = JSON.stringify(withPaths(manifest), (key, value) =>
    key === 'file' ? `@${value}@` : value,
  ).replace(
    /"@([^"]+)@"/g,
    (_, file) => `new URL('../../../models/${name}/${file}', import.meta.url).href`,
  );
  const source = `// Written by scripts/packs.mjs from models/${name}/pack.json.
import type {PackManifests} from '../../shared/inference.js';
${needed ? `import {manifests as ${needed}} from './${needed}.js';\n` : ''}
/** The manifest of ${name}${needed ? `, and that of ${needed}, which it needs` : ''}. */
export const manifests: PackManifests = {
  ${needed ? `...${needed},\n` : ''}'latent-elements:${name}': ${text},
};
`;
  const path = join(folder, `${name}.ts`);
  return format(source, {...(await resolveConfig(path)), filepath: path});
}

/** What an ONNX file calls the files beside it, which bundlers rename. */
function withPaths(manifest) {
  for (const part of Object.values(manifest.parts)) {
    for (const asset of part?.externalData ?? []) {
      asset.path ??= asset.file.replace(/^.*\//, '');
    }
  }
  return manifest;
}

/** Writes the modules where a pack has changed; after `tsc --build src/core`. */
export async function writePackModules() {
  const parser = pathToFileURL(join(root, 'build/js/src/core/pack/parse-pack.js')).href;
  const {parsePack} = await import(parser);
  mkdirSync(folder, {recursive: true});
  for (const file of readdirSync(folder)) {
    if (!shippedPacks.includes(file.replace(/\.ts$/, ''))) rmSync(join(folder, file));
  }
  for (const name of shippedPacks) {
    const path = join(folder, `${name}.ts`);
    const text = await packModule(name, parsePack);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
}
