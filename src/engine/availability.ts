import {isAbort} from '../core/errors.js';
import {
  isNetwork,
  type Loadable,
  type PackManifest,
  packNeeds,
  partAssets,
} from '../core/pack/pack.js';
import type {PackInfo, RuntimeFiles} from '../shared/inference.js';
import {STORAGE, storageKey} from '../shared/storage.js';
import type {ModelMemory, Need} from './memory.js';
import type {Availability} from './types.js';
import type {Backend} from './worker/backend.js';

/** What is asked for: parts that there must be, and others where the pack has them. */
interface Needed {
  readonly parts: readonly Loadable[];
  readonly optional?: readonly Loadable[];
}

/** Finds whether the model that `open` gives can be used on a device, and what of it is not here yet. */
export async function findAvailability(
  backend: Backend,
  memory: ModelMemory,
  open: () => Promise<PackInfo>,
  needed: (manifest: PackManifest) => Needed,
): Promise<Availability> {
  try {
    const pack = await open();
    const parts = partsOf(pack.manifest, needed(pack.manifest));
    if (!parts) return {state: 'unavailable', bytes: 0};
    const needs = await memory.needs(memory.model(backend, pack), parts);
    const runs = memory.runsNetworks(backend) || !needs.some(hasNetwork);
    const missing = await Promise.all([
      runs ? 0 : missingRuntime(backend.runtime),
      ...needs.map((need) => missingBytes(need)),
    ]);
    const bytes = missing.reduce((sum, each) => sum + each, 0);
    if (bytes === 0) return {state: 'available', bytes};
    return {state: needs.some(isUnderWay) ? 'downloading' : 'downloadable', bytes};
  } catch (error) {
    // Its manifest cannot be had, or is none: an attempt to load it says why.
    if (isAbort(error)) throw error;
    return {state: 'unavailable', bytes: 0};
  }
}

function partsOf(manifest: PackManifest, needed: Needed): readonly Loadable[] | undefined {
  const names = new Set(packNeeds(manifest).parts.map(({name}) => name));
  const {parts: required, optional = []} = needed;
  const has = (name: Loadable): boolean => names.has(name);
  return required.every(has) ? [...required, ...optional.filter(has)] : undefined;
}

/** Bytes that are neither in memory nor kept from an earlier visit. */
async function missingBytes({model, parts}: Need): Promise<number> {
  let bytes = 0;
  for (const name of parts) {
    if (model.parts.get(name)?.ready) continue;
    for (const asset of partAssets(model.manifest, name)) {
      const key = storageKey(new URL(asset.file, model.url).href, asset.sha256);
      if (!(await isKept(key))) bytes += asset.bytes;
    }
  }
  return bytes;
}

function hasNetwork({model, parts}: Need): boolean {
  return parts.some((name) => isNetwork(model.manifest, name));
}

async function missingRuntime({wasm, bytes}: RuntimeFiles): Promise<number> {
  // Of whatever version: which one it takes, its worker knows.
  return (await isKept(wasm, {ignoreSearch: true})) ? 0 : bytes;
}

function isUnderWay({model, parts}: Need): boolean {
  return parts.some((name) => model.parts.get(name)?.ready === false);
}

// Where storage is refused, nothing was kept.
async function isKept(key: string, options?: CacheQueryOptions): Promise<boolean> {
  try {
    const cache = await caches.open(STORAGE.packs);
    return (await cache.match(key, options)) !== undefined;
  } catch {
    return false;
  }
}
