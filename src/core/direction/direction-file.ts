import * as v from 'valibot';
import {createDirection, type Direction, isDirection} from './direction.js';
import {assertArgument, LatentError} from '../errors.js';
import {readMetadata, readTensors, toSafetensors} from '../latent/safetensors.js';
import {decodeUtf8, encodeUtf8} from '../text/utf8.js';

/** The formats of direction files. */
export type DirectionFormat = 'safetensors' | 'json';

const KIND = 'direction';
/** The tensor's name in a safetensors file. */
const TENSOR = 'direction';
/** Nine significant digits tell all float32 apart, in half the text of a float64. */
const FLOAT32_DIGITS = 9;

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const Quality = v.object({
  separation: share,
  effect: v.pipe(v.number(), v.finite()),
  chance: share,
  verdict: v.picklist(['clear', 'weak', 'none']),
});

const Info = v.object({
  kind: v.literal(KIND),
  space: v.string(),
  label: v.optional(v.string()),
  quality: v.optional(Quality),
});

const JsonFile = v.object({
  ...Info.entries,
  shape: v.array(v.number()),
  data: v.array(v.number()),
});

/**
 * Saves a direction: `safetensors`, one F32 tensor `direction` whose metadata name `kind`, `space`,
 * `label` and `quality`; or `json`, an object with the same and `shape` and `data`. Both give back
 * every bit. `bad-argument` for what is no direction.
 */
export function toDirectionFile(
  direction: Direction,
  format: DirectionFormat = 'safetensors',
): Uint8Array<ArrayBuffer> {
  if (!isDirection(direction)) throw new LatentError('bad-argument', 'This is no direction.');
  const {space, shape, data, label, quality} = direction;
  const info = {kind: KIND, space, ...(label !== undefined && {label})};
  if (format === 'json') {
    const head = JSON.stringify({...info, ...(quality && {quality}), shape});
    return encodeUtf8(`${head.slice(0, -1)},"data":[${Array.from(data, toText).join()}]}\n`);
  }
  return toSafetensors(
    {[TENSOR]: {space, shape, data}},
    {...info, ...(quality && {quality: JSON.stringify(quality)})},
  );
}

/**
 * The direction in a file of either format, told apart by its first bytes. The file is not trusted:
 * `bad-argument` names the first fault.
 */
export function fromDirectionFile(file: ArrayBuffer | Uint8Array): Direction {
  const isBytes = ArrayBuffer.isView(file) || (file as unknown) instanceof ArrayBuffer;
  assertArgument(isBytes, 'file', 'an ArrayBuffer or Uint8Array', file);
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  try {
    return isText(bytes) ? fromJson(bytes) : fromTensors(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LatentError('bad-argument', `This is no direction file: ${why}`, {cause});
  }
}

// A safetensors file begins with a length of eight bytes, of which the last is 0 in any that fits
// into memory; a text has no zero byte.
function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && !bytes.subarray(0, 8).includes(0);
}

function fromTensors(bytes: Uint8Array): Direction {
  const metadata = readMetadata(bytes);
  const quality = metadata.get('quality');
  const info = check(Info, {
    ...Object.fromEntries(metadata),
    ...(quality !== undefined && {quality: parse(quality)}),
  });
  const step = readTensors(bytes).get(TENSOR);
  if (!step) throw new Error(`it has no tensor "${TENSOR}".`);
  return toDirection(info, step.shape, step.data);
}

function fromJson(bytes: Uint8Array): Direction {
  const text = decodeUtf8(bytes);
  if (/^\s*</.test(text)) throw new Error('it is an HTML page.');
  const info = check(JsonFile, parse(text));
  return toDirection(info, info.shape, Float32Array.from(info.data));
}

function toDirection(
  {space, label, quality}: v.InferOutput<typeof Info>,
  shape: readonly number[],
  data: Float32Array,
): Direction {
  return createDirection(space, shape, data, {
    ...(label !== undefined && {label}),
    ...(quality && {quality}),
  });
}

function check<T extends typeof Info | typeof JsonFile>(
  schema: T,
  value: unknown,
): v.InferOutput<T> {
  const result = v.safeParse(schema, value, {abortEarly: true});
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('it is neither JSON nor a safetensors file.', {cause});
  }
}

function toText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(FLOAT32_DIGITS)));
}
