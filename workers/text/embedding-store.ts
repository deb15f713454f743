import {type DBSchema, type IDBPDatabase, openDB} from 'idb';
import {STORAGE} from '../../src/shared/storage.js';

interface Schema extends DBSchema {
  vectors: {
    key: string;
    value: {readonly data: Float32Array; readonly used: number};
    indexes: {used: number};
  };
}

/** Vectors that are kept: 31 MB of those with 384 numbers. */
const MOST = 20_000;
/** When there are too many, this share of the most goes at once, so that making room is rare. */
const ROOM = 0.1;
/** Milliseconds after which a storage that does not answer counts as none. */
const PATIENCE = 5_000;
/** Milliseconds within which another use is not worth a write: a day. */
const USE_STEP = 24 * 60 * 60 * 1000;

/**
 * Embeddings in IndexedDB, by what they were made of; those that were not used for longest give way.
 * Storage is a convenience: where it is refused, full or broken, everything works without it.
 */
export class EmbeddingStore {
  readonly #enabled: boolean;
  readonly #most: number;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(enabled: boolean, most = MOST) {
    this.#most = most;
    this.#enabled = enabled && 'indexedDB' in globalThis;
  }

  /** The vectors under these keys, `undefined` for those that there are none of. */
  async get(keys: readonly string[]): Promise<(Float32Array | undefined)[]> {
    const found = await this.#attempt(async (database) => {
      const {store} = database.transaction('vectors');
      return Promise.all(keys.map((key) => store.get(key)));
    });
    const now = Date.now();
    const stale = new Map<string, Float32Array>();
    const vectors = keys.map((key, i) => {
      const entry = found?.[i];
      if (entry && now - entry.used > USE_STEP) stale.set(key, entry.data);
      return entry?.data;
    });
    if (stale.size > 0) void this.put(stale);
    return vectors;
  }

  /** Keeps vectors under their keys. */
  async put(vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    await this.#attempt(async (database) => {
      const transaction = database.transaction('vectors', 'readwrite', {durability: 'relaxed'});
      const {store} = transaction;
      const used = Date.now();
      for (const [key, data] of vectors) void store.put({data, used}, key);
      const excess = (await store.count()) - this.#most;
      let left = excess > 0 ? excess + Math.floor(this.#most * ROOM) : 0;
      let oldest = left > 0 ? await store.index('used').openCursor() : null;
      for (; oldest && left > 0; left--) {
        void oldest.delete();
        oldest = await oldest.continue();
      }
      await transaction.done;
    });
  }

  async #attempt<T>(
    action: (database: IDBPDatabase<Schema>) => Promise<T>,
  ): Promise<T | undefined> {
    if (!this.#enabled) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      this.#database ??= open();
      return await Promise.race([
        this.#database.then(action),
        new Promise<never>((_, reject) => {
          timer = setTimeout(reject, PATIENCE, new Error('The storage does not answer.'));
        }),
      ]);
    } catch {
      // Private windows refuse storage, full disks reject it, and a visitor may clear it meanwhile.
      this.#database = undefined;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}

function open(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(STORAGE.embeddings, 1, {
    upgrade: (database) => {
      database.createObjectStore('vectors').createIndex('used', 'used');
    },
    // Whoever deletes the database need not wait for this worker.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}
