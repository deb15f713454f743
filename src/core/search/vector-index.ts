import {LatentError} from '../errors.js';
import {countOf, createLatent, isLatent, type Latent, spaceMismatch} from '../latent/latent.js';
import {
  assertExpected,
  type ExpectedIndex,
  type IndexModel,
  type Precision,
  readIndex,
  writeIndex,
} from './index-file.js';
import {assertMetric, createQuery, type Metric, norm, scoreRow} from './metric.js';
import {duplicateRows, RowSearch} from './row-search.js';
import {TopK} from './top-k.js';
import {type ItemData, VectorRows} from './vector-rows.js';

/** One thing to find. */
export interface IndexEntry {
  readonly id: string;
  readonly latent: Latent;
  /** Kept with it and in the file, as JSON: a title, an address, a text. */
  readonly item?: ItemData | undefined;
}

/** Many things of one space, their numbers in one array: the fast way to add them. */
export interface IndexBatch {
  readonly space: string;
  readonly ids: readonly string[];
  /** As many numbers as ids times the dimension, row after row. */
  readonly data: Float32Array;
  readonly items?: readonly (ItemData | undefined)[] | undefined;
}

/** All that an index holds, as a batch; of an index that was never filled, the space is empty. */
export interface IndexVectors extends IndexBatch {
  readonly shape: readonly number[];
}

/** What every latent of an index has in common; undefined as long as nothing said so. */
interface IndexForm {
  readonly space: string | undefined;
  readonly shape: readonly number[] | undefined;
}

/** What an index is made for; space and shape come from the first latent where they are not given. */
export interface IndexOptions extends Partial<IndexForm> {
  /** How `search` compares unless told otherwise; default `cosine`. */
  readonly metric?: Metric | undefined;
  /** The model that made the latents: kept in the file, for whoever embeds the queries. */
  readonly model?: IndexModel | undefined;
}

/** What `search` takes beside a latent and a count. */
export interface SearchOptions {
  readonly metric?: Metric | undefined;
  /** Leaves out what it says no to; asked of what is near enough only. */
  readonly filter?: ((id: string) => boolean) | undefined;
  /** Leaves out what scores less. */
  readonly threshold?: number | undefined;
}

/** Something found, and how near it is: higher is nearer under every metric (see `Metric`). */
export interface SearchHit {
  readonly id: string;
  readonly score: number;
}

const DEFAULT_K = 10;
const DEFAULT_DUPLICATE = 0.95;

/**
 * Exact search among latents of one space: what it finds, in which order and with which scores, is
 * what comparing with each of them in turn gives; of equal scores, the one added first comes first.
 * It gets there by int8 codes on SIMD that rule most of them out, or without WebAssembly by the long
 * way.
 */
export class VectorIndex {
  readonly metric: Metric;
  readonly model: IndexModel | undefined;
  #form: IndexForm;
  #rows: VectorRows;
  #search: RowSearch;

  /** An empty index; `bad-argument` for a metric that is none. */
  constructor({space, shape, metric = 'cosine', model}: IndexOptions = {}) {
    assertMetric(metric);
    this.metric = metric;
    this.model = model;
    this.#form = {space, shape: shape && [...shape]};
    this.#rows = new VectorRows(shape ? countOf(shape) : 0);
    this.#search = new RowSearch(this.#rows);
  }

  /**
   * The index of a file from `toBuffer`, whose numbers are used where they lie; `bad-index` for a
   * file that is none, broken or of a newer version, `space-mismatch` where `expected` names another
   * space, or a model of another name or version.
   */
  static from(file: ArrayBuffer | Uint8Array, expected: ExpectedIndex = {}): VectorIndex {
    if (!isBuffer(file)) {
      throw new LatentError(
        'bad-argument',
        `file must be the ArrayBuffer or Uint8Array of an index, got ${typeof file}.`,
      );
    }
    const {rows, ...options} = readIndex(file);
    assertExpected(options, expected);
    const index = new VectorIndex(options);
    index.#rows = rows;
    index.#search = new RowSearch(rows);
    return index;
  }

