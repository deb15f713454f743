import {LatentError} from '../errors.js';

/** What fusing takes. */
export interface FusionOptions {
  /** How much the first places count above the others, ≥ 0; default 60. */
  readonly k?: number | undefined;
  /** One for each list, ≥ 0; default 1. */
  readonly weights?: readonly number[] | undefined;
}

/** A fused place. */
export interface FusedHit {
  readonly id: string;
  /** The sum of weight / (k + rank) over the lists that name it. */
  readonly score: number;
  /** Its rank in each list, from 1; undefined where it is not in it. */
  readonly ranks: readonly (number | undefined)[];
}

/** From the paper, where nothing near it did better. */
const DEFAULT_K = 60;

/**
 * One order of several, by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): only places
 * count, so that scores of different kinds need not be comparable. Of equal scores, what comes first
 * in an earlier list. A second mention in one list counts for nothing. `bad-argument` for a negative
 * or infinite `k` or weight, or another count of weights than of lists.
 */
export function reciprocalRankFusion(
  lists: readonly (readonly {readonly id: string}[])[],
  {k = DEFAULT_K, weights = lists.map(() => 1)}: FusionOptions = {},
): FusedHit[] {
  if (weights.length !== lists.length || ![k, ...weights].every(isSize)) {
    throw new LatentError(
      'bad-argument',
      `Fusion of ${lists.length} lists needs as many weights, and all of them and k finite and not ` +
        `negative; got the weights [${weights.join(', ')}] and k = ${k}.`,
    );
  }
  const fused = new Map<string, {score: number; ranks: (number | undefined)[]}>();
  lists.forEach((list, place) => {
    list.forEach(({id}, i) => {
      let hit = fused.get(id);
      if (!hit) fused.set(id, (hit = {score: 0, ranks: lists.map(() => undefined)}));
      if (hit.ranks[place] !== undefined) return;
      hit.ranks[place] = i + 1;
      hit.score += weights[place]! / (k + i + 1);
    });
  });
  // Sorting is stable, and a map keeps the order in which its keys came.
  return [...fused].map(([id, hit]) => ({id, ...hit})).sort((a, b) => b.score - a.score);
}

function isSize(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
