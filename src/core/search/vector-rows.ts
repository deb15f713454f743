import {norm} from './metric.js';

/** Whatever an item says of itself beside its vector; becomes JSON in a file. */
export type ItemData = Readonly<Record<string, unknown>>;

const FIRST_CAPACITY = 64;
/** Fewer removed rows are left where they are. */
const MIN_DEAD = 64;
/** The greatest code of an int8. */
export const CODE_MAX = 127;

/** Rows of numbers with ids, in the order in which they came; removed ones leave tombstones. */
export class VectorRows {
  readonly dimension: number;
  /** Row after row; may be longer than what is in use. */
  data: Float32Array;
  /** The Euclidean norm of each row. */
  norms: Float64Array;
  /** Another after every change. */
  version = 0;
  readonly #positions = new Map<string, number>();
  #ids: string[] = [];
  #items: (ItemData | undefined)[] = [];
  #dead: Uint8Array;
  #deadCount = 0;
  /** Whether `data` is somebody else's, to be copied before it is written. */
  #borrowed = false;

  constructor(dimension: number) {
    this.dimension = dimension;
    this.data = new Float32Array(0);
    this.norms = new Float64Array(0);
    this.#dead = new Uint8Array(0);
  }

  /** Rows around numbers that stay where they are, such as a mapped file; ids must differ. */
  static around(
    dimension: number,
    data: Float32Array,
    ids: readonly string[],
    items: readonly (ItemData | undefined)[],
  ): VectorRows {
    const rows = new VectorRows(dimension);
    rows.data = data;
    rows.norms = new Float64Array(ids.length);
    rows.#dead = new Uint8Array(ids.length);
    rows.#borrowed = true;
    rows.#ids = [...ids];
    rows.#items = [...items];
    ids.forEach((id, row) => {
      rows.#positions.set(id, row);
      rows.norms[row] = norm(data, row * dimension, dimension);
    });
    return rows;
  }

  /** Rows, tombstones included: scans run up to here. */
  get end(): number {
    return this.#ids.length;
  }

  /** Rows that are alive. */
  get size(): number {
    return this.#positions.size;
  }

  /** Whether a row was removed. */
  isDead(row: number): boolean {
    return this.#dead[row] === 1;
  }

  /** The number of an id's row. */
  find(id: string): number | undefined {
    return this.#positions.get(id);
  }

  idOf(row: number): string {
    return this.#ids[row]!;
  }

  itemOf(row: number): ItemData | undefined {
    return this.#items[row];
  }

  /** The ids that are alive, in order. */
  ids(): IterableIterator<string> {
    return this.#positions.keys();
  }

  /** The numbers of a row: a view. */
  view(row: number): Float32Array {
    return this.data.subarray(row * this.dimension, (row + 1) * this.dimension);
  }

  /** Makes room for some more rows at once. */
  reserve(more: number): void {
    const needed = this.end + more;
    if (needed <= this.norms.length && !this.#borrowed) return;
    const capacity = Math.max(needed, 2 * this.norms.length, FIRST_CAPACITY);
    this.data = enlarged(this.data, new Float32Array(capacity * this.dimension));
    this.norms = enlarged(this.norms, new Float64Array(capacity));
    this.#dead = enlarged(this.#dead, new Uint8Array(capacity));
    this.#borrowed = false;
  }

  /** A new last row, its numbers copied. */
  append(id: string, numbers: Float32Array, item: ItemData | undefined): void {
    this.reserve(1);
    const row = this.end;
    this.#positions.set(id, row);
    this.#ids.push(id);
    this.#items.push(item);
    this.#dead[row] = 0;
    this.#write(row, numbers);
  }

  /** New numbers, and a new item where one is given, for a row that keeps its place. */
  replace(row: number, numbers: Float32Array, item: ItemData | undefined): void {
    this.reserve(0);
    if (item) this.#items[row] = item;
    this.#write(row, numbers);
  }

  /** Removes a row. */
  remove(row: number): void {
    this.version++;
    this.#positions.delete(this.idOf(row));
    this.#items[row] = undefined;
    this.#dead[row] = 1;
    this.#deadCount++;
  }

  /** Whether so many rows were removed that closing the gaps is worth the moving. */
  get isSparse(): boolean {
    return this.#deadCount >= MIN_DEAD && 4 * this.#deadCount >= this.end;
  }

  /** Closes the gaps: rows get other numbers. */
  compact(): void {
    this.reserve(0);
    this.version++;
    let to = 0;
    const {dimension} = this;
    for (let row = 0; row < this.end; row++) {
      if (this.isDead(row)) continue;
      this.data.copyWithin(to * dimension, row * dimension, (row + 1) * dimension);
      this.norms[to] = this.norms[row]!;
      this.#ids[to] = this.#ids[row]!;
      this.#items[to] = this.#items[row];
      this.#positions.set(this.#ids[to]!, to);
      to++;
    }
    this.#ids.length = to;
    this.#items.length = to;
    this.#dead.fill(0);
    this.#deadCount = 0;
  }

  #write(row: number, numbers: Float32Array): void {
    this.version++;
    this.data.set(numbers, row * this.dimension);
    this.norms[row] = norm(numbers, 0, this.dimension);
  }
}

function enlarged<T extends Float32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Encodes the numbers from `offset` on as codes of −127..127; `scale` decodes them. */
export function quantize(
  numbers: Float32Array,
  offset: number,
  codes: Int8Array,
): {readonly scale: number; readonly residual: number} {
  let most = 0;
  for (let i = 0; i < codes.length; i++) {
    const size = Math.abs(numbers[offset + i]!);
    if (size > most) most = size;
  }
  // As float32, which is how a file and the kernel hold it.
  const scale = Math.fround(most / CODE_MAX);
  if (scale === 0) {
    codes.fill(0);
    return {scale, residual: most * Math.sqrt(codes.length)};
  }
  const steps = 1 / scale;
  let sum = 0;
  for (let i = 0; i < codes.length; i++) {
    const value = numbers[offset + i]!;
    // Rounds to the nearest, which is never past ±127; Math.round takes three times as long.
    const code = Math.trunc(value * steps + (value < 0 ? -0.5 : 0.5));
    const error = value - code * scale;
    codes[i] = code;
    sum += error * error;
  }
  return {scale, residual: Math.sqrt(sum)};
}
