import {fromHalf} from './half.js';

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
export const TYPE_NAMES: readonly string[] = [...TYPES.keys()];

/** Bytes of one number of a type, or undefined when it cannot be read. */
export function bytesOf(dtype: string): number | undefined {
  return TYPES.get(dtype)?.bytes;
}

/** `count` little-endian numbers of a known type from `offset` on, as float32. */
export function toFloat32(
  dtype: string,
  view: DataView,
  offset: number,
  count: number,
): Float32Array {
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
