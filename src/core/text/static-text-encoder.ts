import {LatentError} from '../errors.js';
import type {Latent} from '../latent/latent.js';
import {readHeader, type TensorEntry} from '../latent/safetensors.js';
import {dot} from '../search/metric.js';
import {TopK} from '../search/top-k.js';
import type {PackManifest} from '../pack/pack.js';
import {isBlank, readableText} from './clean.js';
import {embeddingSpaceOf} from './embedding-space.js';
import type {StaticEmbedding} from './pack-fields.js';
import {type Piece, StaticWords} from './static-words.js';

/** Words that a label is drawn towards; from 50 to 800 of them tell classes apart as well. */
const NEIGHBOURS = 100;
/** Below this length a sum says nothing of the text: its pieces cancel out. */
const CANCELLED = 1e-9;
/** What a title counts beside a text, as it does in a search by words. */
const TITLE_WEIGHT = 2;
/** Words of a query, and of a document, that are compared one by one. */
const [MATCHED_QUERY_WORDS, MATCHED_WORDS] = [32, 256];
/** Words whose vectors are kept, of 1 kB with 256 numbers: those of a query's best hits, key after key. */
const KEPT_WORDS = 4096;
/** Bytes of a float32 number. */
const FLOAT_BYTES = 4;

/** Something to find, as a person reads it. */
export interface TextDocument {
  readonly title?: string | undefined;
  readonly text?: string | undefined;
}

interface WordVector {
  readonly direction: Float32Array;
  readonly weight: number;
}

/** The bytes of the two files that a static pack names. */
export interface StaticTextFiles {
  /** `tokenizer.file`: the vocabulary. */
  readonly tokenizer: Uint8Array;
  /** `embedding.file`: the table. */
  readonly table: Uint8Array;
}

/**
 * Embeds texts by a table alone: look up, weight, add, bring to unit length. The same numbers in a
 * page, a worker and Node.
 */
export class StaticTextEncoder {
  /** The id of the space of its embeddings. */
  readonly space: string;
  /** How many numbers an embedding has. */
  readonly dimensions: number;
  readonly #words: StaticWords;
  readonly #table: StaticTable;
  readonly #vocabulary: number;
  readonly #wordVectors = new Map<string, WordVector>();
  /** The length of every word's row, in the table's own units. */
  #lengths: Float64Array | undefined;

  /** `unsupported` for a pack that is not static, `bad-pack` for files that are not as it says. */
  constructor(manifest: PackManifest, files: StaticTextFiles) {
    const {embedding, name, tokenizer} = manifest;
    const space = embeddingSpaceOf(manifest);
    if (!space || embedding?.type !== 'static' || tokenizer?.type !== 'static-words') {
      throw new LatentError('unsupported', `The pack ${name} does not embed texts by a table.`);
    }
    this.space = space.id;
    this.dimensions = space.shape[0];
    this.#vocabulary = tokenizer.words;
    this.#words = new StaticWords(tokenizer, files.tokenizer);
    this.#table = readStaticTable(
      embedding,
      files.table,
      tokenizer.words + tokenizer.buckets,
      this.dimensions,
    );
  }

  /** The unit vector of a text; `bad-argument` where nothing of it is visible, or for what is no text. */
  embed(text: string): Latent {
    if (typeof text !== 'string') {
      throw new LatentError('bad-argument', `text must be a string, got ${typeof text}.`);
    }
    const pieces = this.#words.pieces(text);
    const [first] = pieces;
    if (!first) {
      throw new LatentError('bad-argument', 'A text without anything visible has no embedding.');
    }
    let sum = this.#sum(pieces);
    if (lengthOf(sum) < CANCELLED) sum = this.#sum([first]);
    return this.#latent(sum);
  }

  /**
   * The unit vector of something to find, of what a person reads of it: that of its title, which
   * counts twice, and that of its text. Undefined where it says nothing.
   */
  embedDocument({title, text}: TextDocument): Latent | undefined {
    const [head, body] = [title, text].map((part = '') => {
      const readable = readableText(part);
      return isBlank(readable) ? undefined : this.embed(readable);
    });
    if (!head || !body) return head ?? body;
    return this.#latent(Float64Array.from(head.data, (x, i) => TITLE_WEIGHT * x + body.data[i]!));
  }

  /**
   * The unit vector of the name of a class: that of its text and of the words nearest to it, each by
   * its cosine. A name of a word or two is a point, and what it names a region around it. Errors as
   * `embed`.
   */
  embedLabel(text: string): Latent {
    const {data} = this.embed(text);
    const sum = Float64Array.from(data);
    const lengths = this.#rowLengths();
    for (const {row, score} of this.#nearestWords(data, lengths)) {
      this.#addRow(sum, row, score / lengths[row]!);
    }
    return this.#latent(sum);
  }

  /**
   * How well a document answers a query word by word, 0 to 1: each word of the query by the cosine of
   * the document's word that is nearest to it, weighted as the table weighs words. What one vector of a
   * long text blurs, this finds. The late interaction (MaxSim) of Khattab and Zaharia 2020 ("ColBERT"), by
   * a table.
   */
  matcher(query: string): (document: TextDocument) => number {
    const tokens = this.#words.tokens(query, MATCHED_QUERY_WORDS);
    const asked = tokens.map((token) => this.#word(token));
    const total = asked.reduce((sum, {weight}) => sum + weight, 0);
    return ({title = '', text = ''}) => {
      if (total === 0) return 0;
      const words = this.#words.tokens(readableText(`${title}\n${text}`), MATCHED_WORDS);
      const nearest = new Float64Array(asked.length);
      for (const token of new Set(words)) {
        const {direction} = this.#word(token);
        for (let i = 0; i < nearest.length; i++) {
          const cosine = dot(asked[i]!.direction, direction, 0);
          if (cosine > nearest[i]!) nearest[i] = cosine;
        }
      }
      return nearest.reduce((sum, cosine, i) => sum + cosine * asked[i]!.weight, 0) / total;
    };
  }

  /** A token by the direction of its vector, at unit length (or all 0), and its length. */
  #word(token: string): WordVector {
    const known = this.#wordVectors.get(token);
    if (known) return known;
    if (this.#wordVectors.size === KEPT_WORDS) this.#wordVectors.clear();
    const sum = this.#sum(this.#words.look(token));
    const length = lengthOf(sum);
    const weight = length < CANCELLED ? 0 : length;
    const word = {
      direction: Float32Array.from(sum, (x) => (weight === 0 ? 0 : x / weight)),
      weight,
    };
    this.#wordVectors.set(token, word);
    return word;
  }

  #sum(pieces: readonly Piece[]): Float64Array {
    const sum = new Float64Array(this.dimensions);
    for (const {row, factor} of pieces) this.#addRow(sum, row, factor * this.#table.scales[row]!);
    return sum;
  }

  #addRow(sum: Float64Array, row: number, weight: number): void {
    const {rows} = this.#table;
    const start = row * sum.length;
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * rows[start + i]!;
  }

  #latent(sum: Float64Array): Latent {
    const length = lengthOf(sum);
    const data = Float32Array.from(sum, (value) => value / length);
    return {space: this.space, shape: [this.dimensions], data};
  }

  /** The words of the table that are nearest to a unit vector, with their cosines. */
  #nearestWords(vector: Float32Array, lengths: Float64Array) {
    const {rows} = this.#table;
    const top = new TopK(NEIGHBOURS);
    for (let row = 0; row < this.#vocabulary; row++) {
      const start = row * vector.length;
      let dot = 0;
      for (let i = 0; i < vector.length; i++) dot += vector[i]! * rows[start + i]!;
      const score = dot / lengths[row]!;
      if (top.accepts(score, row)) top.push(score, row);
    }
    return top.sorted();
  }

  #rowLengths(): Float64Array {
    const {dimensions} = this;
    this.#lengths ??= Float64Array.from({length: this.#vocabulary}, (_, row) => {
      const length = lengthOf(this.#table.rows.subarray(row * dimensions, (row + 1) * dimensions));
      // A row of zeros is near to nothing.
      return length === 0 ? Infinity : length;
    });
    return this.#lengths;
  }
}

