import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {rankHits, type TermHit} from '../../src/core/search/fusion.js';
import type {VectorIndex, IndexBatch, SearchHit} from '../../src/core/search/vector-index.js';
import type {ItemData} from '../../src/core/search/vector-rows.js';
import {highlightRanges, nearestSentence} from '../../src/core/search/words.js';
import type {StaticTextEncoder, TextDocument} from '../../src/core/text/static-text-encoder.js';
import {isBlank} from '../../src/core/text/clean.js';
import type {FoundHit, IndexInfo, ItemRecord, Question} from '../../src/shared/search.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';
import {LexicalIndex} from './lexical-index.js';

/** Both lists are longer than what is shown, because what is second in both may be first of all. */
const POOL = 50;
/** A text longer than this is a document: its first words say which words to look for. */
export const MAX_WORDS_LENGTH = 256;
/** Texts that are indexed or embedded between two looks at the clock: some tenths of a millisecond. */
const BLOCK = 16;
/** Results of which a sentence is shown: more than a list has on screen. */
const PASSAGES = 20;
/** Vectors that are encoded for searches before other calls get a turn. */
const PREPARE_ROWS = 2000;

/** Items that are found by their words, and by their meaning as soon as they have a vector. */
export class HybridIndex {
  readonly vectors: VectorIndex;
  readonly #words = new LexicalIndex();
  /** What was kept with items that have no vector yet. */
  readonly #waiting = new Map<string, ItemData>();

  constructor(vectors: VectorIndex) {
    this.vectors = vectors;
  }

  get info(): IndexInfo {
    const {space, metric, size} = this.vectors;
    return {space, metric, size};
  }

  /** What was kept with an id. */
  fieldsOf(id: string): ItemData | undefined {
    return this.#waiting.get(id) ?? this.vectors.item(id);
  }

  /** Indexes what the items of the vectors say; pauses for other calls, between which `assert` may throw. */
  async indexWords(assert: () => void): Promise<void> {
    const records = Array.from(this.vectors.ids(), (id) => ({id, fields: this.fieldsOf(id) ?? {}}));
    await this.#addWords(records, assert);
    await this.prepare(assert);
  }

  /** Adds items, or others under the ids of some. */
  async add(items: readonly ItemRecord[], assert: () => void): Promise<void> {
    this.vectors.remove(items.map(({id}) => id));
    for (const {id, fields} of items) this.#waiting.set(id, fields);
    await this.#addWords(items, assert);
  }

  /** Removes items; an unknown id is no error. */
  remove(ids: readonly string[]): void {
    this.vectors.remove(ids);
    this.#words.remove(ids);
    for (const id of ids) this.#waiting.delete(id);
  }

