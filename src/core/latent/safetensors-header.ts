import {LatentError} from '../errors.js';
import {decodeUtf8} from '../text/utf8.js';

/** One tensor as a safetensors header describes it; the range counts from the first data byte. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a safetensors header says, checked for form; the sizes of the types are not known here. */
export interface Header {
  /** In the order of their data, which they fill without hole or overlap. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Offset of the first data byte in the file. */
  readonly dataStart: number;
}

/** Bytes of the header's length field. */
export const LENGTH_BYTES = 8;
/** The key of the header that holds the metadata and no tensor. */
export const METADATA_KEY = '__metadata__';
/** The reference reader's limit: a longer header is an attack on the JSON parser. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads and checks a safetensors header (8 bytes little-endian length, JSON, data); `bad-argument`
 * naming the fault, and the tensor where it is one's.
 */
export function readHeader(view: DataView): Header {
  const json = parse(view);
  const dataStart = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  const {[METADATA_KEY]: metadata = {}, ...tensors} = json;
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  assertFilled(entries, view.byteLength - dataStart);
  return {entries, metadata: readMetadata(metadata), dataStart};
}

/** The `bad-argument` error for a file that breaks the format. */
export function badFile(fault: string, cause?: unknown): LatentError {
  return new LatentError('bad-argument', `Not a valid safetensors file: ${fault}.`, {cause});
}

function parse(view: DataView): Readonly<Record<string, unknown>> {
  if (view.byteLength < LENGTH_BYTES) throw badFile(`it has only ${view.byteLength} bytes`);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw badFile(`its header of ${length} bytes is over ${MAX_HEADER_BYTES}`);
  }
  if (length > view.byteLength - LENGTH_BYTES) {
    throw badFile(`its header of ${length} bytes ends after the file`);
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + LENGTH_BYTES, Number(length));
  if (bytes[0] !== '{'.charCodeAt(0)) throw badFile("its header does not begin with '{'");
  try {
    return JSON.parse(decodeUtf8(bytes)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw badFile('its header is not JSON in UTF-8', cause);
  }
}

function readMetadata(value: unknown): ReadonlyMap<string, string> {
  if (!isRecord(value)) throw badFile(`${METADATA_KEY} is not an object`);
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw badFile(`${METADATA_KEY} '${key}' is not a string`);
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: unknown): TensorEntry {
  if (!isRecord(value)) throw badFile(`the entry of tensor '${name}' is not an object`);
  const {dtype, shape, data_offsets: offsets} = value;
  if (typeof dtype !== 'string') throw badFile(`tensor '${name}' has no dtype`);
  if (!isSizes(shape)) throw badFile(`the shape of tensor '${name}' is not a list of integers ≥ 0`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw badFile(`the data_offsets of tensor '${name}' are not two integers ≥ 0`);
  }
  const [begin = 0, end = 0] = offsets;
  if (begin > end) throw badFile(`the data of tensor '${name}' ends before it begins`);
  return {name, dtype, shape, begin, end};
}

function assertFilled(sorted: readonly TensorEntry[], dataBytes: number): void {
  let filled = 0;
  for (const {name, begin, end} of sorted) {
    if (begin < filled) throw badFile(`the data of tensor '${name}' overlaps another's`);
    if (begin > filled) throw badFile(`there is a hole before the data of tensor '${name}'`);
    if (end > dataBytes) throw badFile(`the data of tensor '${name}' ends after the file`);
    filled = end;
  }
  if (filled !== dataBytes) {
    throw badFile(`${dataBytes - filled} bytes at its end belong to no tensor`);
  }
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
