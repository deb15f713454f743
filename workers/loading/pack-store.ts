import {STORAGE, storageKey} from '../../src/shared/storage.js';

/**
 * Pack files in the Cache API, by URL and version (a file's hash, a manifest's name). Storage is a
 * convenience: where it is refused, full or broken, everything works without it.
 */
export class PackStore {
  readonly #enabled: boolean;

  constructor(enabled: boolean) {
    this.#enabled = enabled && 'caches' in globalThis;
  }

  /** The stored bytes of this very version, if any. */
  async get(url: string, version: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#attempt(async (cache) => {
      const response = await cache.match(storageKey(url, version));
      return response && new Uint8Array(await response.arrayBuffer());
    });
  }

  /** Keeps this version and drops every other one of the same file. */
  async put(url: string, version: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#attempt(async (cache) => {
      await cache.delete(url, {ignoreSearch: true});
      await cache.put(storageKey(url, version), new Response(bytes));
    });
  }

  /** Forgets every version of a file. */
  async delete(url: string): Promise<void> {
    await this.#attempt((cache) => cache.delete(url, {ignoreSearch: true}));
  }

  async #attempt<T>(action: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    if (!this.#enabled) return undefined;
    try {
      return await action(await caches.open(STORAGE.packs));
    } catch {
      // Private windows refuse storage and full disks reject it; both leave only the network.
      return undefined;
    }
  }
}
