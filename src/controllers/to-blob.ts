import {LatentError} from '../core/errors.js';
import {encodeStill, STILL_TYPES} from '../media/index.js';
import type {Picture, PictureController, PlannedFrame} from './picture-controller.js';

// Elements do not import src/media/: what they need of its encoders passes here.
export {
  ANIMATION_TYPES,
  type AnimationType,
  encodeAnimation,
  encodeStill,
  isStill,
  renderAll,
  STILL_TYPES,
  type StillType,
} from '../media/index.js';

/** Options of every method. */
export interface SignalOptions {
  /** Rejects the call with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** Options of `toBlob`. */
export interface ToBlobOptions extends SignalOptions {
  /** Default `image/png`. */
  readonly type?: string;
  /** Of `image/webp`, 0..1; default: the browser's. */
  readonly quality?: number;
}

/** Narrows the type that was asked for; `bad-argument` for one that is not among `allowed`. */
export function assertType<T extends string>(
  type: string,
  allowed: readonly T[],
): asserts type is T {
  if ((allowed as readonly string[]).includes(type)) return;
  throw new LatentError(
    'bad-argument',
    `toBlob cannot write "${type}" here. Ask for one of ${allowed.join(', ')}.`,
  );
}

/** The frame that `plan` gives, as `image/png` (default) or `image/webp`. */
export async function toStill(
  picture: PictureController,
  plan: (picture: Picture) => PlannedFrame,
  {type = 'image/png', quality, signal}: ToBlobOptions,
): Promise<Blob> {
  assertType(type, STILL_TYPES);
  return encodeStill(await picture.render(plan, signal), type, quality);
}
