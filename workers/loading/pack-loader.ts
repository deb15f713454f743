import {LatentError} from '../../src/core/errors.js';
import type {PackAsset} from '../../src/core/pack/pack-asset.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {parsePack} from '../../src/core/pack/parse-pack.js';
import {download, request} from './download.js';
import type {PackStore} from './pack-store.js';
import {sha256} from './sha256.js';
import type {LoadListener} from './shared-load.js';

/** A manifest larger than this is no manifest. */
const MAX_MANIFEST_BYTES = 1 << 20;
const MANIFEST_VERSION = 'manifest';

/** Fetches and checks a `pack.json`; offline, the copy of the last visit serves. */
export async function loadManifest(
  url: string,
  store: PackStore,
  signal: AbortSignal,
): Promise<PackManifest> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const response = await request(url, signal);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const kept =
      error instanceof LatentError && error.code === 'network'
        ? await store.get(url, MANIFEST_VERSION)
        : undefined;
    if (!kept) throw error;
    return parseManifest(kept, url);
  }
  const manifest = parseManifest(bytes, url);
  await store.put(url, MANIFEST_VERSION, bytes);
  return manifest;
}

/** A file of a pack, from the store or the network, its length and hash verified either way. */
export async function loadAsset(
  packUrl: string,
  asset: PackAsset,
  store: PackStore,
  signal: AbortSignal,
  onProgress: LoadListener,
): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(asset.file, packUrl).href;
  const kept = await store.get(url, asset.sha256);
  if (kept?.length === asset.bytes && (await sha256(kept)) === asset.sha256) {
    onProgress(asset.bytes);
    return kept;
  }
  const bytes = await download(url, asset.bytes, signal, onProgress);
  const hash = await sha256(bytes);
  if (hash !== asset.sha256) {
    throw new LatentError(
      'integrity',
      `${url} has the SHA-256 ${hash} where its pack.json says ${asset.sha256}: ` +
        'the file was changed. Publish the pack again.',
    );
  }
  await store.put(url, asset.sha256, bytes);
  return bytes;
}

function parseManifest(bytes: Uint8Array<ArrayBuffer>, url: string): PackManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new LatentError('bad-pack', `${url} has ${String(bytes.length)} bytes: not a pack.json.`);
  }
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const found = /^\s*</.test(text) ? 'an HTML page' : 'broken JSON';
    throw new LatentError('bad-pack', `${url} is ${found}, not a pack.json.`, {cause});
  }
  return parsePack(json, url);
}
