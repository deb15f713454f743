import {LatentError} from '../../src/core/errors.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import type {NetworkEmbedding} from '../../src/core/text/pack-fields.js';
import {normalizeVector, poolStates, planBatches} from '../../src/core/text/pooling.js';
import type {TextKind} from '../../src/shared/inference.js';
import type {TensorData} from '../inference/image-tensor.js';
import type {Network} from '../inference/ort-runtime.js';
import type {TextTokenizer} from './text-tokenizer.js';

/** Enough for a network to work well, few enough for a cancel to be heard in between. */
const BATCH = {texts: 16, tokens: 2048};

/** A text encoder that an ONNX file and a `tokenizer.json` make up. */
export class NetworkTextEncoder {
  readonly #network: Network;
  readonly #tokenizer: TextTokenizer;
  readonly #part: PackPart;
  readonly #embedding: NetworkEmbedding;
  readonly #dimensions: number;

  /** `dimensions` are those of the embedding space. */
  constructor(
    network: Network,
    tokenizer: TextTokenizer,
    part: PackPart,
    embedding: NetworkEmbedding,
    dimensions: number,
  ) {
    this.#network = network;
    this.#tokenizer = tokenizer;
    this.#part = part;
    this.#embedding = embedding;
    this.#dimensions = dimensions;
  }

  /** The vectors of texts of any kind, in their order; `signal` is asked between batches. */
  async embed(
    texts: readonly string[],
    _kind: TextKind,
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const tokens = texts.map((text) => this.#tokenizer.encode(text));
    const [rows, width] = this.#fixedSizes();
    const limits = rows === undefined ? BATCH : {...BATCH, texts: rows};
    const vectors: Float32Array[] = [];
    for (const batch of planBatches(
      tokens.map(({length}) => length),
      limits,
    )) {
      if (signal.aborted) throw new LatentError('aborted', 'The call was aborted.');
      const results = await this.#run(
        batch.map((index) => tokens[index]!),
        rows,
        width,
      );
      batch.forEach((index, i) => (vectors[index] = results[i]!));
    }
    return vectors;
  }

  async #run(
    texts: readonly (readonly number[])[],
    rows = texts.length,
    width = Math.max(...texts.map(({length}) => length)),
  ): Promise<Float32Array[]> {
    const {inputs} = this.#part;
    const lengths = texts.map(({length}) => Math.min(width, length));
    const tokens = new Int32Array(rows * width).fill(this.#tokenizer.pad);
    const mask = new Int32Array(rows * width);
    texts.forEach((text, row) => {
      tokens.set(text.slice(0, width), row * width);
      mask.fill(1, row * width, row * width + lengths[row]!);
    });
    const dims = [rows, width];
    const {embedding, states} = await this.#network.run({
      tokens: {data: tokens, dims},
      ...(inputs.mask && {mask: {data: mask, dims}}),
      ...(inputs.types && {types: {data: new Int32Array(rows * width), dims}}),
    });
    const {normalize, pooling} = this.#embedding;
    const vectors = embedding
      ? this.#split(embedding, texts.length)
      : this.#pool(states, rows, width, lengths, pooling);
    return normalize ? vectors.map(normalizeVector) : vectors;
  }

  #pool(
    states: TensorData | undefined,
    rows: number,
    width: number,
    lengths: readonly number[],
    pooling: NetworkEmbedding['pooling'],
  ): Float32Array[] {
    this.#expect(states, [rows, width, this.#dimensions]);
    const own = states.data.subarray(0, lengths.length * width * this.#dimensions);
    return poolStates(own, width, lengths, pooling);
  }

  #split(embedding: TensorData, count: number): Float32Array[] {
    this.#expect(embedding, [embedding.dims[0]!, this.#dimensions]);
    const size = this.#dimensions;
    return Array.from({length: count}, (_, i) => embedding.data.slice(i * size, (i + 1) * size));
  }

  #expect(tensor: TensorData | undefined, dims: readonly number[]): asserts tensor {
    if (tensor?.dims.join() === dims.join()) return;
    throw new LatentError(
      'bad-pack',
      `${this.#part.file} gave ${tensor ? `[${tensor.dims.join(', ')}]` : 'nothing'} for ` +
        `[${dims.join(', ')}]: the pack's space and its textEncoder do not fit together.`,
    );
  }

  /** Sizes of [texts, tokens] that the file or its pack fixes. */
  #fixedSizes(): (number | undefined)[] {
    const shape = this.#network.inputShape('tokens');
    const {dimensions} = this.#part;
    return [shape[0], shape[1]].map((side) =>
      typeof side === 'number' ? side : side === undefined ? undefined : dimensions[side],
    );
  }
}
