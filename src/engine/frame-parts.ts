import {partsToEdit} from '../core/direction/direction.js';
import type {Loadable, PackManifest} from '../core/pack/pack.js';
import {partsToSample, planSampling} from '../core/diffusion/sampling.js';
import type {Frame} from '../shared/inference.js';

/** What a frame is made by: none of it for the pixels of a source; errors as the worker's own. */
export function partsOfFrame(
  manifest: PackManifest,
  {latent, denoise, edits = {}, source}: Frame,
): Loadable[] {
  if (source !== undefined) return [];
  const sampled = denoise ? partsToSample(manifest, planSampling(manifest, denoise, latent)) : [];
  return [...sampled, ...partsToEdit(manifest, edits), 'decoder'];
}
