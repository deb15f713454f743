import {reciprocalRankFusion} from '../core/search/fusion.js';
import type {SearchItem, SearchResult} from './search-types.js';
import type {Corpus, MeaningHit, WordHit} from './corpus.js';

/** How many results there shall be, and which are none. */
export interface RankOptions {
  readonly limit: number;
  /** What is found by its meaning alone must be at least so near; default: however far. */
  readonly noise?: number | undefined;
}

/**
 * Results by words and by meaning as one list, by reciprocal rank fusion, scaled so that 1 is the
 * first of every list that was asked; noise is left out of the list that has been made, so that it
 * changes nobody's place. Items that are gone meanwhile are left out too.
 */
export async function rank(
  corpus: Corpus,
  words: readonly WordHit[] | undefined,
  near: readonly MeaningHit[] | undefined,
  {limit, noise = -Infinity}: RankOptions,
): Promise<SearchResult[]> {
  const asked = [words, near].filter((list) => list !== undefined);
  const terms = new Map(words?.map((hit) => [hit.id, hit.terms]));
  const nearness = new Map(near?.map((hit) => [hit.id, hit]));
  const ranked =
    words === undefined
      ? (near ?? []).map(({id, score}) => ({id, score}))
      : reciprocalRankFusion(asked).map(({id, score}) => ({id, score: score / best(asked.length)}));
  const isFound = (id: string): boolean =>
    terms.has(id) || (nearness.get(id)?.score ?? -Infinity) >= noise;
  const chosen = ranked.filter(({id}) => isFound(id)).slice(0, limit);
  const items = await corpus.items(chosen.map(({id}) => id));
  return chosen.flatMap(({id, score}, place) => {
    const item: SearchItem | undefined = nearness.get(id)?.item ?? items[place];
    if (!item) return [];
    return [{id, score, similarity: nearness.get(id)?.score, terms: terms.get(id) ?? [], item}];
  });
}

/** Ranks count from 1, and every list adds 1 / (60 + rank). */
function best(lists: number): number {
  return lists / 61;
}
