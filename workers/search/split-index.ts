import SearchableMap from 'minisearch/SearchableMap';
import {orAbort, throwIfAborted} from '../../src/core/abort.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {type Candidate, cellBytes, CellQuery, rowsToRead} from '../../src/core/search/cells.js';
import {rankHits, type TermHit} from '../../src/core/search/fusion.js';
import {badIndex, parseRecords} from '../../src/core/search/index-file.js';
import {BLOCK_ITEMS, type IndexHead} from '../../src/core/search/index-head.js';
import {createQuery, norm, scoreRow} from '../../src/core/search/metric.js';
import type {SearchHit} from '../../src/core/search/vector-index.js';
import type {ItemData} from '../../src/core/search/vector-rows.js';
import {
  dictionaryOf,
  type ListPlace,
  type Posting,
  readDictionary,
  readList,
} from '../../src/core/search/word-lists.js';
import {isBlank} from '../../src/core/text/clean.js';
import type {StaticTextEncoder} from '../../src/core/text/static-text-encoder.js';
import type {FoundHit, IndexInfo, NearestOptions, Question} from '../../src/shared/search.js';
import {MAX_WORDS_LENGTH, textsOf, withPassages} from './hybrid-index.js';
import type {IndexParts} from './index-parts.js';
import {FUZZY_WEIGHT, type LookUp, lookUpsOf, PREFIX_WEIGHT, sumHits} from './lexical-index.js';

/** Candidates by meaning: those whose estimate is so near to the tenth best one, and how many at most. */
const [MARGIN, SURE, MOST] = [0.08, 10, 120];
/** Hits by words that get a cosine, whatever their cell. */
const WORD_POOL = 20;
/** Files of lists that are read for one word of a query at most: "a" begins thousands. */
const MAX_FILES = 8;
/** Milliseconds that a query waits while somebody types: of what they have typed since, it would fetch in vain. */
const PAUSE = 150;
/** Characters of a query that is more to come. */
const BEGUN = 2;

/** An item with all that is kept of it. */
interface Kept {
  readonly id: string;
  readonly fields: ItemData;
}

/**
 * An index of which a query reads what it needs: cells that are near to it, and lists of its words. They
 * give candidates; the items of these are read, embedded anew, and ranked as `HybridIndex` ranks all.
 */
export class SplitIndex {
  readonly #head: IndexHead;
  readonly #parts: IndexParts;
  readonly #encoder: () => Promise<StaticTextEncoder>;
  /** The number of the first item of each cell. */
  readonly #starts: readonly number[];
  /** Items that were found so far, by their id. */
  readonly #rows = new Map<string, number>();
  /** Of the query before. */
  #last: AbortSignal | undefined;

  constructor(head: IndexHead, parts: IndexParts, encoder: () => Promise<StaticTextEncoder>) {
    this.#head = head;
    this.#parts = parts;
    this.#encoder = encoder;
    let start = 0;
    this.#starts = head.cells.counts.map((count) => (start += count) - count);
  }

  get info(): IndexInfo {
    const {space, metric, count} = this.#head;
    return {space, metric, size: count};
  }

