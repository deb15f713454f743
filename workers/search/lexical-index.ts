import MiniSearch from 'minisearch';
import {inflections, sayingTerms, wordsOf} from '../../src/core/search/words.js';
import type {TermHit} from '../../src/core/search/fusion.js';

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
/** How far a misspelt word answers the one that was asked for. */
const MISSPELT = 0.7;

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
  search(query: string, count: number): TermHit[] {
    const found = lookUpsOf(query).map((lookUp) => ({lookUp, hits: this.find(lookUp)}));
    return sumHits(found, {count, texts: this.#index.documentCount});
  }

  /** What has a word, or with `prefix` and `fuzzy` one that is like it. */
  find({term, prefix, fuzzy}: Pick<LookUp, 'term' | 'prefix' | 'fuzzy'>): TermHit[] {
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

/** What a look-up found. */
export interface Found {
  readonly lookUp: LookUp;
  readonly hits: readonly TermHit[];
}

/** The best `count` of all hits of a query's look-ups in an index of so many texts, best first. */
export function sumHits(
  found: readonly Found[],
  {count, texts}: {readonly count: number; readonly texts: number},
): TermHit[] {
  const words = [...groupByWord(found)];
  const sums = new Map<string, number>();
  // What each word says, as BM25 has it: the more, the fewer texts have it.
  const information = words.map((lookUps) => {
    // The better of a word and its other forms: an item that has several of them says it once.
    const best = new Map<string, number>();
    for (const {lookUp, hits} of lookUps) {
      for (const {id, score} of hits) {
        best.set(id, Math.max(best.get(id) ?? 0, lookUp.weight * score));
      }
    }
    for (const [id, score] of best) sums.set(id, (sums.get(id) ?? 0) + score);
    return Math.log(1 + (texts - best.size + 0.5) / (best.size + 0.5));
  });
  const asked = information.reduce((sum, each) => sum + each, 0);
  const top = new Map(
    bestOf(sums, count).map(([id, score]) => [id, {score, coverage: 0, terms: new Set<string>()}]),
  );
  for (const [i, lookUps] of words.entries()) {
    const answers = new Map<string, number>();
    for (const {lookUp, hits} of lookUps) {
      for (const {id, terms} of hits) {
        const hit = top.get(id);
        if (!hit) continue;
        for (const term of terms) {
          hit.terms.add(term);
          const answer = lookUp.weight * likeness(lookUp.term, term);
          answers.set(id, Math.max(answers.get(id) ?? 0, answer));
        }
      }
    }
    for (const [id, answer] of answers) {
      top.get(id)!.coverage += (information[i]! * answer) / asked;
    }
  }
  return Array.from(top, ([id, hit]) => ({...hit, id, terms: [...hit.terms]}));
}

/** Look-ups of one word of the query after those of another. */
function groupByWord(found: readonly Found[]): Iterable<Found[]> {
  const groups = new Map<number, Found[]>();
  for (const each of found) {
    const group = groups.get(each.lookUp.word);
    if (group) group.push(each);
    else groups.set(each.lookUp.word, [each]);
  }
  return groups.values();
}

/** How far a word answers one that was asked for, 0 to 1. */
function likeness(asked: string, found: string): number {
  if (found === asked) return 1;
  return found.startsWith(asked) ? asked.length / found.length : MISSPELT;
}

// A letter finds most of a long list: sorting all of that took longer than finding it.
function bestOf(sums: ReadonlyMap<string, number>, count: number): [id: string, score: number][] {
  const least = count < sums.size ? Float64Array.from(sums.values()).sort().at(-count)! : -Infinity;
  return [...sums]
    .filter(([, score]) => score >= least)
    .sort(([, a], [, b]) => b - a)
    .slice(0, count);
}