  /** Id of the space; undefined as long as nothing said which. */
  get space(): string | undefined {
    return this.#form.space;
  }

  /** Shape of the latents; undefined as long as nothing said which. */
  get shape(): readonly number[] | undefined {
    return this.#form.shape;
  }

  /** How many numbers a latent has; 0 as long as nothing said how many. */
  get dimension(): number {
    return this.#rows.dimension;
  }

  /** How many there are to find. */
  get size(): number {
    return this.#rows.size;
  }

  /** Every id, in order. */
  ids(): IterableIterator<string> {
    return this.#rows.ids();
  }

  has(id: string): boolean {
    return this.#rows.find(id) !== undefined;
  }

  /** The latent of an id, copied; undefined for an unknown one. */
  get(id: string): Latent | undefined {
    const row = this.#rows.find(id);
    const {space, shape} = this.#form;
    if (row === undefined || space === undefined || !shape) return undefined;
    return createLatent(space, shape, this.#rows.view(row).slice());
  }

  /** What was kept with an id. */
  item(id: string): ItemData | undefined {
    const row = this.#rows.find(id);
    return row === undefined ? undefined : this.#rows.itemOf(row);
  }

  /**
   * Adds one latent, or all of some entries or none of them: `bad-argument` for an id that is empty,
   * comes twice or is there already (see `update`), for another shape, or for a number that is not
   * finite; `space-mismatch` for another space.
   */
  add(id: string, latent: Latent, item?: ItemData): void;
  add(entries: Iterable<IndexEntry>): void;
  add(first: string | Iterable<IndexEntry>, latent?: Latent, item?: ItemData): void {
    if (typeof first === 'string') this.#append([{id: first, latent: latent!, item}]);
    else this.#append([...iterable('entries', first)]);
  }

  /** Adds many vectors at once; errors as `add`, and `bad-argument` where its counts do not fit. */
  addBatch(batch: IndexBatch): void {
    this.#append(entriesOf(batch, this.#form));
  }

  /** As `addBatch`, but an id that is there is updated. */
  upsertBatch(batch: IndexBatch): void {
    this.#append(entriesOf(batch, this.#form), {replace: true});
  }

  /**
   * Gives an id another latent, and another item where one is given; it keeps its place among equals.
   * `bad-argument` for an unknown id, else as `add`.
   */
  update(id: string, latent: Latent, item?: ItemData): void {
    const row = this.#rows.find(id);
    if (row === undefined) {
      throw new LatentError('bad-argument', `There is no '${id}' to update. Use add().`);
    }
    assertForm(`'${id}'`, latent, this.#form);
    this.#rows.replace(row, latent.data, item);
    this.#search.refresh(row);
  }

  /** All of it as one batch, its numbers copied: what `addBatch` takes. */
  toBatch(): IndexVectors {
    const {space, shape} = this.#form;
    if (space === undefined || !shape)
      return {space: '', shape: [], ids: [], data: new Float32Array(0)};
    const rows = this.#rows;
    const ids = [...rows.ids()];
    const data = new Float32Array(ids.length * rows.dimension);
    ids.forEach((id, i) => data.set(rows.view(rows.find(id)!), i * rows.dimension));
    return {space, shape, ids, data};
  }

  /** Removes an id or several; how many of them were there. An unknown id is no error. */
  remove(ids: string | Iterable<string>): number {
    let removed = 0;
    for (const id of typeof ids === 'string' ? [ids] : iterable('ids', ids)) {
      const row = this.#rows.find(id);
      if (row === undefined) continue;
      this.#rows.remove(row);
      this.#search.refresh(row);
      removed++;
    }
    if (this.#rows.isSparse) this.#compact();
    return removed;
  }

  /**
   * The `k` nearest (default 10; all where there are fewer), best first; `bad-argument` unless `k` is
   * a whole number from 0 or `Infinity`, `space-mismatch` for a latent of another space. The zero
   * vector has the cosine 0 with everything.
   */
  search(latent: Latent, k = DEFAULT_K, options: SearchOptions = {}): SearchHit[] {
    const {metric = this.metric, filter, threshold = -Infinity} = options;
    assertMetric(metric);
    assertK(k);
    if (Number.isNaN(threshold)) throw new LatentError('bad-argument', 'The threshold is NaN.');
    assertForm('the query', latent, this.#form);
    const rows = this.#rows;
    const top = new TopK(Math.min(k, this.size), threshold);
    if (k > 0 && this.size > 0) {
      const query = createQuery(metric, latent.data);
      this.#search.nearest(query, top, (row) => !filter || filter(rows.idOf(row)));
    }
    return top.sorted().map(({row, score}) => ({id: rows.idOf(row), score}));
  }

  /** How near an id's latent is to another; undefined for an unknown id. Errors as `search`. */
  score(id: string, latent: Latent, metric: Metric = this.metric): number | undefined {
    assertForm('the query', latent, this.#form);
    const rows = this.#rows;
    const row = rows.find(id);
    if (row === undefined) return undefined;
    const query = createQuery(metric, latent.data);
    return scoreRow(query, rows.data, row * rows.dimension, rows.norms[row]!);
  }

  /** The `k` nearest to one that is in the index, without itself; `bad-argument` for an unknown id. */
  similarTo(id: string, k = DEFAULT_K, options: SearchOptions = {}): SearchHit[] {
    const latent = this.get(id);
    if (!latent) throw new LatentError('bad-argument', `There is no '${id}' in the index.`);
    const filter = (other: string): boolean => other !== id && (options.filter?.(other) ?? true);
    return this.search(latent, k, {...options, filter});
  }

  /** Groups of ids that are nearly the same: `duplicateSteps` without a pause. */
  duplicates(options: {readonly threshold?: number | undefined} = {}): string[][] {
    const steps = this.duplicateSteps(options);
    for (;;) {
      const {done, value} = steps.next();
      if (done) return value;
    }
  }

  /**
   * Groups of two and more ids linked by pairs that score at least `threshold` (default 0.95) by the
   * index's metric, in order; yields the share that is done, 0..1, so that a caller can pause or stop
   * (`bad-argument` when the index changed in the pause).
   */
  *duplicateSteps({
    threshold = DEFAULT_DUPLICATE,
  }: {readonly threshold?: number | undefined} = {}): Generator<number, string[][]> {
    if (Number.isNaN(threshold)) throw new LatentError('bad-argument', 'The threshold is NaN.');
    const rows = this.#rows;
    const {version} = rows;
    const steps = duplicateRows(rows, this.#search, this.metric, threshold);
    for (;;) {
      const {done, value} = steps.next();
      if (done) return value.map((group) => group.map((row) => rows.idOf(row)));
      yield value;
      if (rows.version !== version) {
        throw new LatentError(
          'bad-argument',
          'The index changed while duplicates were looked for. Look again.',
        );
      }
    }
  }

  /**
   * Encodes up to `rows` more rows ahead of the first search, which else does it (100 000 × 128 in
   * some 300 ms); whether there are more to do.
   */
  prepare(rows = Infinity): boolean {
    return this.size > 0 && this.#search.prepare(this.metric, rows);
  }

  /**
   * The index as a file (`*.latents`) for `VectorIndex.from`. Precision `int8` needs a quarter of the
   * bytes and rounds every vector to 127 steps of its largest number. `bad-argument` as long as the
   * index has no space and shape, or for items that are no JSON.
   */
  toBuffer({precision = 'float32'}: {readonly precision?: Precision} = {}): ArrayBuffer {
    const {space, shape} = this.#form;
    if (space === undefined || !shape) {
      throw new LatentError(
        'bad-argument',
        'An index without space and shape cannot be saved. Add something first, or give them to ' +
          'the constructor.',
      );
    }
    if (this.#rows.end > this.size) this.#compact();
    const {metric, model} = this;
    return writeIndex({space, shape, metric, model, rows: this.#rows}, precision);
  }

  #append(entries: readonly IndexEntry[], {replace = false} = {}): void {
    const [first] = entries;
    if (!first) return;
    assertFresh(
      entries.map(({id}) => id),
      (id) => !replace && this.has(id),
    );
    assertForm(`'${first.id}'`, first.latent, this.#form);
    const {space, shape} = first.latent;
    for (const {id, latent} of entries) assertForm(`'${id}'`, latent, {space, shape});
    if (!this.#form.shape) {
      this.#rows = new VectorRows(countOf(shape));
      this.#search = new RowSearch(this.#rows);
    }
    this.#form = {space, shape: [...shape]};
    this.#rows.reserve(entries.length);
    for (const entry of entries) {
      if (this.has(entry.id)) this.update(entry.id, entry.latent, entry.item);
      else this.#rows.append(entry.id, entry.latent.data, entry.item);
    }
  }

  #compact(): void {
    this.#rows.compact();
    this.#search.clear();
  }
}

// What JavaScript hands over, whatever the types say: a number would be taken for a length.
function isBuffer(file: unknown): boolean {
  return (
    file instanceof Uint8Array || Object.prototype.toString.call(file) === '[object ArrayBuffer]'
  );
}

function iterable<T>(name: string, given: Iterable<T>): Iterable<T> {
  if (typeof (given as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] === 'function') {
    return given;
  }
  throw new LatentError('bad-argument', `${name} must be a list, got ${typeof given}.`);
}

function assertK(k: number): void {
  if (k === Infinity || (Number.isSafeInteger(k) && k >= 0)) return;
  throw new LatentError('bad-argument', `k must be a whole number from 0, got ${String(k)}.`);
}

/** Throws `space-mismatch` or `bad-argument`, naming `what`, unless the latent is of this form. */
function assertForm(what: string, latent: Latent, {space, shape}: IndexForm): void {
  if (!isLatent(latent)) throw new LatentError('bad-argument', `${what} has no latent.`);
  if (space !== undefined && latent.space !== space) throw spaceMismatch(space, latent.space);
  const fits =
    shape?.length === latent.shape.length && shape.every((n, i) => n === latent.shape[i]);
  if (shape && !fits) {
    throw new LatentError(
      'bad-argument',
      `The latent of ${what} has the shape [${latent.shape.join(', ')}], those of the index ` +
        `[${shape.join(', ')}].`,
    );
  }
  // One number that is not finite makes the norm so.
  if (!Number.isFinite(norm(latent.data, 0, latent.data.length))) {
    throw new LatentError('bad-argument', `The latent of ${what} has numbers that are not finite.`);
  }
}

/** Throws `bad-argument` unless the ids are texts, none empty, none twice, none `taken`. */
function assertFresh(ids: readonly string[], taken: (id: string) => boolean): void {
  const seen = new Set<string>();
  for (const id of ids as readonly unknown[]) {
    if (typeof id !== 'string' || id === '') {
      throw new LatentError(
        'bad-argument',
        `An id must be a text that is not empty, got ${JSON.stringify(id)}.`,
      );
    }
    if (seen.has(id)) throw new LatentError('bad-argument', `The id '${id}' comes twice.`);
    if (taken(id)) {
      throw new LatentError('bad-argument', `The id '${id}' is there already. Use update().`);
    }
    seen.add(id);
  }
}

/** The entries of a batch; `bad-argument` where its counts do not fit each other or `shape`. */
function entriesOf({space, ids, data, items = []}: IndexBatch, form: IndexForm): IndexEntry[] {
  if (ids.length === 0 && data.length === 0) return [];
  const shape = form.shape ?? [data.length / ids.length];
  const dimension = countOf(shape);
  if (!Number.isInteger(dimension) || dimension === 0 || data.length !== dimension * ids.length) {
    throw new LatentError(
      'bad-argument',
      `${ids.length} ids came with ${data.length} numbers, which is not ` +
        `${form.shape ? String(dimension) : 'a whole count'} for each.`,
    );
  }
  return ids.map((id, i) => ({
    id,
    latent: {space, shape, data: data.subarray(i * dimension, (i + 1) * dimension)},
    item: items[i],
  }));
}
