import {throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {Animation} from './animation.js';

export type {Animation} from './animation.js';

/** The types that a single frame can be written as. */
export const STILL_TYPES = ['image/png', 'image/webp'] as const;
/** The types that many frames can be written as. */
export const ANIMATION_TYPES = ['image/gif', 'video/webm'] as const;

/** One of `STILL_TYPES`. */
export type StillType = (typeof STILL_TYPES)[number];
/** One of `ANIMATION_TYPES`. */
export type AnimationType = (typeof ANIMATION_TYPES)[number];

/** Narrows a type to a still's. */
export function isStill(type: string): type is StillType {
  return (STILL_TYPES as readonly string[]).includes(type);
}

/** Encodes one frame; the bitmap is closed. */
export async function encodeStill(
  bitmap: ImageBitmap,
  type: StillType,
  quality?: number,
): Promise<Blob> {
  return (await lazily(() => import('./still.js'))).encodeStill(bitmap, type, quality);
}

/** Encodes an animation; the encoder is fetched when first used. */
export async function encodeAnimation(type: AnimationType, animation: Animation): Promise<Blob> {
  return type === 'image/gif'
    ? (await lazily(() => import('./gif.js'))).encodeGif(animation)
    : (await lazily(() => import('./webm.js'))).encodeWebm(animation);
}

/**
 * `count` frames from `render`, each asked for when the one before was taken, and closed then, also
 * where the encoder throws.
 */
export async function* renderAll(
  count: number,
  render: (index: number) => Promise<ImageBitmap>,
  signal?: AbortSignal,
): AsyncGenerator<ImageBitmap> {
  for (let index = 0; index < count; index++) {
    throwIfAborted(signal);
    const frame = await render(index);
    try {
      yield frame;
    } finally {
      frame.close();
    }
  }
}

async function lazily<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new LatentError('network', 'The encoder could not be fetched. Try again.', {cause});
  }
}