  /** Embeds every item that waits for a vector and says something; `report` hears how many are done. */
  async embed(
    encoder: StaticTextEncoder,
    assert: () => void,
    report: (done: number, total: number) => void,
  ): Promise<void> {
    const slice = new TimeSlice();
    const waiting = [...this.#waiting.keys()];
    for (let from = 0; from < waiting.length; from += BLOCK) {
      const ids: string[] = [];
      const latents: Latent[] = [];
      for (const id of waiting.slice(from, from + BLOCK)) {
        // It may have been removed in a pause.
        const fields = this.#waiting.get(id);
        const latent = fields && encoder.embedDocument(textsOf(fields));
        if (!latent) continue;
        ids.push(id);
        latents.push(latent);
      }
      if (ids.length > 0) {
        const {dimensions, space} = encoder;
        const data = new Float32Array(dimensions * ids.length);
        latents.forEach((latent, i) => data.set(latent.data, i * dimensions));
        this.addVectors({space, ids, data});
      }
      if (!slice.isOver) continue;
      report(Math.min(from + BLOCK, waiting.length), waiting.length);
      await slice.yieldToEvents();
      assert();
    }
    report(waiting.length, waiting.length);
    await this.prepare(assert);
  }

  /** Gives items their vectors; the fields that were kept with them stay. */
  addVectors(batch: IndexBatch): void {
    const items = batch.ids.map((id, i) => batch.items?.[i] ?? this.#waiting.get(id));
    this.vectors.upsertBatch({...batch, items});
    for (const id of batch.ids) this.#waiting.delete(id);
  }

  /** Encodes what the first search would have to. */
  async prepare(assert: () => void): Promise<void> {
    const slice = new TimeSlice();
    while (this.vectors.prepare(PREPARE_ROWS)) {
      if (!slice.isOver) continue;
      await slice.yieldToEvents();
      assert();
    }
  }

  /** Everything that a question finds, best first; `match` as `StaticTextEncoder.matcher` gives it. */
  query(
    {text, latent, limit, metric, threshold, noise, fields}: Question,
    match?: (document: TextDocument) => number,
  ): FoundHit[] {
    const count = text === undefined ? limit : Math.max(POOL, limit);
    const words = text === undefined ? undefined : this.#byWords(text, count);
    const near = latent && this.vectors.search(latent, count, {metric, threshold});
    const {metric: own} = this.vectors;
    const isCosine = (metric ?? own) === 'cosine';
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- Either may be missing.
    const both = near && latent && this.#both(words, near, latent, threshold);
    const ranked = rankHits(words, both, {
      limit,
      noise: text !== undefined && latent && isCosine ? noise : undefined,
      match: match && ((id) => match(textsOf(this.fieldsOf(id) ?? {}))),
    });
    return fields ? ranked.map((hit) => ({...hit, fields: this.fieldsOf(hit.id)})) : ranked;
  }

  // What only its words found has a cosine all the same, and must not seem to be far away.
  #both(
    words: readonly TermHit[] | undefined,
    near: readonly SearchHit[],
    latent: Latent,
    threshold = -Infinity,
  ): readonly SearchHit[] {
    if (!words) return near;
    const known = new Set(near.map(({id}) => id));
    const others = words.flatMap(({id}) => {
      const score = known.has(id) ? undefined : this.vectors.score(id, latent);
      return score !== undefined && score >= threshold ? [{id, score}] : [];
    });
    return [...near, ...others];
  }

  #byWords(text: string, count: number): TermHit[] {
    const query = text.slice(0, MAX_WORDS_LENGTH);
    return isBlank(query) ? [] : this.#words.search(query, count);
  }

  async #addWords(items: readonly ItemRecord[], assert: () => void): Promise<void> {
    const slice = new TimeSlice();
    for (let from = 0; from < items.length; from += BLOCK) {
      const texts = items.slice(from, from + BLOCK).flatMap(({id, fields}) => {
        const {title, text = ''} = textsOf(fields);
        return title === undefined && text === '' ? [] : [{id, text, title}];
      });
      this.#words.add(texts);
      if (!slice.isOver) continue;
      await slice.yieldToEvents();
      assert();
    }
  }
}

/** Throws where an index is not there. */
export function assertOpen<T>(index: T | undefined): asserts index is T {
  if (!index) throw new LatentError('bad-argument', 'This index was closed. Open it again.');
}

/**
 * The first of some hits with the sentences that are nearest to what was asked, where no word of the text
 * is.
 */
export function withPassages(
  hits: readonly FoundHit[],
  fieldsOf: (id: string) => ItemData | undefined,
  asked: Latent,
  encoder: StaticTextEncoder,
): FoundHit[] {
  return hits.map((hit, i) => {
    const {text} = i < PASSAGES ? textsOf(fieldsOf(hit.id) ?? {}) : {};
    if (text === undefined || highlightRanges(text, hit.terms).length > 0) return hit;
    const passage = nearestSentence(text, asked, (sentence) =>
      encoder.embedDocument({text: sentence}),
    );
    return passage ? {...hit, passage} : hit;
  });
}

/** What an item is found by: files say anything under these names. */
export function textsOf({title, text}: ItemData): TextDocument {
  return {
    ...(typeof title === 'string' && {title}),
    ...(typeof text === 'string' && {text}),
  };
}
