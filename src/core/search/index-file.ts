import * as v from 'valibot';
import {LatentError} from '../errors.js';
import {countOf, spaceMismatch} from '../latent/latent.js';
import {encodeUtf8} from '../text/utf8.js';
import {
  align,
  badIndex,
  HEADER_START,
  type IndexHeader,
  type IndexModel,
  invalid,
  MAGIC,
  parseJson,
  type Precision,
  readHeader,
  VERSION,
} from './index-header.js';
import type {Metric} from './metric.js';
import {quantize} from './quantize.js';
import {type ItemData, VectorRows} from './vector-rows.js';

/** What an index file holds. */
export interface IndexContents {
  readonly space: string;
  readonly shape: readonly number[];
  readonly metric: Metric;
  readonly model?: IndexModel | undefined;
  readonly rows: VectorRows;
}

/** What a reader of an index file needs it to be. */
export interface ExpectedIndex {
  readonly space?: string | undefined;
  readonly model?: IndexModel | undefined;
}

const Records = v.object({
  ids: v.array(v.pipe(v.string(), v.minLength(1))),
  items: v.array(v.nullable(v.record(v.string(), v.unknown()))),
});

/** Throws `space-mismatch` unless the index is of the space, and by the model, that is expected. */
export function assertExpected(
  {space, model}: Pick<IndexContents, 'space' | 'model'>,
  expected: ExpectedIndex,
): void {
  if (expected.space !== undefined && space !== expected.space) {
    throw spaceMismatch(expected.space, space);
  }
  if (!expected.model || !model) return;
  const [was, wanted] = [model, expected.model].map((each) => `${each.name} ${each.version}`);
  if (was === wanted) return;
  throw new LatentError(
    'space-mismatch',
    `The index was made with the model ${String(was)} and is to be searched with ` +
      `${String(wanted)}. Make it again with that model, or load the other.`,
  );
}

/** The file of an index without tombstones; `bad-argument` for items that are no JSON. */
export function writeIndex(contents: IndexContents, precision: Precision): ArrayBuffer {
  const {space, shape, metric, model, rows} = contents;
  const {dimension, end} = rows;
  const records = encodeRecords(rows);
  const rowBytes = precision === 'int8' ? dimension : 4 * dimension;
  const layout = (start: number): [IndexHeader, number] => {
    const vectors: [number, number] = [align(start), end * rowBytes];
    const scales: [number, number] = [align(vectors[0] + vectors[1]), 4 * end];
    const last = precision === 'int8' ? scales : vectors;
    const place: [number, number] = [align(last[0] + last[1]), records.length];
    const common = {space, shape: [...shape], metric, ...(model && {model}), count: end, precision};
    const header = {...common, vectors, ...(precision === 'int8' && {scales}), records: place};
    return [header, place[0] + place[1]];
  };
  // The header names places that its own length moves, by digits: room for all of them.
  const room = align(HEADER_START + encodeUtf8(JSON.stringify(layout(2 ** 50)[0])).length);
  const [header, bytes] = layout(room);
  const file = new ArrayBuffer(bytes);
  const all = new Uint8Array(file);
  const head = encodeUtf8(JSON.stringify(header));
  const view = new DataView(file);
  all.set(encodeUtf8(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, head.length, true);
  view.setFloat64(16, bytes, true);
  all.set(head, HEADER_START);
  all.set(records, header.records[0]);
  if (!header.scales) {
    const target = new Float32Array(file, header.vectors[0], end * dimension);
    target.set(rows.data.subarray(0, target.length));
    return file;
  }
  const scales = new Float32Array(file, header.scales[0], end);
  for (let row = 0; row < end; row++) {
    const codes = new Int8Array(file, header.vectors[0] + row * dimension, dimension);
    scales[row] = quantize(rows.data, row * dimension, codes).scale;
  }
  return file;
}

function encodeRecords(rows: VectorRows): Uint8Array {
  const ids = [...rows.ids()];
  const items: (ItemData | null)[] = ids.map((_, row) => rows.itemOf(row) ?? null);
  try {
    return encodeUtf8(JSON.stringify({ids, items}));
  } catch (cause) {
    throw new LatentError('bad-argument', `An item is no JSON: ${String(cause)}`, {cause});
  }
}

/** What a file says; it is not trusted: `bad-index` names the first fault, before any allocation. */
export function readIndex(file: ArrayBuffer | Uint8Array): IndexContents {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const header = readHeader(bytes);
  const {space, shape, metric, model} = header;
  const {ids, items} = readRecords(bytes, header);
  const data = readVectors(bytes, header);
  const rows = VectorRows.around(
    countOf(shape),
    data,
    ids,
    items.map((item) => item ?? undefined),
  );
  if (rows.size !== ids.length) throw badIndex('an id comes twice');
  const wrong = rows.norms.findIndex((norm) => !Number.isFinite(norm));
  if (wrong >= 0) throw badIndex(`the vector of '${ids[wrong]!}' has numbers that are not finite`);
  return {space, shape, metric, model, rows};
}

function readVectors(bytes: Uint8Array, header: IndexHeader): Float32Array {
  const {count: rows, shape, vectors, scales} = header;
  const dimension = countOf(shape);
  if (!scales) return floats(bytes, vectors[0], rows * dimension);
  const data = new Float32Array(rows * dimension);
  const codes = new Int8Array(bytes.buffer, bytes.byteOffset + vectors[0], data.length);
  const steps = floats(bytes, scales[0], rows);
  for (let row = 0, i = 0; row < rows; row++) {
    for (const end = i + dimension; i < end; i++) data[i] = codes[i]! * steps[row]!;
  }
  return data;
}

// A view where the platform allows one, that is for all but files inside of other buffers.
function floats(bytes: Uint8Array, offset: number, length: number): Float32Array {
  const start = bytes.byteOffset + offset;
  if (start % 4 === 0) return new Float32Array(bytes.buffer, start, length);
  return new Float32Array(bytes.slice(offset, offset + 4 * length).buffer);
}

function readRecords(bytes: Uint8Array, header: IndexHeader): v.InferOutput<typeof Records> {
  const [offset, length] = header.records;
  const json = parseJson(bytes.subarray(offset, offset + length), 'list of ids');
  const result = v.safeParse(Records, json, {abortEarly: true});
  if (!result.success) throw invalid('list of ids', result.issues[0]);
  const {ids, items} = result.output;
  if (ids.length === header.count && items.length === header.count) return result.output;
  throw badIndex(`it has ${header.count} vectors, ${ids.length} ids and ${items.length} items`);
}
