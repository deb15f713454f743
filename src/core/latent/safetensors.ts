import {assertArgument, LatentError} from '../errors.js';
import {decodeUtf8, encodeUtf8} from '../text/utf8.js';
import {fromHalf} from './half.js';
import {countOf, createLatent, isLatent, type Latent} from './latent.js';

/** A tensor of any safetensors file, its numbers converted to float32. */
export interface Tensor {
  /** The type in the file: `F32`, `F16`, `BF16`, `F64`, `I8` or `U8`. */
  readonly dtype: string;
  /** Sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** The numbers, row-major. */
  readonly data: Float32Array;
}

/** What can be saved: one latent, or several by name. */
export type Latents = Latent | ReadonlyMap<string, Latent> | Readonly<Record<string, Latent>>;

// In `__metadata__`, 'space:<tensor name>' holds the id of that latent's space.
const SPACE_PREFIX = 'space:';
/** The tensor name of a latent that is saved alone. */
const SINGLE_NAME = 'latent';
/** The header is padded to this, so that float32 data can be mapped without a copy. */
const ALIGNMENT_BYTES = 8;

/**
 * Saves latents as F32 tensors in a safetensors file, a single one under the name `latent`; each
 * space goes into `__metadata__` under `space:<name>`, next to the given metadata; `bad-argument`
 * when one is no latent, or a metadata key begins with `space:`.
 */
