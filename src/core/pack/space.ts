import {LatentError} from '../errors.js';
import {type Latent, spaceMismatch} from '../latent/latent.js';
import type {PackManifest} from './pack.js';

/** Throws `space-mismatch` or `bad-argument` unless the latent is one of the pack's space. */
export function assertOwnLatent(
  manifest: PackManifest,
  latent: Pick<Latent, 'space' | 'shape'>,
): void {
  if (latent.space !== manifest.space.id) throw spaceMismatch(manifest.space.id, latent.space);
  assertLatentShape(manifest, latent.shape);
}

/** Throws `bad-argument` unless a latent of this shape belongs to the pack's space. */
export function assertLatentShape(manifest: PackManifest, shape: readonly number[]): void {
  const expected = manifest.space.shape;
  const fits =
    shape.length === expected.length &&
    expected.every((dimension, axis) =>
      typeof dimension === 'number' ? shape[axis] === dimension : (shape[axis] ?? 0) >= 1,
    );
  if (fits) return;
  throw new LatentError(
    'bad-argument',
    `A latent of shape [${shape.join(', ')}] does not fit the space ${manifest.space.id}, ` +
      `whose shape is [${expected.join(', ')}].`,
  );
}

type Space = Pick<PackManifest['space'], 'scale' | 'shift'>;

/** Encoder output → public latent, (raw − shift) · scale: Diffusers' shift and scaling factors. */
export function toPublic(raw: Float32Array, channels: number, space: Space): Float32Array {
  return perChannel(raw, channels, space, (value, scale, shift) => (value - shift) * scale);
}

/** Public latent → decoder input, the inverse of `toPublic`. */
export function toRaw(latent: Float32Array, channels: number, space: Space): Float32Array {
  return perChannel(latent, channels, space, (value, scale, shift) => value / scale + shift);
}

/** The scale and shift of each channel. */
export function channelsOf(
  channels: number,
  {scale, shift}: Space,
): {readonly scale: number; readonly shift: number}[] {
  return Array.from({length: channels}, (_, channel) => ({
    scale: typeof scale === 'number' ? scale : scale[channel]!,
    shift: typeof shift === 'number' ? shift : shift[channel]!,
  }));
}

function perChannel(
  data: Float32Array,
  channels: number,
  space: Space,
  map: (value: number, scale: number, shift: number) => number,
): Float32Array {
  const result = new Float32Array(data.length);
  const size = data.length / channels;
  for (const [channel, {scale, shift}] of channelsOf(channels, space).entries()) {
    const end = (channel + 1) * size;
    for (let i = channel * size; i < end; i++) result[i] = map(data[i]!, scale, shift);
  }
  return result;
}
