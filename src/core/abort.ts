import {LatentError} from './errors.js';

/** The part of an `AbortSignal` that pure code needs; the platform's own fits. */
export interface Abortable {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: {once?: boolean}): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Throws `aborted` where the signal is. */
export function throwIfAborted(signal: Abortable | undefined): void {
  if (signal?.aborted) throw new LatentError('aborted', 'The call was aborted.');
}

/** The promise, or an `aborted` rejection as soon as `signal` aborts. */
export function orAbort<T>(promise: Promise<T>, signal: Abortable | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new LatentError('aborted', 'The call was aborted.'));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, {once: true});
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
