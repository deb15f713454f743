import {LatentError} from '../../src/core/errors.js';

/** What `toBlob` takes. */
export interface ToBlobOptions {
  /** Default `image/png`. */
  readonly type?: string;
  /** Of `image/webp`, 0..1; default: the browser's. */
  readonly quality?: number;
  readonly signal?: AbortSignal;
}

/** Narrows the type that was asked for; `bad-argument` for one that nobody can write. */
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
