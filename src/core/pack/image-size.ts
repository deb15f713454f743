import {LatentError} from '../errors.js';
import type {ImageSize, PackManifest} from './pack.js';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A frame is shown at up to this many times the working size: beyond, a decode looks soft, and
 * scaling it up and adding detail would take more than a tenth of the frame's time.
 */
const SHOWN_SCALE = 2;

/** How an image meets a model. */
export interface FrameSize extends Size {
  /** What is decoded; a frame that is larger is scaled up, and only its detail is its own. */
  readonly work: Size;
  /** What the network sees: `work` padded to a multiple. */
  readonly padded: Size;
}

/**
 * The frame for an image of `natural` size under a pack's size rule. A fixed size is itself. Under a
 * rule an image is worked on at no more than `pixels` in area, or at `longestSide` pixels where the
 * author asks for it, never above `maxPixels`; it is shown at its own size, at most twice that; and
 * the network sees it padded to the next `multiple`. An image is never made larger.
 */
export function fitFrame(rule: ImageSize, natural: Size, longestSide?: number): FrameSize {
  if (!(natural.width >= 1 && natural.height >= 1)) {
    throw new LatentError(
      'bad-image',
      `An image of ${String(natural.width)}×${String(natural.height)} pixels has nothing to show.`,
    );
  }
  if ('width' in rule) return frameOf(rule, rule, 1);
  const area = natural.width * natural.height;
  const wanted = longestSide
    ? longestSide / Math.max(natural.width, natural.height)
    : Math.sqrt(rule.pixels / area);
  const most = Math.sqrt(rule.maxPixels / area);
  const shown = Math.min(1, most, SHOWN_SCALE * wanted);
  return frameOf(scaled(natural, shown), scaled(natural, Math.min(shown, wanted)), rule.multiple);
}

/** The frame of a latent: the image that a decoder with this space's shape makes of it. */
export function frameOfLatent(manifest: PackManifest, shape: readonly number[]): FrameSize {
  const rule = manifest.image?.size;
  if (rule && 'width' in rule) return frameOf(rule, rule, 1);
  const size = {width: 0, height: 0};
  manifest.space.shape.forEach((dimension, axis) => {
    if (typeof dimension === 'number') return;
    const [side, factor] = dimension.split('/') as ['width' | 'height', string];
    size[side] = (shape[axis] ?? 0) * Number(factor);
  });
  return frameOf(size, size, 1);
}

/**
 * The frame of an image that is made from nothing: `size`, else the pack's own size, or under a rule
 * the largest square within `pixels`. `bad-argument` for a size that the pack cannot make.
 */
export function frameToGenerate({image, name}: PackManifest, size?: Size): FrameSize {
  const rule = image?.size;
  if (!rule) throw new LatentError('unsupported', `The pack ${name} has no images.`);
  if ('width' in rule) {
    if (size && (size.width !== rule.width || size.height !== rule.height)) {
      throw sizeError(name, size, `only ${String(rule.width)}×${String(rule.height)} pixels`);
    }
    return frameOf(rule, rule, 1);
  }
  const {maxPixels, multiple, pixels} = rule;
  if (!size) {
    const side = Math.max(1, Math.floor(Math.sqrt(pixels) / multiple)) * multiple;
    return frameOf({width: side, height: side}, {width: side, height: side}, multiple);
  }
  const {width, height} = size;
  const whole = [width, height].every((side) => Number.isSafeInteger(side) && side >= 1);
  if (!whole || width * height > maxPixels) {
    throw sizeError(name, size, `whole sides, at most ${String(maxPixels)} pixels in all`);
  }
  return frameOf(size, size, multiple);
}

/** The shape of the latent that makes the image of a frame. */
export function latentShapeOf({space}: PackManifest, {padded}: FrameSize): number[] {
  return space.shape.map((dimension) => {
    if (typeof dimension === 'number') return dimension;
    const [side, factor] = dimension.split('/') as ['width' | 'height', string];
    return Math.ceil(padded[side] / Number(factor));
  });
}

function sizeError(name: string, {width, height}: Size, can: string): LatentError {
  return new LatentError(
    'bad-argument',
    `size is ${String(width)}×${String(height)}, but the pack ${name} makes ${can}.`,
  );
}

function scaled({width, height}: Size, factor: number): Size {
  const side = (length: number): number => Math.max(1, Math.round(length * factor));
  return {width: side(width), height: side(height)};
}

function frameOf({width, height}: Size, work: Size, multiple: number): FrameSize {
  const pad = (side: number): number => Math.ceil(side / multiple) * multiple;
  return {
    width,
    height,
    work: {width: work.width, height: work.height},
    padded: {width: pad(work.width), height: pad(work.height)},
  };
}
