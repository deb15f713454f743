import {LatentError} from '../../src/core/errors.js';

/** What every method takes. */
export interface SignalOptions {
  /** Rejects the call with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** What `toBlob` takes. */
export interface ToBlobOptions extends SignalOptions {
  /** Default `image/png`. */
  readonly type?: string;
  /** Of `image/webp`, 0..1; default: the browser's. */
  readonly quality?: number;
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
