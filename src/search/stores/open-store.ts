import {LatentError} from '../../core/errors.js';
import {ChromaStore} from './chroma-store.js';
import type {VectorStore} from './vector-store.js';

/** How a store is reached. */
export interface StoreOptions {
  /** Milliseconds until an answer must be there; default 10 000. */
  readonly timeout?: number | undefined;
}

const DEFAULT_TIMEOUT = 10_000;

/** The store at an address, by its scheme; nothing is fetched. `bad-argument` for one of no engine. */
export function openStore(
  url: string,
  {timeout = DEFAULT_TIMEOUT}: StoreOptions = {},
): VectorStore {
  if (/^chroma\+https?:\/\//.test(url)) return new ChromaStore(url, timeout);
  throw new LatentError(
    'bad-argument',
    `"${url}" names no vector database that is known here. Write chroma+https://host/collection.`,
  );
}
