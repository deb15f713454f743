import MiniSearch from 'minisearch';
import {sayingTerms, wordsOf} from '../../src/core/search/words.js';
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

/** Search by words (BM25+): the last word may be begun only, long ones misspelt. */
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
    const last = terms.at(-1);
    const found = this.#index.search(terms.join(' '), {
      tokenize: () => [...terms],
      prefix: (term) => term === last,
      fuzzy: (term) => term.length >= FUZZY_LENGTH && FUZZY,
    });
    return found
      .slice(0, count)
      .map(({id, score, terms: matched}) => ({id: id as string, score, terms: matched}));
  }
}
