import {orAbort} from '../../core/abort.js';
import {LatentError} from '../../core/errors.js';
import {type Latent, spaceMismatch} from '../../core/latent/latent.js';
import {
  type ChromaCollection,
  nearestQuestion,
  parseCollection,
  parseFound,
} from '../../core/search/chroma.js';
import {requestJson} from './json-request.js';
import type {
  StoreExpectation,
  StoreHit,
  StoreInfo,
  StoreSearchOptions,
  VectorStore,
} from './vector-store.js';

/** Chroma's own names for what a server begins with. */
const DEFAULT_TENANT = 'default_tenant';
const DEFAULT_DATABASE = 'default_database';

/** A collection of a Chroma server, by its REST interface (`/api/v2`). */
export class ChromaStore implements VectorStore {
  readonly url: string;
  readonly #collections: string;
  readonly #name: string;
  readonly #timeout: number;
  readonly #life = new AbortController();
  #collection: Promise<ChromaCollection> | undefined;

  /** `chroma+https://host[:port][/path]/collection[?tenant=…&database=…]`; else `bad-argument`. */
  constructor(url: string, timeout: number) {
    const address = parseAddress(url);
    const path = address.pathname.split('/').filter(Boolean);
    const name = path.pop();
    if (name === undefined || address.username || address.password) {
      throw new LatentError(
        'bad-argument',
        `"${url}" is not the address of a collection: write chroma+https://host/collection, ` +
          'without credentials.',
      );
    }
    const tenant = address.searchParams.get('tenant') ?? DEFAULT_TENANT;
    const database = address.searchParams.get('database') ?? DEFAULT_DATABASE;
    const base = [address.origin, ...path].join('/');
    this.url = url;
    this.#name = name;
    this.#timeout = timeout;
    this.#collections =
      `${base}/api/v2/tenants/${encodeURIComponent(tenant)}` +
      `/databases/${encodeURIComponent(database)}/collections`;
  }

  async open({space, dimension, signal}: StoreExpectation = {}): Promise<StoreInfo> {
    const collection = await orAbort(this.#open(), signal);
    if (space !== undefined && collection.space !== undefined && space !== collection.space) {
      throw spaceMismatch(space, collection.space);
    }
    if (dimension !== undefined) this.#assertDimension(collection, dimension);
    return {dimension: collection.dimension};
  }

  async search(
    {data}: Latent,
    k: number,
    {threshold = -Infinity, signal}: StoreSearchOptions = {},
  ): Promise<StoreHit[]> {
    if (!(Number.isSafeInteger(k) && k >= 0)) {
      throw new LatentError('bad-argument', `k must be a whole number from 0, got ${String(k)}.`);
    }
    const collection = await orAbort(this.#open(), signal);
    this.#assertDimension(collection, data.length);
    if (k === 0) return [];
    const url = `${this.#collections}/${collection.id}/query`;
    const answer = await this.#request(url, nearestQuestion(data, k), signal);
    return parseFound(answer, collection, this.url).filter(({score}) => score >= threshold);
  }

  close(): void {
    this.#life.abort();
  }

  // Without a caller's signal: others may be waiting for the same answer.
  #open(): Promise<ChromaCollection> {
    if (this.#collection) return this.#collection;
    const url = `${this.#collections}/${this.#name}`;
    const opened = this.#request(url).then((answer) => parseCollection(answer, this.url));
    this.#collection = opened;
    opened.catch(() => {
      this.#collection = undefined;
    });
    return opened;
  }

  async #request(url: string, body?: string, signal?: AbortSignal): Promise<unknown> {
    const either = new AbortController();
    const abort = (): void => {
      either.abort();
    };
    const signals = [this.#life.signal, ...(signal ? [signal] : [])];
    for (const each of signals) {
      each.addEventListener('abort', abort, {once: true});
      if (each.aborted) abort();
    }
    try {
      return await requestJson({url, body, timeout: this.#timeout, signal: either.signal});
    } finally {
      for (const each of signals) each.removeEventListener('abort', abort);
    }
  }

  #assertDimension({dimension}: ChromaCollection, wanted: number): void {
    if (dimension === undefined || dimension === wanted) return;
    throw new LatentError(
      'space-mismatch',
      `The vectors of the collection "${this.#name}" have ${String(dimension)} numbers, those of ` +
        `the model ${String(wanted)}: another model made them. Name that one in the attribute ` +
        'model, or fill a collection with this one.',
    );
  }
}

function parseAddress(url: string): URL {
  try {
    return new URL(url.replace(/^chroma\+/, ''));
  } catch (cause) {
    throw new LatentError('bad-argument', `"${url}" is not an address.`, {cause});
  }
}