  /** Everything that a question finds, best first; at most `MOST` by meaning. */
  async query(question: Question, signal: AbortSignal): Promise<FoundHit[]> {
    const {text, pack, limit, metric = this.#head.metric, threshold, noise} = question;
    await this.#pause(text, signal);
    const encoder = pack === undefined && !question.latent ? undefined : await this.#encoder();
    const asked = text === undefined || isBlank(text) ? undefined : text;
    const latent = question.latent ?? (asked === undefined ? undefined : encoder?.embed(asked));
    const count = Math.min(MOST, Math.max(latent ? WORD_POOL : 0, limit));
    const [words, near] = await Promise.all([
      asked === undefined ? undefined : this.#byWords(asked, count, signal),
      latent ? this.#candidates(latent, signal) : [],
    ]);
    const numbers = new Set([...(words ?? []).map(({id}) => Number(id)), ...near]);
    const kept = await this.#read([...numbers], signal);
    const idOf = (row: number): string => kept.get(row)!.id;
    const fields = new Map(Array.from(kept.values(), (each) => [each.id, each.fields]));
    const match = asked === undefined ? undefined : encoder?.matcher(asked);
    const ranked = rankHits(
      words?.map((hit) => ({...hit, id: idOf(Number(hit.id))})),
      latent && encoder && this.#score(latent, encoder, kept, {metric, threshold}),
      {
        limit,
        noise: asked !== undefined && latent && metric === 'cosine' ? noise : undefined,
        match: match && ((id) => match(textsOf(fields.get(id) ?? {}))),
      },
    );
    const hits = ranked.map((hit) => ({...hit, fields: fields.get(hit.id)}));
    if (asked === undefined || !latent || !encoder) return hits;
    return withPassages(hits, (id) => fields.get(id), latent, encoder);
  }

  // Whoever types gives up one query by the next: all but the last of them then fetch nothing.
  async #pause(text: string | undefined, signal: AbortSignal): Promise<void> {
    const isTyped = this.#last?.aborted === true || (text !== undefined && text.length <= BEGUN);
    this.#last = signal;
    if (!isTyped) return;
    await orAbort(new Promise((resolve) => setTimeout(resolve, PAUSE)), signal);
  }

  /** As `VectorIndex.similarTo`, of an item that a query has found. */
  async similarTo(
    id: string,
    k: number,
    {metric = this.#head.metric, threshold}: NearestOptions,
    signal: AbortSignal,
  ): Promise<SearchHit[]> {
    const row = this.#rows.get(id);
    if (row === undefined) {
      throw new LatentError(
        'bad-argument',
        `"${id}" was not found by a query yet, and of an index in parts nothing else is known.`,
      );
    }
    const encoder = await this.#encoder();
    const own = await this.#read([row], signal);
    const latent = encoder.embedDocument(textsOf(own.get(row)!.fields));
    if (!latent) return [];
    const kept = await this.#read(await this.#candidates(latent, signal), signal);
    const hits = this.#score(latent, encoder, kept, {metric, threshold});
    return hits.filter((hit) => hit.id !== id).slice(0, k);
  }

  /** What was kept with ids that queries have found. */
  async fieldsOf(ids: readonly string[]): Promise<(ItemData | undefined)[]> {
    const rows = ids.map((id) => this.#rows.get(id));
    const kept = await this.#read(
      rows.filter((row) => row !== undefined),
      new AbortController().signal,
    );
    return rows.map((row) => (row === undefined ? undefined : kept.get(row)?.fields));
  }

  #score(
    latent: Latent,
    encoder: StaticTextEncoder,
    kept: ReadonlyMap<number, Kept>,
    {metric, threshold = -Infinity}: NearestOptions & {readonly metric: IndexInfo['metric']},
  ): SearchHit[] {
    const query = createQuery(metric, latent.data);
    return Array.from(kept.values(), ({id, fields}) => {
      const data = encoder.embedDocument(textsOf(fields))?.data;
      return {id, score: data ? scoreRow(query, data, 0, norm(data, 0, data.length)) : -Infinity};
    })
      .filter(({score}) => score >= threshold)
      .sort((a, b) => b.score - a.score);
  }