function lengthOf(vector: Float64Array | Int8Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/** An int8 table [rows, d] with a factor for each row. */
interface StaticTable {
  readonly rows: Int8Array;
  readonly scales: Float32Array;
}

/**
 * The table in a safetensors file. Rows are int8 `[count, dimensions]`, then a view of the file's
 * bytes, or int4: `U8` `[count, dimensions / 2]`. `bad-pack` where a tensor is missing or neither,
 * or the scales are not `[count]` of F32.
 */
function readStaticTable(
  embedding: StaticEmbedding,
  file: Uint8Array,
  count: number,
  dimensions: number,
): StaticTable {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const {entries, dataStart} = readHeader(view);
  const find = (name: string, dtype: string, shape: readonly number[], bytes: number): number => {
    const entry = entries.find((each) => each.name === name);
    const size = shape.reduce((product, side) => product * side, bytes);
    if (entry?.dtype === dtype && entry.shape.join() === shape.join()) {
      if (entry.end - entry.begin === size) return dataStart + entry.begin;
    }
    throw new LatentError(
      'bad-pack',
      `${embedding.file} has ${describe(name, entry)} where its pack needs ${dtype} ` +
        `[${shape.join(', ')}].`,
    );
  };
  const packed = entries.some(({name, dtype}) => name === embedding.rows && dtype === 'U8');
  const bytes = packed ? dimensions / 2 : dimensions;
  const rows = find(embedding.rows, packed ? 'U8' : 'I8', [count, bytes], 1);
  const scales = find(embedding.scales, 'F32', [count], FLOAT_BYTES);
  return {
    rows: packed
      ? unpackInt4(file.subarray(rows, rows + count * bytes))
      : new Int8Array(file.buffer, file.byteOffset + rows, count * bytes),
    scales: Float32Array.from({length: count}, (_, i) =>
      view.getFloat32(scales + i * FLOAT_BYTES, true),
    ),
  };
}

/** Two numbers of -8 to 7 a byte, stored 8 higher: the low four bits are the first. */
function unpackInt4(bytes: Uint8Array): Int8Array {
  const numbers = new Int8Array(2 * bytes.length);
  bytes.forEach((byte, i) => {
    numbers[2 * i] = (byte & 15) - 8;
    numbers[2 * i + 1] = (byte >> 4) - 8;
  });
  return numbers;
}

function describe(name: string, entry: TensorEntry | undefined): string {
  return entry ? `"${name}" as ${entry.dtype} [${entry.shape.join(', ')}]` : `no tensor "${name}"`;
}
