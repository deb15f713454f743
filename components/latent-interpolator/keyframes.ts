import {isSeed} from '../../src/controllers/open-picture.js';
import type {PictureInput} from '../../src/controllers/picture-controller.js';
import type {SourceInput} from '../../src/controllers/surface-controller.js';
import {assertArgument, LatentError} from '../../src/core/errors.js';
import {isLatent, type Latent} from '../../src/core/latent/latent.js';
import type {CallOptions, ImageSource, Model} from '../../src/engine/types.js';

/** A point that a path goes through. */
export type Keyframe = ImageSource | Latent;

/** Origins of keyframes; the first that names any wins. */
export interface KeyframeOrigins {
  readonly keyframes: readonly Keyframe[] | undefined;
  readonly images: readonly SourceInput[];
  readonly from: ImageSource | undefined;
  readonly to: ImageSource | undefined;
}

/** The inputs of a path: none where nothing was given, else two or more; else `bad-argument`. */
export function chooseKeyframes({keyframes, images, from, to}: KeyframeOrigins): PictureInput[] {
  // Properties hold anything that JavaScript puts there; null stands for none, as in HTML.
  const isList = Array.isArray(keyframes ?? []);
  assertArgument(isList, 'keyframes', 'a list of images or latents', keyframes);
  if (keyframes?.length) {
    return atLeastTwo(keyframes.map(inputOf), 'The property keyframes has one entry.');
  }
  if (images.length > 0) return atLeastTwo([...images], 'There is one <img> inside the element.');
  if (!from && !to) return [];
  if (!from || !to) {
    const [given, missing] = from ? ['from', 'to'] : ['to', 'from'];
    throw new LatentError(
      'bad-argument',
      `The attribute ${given} is set, but not ${missing}: a morph needs both.`,
    );
  }
  return [{image: from}, {image: to}];
}

function inputOf(keyframe: Keyframe, index: number): PictureInput {
  if (isLatent(keyframe)) return {latent: keyframe};
  const isImage = typeof keyframe === 'string' || Object(keyframe) === keyframe;
  assertArgument(isImage, `keyframes[${String(index)}]`, 'an image or a latent', keyframe);
  return {image: keyframe};
}

function atLeastTwo(inputs: PictureInput[], fault: string): PictureInput[] {
  if (inputs.length >= 2) return inputs;
  throw new LatentError('bad-argument', `${fault} A morph needs two or more.`);
}

/** How keyframes become images. */
export interface ToImageOptions extends CallOptions {
  /** Pixels of the longer side at which images are encoded; default: the model's own working size. */
  readonly resolution: number | undefined;
  /** Whether images are encoded and decoded too, as the model sees them. */
  readonly reconstruct: boolean;
}

/** The image of a keyframe that morphs: itself, or where it is a latent or a sample, what `model` decodes. */
export async function toImage(
  input: PictureInput,
  model: () => Promise<Model>,
  {resolution, reconstruct, ...options}: ToImageOptions,
): Promise<ImageSource> {
  if ('image' in input && !reconstruct && !isSeed(input.image)) return input.image;
  const decoder = await model();
  if ('latent' in input) return decoder.decode(input.latent, options);
  if (!('image' in input)) throw new LatentError('bad-argument', 'A keyframe is no picture.');
  return decoder.decode(await decoder.encode(input.image, {...options, resolution}), options);
}
