import {isAbort, LatentError} from '../core/errors.js';
import type {Progress} from '../engine/types.js';

/** Where an element stands. */
export type ElementState = 'idle' | 'loading' | 'ready' | 'busy' | 'error';

/** Everything an element's state consists of, in one tagged value. */
export type Status =
  | {readonly state: 'idle'}
  | {readonly state: 'loading'; readonly progress?: Progress}
  | {readonly state: 'ready'}
  | {readonly state: 'error'; readonly error: LatentError};

/** The state to show: a ready element with jobs under way is busy. */
export function stateOf(status: Status, jobs: number): ElementState {
  return status.state === 'ready' && jobs > 0 ? 'busy' : status.state;
}

/**
 * `progress` of one step, as a share `from`..`to` of the whole and never less than `last`: steps
 * restart at 0, a bar must not.
 */
export function shareOf(
  progress: Progress,
  from: number,
  to: number,
  last: Progress | undefined,
): Progress {
  const ratio = from + (to - from) * Math.min(1, Math.max(0, progress.ratio));
  return {...progress, ratio: Math.max(ratio, last?.ratio ?? 0)};
}

const TRANSIENT: ReadonlySet<string> = new Set<LatentError['code']>([
  'network',
  'not-found',
  'integrity',
  'out-of-memory',
  'device-lost',
  'worker-crashed',
  'aborted',
]);

/** Whether the same attempt may succeed later, so that a Retry button helps. */
export function isTransient({code}: LatentError): boolean {
  return TRANSIENT.has(code);
}

/** Milliseconds between two recoveries that nobody asked for: a worker that dies at once stays dead. */
const RECOVERY_PAUSE = 30_000;

/** Whether the worker ended, and every canvas in it. */
export function isWorkerGone({code}: LatentError): boolean {
  return code === 'worker-crashed' || code === 'device-lost';
}

/** Whether to recover from `error` unasked, when the last such recovery was at `last`. */
export function mayRecover(error: LatentError, last: number | undefined, now: number): boolean {
  return isWorkerGone(error) && (last === undefined || now - last > RECOVERY_PAUSE);
}

/** Whatever was thrown, as the error to show. */
export function toLatentError(thrown: unknown): LatentError {
  if (thrown instanceof LatentError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return isAbort(thrown)
    ? new LatentError('aborted', message, {cause: thrown})
    : new LatentError('unsupported', message, {cause: thrown});
}
