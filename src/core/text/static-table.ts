import {LatentError} from '../errors.js';
import {readHeader, type TensorEntry} from '../latent/safetensors-header.js';
import type {StaticEmbedding} from './pack-fields.js';

/** Bytes of a float32 number. */
const FLOAT_BYTES = 4;

/** An int8 table [rows, d] with a factor for each row. */
export interface StaticTable {
  readonly rows: Int8Array;
  readonly scales: Float32Array;
}

/**
 * The table in a safetensors file; its int8 rows are a view of the file's bytes. `bad-pack` where a
 * tensor is missing or not [count, dimensions] of I8 and [count] of F32.
 */
export function readStaticTable(
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
  const rows = find(embedding.rows, 'I8', [count, dimensions], 1);
  const scales = find(embedding.scales, 'F32', [count], FLOAT_BYTES);
  return {
    rows: new Int8Array(file.buffer, file.byteOffset + rows, count * dimensions),
    scales: Float32Array.from({length: count}, (_, i) =>
      view.getFloat32(scales + i * FLOAT_BYTES, true),
    ),
  };
}

function describe(name: string, entry: TensorEntry | undefined): string {
  return entry ? `"${name}" as ${entry.dtype} [${entry.shape.join(', ')}]` : `no tensor "${name}"`;
}