export function toSafetensors(
  latents: Latents,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const named = nameAll(latents);
  assertMetadata(metadata);
  const spaces = named.map(([name, {space}]) => [SPACE_PREFIX + name, space]);
  const header: [string, unknown][] = [
    [METADATA_KEY, {...metadata, ...Object.fromEntries(spaces)}],
  ];
  let end = 0;
  for (const [name, {shape, data}] of named) {
    const begin = end;
    end += data.length * Float32Array.BYTES_PER_ELEMENT;
    header.push([name, {dtype: 'F32', shape, data_offsets: [begin, end]}]);
  }
  const text = encodeUtf8(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(' '.charCodeAt(0), LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(text, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const [, {data}] of named) {
    for (const value of data) {
      view.setFloat32(offset, value, true);
      offset += Float32Array.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/**
 * The latents of a file from `toSafetensors`, by name; `bad-argument` as `readTensors`, or naming
 * the tensor whose space is not in the metadata or whose numbers are not finite.
 */
export function fromSafetensors(file: ArrayBuffer | Uint8Array): Map<string, Latent> {
  const metadata = readMetadata(file);
  const latents = new Map<string, Latent>();
  for (const [name, {shape, data}] of readTensors(file)) {
    const space = metadata.get(SPACE_PREFIX + name);
    if (!space) {
      throw new LatentError(
        'bad-argument',
        `The tensor '${name}' has no space in the metadata ('${SPACE_PREFIX}${name}'). Read it ` +
          'with readTensors, and name its space in createLatent.',
      );
    }
    try {
      latents.set(name, createLatent(space, shape, data));
    } catch (cause) {
      throw new LatentError('bad-argument', `Tensor '${name}': ${String(cause)}`, {cause});
    }
  }
  return latents;
}

/**
 * Every tensor of a safetensors file (F32, F16, BF16, F64, I8, U8) by name, in the order of its
 * data; the file is not trusted: `bad-argument` names the first fault and its tensor.
 */
export function readTensors(file: ArrayBuffer | Uint8Array): Map<string, Tensor> {
  const view = viewOf(file);
  const {entries, dataStart} = readHeader(view);
  // All sizes are checked before anything is allocated.
  entries.forEach(assertSize);
  return new Map(
    entries.map(({name, dtype, shape, begin}) => {
      const data = toFloat32(dtype, view, dataStart + begin, countOf(shape));
      return [name, {dtype, shape, data}];
    }),
  );
}

/** The free texts of a safetensors file's `__metadata__`; `bad-argument` as `readTensors`. */
export function readMetadata(file: ArrayBuffer | Uint8Array): ReadonlyMap<string, string> {
  return readHeader(viewOf(file)).metadata;
}

function nameAll(latents: Latents): readonly (readonly [string, Latent])[] {
  const isObject = typeof latents === 'object' && (latents as unknown) !== null;
  assertArgument(isObject, 'latents', 'a latent, or latents by name', latents);
  if (isLatent(latents)) return [[SINGLE_NAME, latents]];
  const named = isMap(latents) ? [...latents] : Object.entries(latents);
  for (const [name, latent] of named) {
    if (name === METADATA_KEY) {
      throw new LatentError('bad-argument', `A latent cannot be named '${METADATA_KEY}'.`);
    }
    if (!isLatent(latent)) throw new LatentError('bad-argument', `'${name}' is no latent.`);
  }
  return named;
}

// `instanceof Map` alone would make the keys and values `any`.
function isMap(latents: Latents): latents is ReadonlyMap<string, Latent> {
  return latents instanceof Map;
}

function assertMetadata(metadata: Readonly<Record<string, unknown>>): void {
  for (const [key, text] of Object.entries(metadata)) {
    if (key.startsWith(SPACE_PREFIX)) {
      throw new LatentError('bad-argument', `The metadata key '${key}' is reserved for spaces.`);
    }
    if (typeof text !== 'string') {
      throw new LatentError('bad-argument', `The metadata '${key}' is not a string.`);
    }
  }
}

function assertSize({name, dtype, shape, begin, end}: TensorEntry): void {
  const bytes = bytesOf(dtype);
  if (bytes === undefined) {
    throw badFile(`tensor '${name}' has the type '${dtype}', not one of ${TYPE_NAMES.join(', ')}`);
  }
  const expected = bytes * countOf(shape);
  if (expected !== end - begin) {
    throw badFile(
      `tensor '${name}' (${dtype} [${shape.join(', ')}]) needs ${expected} bytes, its ` +
        `data_offsets give ${end - begin}`,
    );
  }
}

function viewOf(file: ArrayBuffer | Uint8Array): DataView {
  // By its tag, because `instanceof` fails for a buffer of another frame.
  const isBytes =
    ArrayBuffer.isView(file) || Object.prototype.toString.call(file).endsWith('ArrayBuffer]');
  assertArgument(isBytes, 'file', 'an ArrayBuffer or Uint8Array', file);
  return ArrayBuffer.isView(file)
    ? new DataView(file.buffer, file.byteOffset, file.byteLength)
    : new DataView(file);
}

/** One tensor as a safetensors header describes it; the range counts from the first data byte. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a safetensors header says, checked for form; the sizes of the types are not known here. */
interface Header {
  /** In the order of their data, which they fill without hole or overlap. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Offset of the first data byte in the file. */
  readonly dataStart: number;
}

/** Bytes of the header's length field. */
const LENGTH_BYTES = 8;
/** The key of the header that holds the metadata and no tensor. */
const METADATA_KEY = '__metadata__';
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
  return {entries, metadata: checkMetadata(metadata), dataStart};
}

/** The `bad-argument` error for a file that breaks the format. */
function badFile(fault: string, cause?: unknown): LatentError {
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

function checkMetadata(value: unknown): ReadonlyMap<string, string> {
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

interface TensorType {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

// A Map, because the type's name comes from an untrusted file and objects inherit names. Wider
// integers are left out: float32 cannot hold them.
const TYPES: ReadonlyMap<string, TensorType> = new Map([
  ['F32', {bytes: 4, read: (view, offset) => view.getFloat32(offset, true)}],
  ['F16', {bytes: 2, read: (view, offset) => fromHalf(view.getUint16(offset, true))}],
  ['BF16', {bytes: 2, read: (view, offset) => fromBits(view.getUint16(offset, true) << 16)}],
  ['F64', {bytes: 8, read: (view, offset) => view.getFloat64(offset, true)}],
  ['I8', {bytes: 1, read: (view, offset) => view.getInt8(offset)}],
  ['U8', {bytes: 1, read: (view, offset) => view.getUint8(offset)}],
] satisfies [string, TensorType][]);

/** The names of the types that can be read. */
const TYPE_NAMES: readonly string[] = [...TYPES.keys()];

/** Bytes of one number of a type, or undefined when it cannot be read. */
function bytesOf(dtype: string): number | undefined {
  return TYPES.get(dtype)?.bytes;
}

/** `count` little-endian numbers of a known type from `offset` on, as float32. */
function toFloat32(dtype: string, view: DataView, offset: number, count: number): Float32Array {
  const {bytes, read} = TYPES.get(dtype)!;
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, offset + i * bytes);
  return data;
}

const scratch = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}
