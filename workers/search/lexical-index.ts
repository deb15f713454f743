import MiniSearch, {type SearchOptions, type SearchResult} from 'minisearch';
import {inflections, sayingTerms, wordsOf} from '../../src/core/search/words.js';
import type {WordHit} from '../../src/core/search/fusion.js';

/** A text to find by its words. */
export interface TextItem {
  readonly id: string;
  readonly text: string;
  /** Counts for more than the text. */
  readonly title?: string | undefined;
}

/** What a title counts above the text. */
const TITLE_BOOST = 2;
/** Words of a query that are looked at: a pasted book is not a query. */
const MAX_QUERY_WORDS = 32;
/** From this length on a word may be misspelt, in one of five letters. */
const FUZZY_LENGTH = 5;
const FUZZY = 0.2;
/** What another form of a word counts beside the word itself: of .5 and .8, Debian's descriptions liked .8. */
const INFLECTED = 0.8;

/** Search by words (BM25+), in any of their forms: the last word may be begun only, long ones misspelt. */
export class LexicalIndex {
  readonly #index = new MiniSearch<TextItem>({
    fields: ['title', 'text'],
    tokenize: (text) => wordsOf(text).map(({term}) => term),
    // Folded already.
    processTerm: (term) => term,
    searchOptions: {boost: {title: TITLE_BOOST}, combineWith: 'OR'},
  });

  /** Takes items in, anew where their id is there. */
  add(items: readonly TextItem[]): void {
    for (const {id, text, title} of items) {
      if (this.#index.has(id)) this.#index.discard(id);
      this.#index.add({id, text, title: title ?? ''});
    }
  }

  /** Takes items out; an unknown id is no error. */
  remove(ids: readonly string[]): void {
    for (const id of ids) if (this.#index.has(id)) this.#index.discard(id);
  }

  /** The best `count`, with the words of each that answer to the query. */
  search(query: string, count: number): WordHit[] {
    const words = new Set(wordsOf(query).map(({term}) => term));
    const terms = sayingTerms([...words].slice(0, MAX_QUERY_WORDS));
    const sums = new Map<string, {score: number; terms: Set<string>}>();
    for (const term of terms) {
      // The better of the word and its other forms: an item that has several of them says it once.
      const best = new Map<string, number>();
      const take = (weight: number) => (hit: SearchResult) => {
        const id = hit.id as string;
        best.set(id, Math.max(best.get(id) ?? 0, weight * hit.score));
        let sum = sums.get(id);
        if (!sum) sums.set(id, (sum = {score: 0, terms: new Set()}));
        for (const found of hit.terms) sum.terms.add(found);
      };
      const prefix = term === terms.at(-1);
      const fuzzy = term.length >= FUZZY_LENGTH && FUZZY;
      this.#find(term, {prefix, fuzzy}).forEach(take(1));
      for (const form of inflections(term)) this.#find(form).forEach(take(INFLECTED));
      for (const [id, score] of best) sums.get(id)!.score += score;
    }
    return Array.from(sums, ([id, {score, terms: found}]) => ({id, score, terms: [...found]}))
      .sort((a, b) => b.score - a.score)
      .slice(0, count);
  }

  #find(term: string, options: SearchOptions = {}): SearchResult[] {
    return this.#index.search(term, {...options, tokenize: () => [term]});
  }
}
