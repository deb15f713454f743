import type {PackManifest} from '../pack/pack.js';

type Space = Pick<PackManifest['space'], 'scale' | 'shift'>;

/** Encoder output → public latent, (raw − shift) · scale: Diffusers' shift and scaling factors. */
export function toPublic(raw: Float32Array, channels: number, space: Space): Float32Array {
  return perChannel(raw, channels, space, (value, scale, shift) => (value - shift) * scale);
}

/** Public latent → decoder input, the inverse of `toPublic`. */
export function toRaw(latent: Float32Array, channels: number, space: Space): Float32Array {
  return perChannel(latent, channels, space, (value, scale, shift) => value / scale + shift);
}

function perChannel(
  data: Float32Array,
  channels: number,
  {scale, shift}: Space,
  map: (value: number, scale: number, shift: number) => number,
): Float32Array {
  const result = new Float32Array(data.length);
  const size = data.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const factor = typeof scale === 'number' ? scale : scale[channel]!;
    const offset = typeof shift === 'number' ? shift : shift[channel]!;
    const end = (channel + 1) * size;
    for (let i = channel * size; i < end; i++) result[i] = map(data[i]!, factor, offset);
  }
  return result;
}
