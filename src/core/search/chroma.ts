import * as v from 'valibot';
import {LatentError} from '../errors.js';
import type {Metric} from './metric.js';
import type {SearchHit} from './vector-index.js';
import type {ItemData} from './vector-rows.js';

// What a Chroma server answers (REST, /api/v2), as far as a search needs it. A server is not trusted:
// everything that is used is checked here, and everything else is dropped.

/** The key of a collection's metadata that may name the space of its vectors. */
export const SPACE_KEY = 'latent-elements:space';

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
export interface ChromaHit extends SearchHit {
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
