import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {LatentError} from '../core/errors.js';
import type {PackAsset} from '../core/pack/pack-asset.js';
import type {PackManifest} from '../core/pack/pack.js';
import {parsePack} from '../core/pack/parse-pack.js';
import {StaticTextEncoder} from '../core/text/static-text-encoder.js';

/** A pack that embeds texts, read from a disk. */
export interface TextPack {
  readonly manifest: PackManifest;
  readonly encoder: StaticTextEncoder;
}

/**
 * Reads a pack: a name below `models`, or the path of a `pack.json`; `not-found`, `bad-pack`,
 * `integrity` as in a page, `unsupported` for a pack that needs ONNX Runtime.
 */
export function readPack(model: string, models: string): TextPack {
  const path = model.endsWith('.json') ? model : join(models, model, 'pack.json');
  const manifest = parsePack(parseJson(read(path), path), path);
  const {tokenizer, embedding, name} = manifest;
  if (embedding?.type !== 'static' || tokenizer?.type !== 'static-words') {
    throw new LatentError(
      'unsupported',
      `The pack ${name} does not embed texts by a table: ${tokenizer ? 'its network runs in a page only' : 'it embeds no texts'}. Use words, or save the index of a page ` +
        "by <latent-search>'s toIndex().",
    );
  }
  const asset = (file: PackAsset): Uint8Array => readAsset(join(dirname(path), file.file), file);
  const files = {tokenizer: asset(tokenizer), table: asset(embedding)};
  return {manifest, encoder: new StaticTextEncoder(manifest, files)};
}

function readAsset(path: string, {bytes, sha256}: PackAsset): Uint8Array {
  const file = read(path);
  const hash = createHash('sha256').update(file).digest('hex');
  if (file.length === bytes && hash === sha256) return file;
  throw new LatentError(
    'integrity',
    `${path} is not the file that its pack.json describes (${bytes} bytes, SHA-256 ${sha256}). ` +
      'Install the pack again.',
  );
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LatentError('not-found', `${path} cannot be read. Check the name of the model.`, {
      cause,
    });
  }
}

function parseJson(file: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(file));
  } catch (cause) {
    throw new LatentError('bad-pack', `${path} is no JSON.`, {cause});
  }
}