  /** Numbers of items that may be nearest to a latent. */
  async #candidates({data}: Latent, signal: AbortSignal): Promise<number[]> {
    const {cells, count} = this.#head;
    const query = new CellQuery(data, cells);
    const found = await Promise.all(
      query.nearest(rowsToRead(count)).map(async (cell): Promise<Candidate[]> => {
        const length = cellBytes(cells.counts[cell]!, cells.dimension);
        const codes = await this.#parts.read('cell', cell, signal, (bytes) => {
          if (bytes.length === length) return bytes;
          throw badIndex(`it has ${bytes.length} bytes, and its head says ${length}`);
        });
        return query.estimate(cell, this.#starts[cell]!, codes);
      }),
    );
    const best = found.flat().sort((a, b) => b.estimate - a.estimate);
    const least = (best[SURE - 1]?.estimate ?? -Infinity) - MARGIN;
    return best
      .slice(0, MOST)
      .filter(({estimate}) => estimate >= least)
      .map(({row}) => row);
  }

  // Hits by the numbers of their items.
  async #byWords(text: string, count: number, signal: AbortSignal): Promise<TermHit[]> {
    const lookUps = lookUpsOf(text.slice(0, MAX_WORDS_LENGTH));
    const found = await Promise.all(
      lookUps.map(async (lookUp) => ({lookUp, hits: await this.#find(lookUp, signal)})),
    );
    return sumHits(found, {count, texts: this.#head.count});
  }

  async #find(lookUp: LookUp, signal: AbortSignal): Promise<TermHit[]> {
    const {words, count} = this.#head;
    const dictionary = dictionaryOf(lookUp.term, words);
    if (dictionary < 0) return [];
    const places = await this.#parts.read('words', dictionary, signal, (bytes) => {
      const map = new SearchableMap<ListPlace>();
      for (const [word, place] of readDictionary(bytes)) map.set(word, place);
      return map;
    });
    const sums = new Map<number, {score: number; terms: string[]}>();
    const lists = await Promise.all(
      matchesOf(places, lookUp).map(async ({word, weight, place}) => {
        const name = `${String(dictionary)}-${String(place.file)}`;
        const file = await this.#parts.read('lists', name, signal, (bytes) => bytes);
        const postings = this.#parts.naming('lists', name, () => readList(file, place, count));
        return {word, weight, postings};
      }),
    );
    for (const {word, weight, postings} of lists) addPostings(sums, word, weight, postings);
    return Array.from(sums, ([row, sum]) => ({id: String(row), ...sum}));
  }

  /** Items by their numbers. */
  async #read(rows: readonly number[], signal: AbortSignal): Promise<Map<number, Kept>> {
    const {count} = this.#head;
    const blocks = new Map<number, ReturnType<typeof parseRecords>>();
    await Promise.all(
      Array.from(new Set(rows.map(blockOf)), async (block) => {
        const length = Math.min(BLOCK_ITEMS, count - block * BLOCK_ITEMS);
        const records = await this.#parts.read('items', block, signal, (bytes) =>
          parseRecords(bytes, length),
        );
        blocks.set(block, records);
      }),
    );
    throwIfAborted(signal);
    return new Map(
      rows.map((row) => {
        const {ids, items} = blocks.get(blockOf(row))!;
        const id = ids[row % BLOCK_ITEMS]!;
        this.#rows.set(id, row);
        return [row, {id, fields: items[row % BLOCK_ITEMS] ?? {}}];
      }),
    );
  }
}

function blockOf(row: number): number {
  return Math.floor(row / BLOCK_ITEMS);
}

function addPostings(
  sums: Map<number, {score: number; terms: string[]}>,
  word: string,
  weight: number,
  postings: readonly Posting[],
): void {
  for (const {row, score} of postings) {
    let sum = sums.get(row);
    if (!sum) sums.set(row, (sum = {score: 0, terms: []}));
    sum.score += weight * score;
    sum.terms.push(word);
  }
}

/**
 * The words of a dictionary that a look-up finds, as MiniSearch finds and weighs them; of very many, those
 * that are likest to it.
 */
function matchesOf(places: SearchableMap<ListPlace>, {term, prefix, fuzzy}: LookUp) {
  const found = new Map<string, {word: string; weight: number; place: ListPlace}>();
  const take = (word: string, weight: number, place: ListPlace): void => {
    if (!found.has(word)) found.set(word, {word, weight, place});
  };
  const own = places.get(term);
  if (own) take(term, 1, own);
  if (prefix) {
    for (const [word, place] of places.atPrefix(term)) {
      const more = word.length - term.length;
      take(word, (PREFIX_WEIGHT * word.length) / (word.length + 0.3 * more), place);
    }
  }
  const most = Math.round(term.length * fuzzy);
  if (most > 0) {
    for (const [word, [place, distance]] of places.fuzzyGet(term, most)) {
      take(word, (FUZZY_WEIGHT * word.length) / (word.length + distance), place);
    }
  }
  const files = new Set<number>();
  return [...found.values()]
    .sort((a, b) => b.weight - a.weight)
    .filter(({place: {file}}) => files.has(file) || (files.size < MAX_FILES && files.add(file)));
}
