import type {PictureInput} from '../../src/controllers/picture-controller.js';
import type {SourceInput} from '../../src/controllers/surface-controller.js';
import {LatentError} from '../../src/core/errors.js';
import {isLatent, type Latent} from '../../src/core/latent/latent.js';
import type {ImageSource} from '../../src/engine/types.js';

/** What a path can go through. */
export type Keyframe = ImageSource | Latent;

/** Where keyframes may come from, the first that names any wins. */
export interface KeyframeOrigins {
  readonly keyframes: readonly Keyframe[] | undefined;
  readonly images: readonly SourceInput[];
  readonly from: ImageSource | undefined;
  readonly to: ImageSource | undefined;
}

/** The inputs of a path: none where nothing was given, else two or more; else `bad-argument`. */
export function chooseKeyframes({keyframes, images, from, to}: KeyframeOrigins): PictureInput[] {
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

function inputOf(keyframe: Keyframe): PictureInput {
  return isLatent(keyframe) ? {latent: keyframe} : {image: keyframe};
}

function atLeastTwo(inputs: PictureInput[], fault: string): PictureInput[] {
  if (inputs.length >= 2) return inputs;
  throw new LatentError('bad-argument', `${fault} A morph needs two or more.`);
}
