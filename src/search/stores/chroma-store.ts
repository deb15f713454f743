// eslint-disable-next-line house/rooms -- What a store answers is checked by a schema.
import * as v from 'valibot';
import {orAbort} from '../../core/abort.js';
import {LatentError} from '../../core/errors.js';
import {type Latent, spaceMismatch} from '../../core/latent/latent.js';
import type {Metric} from '../../core/search/metric.js';
import type {SearchHit} from '../../core/search/vector-index.js';
import type {ItemData} from '../../core/search/vector-rows.js';
import {requestJson} from './json-request.js';
import type {
  StoreExpectation,
  StoreHit,
  StoreInfo,
  StoreSearchOptions,
  VectorStore,
} from '../types.js';

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

// What a Chroma server answers (REST, /api/v2), as far as a search needs it. A server is not trusted:
// everything that is used is checked here, and everything else is dropped.

/** The key of a collection's metadata that may name the space of its vectors. */
const SPACE_KEY = 'latent-elements:space';

const scalar = v.union([v.string(), v.number(), v.boolean(), v.null()]);
const Metadata = v.nullish(v.record(v.string(), scalar));
const Index = v.nullish(v.object({space: v.nullish(v.picklist(['l2', 'cosine', 'ip']))}));

const Collection = v.object({
  // It becomes part of an address.
  id: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'must be a UUID')),
  dimension: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  metadata: Metadata,
  configuration_json: v.nullish(v.object({hnsw: Index, spann: Index})),
});

const one = <T extends v.GenericSchema>(schema: T) => v.tuple([v.array(schema)]);

const Found = v.pipe(
  v.object({
    ids: one(v.pipe(v.string(), v.minLength(1))),
    distances: one(v.pipe(v.number(), v.finite())),
    documents: v.nullish(one(v.nullish(v.string()))),
    metadatas: v.nullish(one(Metadata)),
  }),
  v.check(
    ({ids, distances, documents, metadatas}) =>
      [distances, documents, metadatas].every((list) => !list || list[0].length === ids[0].length),
    'its lists are of different lengths',
  ),
);

/** A collection, as a search needs it. */
export interface ChromaCollection {
  readonly id: string;
  /** Numbers of a vector; undefined as long as it is empty. */
  readonly dimension: number | undefined;
  readonly metric: Metric;
  /** The space that its metadata names under `SPACE_KEY`. */
  readonly space: string | undefined;
}

/** A hit, its metadata and document (as `text`) beside it. */
interface ChromaHit extends SearchHit {
  readonly item: ItemData;
}

/** What a server says of a collection; `bad-index`, naming `source`, for anything else. */
export function parseCollection(answer: unknown, source: string): ChromaCollection {
  const {
    id,
    dimension,
    metadata,
    configuration_json: configuration,
  } = check(Collection, answer, source);
  const kind = configuration?.hnsw?.space ?? configuration?.spann?.space ?? 'l2';
  const space = metadata?.[SPACE_KEY];
  return {
    id,
    dimension: dimension ?? undefined,
    metric: kind === 'l2' ? 'euclidean' : kind === 'ip' ? 'dot' : 'cosine',
    space: typeof space === 'string' ? space : undefined,
  };
}

/** The question for the `k` nearest to a vector. */
export function nearestQuestion(vector: Float32Array, k: number): string {
  return JSON.stringify({
    query_embeddings: [Array.from(vector)],
    n_results: k,
    include: ['distances', 'documents', 'metadatas'],
  });
}

/** What a server found, scored as `Metric` says; `bad-index`, naming `source`, for anything else. */
export function parseFound(
  answer: unknown,
  {metric}: ChromaCollection,
  source: string,
): ChromaHit[] {
  const {ids, distances, documents, metadatas} = check(Found, answer, source);
  return ids[0].map((id, i) => {
    const text = documents?.[0][i];
    return {
      id,
      score: scoreOf(metric, distances[0][i]!),
      item: {...metadatas?.[0][i], ...(typeof text === 'string' && {text})},
    };
  });
}

// Chroma tells squared distances, and 1 less the cosine or product.
function scoreOf(metric: Metric, distance: number): number {
  return metric === 'euclidean' ? -Math.sqrt(Math.max(0, distance)) : 1 - distance;
}

function check<T extends v.GenericSchema>(
  schema: T,
  answer: unknown,
  source: string,
): v.InferOutput<T> {
  const result = v.safeParse(schema, answer, {abortEarly: true});
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new LatentError(
    'bad-index',
    `${source} gave an answer that is none of a Chroma server's: ` +
      `${v.getDotPath(issue) ?? 'it'}: ${issue.message}. Check the address and the server's version.`,
  );
}

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
