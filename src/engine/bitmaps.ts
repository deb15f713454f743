import {throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {ImageSource} from './types.js';

/**
 * Runs `task` with the bitmap of an image source, which is closed after it: one that was transferred is
 * empty by then, one whose call was given up on the way is not. Errors as `toBitmap`.
 */
export async function withBitmap<T>(
  source: ImageSource,
  signal: AbortSignal | undefined,
  task: (bitmap: ImageBitmap) => Promise<T>,
): Promise<T> {
  // How pictures are fetched and decoded comes with the first of them.
  const {toBitmap} = await import('./image-input.js');
  const bitmap = await toBitmap(source, signal);
  try {
    throwIfAborted(signal);
    return await task(bitmap);
  } finally {
    bitmap.close();
  }
}

/** A bitmap that came from the worker, closed where its caller has given it up meanwhile. */
export function closeIfAborted(bitmap: ImageBitmap, signal?: AbortSignal): ImageBitmap {
  if (signal?.aborted) bitmap.close();
  return bitmap;
}

/** The N of `seed:N`; `undefined` for every other source, `bad-argument` for a seed that is none. */
export function seedOf(source: unknown): number | undefined {
  if (typeof source !== 'string' || !source.startsWith('seed:')) return undefined;
  const digits = source.slice('seed:'.length);
  const seed = Number(digits);
  if (/^\d+$/.test(digits) && Number.isSafeInteger(seed)) return seed;
  throw new LatentError(
    'bad-argument',
    `"${source}" is no seed: write seed: and a whole number from 0 to ${String(Number.MAX_SAFE_INTEGER)}.`,
  );
}
