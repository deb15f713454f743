import * as v from 'valibot';
import {LatentError} from '../errors.js';
import {countOf, spaceMismatch} from '../latent/latent.js';
import {decodeUtf8, encodeUtf8} from '../text/utf8.js';
import {type Metric, METRICS} from './metric.js';
import {type ItemData, quantize, VectorRows} from './vector-rows.js';

// The file, little-endian:
//   0   8 bytes   'LATENTS' and a newline
//   8   uint32    version, 1
//   12  uint32    bytes of the header
//   16  float64   bytes of the whole file, so that one cut short is known at once
//   24  header    JSON in UTF-8
//   then the sections that the header names by [offset, bytes], in this order, each beginning at a
//   multiple of 64 (a cache line), so that numbers can be used where they lie:
//     vectors   float32 or int8, row after row
//     scales    float32 for each row, with int8 only: a number is code · scale
//     records   JSON in UTF-8: {"ids": [text…], "items": [object or null…]}
// Nothing is compressed: a server does that, and no small file can claim to be a large one.

/** How vectors are written. */
export type Precision = 'float32' | 'int8';

/** What every index file begins with. */
const MAGIC = 'LATENTS\n';
/** The layouts: all of an index in one file, and the head of one in parts (index-head.ts). */
const WHOLE = 1;
export const HEAD = 2;
/** Where the header begins. */
export const HEADER_START = 24;
/** A longer header is an attack on the JSON parser. */
const MAX_HEADER_BYTES = 1 << 20;
const ALIGNMENT = 64;

const text = v.pipe(v.string(), v.minLength(1));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const section = v.tuple([count, count]);

const Model = v.object({name: text, version: text});

/** What the header of either file says. */
export const common = {
  space: text,
  shape: v.pipe(v.array(size), v.minLength(1), v.maxLength(8)),
  metric: v.picklist(METRICS),
  model: v.optional(Model),
  count,
};

const Header = v.object({
  ...common,
  precision: v.picklist(['float32', 'int8']),
  vectors: section,
  scales: v.optional(section),
  records: section,
});

/** The model that made the latents of an index. */
export type IndexModel = Readonly<v.InferOutput<typeof Model>>;
/** What a header says once it has been checked. */
type IndexHeader = v.InferOutput<typeof Header>;

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
  const isOtherSpace = expected.space !== undefined && space !== expected.space;
  const name = (given: IndexModel | undefined): string =>
    given ? `${given.name} ${given.version}` : '';
  const [was, wanted] = [name(model), name(expected.model)];
  if (was === '' || wanted === '') {
    if (isOtherSpace) throw spaceMismatch(expected.space, space);
    return;
  }
  if (was === wanted && !isOtherSpace) return;
  const spaces = isOtherSpace ? [` (space '${space}')`, ` (space '${expected.space}')`] : ['', ''];
  throw new LatentError(
    'space-mismatch',
    `The index was made with the model ${was}${spaces[0]!} and is to be searched with ` +
      `${wanted}${spaces[1]!}. Make it anew with that model (\`npx latent-elements index\`, or ` +
      '`toIndex()` of a search in a page), or set `model` to the other.',
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
    const said = {space, shape: [...shape], metric, ...(model && {model}), count: end, precision};
    const header = {...said, vectors, ...(precision === 'int8' && {scales}), records: place};
    return [header, place[0] + place[1]];
  };
  // The header names places that its own length moves, by digits: room for all of them.
  const room = align(HEADER_START + encodeUtf8(JSON.stringify(layout(2 ** 50)[0])).length);
  const [header, bytes] = layout(room);
  const file = new ArrayBuffer(bytes);
  writeHeader(file, WHOLE, encodeUtf8(JSON.stringify(header)));
  new Uint8Array(file).set(records, header.records[0]);
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

/** Writes what a file begins with. */
export function writeHeader(file: ArrayBuffer, version: number, header: Uint8Array): void {
  const view = new DataView(file);
  new Uint8Array(file).set(encodeUtf8(MAGIC));
  view.setUint32(8, version, true);
  view.setUint32(12, header.length, true);
  view.setFloat64(16, file.byteLength, true);
  new Uint8Array(file).set(header, HEADER_START);
}

function encodeRecords(rows: VectorRows): Uint8Array {
  const ids = [...rows.ids()];
  return recordsOf(
    ids,
    ids.map((_, row) => rows.itemOf(row)),
  );
}

/** Ids and what is kept with them as JSON in UTF-8; `bad-argument` for items that are none. */
export function recordsOf(
  ids: readonly string[],
  kept: readonly (ItemData | undefined)[],
): Uint8Array<ArrayBuffer> {
  const items = kept.map((item) => item ?? null);
  try {
    return encodeUtf8(JSON.stringify({ids, items}));
  } catch (cause) {
    throw new LatentError('bad-argument', `An item is no JSON: ${String(cause)}`, {cause});
  }
}

