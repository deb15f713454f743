import {LatentError} from '../../src/core/errors.js';
import {assetsIn, type PackAsset} from '../../src/core/pack/pack-asset.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {parsePack} from '../../src/core/pack/parse-pack.js';
import {fetchBytes, openBody} from '../../src/shared/fetch-bytes.js';
import type {PackStore} from './pack-store.js';
import type {LoadListener} from './shared-load.js';

/** Bytes of the largest manifest that is read: the shipped ones have 10 kB at most. */
const MAX_MANIFEST_BYTES = 1 << 20;
/** Milliseconds for a manifest as a whole: a server that trickles would keep every caller waiting. */
const MANIFEST_DEADLINE = 60_000;
const MANIFEST_VERSION = 'manifest';

/**
 * Fetches and checks a `pack.json`, its URLs included; offline, the copy of the last visit serves.
 * `bad-pack` names the field that does not fit.
 */
export async function loadManifest(
  url: string,
  store: PackStore,
  signal: AbortSignal,
): Promise<PackManifest> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    ({bytes} = await fetchBytes(url, {
      what: 'pack.json',
      maxBytes: MAX_MANIFEST_BYTES,
      tooLong: 'bad-pack',
      deadline: MANIFEST_DEADLINE,
      signal,
    }));
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
  const url = fileUrl(packUrl, asset.file);
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

/** The URL of what a manifest names: the one place where such a URL is made. `bad-pack` where it is none. */
export function fileUrl(packUrl: string, file: string): string {
  try {
    return new URL(file, packUrl).href;
  } catch (cause) {
    throw new LatentError(
      'bad-pack',
      `The pack ${packUrl} names "${file}", which is no address. Correct it in pack.json.`,
      {cause},
    );
  }
}

/**
 * Exactly `bytes` bytes from `url`, streamed; `integrity` when the file is shorter or longer, and
 * then nothing more than that is read.
 */
async function download(
  url: string,
  bytes: number,
  signal: AbortSignal,
  onProgress: LoadListener,
): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = allocate(url, bytes);
  const {chunks} = await openBody(url, {signal});
  let loaded = 0;
  for await (const chunk of chunks) {
    if (loaded + chunk.length > bytes) throw wrongLength(url, `more than ${String(bytes)}`, bytes);
    buffer.set(chunk, loaded);
    loaded += chunk.length;
    onProgress(loaded);
  }
  if (loaded < bytes) throw wrongLength(url, String(loaded), bytes);
  return buffer;
}

function allocate(url: string, bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new LatentError(
      'out-of-memory',
      `There is no room for the ${String(bytes)} bytes of ${url} in this browser's memory.`,
      {cause},
    );
  }
}

function wrongLength(url: string, found: string, bytes: number): LatentError {
  return new LatentError(
    'integrity',
    `${url} has ${found} bytes where its pack.json says ${String(bytes)}: ` +
      'it was cut short or changed. Publish the pack again.',
  );
}

function parseManifest(bytes: Uint8Array<ArrayBuffer>, url: string): PackManifest {
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const found = /^\s*</.test(text) ? 'an HTML page' : 'broken JSON';
    throw new LatentError('bad-pack', `${url} is ${found}, not a pack.json.`, {cause});
  }
  const manifest = parsePack(json, url);
  assertUrls(manifest, url);
  return manifest;
}

// Files have a hash by which they are known wherever they lie, so that a whole URL of another host is
// right for them. Another pack has none: what it makes of prompts must come from where this one does.
function assertUrls(manifest: PackManifest, url: string): void {
  for (const {file} of assetsIn(manifest)) fileUrl(url, file);
  const {tokenizer} = manifest;
  if (tokenizer?.type !== 'phrases') return;
  const {origin} = new URL(fileUrl(url, tokenizer.pack));
  if (origin === new URL(url).origin) return;
  throw new LatentError(
    'bad-pack',
    `The pack ${url} takes its words from ${origin} (tokenizer.pack), another origin than its own, ` +
      'which its page did not ask for. Put both packs on one origin.',
  );
}

/** The SHA-256 of some bytes in lower-case hex; works on insecure pages too, there more slowly. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers hide crypto.subtle on plain-http pages, where packs must be verified all the same.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  const digest = subtle
    ? new Uint8Array(await subtle.digest('SHA-256', bytes))
    : (await import('@noble/hashes/sha2.js')).sha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
