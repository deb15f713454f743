import {LatentError} from '../errors.js';
import type {SearchHit} from './vector-index.js';

/** What fusing takes. */
export interface FusionOptions {
  /** What the meaning counts beside the words, which count 1; ≥ 0, default 0.75. */
  readonly weight?: number | undefined;
}

/** Something found by its words. */
export interface WordHit extends SearchHit {
  /** ≥ 0, of any scale. */
  readonly score: number;
  /** The share of what the query's words say that is answered, 0 to 1; undefined where nobody counted. */
  readonly coverage?: number | undefined;
}

/** What a search by words finds. */
export interface TermHit extends WordHit {
  /** The words of it that answer. */
  readonly terms: readonly string[];
}

/** Something found by its meaning. */
export interface MeaningHit extends SearchHit {
  /** The cosine of its vector. */
  readonly score: number;
  /** How well its words, one by one, mean what those of the query do, 0 to 1; undefined where only vectors are known. */
  readonly match?: number | undefined;
}

/** What ranking takes. */
export interface RankOptions {
  /** How many results at most. */
  readonly limit: number;
  /**
   * The cosine that 95 of 100 pairs of unrelated texts stay below: what is found by its meaning alone
   * and is no nearer is no result, unless there is none at all. Undefined: everything is one.
   */
  readonly noise?: number | undefined;
  /** The `match` of an item: asked of the best `MATCHED` of two lists. */
  readonly match?: ((id: string) => number) | undefined;
}

/** A place in the order of both lists. */
export interface RankedHit extends SearchHit {
  /** Its score by meaning; undefined where that was not asked. */
  readonly similarity: number | undefined;
  /** Words of it that answer to the query; none where only its meaning does. */
  readonly terms: readonly string[];
  /** False for all of a list without any hit by words, or by a meaning that is clear of chance. */
  readonly confident: boolean;
}

/** From 0.5 to 1.5 all do alike, on three short lists and the descriptions of 1 500 packages. */
const DEFAULT_WEIGHT = 0.75;
/** What `match` is of the meaning, and `coverage` of the words; from 0.2 to 0.4 and from 0.3 to 0.7 all do alike. */
const [MATCH_SHARE, COVERAGE_SHARE] = [1 / 3, 1 / 2];
/**
 * Among a few dozen items some are nearer than chance by chance: one by meaning alone makes a list sure
 * from this much of `noise` on. With `words` and lists of 12 to 30 items, 24 of 100 queries that nothing
 * answers then give a sure list (65 by `noise` itself), and 12 of 100 that something answers no sure one.
 */
const SURE_SHARE = 1.5;
/**
 * Hits that are shown of a list that is not sure, and the share of `noise` that they must reach: so
 * low that no query that has an answer finds nothing.
 */
const [UNSURE_COUNT, UNSURE_SHARE] = [5, 0.3];
/** Hits that are matched word by word: of 20 to 100 the first ten are the same in all of eight lists. */
const MATCHED = 20;

/**
 * One order of a list by words and one by meaning: a convex combination of their scores, as Bruch, Gai
 * and Ingber 2023 ("An Analysis of Fusion Functions for Hybrid Retrieval") have it. Unlike ranks, scores do
 * not let a weak list outvote a strong one. By words it is the share of the best hit's score, halved with
 * `coverage`: the best hit of a query of which nothing has more than one word is not sure of itself. By
 * meaning it is the cosine, and a third of it `match`. 1 is the most. Of equal scores, what comes first by
 * words, then by meaning. `bad-argument` for a weight that is negative or infinite.
 */
export function fuseScores(
  words: readonly WordHit[],
  near: readonly MeaningHit[],
  {weight = DEFAULT_WEIGHT}: FusionOptions = {},
): SearchHit[] {
  if (!(Number.isFinite(weight) && weight >= 0)) {
    throw new LatentError('bad-argument', `weight must be finite and ≥ 0, got ${String(weight)}.`);
  }
  const best = words.reduce((most, {score}) => Math.max(most, score), 0);
  const fused = new Map<string, number>();
  for (const {id, score, coverage} of words) {
    if (fused.has(id)) continue;
    const share = best > 0 ? score / best : 0;
    fused.set(id, mix(share, coverage, COVERAGE_SHARE));
  }
  const seen = new Set<string>();
  for (const {id, score, match} of near) {
    if (seen.has(id)) continue;
    seen.add(id);
    fused.set(id, (fused.get(id) ?? 0) + weight * mix(score, match, MATCH_SHARE));
  }
  // Sorting is stable, and a map keeps the order in which its keys came.
  return [...fused]
    .map(([id, score]) => ({id, score: score / (1 + weight)}))
    .sort((a, b) => b.score - a.score);
}

function mix(score: number, other: number | undefined, share: number): number {
  return other === undefined ? score : (1 - share) * score + share * other;
}

/**
 * The results of a query: both lists as one, or the one that there is. What has none of the query's
 * words and is no nearer than `noise` is left out, which changes nobody's place; where nothing of the
 * list is sure, the nearest few come, with `confident` false.
 */
export function rankHits(
  words: readonly TermHit[] | undefined,
  near: readonly MeaningHit[] | undefined,
  {limit, noise = -Infinity, match}: RankOptions,
): RankedHit[] {
  const terms = new Map(words?.map((hit) => [hit.id, hit.terms]));
  const nearness = new Map(near?.map(({id, score}) => [id, score]));
  const reaches = (id: string, cosine: number): boolean =>
    (nearness.get(id) ?? -Infinity) >= cosine;
  let order = words ? fuseScores(words, near ?? []) : (near ?? []);
  if (words && near && match) {
    const best = new Set(order.slice(0, MATCHED).map(({id}) => id));
    const matched = near.map((hit) => (best.has(hit.id) ? {...hit, match: match(hit.id)} : hit));
    order = fuseScores(words, matched);
  }
  const sureFrom = Math.max(noise, SURE_SHARE * noise);
  const confident = order.some(({id}) => terms.has(id) || reaches(id, sureFrom));
  const least = confident ? noise : Math.min(noise, UNSURE_SHARE * noise);
  return order
    .filter(({id}) => terms.has(id) || reaches(id, least))
    .slice(0, confident ? limit : Math.min(limit, UNSURE_COUNT))
    .map(({id, score}) => ({
      id,
      score,
      similarity: nearness.get(id),
      terms: terms.get(id) ?? [],
      confident,
    }));
}
