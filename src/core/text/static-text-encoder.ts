import {LatentError} from '../errors.js';
import type {Latent} from '../latent.js';
import type {PackManifest} from '../pack.js';
import {embeddingSpaceOf} from './embedding-space.js';
import {readStaticTable, type StaticTable} from './static-table.js';
import {type Piece, StaticWords} from './static-words.js';

/** Below this length a sum says nothing of the text: its pieces cancel out. */
const CANCELLED = 1e-9;

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

  /** `unsupported` for a pack that is not static, `bad-pack` for files that are not as it says. */
  constructor(manifest: PackManifest, files: StaticTextFiles) {
    const {embedding, name, tokenizer} = manifest;
    const space = embeddingSpaceOf(manifest);
    if (!space || embedding?.type !== 'static' || tokenizer?.type !== 'static-words') {
      throw new LatentError('unsupported', `The pack ${name} does not embed texts by a table.`);
    }
    this.space = space.id;
    this.dimensions = space.shape[0];
    this.#words = new StaticWords(tokenizer, files.tokenizer);
    this.#table = readStaticTable(
      embedding,
      files.table,
      tokenizer.words + tokenizer.buckets,
      this.dimensions,
    );
  }

  /** The unit vector of a text; `bad-argument` where nothing of it is visible. */
  embed(text: string): Latent {
    const pieces = this.#words.pieces(text);
    const [first] = pieces;
    if (!first) {
      throw new LatentError('bad-argument', 'A text without anything visible has no embedding.');
    }
    let sum = this.#sum(pieces);
    if (lengthOf(sum) < CANCELLED) sum = this.#sum([first]);
    const length = lengthOf(sum);
    const data = Float32Array.from(sum, (value) => value / length);
    return {space: this.space, shape: [this.dimensions], data};
  }

  #sum(pieces: readonly Piece[]): Float64Array {
    const {rows, scales} = this.#table;
    const sum = new Float64Array(this.dimensions);
    for (const {row, factor} of pieces) {
      const weight = factor * scales[row]!;
      const start = row * sum.length;
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * rows[start + i]!;
    }
    return sum;
  }
}

function lengthOf(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}
