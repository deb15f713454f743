import {LatentError} from '../errors.js';
import {countOf, createLatent, isLatent, type Latent} from './latent.js';
import {
  badFile,
  LENGTH_BYTES,
  METADATA_KEY,
  readHeader,
  type TensorEntry,
} from './safetensors-header.js';
import {bytesOf, toFloat32, TYPE_NAMES} from './tensor-types.js';
import {encodeUtf8} from '../text/utf8.js';

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
  return ArrayBuffer.isView(file)
    ? new DataView(file.buffer, file.byteOffset, file.byteLength)
    : new DataView(file);
}
