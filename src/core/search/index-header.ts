import * as v from 'valibot';
import {LatentError} from '../errors.js';
import {countOf} from '../latent/latent.js';
import {decodeUtf8, encodeUtf8} from '../text/utf8.js';
import {METRICS} from './metric.js';

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
export const MAGIC = 'LATENTS\n';
/** The layout that is written, and the only one that is read. */
export const VERSION = 1;
/** Where the header begins. */
export const HEADER_START = 24;
/** A longer header is an attack on the JSON parser. */
const MAX_HEADER_BYTES = 1 << 20;
const ALIGNMENT = 64;

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const section = v.tuple([count, count]);

const Model = v.object({name: text, version: text});

const Header = v.object({
  space: text,
  shape: v.pipe(v.array(size), v.minLength(1), v.maxLength(8)),
  metric: v.picklist(METRICS),
  model: v.optional(Model),
  count,
  precision: v.picklist(['float32', 'int8']),
  vectors: section,
  scales: v.optional(section),
  records: section,
});

/** The model that made the latents of an index. */
export type IndexModel = Readonly<v.InferOutput<typeof Model>>;
/** What a header says once it has been checked. */
export type IndexHeader = v.InferOutput<typeof Header>;

/** How long a file says that it is, by its first `HEADER_START` bytes; `bad-index` as `readHeader`. */
export function announcedBytes(beginning: Uint8Array): number {
  return readPreamble(beginning).fileBytes;
}

function readPreamble(bytes: Uint8Array): {readonly length: number; readonly fileBytes: number} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!startsWithMagic(bytes)) throw badIndex("it does not begin with 'LATENTS'");
  if (bytes.length < HEADER_START) throw badIndex('it is cut short');
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw badIndex(
      `it has the version ${version}, this library reads ${VERSION}: update the library, or make ` +
        'the index again',
    );
  }
  return {length: view.getUint32(12, true), fileBytes: view.getFloat64(16, true)};
}

/** Reads and checks a file's header: `bad-index` names the first fault. */
export function readHeader(bytes: Uint8Array): IndexHeader {
  const {length, fileBytes} = readPreamble(bytes);
  if (fileBytes !== bytes.length) {
    throw badIndex(
      `it has ${bytes.length} bytes and says ${fileBytes}: it was cut short or changed`,
    );
  }
  if (length > MAX_HEADER_BYTES || HEADER_START + length > bytes.length) {
    throw badIndex(`its header of ${length} bytes is too long`);
  }
  const json = parseJson(bytes.subarray(HEADER_START, HEADER_START + length), 'header');
  const result = v.safeParse(Header, json, {abortEarly: true});
  if (!result.success) throw invalid('header', result.issues[0]);
  assertLayout(result.output, HEADER_START + length, bytes.length);
  return result.output;
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

/** The JSON of a part of a file. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw badIndex(`its ${what} is not JSON in UTF-8`, cause);
  }
}

function startsWithMagic(bytes: Uint8Array): boolean {
  return encodeUtf8(MAGIC).every((byte, i) => bytes[i] === byte);
}

/** The `bad-index` error for JSON that does not fit its schema. */
export function invalid(what: string, issue: v.BaseIssue<unknown>): LatentError {
  return badIndex(`its ${what} does not fit: ${v.getDotPath(issue) ?? what}: ${issue.message}`);
}

/** The `bad-index` error for a file that breaks the format. */
export function badIndex(fault: string, cause?: unknown): LatentError {
  return new LatentError('bad-index', `Not an index that can be read: ${fault}.`, {cause});
}
