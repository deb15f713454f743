import {LatentError} from '../core/errors.js';
import {isLatent, type Latent} from '../core/latent/latent.js';
import type {Metric} from '../core/search/metric.js';
import {isBlank} from '../core/text/clean.js';
import {embeds} from '../core/text/embedding-space.js';
import type {Corpus, MeaningHit, WordHit} from '../search/corpus.js';
import type {RankOptions} from '../search/hybrid-search.js';
import type {SearchQuery, SearchResult} from '../search/search-types.js';
import type {Model} from '../engine/types.js';

/** How many, and how near. */
export interface FindOptions {
  readonly limit: number;
  readonly threshold?: number | undefined;
  readonly metric?: Metric | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Both lists are longer than what is shown, because what is second in both may be first of all. */
const POOL = 50;
/** A text longer than this is a document: its first words say which words to look for. */
const MAX_WORDS_LENGTH = 256;

/** What an item that has the query's words is found by; undefined for what has no words. */
export function byWords(
  corpus: Corpus,
  query: SearchQuery,
  {limit, signal}: FindOptions,
): Promise<readonly WordHit[]> | undefined {
  if (typeof query !== 'string' || corpus.size === undefined) return undefined;
  return corpus.byWords(query.slice(0, MAX_WORDS_LENGTH), Math.max(POOL, limit), signal);
}

/**
 * What means about the same as the query; undefined for a text that is found by its words alone,
 * because the model embeds pictures only.
 */
export function byMeaning(
  corpus: Corpus,
  model: Model,
  query: SearchQuery,
  options: FindOptions,
): Promise<readonly MeaningHit[]> | undefined {
  const wordsDo = typeof query === 'string' && corpus.size !== undefined;
  if (wordsDo && !embeds(model.manifest, 'text')) return undefined;
  return nearest(corpus, model, query, options);
}

async function nearest(
  corpus: Corpus,
  model: Model,
  query: SearchQuery,
  {limit, metric, threshold, signal}: FindOptions,
): Promise<readonly MeaningHit[]> {
  const latent = await latentOf(query, model, signal);
  const count = typeof query === 'string' ? Math.max(POOL, limit) : limit;
  return corpus.byMeaning(latent, count, {metric, threshold, signal});
}

/** Everything that a query finds, best first; nothing for a text that says nothing. */
export async function find(
  corpus: Corpus,
  model: Model,
  query: SearchQuery,
  options: FindOptions,
): Promise<SearchResult[]> {
  if (options.limit === 0 || (typeof query === 'string' && isBlank(query))) return [];
  const [words, near] = await Promise.all([
    byWords(corpus, query, options),
    byMeaning(corpus, model, query, options),
  ]);
  return rankAll(corpus, words, near, rankOptions(corpus, model, query, options));
}

/** The lists as one; the engine's code comes with the corpus. */
export async function rankAll(
  corpus: Corpus,
  words: readonly WordHit[] | undefined,
  near: readonly MeaningHit[] | undefined,
  options: RankOptions,
): Promise<SearchResult[]> {
  const {rank} = await import('../search/index.js');
  return rank(corpus, words, near, options);
}

/**
 * How lists become one: of texts that are compared by cosine, what the model says is chance is left
 * out, unless the page says by a threshold what is near enough.
 */
export function rankOptions(
  corpus: Corpus,
  model: Model,
  query: SearchQuery,
  {limit, metric = corpus.metric, threshold}: FindOptions,
): RankOptions {
  if (typeof query !== 'string' || metric !== 'cosine' || threshold !== undefined) return {limit};
  return {limit, noise: model.manifest.embedding?.noise};
}

function latentOf(query: SearchQuery, model: Model, signal?: AbortSignal): Promise<Latent> {
  if (isLatent(query)) return Promise.resolve(query);
  if (typeof query === 'string') return model.embed(query, {kind: 'query', signal});
  return model.embed(query, {signal});
}

/** Throws `bad-argument` unless `limit` is a whole number from 0, or `Infinity`. */
export function assertLimit(limit: number): void {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return;
  throw new LatentError(
    'bad-argument',
    `limit must be a whole number from 0, or Infinity, got ${String(limit)}.`,
  );
}
