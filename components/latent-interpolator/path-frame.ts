import type {PictureSource} from '../../src/controllers/picture-controller.js';
import {
  type Interpolation,
  pathAt,
  residualWeights,
  segmentAt,
  repairStrength,
} from '../../src/core/latent/path.js';
import type {Sampling} from '../../src/core/diffusion/sampling.js';
import type {Frame} from '../../src/shared/inference.js';

/** How to go through the keyframes. */
export interface PathOptions {
  readonly interpolation: Interpolation;
  /** Decodes alone: nothing of the sources' own pixels. */
  readonly reconstruct: boolean;
  /** How in-between latents are repaired; undefined for not at all. */
  readonly repair?: Sampling | undefined;
}

/** The frame at `t` (0..1, clamped): the source itself at a keyframe, else a decode plus detail. */
export function pathFrame(
  sources: readonly PictureSource[],
  t: number,
  {interpolation, reconstruct, repair}: PathOptions,
): Frame {
  const latent = pathAt(
    sources.map((source) => source.latent),
    t,
    interpolation,
  );
  const frame = {latent, ...repairAt(sources.length, t, repair)};
  if (reconstruct) return frame;
  const source = keyframeAt(sources.length, t);
  if (source !== undefined && sources[source]?.isImage) return {latent, source};
  const weights = residualWeights(sources.length, t)
    .map((weight, index) => [index, weight] as const)
    .filter(([index, weight]) => weight > 0 && sources[index]?.isImage);
  return weights.length > 0 ? {...frame, detail: Object.fromEntries(weights)} : frame;
}

/** Nothing at a keyframe, all of the strength half-way; the same noise all along the path. */
function repairAt(count: number, t: number, repair: Sampling | undefined): Pick<Frame, 'denoise'> {
  const strength = repair ? repairStrength(count, t, repair.strength) : 0;
  return strength > 0 ? {denoise: {...repair, strength}} : {};
}

/** Number of the keyframe that lies exactly at `t`, 0..1; undefined between two. */
export function keyframeAt(count: number, t: number): number | undefined {
  const {index, s} = segmentAt(count, t);
  if (s === 0) return index;
  return s === 1 ? index + 1 : undefined;
}

/** Where frame `index` of `count` lies, from the first keyframe to the last, or there and back. */
export function frameTime(index: number, count: number, loop: boolean): number {
  if (count < 2) return 0;
  // There and back: the last frame is the one before the first, which follows it.
  return loop ? 1 - Math.abs(1 - (2 * index) / count) : index / (count - 1);
}

/** A value as set: kept within 0..1; what is no number changes nothing. */
export function clampValue(value: unknown, previous: number): number {
  const number = Number(value);
  return Number.isNaN(number) ? previous : Math.min(1, Math.max(0, number));
}
