import MiniSearch from 'minisearch';
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
/** What a word counts that begins as the query's, and one that is like it: the longer the rest, the less. */
export const [PREFIX_WEIGHT, FUZZY_WEIGHT] = [0.375, 0.45];
/** What another form of a word counts beside the word itself: of .5 and .8, Debian's descriptions liked .8. */
const INFLECTED = 0.8;

/** Search by words (BM25+), in any of their forms: the last word may be begun only, long ones misspelt. */
export class LexicalIndex {
  readonly #index = new MiniSearch<TextItem>({
    fields: ['title', 'text'],
    tokenize: (text) => wordsOf(text).map(({term}) => term),
    // Folded already.
    processTerm: (term) => term,
    searchOptions: {
      boost: {title: TITLE_BOOST},
      combineWith: 'OR',
      weights: {prefix: PREFIX_WEIGHT, fuzzy: FUZZY_WEIGHT},
    },
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
    const found = lookUpsOf(query).map((lookUp) => ({lookUp, hits: this.find(lookUp)}));
    return sumHits(found).slice(0, count);
  }

  /** What has a word, or with `prefix` and `fuzzy` one that is like it. */
  find({term, prefix, fuzzy}: Pick<LookUp, 'term' | 'prefix' | 'fuzzy'>): WordHit[] {
    return this.#index.search(term, {prefix, fuzzy, tokenize: () => [term]});
  }
}

/** One look into an index: for a word of a query, or for another form of it. */
export interface LookUp {
  readonly term: string;
  /** The word of the query, by number. */
  readonly word: number;
  /** What its hits count. */
  readonly weight: number;
  /** Whether it may be the beginning of a word. */
  readonly prefix: boolean;
  /** How many of its letters may be wrong, as a share. */
  readonly fuzzy: number;
}

/** What is looked for, for a query. */
export function lookUpsOf(query: string): LookUp[] {
  const words = new Set(wordsOf(query).map(({term}) => term));
  const terms = sayingTerms([...words].slice(0, MAX_QUERY_WORDS));
  return terms.flatMap((term, word) => {
    const prefix = word === terms.length - 1;
    const fuzzy = term.length >= FUZZY_LENGTH ? FUZZY : 0;
    const other = {word, weight: INFLECTED, prefix: false, fuzzy: 0};
    const forms = inflections(term).map((form) => ({...other, term: form}));
    return [{term, word, weight: 1, prefix, fuzzy}, ...forms];
  });
}

/** The hits of a query's look-ups as one list, best first. */
export function sumHits(
  found: readonly {readonly lookUp: LookUp; readonly hits: readonly WordHit[]}[],
): WordHit[] {
  const sums = new Map<string, {score: number; terms: Set<string>}>();
  // The better of a word and its other forms: an item that has several of them says it once.
  let best = new Map<string, number>();
  const close = (): void => {
    for (const [id, score] of best) sums.get(id)!.score += score;
    best = new Map();
  };
  for (const [i, {lookUp, hits}] of found.entries()) {
    if (lookUp.word !== found[i - 1]?.lookUp.word) close();
    for (const {id, score, terms} of hits) {
      best.set(id, Math.max(best.get(id) ?? 0, lookUp.weight * score));
      let sum = sums.get(id);
      if (!sum) sums.set(id, (sum = {score: 0, terms: new Set()}));
      for (const term of terms) sum.terms.add(term);
    }
  }
  close();
  return Array.from(sums, ([id, {score, terms}]) => ({id, score, terms: [...terms]})).sort(
    (a, b) => b.score - a.score,
  );
}
