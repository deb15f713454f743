import {stepFits} from '../../src/core/direction/direction.js';
import {LatentError} from '../../src/core/errors.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {readTensors, type Tensor} from '../../src/core/latent/safetensors.js';

/** The steps of a pack's directions, by the names of their tensors. */
export type DirectionVectors = ReadonlyMap<string, Float32Array>;

/**
 * Reads the file of vectors that a pack's directions name; `bad-pack`, naming direction and tensor,
 * when one is missing, does not fit the space or holds a number that is not finite.
 */
export function readVectors(bytes: Uint8Array, manifest: PackManifest): DirectionVectors {
  const {directions = {}, directionVectors, space} = manifest;
  const file = directionVectors?.file ?? 'directionVectors';
  const tensors = read(bytes, file);
  const vectors = new Map<string, Float32Array>();
  for (const [name, {vector}] of Object.entries(directions)) {
    if (vector === undefined) continue;
    const tensor = tensors.get(vector);
    const fault = tensor ? faultOf(tensor, space) : 'is missing';
    if (!tensor || fault) {
      throw new LatentError(
        'bad-pack',
        `The tensor "${vector}" of the direction "${name}" ${String(fault)} in ${file}.`,
      );
    }
    vectors.set(vector, tensor.data);
  }
  return vectors;
}

function read(bytes: Uint8Array, file: string): ReadonlyMap<string, Tensor> {
  try {
    return readTensors(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LatentError('bad-pack', `${file}: ${why}`, {cause});
  }
}

function faultOf({shape, data}: Tensor, space: PackManifest['space']): string | undefined {
  // A side that follows the image has no size to match: only a step for all positions fits.
  const sizes = space.shape.map((side) => (typeof side === 'number' ? side : NaN));
  if (!stepFits(shape, sizes)) {
    return (
      `has the shape [${shape.join(', ')}], which fits no latent of the space ${space.id} ` +
      `([${space.shape.join(', ')}])`
    );
  }
  return data.every(Number.isFinite) ? undefined : 'holds numbers that are not finite';
}
