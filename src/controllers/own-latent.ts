import {assertLatentShape, type FrameSize, frameOfLatent} from '../core/image-size.js';
import {type Latent, spaceMismatch} from '../core/latent.js';
import type {Model} from '../engine/types.js';

/**
 * The size of the image that `model` makes of a latent; `space-mismatch` or `bad-argument` for a
 * latent that is not of its space.
 */
export function assertOwnLatent(model: Model, latent: Latent): FrameSize {
  if (latent.space !== model.space) throw spaceMismatch(model.space, latent.space);
  assertLatentShape(model.manifest, latent.shape);
  return frameOfLatent(model.manifest, latent.shape);
}