/** What a file says; it is not trusted: `bad-index` names the first fault, before any allocation. */
export function readIndex(file: ArrayBuffer | Uint8Array): IndexContents {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const {header, end} = readHeader(bytes, WHOLE, Header);
  assertLayout(header, end, bytes.length);
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
  return parseRecords(bytes.subarray(offset, offset + length), header.count);
}

/** What `recordsOf` wrote; `bad-index` unless it is `rows` ids and items. */
export function parseRecords(bytes: Uint8Array, rows: number): v.InferOutput<typeof Records> {
  const records = parseJson(Records, bytes, 'list of ids');
  const {ids, items} = records;
  if (ids.length === rows && items.length === rows) return records;
  throw badIndex(`it has ${rows} vectors, ${ids.length} ids and ${items.length} items`);
}

/** How long a file says that it is, by its first `HEADER_START` bytes; `bad-index` as `readIndex`. */
export function announcedBytes(beginning: Uint8Array): number {
  return readPreamble(beginning).fileBytes;
}

/** Whether a file is the head of an index in parts; `bad-index` where it is no index at all. */
export function isHead(file: Uint8Array): boolean {
  return readPreamble(file).version === HEAD;
}

function readPreamble(bytes: Uint8Array): {
  readonly version: number;
  readonly length: number;
  readonly fileBytes: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!startsWithMagic(bytes)) throw badIndex("it does not begin with 'LATENTS'");
  if (bytes.length < HEADER_START) throw badIndex('it is cut short');
  const version = view.getUint32(8, true);
  if (version !== WHOLE && version !== HEAD) {
    throw badIndex(
      `it has the version ${version}, this library reads ${WHOLE} and ${HEAD}: update the library, ` +
        'or make the index again',
    );
  }
  return {version, length: view.getUint32(12, true), fileBytes: view.getFloat64(16, true)};
}

/** A file's header of a schema, and where it ends: `bad-index` names the first fault. */
export function readHeader<T extends v.GenericSchema>(
  bytes: Uint8Array,
  wanted: number,
  schema: T,
): {readonly header: v.InferOutput<T>; readonly end: number} {
  const {version, length, fileBytes} = readPreamble(bytes);
  if (version !== wanted) {
    throw badIndex(
      'it is the head of an index in parts, which only a search reads, by its URL. For a file with ' +
        'everything in it, make it with --split never',
    );
  }
  if (fileBytes !== bytes.length) {
    throw badIndex(
      `it has ${bytes.length} bytes and says ${fileBytes}: it was cut short or changed`,
    );
  }
  const end = HEADER_START + length;
  if (length > MAX_HEADER_BYTES || end > bytes.length) {
    throw badIndex(`its header of ${length} bytes is too long`);
  }
  return {header: parseJson(schema, bytes.subarray(HEADER_START, end), 'header'), end};
}

// Sizes are those that the counts ask for, and places follow one another inside the file: nothing is
// ever allocated that the file does not have.
function assertLayout(header: IndexHeader, start: number, fileBytes: number): void {
  const {shape, count: rows, precision, vectors, scales, records} = header;
  const dimension = countOf(shape);
  const rowBytes = precision === 'int8' ? dimension : 4 * dimension;
  if (vectors[1] !== rows * rowBytes) {
    throw badIndex(`${rows} vectors of ${dimension} numbers are not ${vectors[1]} bytes`);
  }
  if (precision === 'int8' ? scales?.[1] !== 4 * rows : scales) {
    throw badIndex(`${rows} vectors as ${precision} do not fit its scales`);
  }
  let end = start;
  for (const [offset, length] of [vectors, ...(scales ? [scales] : []), records]) {
    if (offset % ALIGNMENT !== 0 || offset < end) throw badIndex('its sections are out of place');
    end = offset + length;
  }
  if (end !== fileBytes) throw badIndex('its sections do not fill it');
}

/** The next place where a section may begin. */
export function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** The JSON in UTF-8 of a part of a file, as a schema has it. */
export function parseJson<T extends v.GenericSchema>(
  schema: T,
  bytes: Uint8Array,
  what: string,
): v.InferOutput<T> {
  let json: unknown;
  try {
    json = JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw badIndex(`its ${what} is not JSON in UTF-8`, cause);
  }
  const result = v.safeParse(schema, json, {abortEarly: true});
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw badIndex(`its ${what} does not fit: ${v.getDotPath(issue) ?? what}: ${issue.message}`);
}

function startsWithMagic(bytes: Uint8Array): boolean {
  return encodeUtf8(MAGIC).every((byte, i) => bytes[i] === byte);
}

/** The `bad-index` error for a file that breaks the format. */
export function badIndex(fault: string, cause?: unknown): LatentError {
  return new LatentError('bad-index', `Not an index that can be read: ${fault}.`, {cause});
}
