import {LatentError} from './errors.js';
import type {ImageSize, PackManifest} from './pack.js';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How an image meets a model: the frame that is shown and the padded size that the network sees. */
export interface FrameSize extends Size {
  readonly paddedWidth: number;
  readonly paddedHeight: number;
}

/**
 * The frame for an image of `natural` size under a pack's size rule. A fixed size is itself. Under a
 * rule the image keeps its shape and is only ever made smaller, to `pixels` in area, or to
 * `longestSide` pixels where the author asks for it, never beyond `maxPixels`; the network sees the
 * frame padded to the next `multiple`.
 */
export function fitFrame(rule: ImageSize, natural: Size, longestSide?: number): FrameSize {
  if (!(natural.width >= 1 && natural.height >= 1)) {
    throw new LatentError(
      'bad-image',
      `An image of ${String(natural.width)}×${String(natural.height)} pixels has nothing to show.`,
    );
  }
  if ('width' in rule) return {...rule, paddedWidth: rule.width, paddedHeight: rule.height};
  const area = natural.width * natural.height;
  const wanted = longestSide
    ? longestSide / Math.max(natural.width, natural.height)
    : Math.sqrt(rule.pixels / area);
  const scale = Math.min(1, wanted, Math.sqrt(rule.maxPixels / area));
  return padFrame(rule.multiple, {
    width: Math.max(1, Math.round(natural.width * scale)),
    height: Math.max(1, Math.round(natural.height * scale)),
  });
}

/** The frame of a latent: the image that a decoder with this space's shape makes of it. */
export function frameOfLatent(manifest: PackManifest, shape: readonly number[]): FrameSize {
  const rule = manifest.image?.size;
  if (rule && 'width' in rule) return fitFrame(rule, rule);
  const size = {width: 0, height: 0};
  manifest.space.shape.forEach((dimension, axis) => {
    if (typeof dimension === 'number') return;
    const [side, factor] = dimension.split('/') as ['width' | 'height', string];
    size[side] = (shape[axis] ?? 0) * Number(factor);
  });
  return {...size, paddedWidth: size.width, paddedHeight: size.height};
}

/** The shape of the latent that an image of this (padded) size has, without the batch. */
export function latentShape(manifest: PackManifest, frame: FrameSize): number[] {
  return manifest.space.shape.map((dimension) => {
    if (typeof dimension === 'number') return dimension;
    const [side, factor] = dimension.split('/');
    return (side === 'width' ? frame.paddedWidth : frame.paddedHeight) / Number(factor);
  });
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

function padFrame(multiple: number, {width, height}: Size): FrameSize {
  const pad = (side: number): number => Math.ceil(side / multiple) * multiple;
  return {width, height, paddedWidth: pad(width), paddedHeight: pad(height)};
}
