import type {ReactiveControllerHost} from 'lit';
import {DeviceError, type ErrorCode, isAbort, LatentError} from '../core/errors.js';
import type {Stage} from '../shared/events.js';
import type {Device} from '../shared/inference.js';
import type {Progress} from '../engine/types.js';

/** State of an element. */
export type ElementState = 'idle' | 'loading' | 'ready' | 'busy' | 'error';

/** Everything that an element's state consists of, in one tagged value. */
export type Status =
  /** `asks`: bytes that wait for the visitor's consent. */
  | {readonly state: 'idle'; readonly asks?: number}
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

/**
 * Milliseconds between two recoveries that nobody asked for: a worker that dies at once stays dead. Twice as long as a
 * worker is waited for, so that one that never answers is not started for ever.
 */
const RECOVERY_PAUSE = 60_000;

/** Whether the worker ended, and every canvas in it: it crashed, or its GPU was lost or is full. */
export function isWorkerGone(error: LatentError): boolean {
  return error.code === 'worker-crashed' || (error instanceof DeviceError && error.isFinal);
}

/**
 * Whether to recover from `error` unasked, after such recoveries at these times: once in a while, and of a
 * GPU twice, after which `auto` has given it up.
 */
export function mayRecover(error: LatentError, times: readonly number[], now: number): boolean {
  const last = times.at(error instanceof DeviceError ? -2 : -1);
  return isWorkerGone(error) && (last === undefined || now - last > RECOVERY_PAUSE);
}

/** Error to show for whatever was thrown; `unsupported` for what has no code. */
export function toLatentError(thrown: unknown): LatentError {
  if (thrown instanceof LatentError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return isAbort(thrown)
    ? new LatentError('aborted', message, {cause: thrown})
    : new LatentError('unsupported', message, {cause: thrown});
}

/** Detail of `latent-load`. */
export interface LoadDetail {
  readonly model: string;
  /** Id of the latent space. */
  readonly space: string;
  /** What computes: of a morph, which runs no model, WebGL or WASM. */
  readonly device: Device | 'webgl';
  /** From the start of loading to the first complete result. */
  readonly milliseconds: number;
}

/** Detail of `latent-progress`. */
export interface ProgressDetail {
  readonly stage: Stage;
  /** Bytes for `download`, else steps. */
  readonly loaded: number;
  readonly total: number;
  /** 0..1 over the whole of loading; never falls. */
  readonly ratio: number;
}

/** Detail of `latent-error`. */
export interface ErrorDetail {
  readonly code: ErrorCode;
  readonly message: string;
}

declare global {
  interface HTMLElementEventMap {
    'latent-load': CustomEvent<LoadDetail>;
    'latent-progress': CustomEvent<ProgressDetail>;
    'latent-error': CustomEvent<ErrorDetail>;
  }
}

/** Milliseconds between two progress events of one stage: a bar that moves more often looks the same. */
const PROGRESS_INTERVAL = 50;
/** Steps of a stage, or bytes, that are too many to tell of each. */
const MANY = 100;

const STATES: readonly ElementState[] = ['loading', 'ready', 'busy', 'error'];

/** An element's state, the events that tell of it, and the promise `ready`. */
export class ElementStatus {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #states: CustomStateSet | undefined;
  #status: Status = {state: 'idle'};
  #jobs = 0;
  #began = 0;
  /** The newest progress of what goes on, and whether its event is still to come. */
  #progress: Progress | undefined;
  #isPending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #result = pendingResult();
  /** The request that was agreed to. */
  #agreed: string | undefined;
  #agree: (() => void) | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, internals: ElementInternals) {
    this.#host = host;
    // Not in every browser, and not on the server.
    this.#states = (internals as Partial<ElementInternals>).states;
  }

  get state(): ElementState {
    return stateOf(this.#status, this.#jobs);
  }

  get error(): LatentError | undefined {
    return this.#status.state === 'error' ? this.#status.error : undefined;
  }

  get progress(): Progress | undefined {
    return this.#status.state === 'loading' ? this.#status.progress : undefined;
  }

  /** Bytes that the visitor is asked to agree to; undefined while nobody is asked. */
  get asks(): number | undefined {
    return this.#status.state === 'idle' ? this.#status.asks : undefined;
  }

  /** Settles with the first complete result of what the properties say at this moment. */
  get ready(): Promise<void> {
    // One turn later, because observers of children tell the host of a change only then.
    const ready = Promise.resolve()
      .then(() => this.#host.updateComplete)
      .then(() => this.#result.promise);
    // Whoever waits hears of a failure; whoever does not, shall not see an unhandled rejection.
    ready.catch(() => undefined);
    return ready;
  }

  /** Sets the state `idle`; `ready` stays pending. */
  reset(): void {
    if (this.#result.settled) this.#result = pendingResult();
    this.#set({state: 'idle'});
  }

  /** Rejects `ready` with `error` and sets the state `idle`. */
  abandon(error: LatentError): void {
    this.#result.reject(error);
    this.reset();
  }

  begin(): void {
    if (this.#result.settled) this.#result = pendingResult();
    this.#began = performance.now();
    this.#set({state: 'loading'});
  }

  /** Waits, in the state `idle`, until the visitor has agreed to a download; then `loading` goes on. */
  async ask(request: string, bytes: number): Promise<void> {
    this.#set({state: 'idle', asks: bytes});
    await new Promise<void>((resolve) => (this.#agree = resolve));
    this.#agreed = request;
    this.begin();
  }

  /** Whether the visitor agreed to this request before. */
  hasAgreed(request: string): boolean {
    return this.#agreed === request;
  }

  /** The visitor agrees to what is asked; without effect while nothing is. */
  readonly agree = (): void => {
    this.#agree?.();
    this.#agree = undefined;
  };

  /** Shows the progress of loading, and dispatches it as `report` does. */
  advance(progress: Progress): void {
    if (this.#status.state === 'loading') this.report(progress);
  }

  /**
   * Dispatches the progress of a method, which changes no state: at once what begins or ends a stage and
   * every step where these are few, else the newest every `PROGRESS_INTERVAL`.
   */
  report(progress: Progress): void {
    const {stage, loaded, total} = progress;
    const isMark = total <= MANY || this.#progress?.stage !== stage || loaded >= total;
    this.#progress = progress;
    this.#isPending = true;
    if (isMark || this.#timer === undefined) this.#dispatchProgress();
  }

  succeed(loaded: Omit<LoadDetail, 'milliseconds'>): void {
    this.#set({state: 'ready'});
    this.#result.resolve();
    const milliseconds = performance.now() - this.#began;
    this.#emit('latent-load', {...loaded, milliseconds} satisfies LoadDetail);
  }

  /** Sets the state `ready` after an error that did not undo what was loaded. */
  recover(): void {
    if (this.#status.state === 'error') this.#stay();
  }

  /** Rejects `ready` with `aborted`: loading was given up. `shown` says whether there still is a result. */
  cancel(shown: boolean): void {
    const error = new LatentError('aborted', 'It was cancelled.');
    if (!shown) {
      this.abandon(error);
      return;
    }
    this.#result.reject(error);
    this.#stay();
  }

  fail(error: LatentError): void {
    if (this.#result.settled) this.#result = pendingResult();
    this.#set({state: 'error', error});
    this.#result.reject(error);
    const {code, message} = error;
    this.#emit('latent-error', {code, message} satisfies ErrorDetail);
  }

  /** Sets the state `busy` for as long as `job` takes. */
  async during<T>(job: Promise<T>): Promise<T> {
    this.#count(1);
    try {
      return await job;
    } finally {
      this.#count(-1);
    }
  }

  // Ready with what there was before.
  #stay(): void {
    this.#result = pendingResult();
    this.#result.resolve();
    this.#set({state: 'ready'});
  }

  #count(change: number): void {
    this.#jobs += change;
    this.#set(this.#status);
  }

  readonly #dispatchProgress = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const progress = this.#progress;
    if (!this.#isPending || !progress) return;
    this.#isPending = false;
    this.#timer = setTimeout(this.#dispatchProgress, PROGRESS_INTERVAL);
    if (this.#status.state === 'loading') this.#set({state: 'loading', progress});
    this.#emit('latent-progress', {...progress} satisfies ProgressDetail);
  };

  #set(status: Status): void {
    if (status.state !== this.#status.state) {
      // What is still to come belongs to what ends here.
      this.#dispatchProgress();
      this.#progress = undefined;
    }
    this.#status = status;
    for (const state of STATES) mark(this.#states, state, state === this.state);
    this.#host.requestUpdate();
  }

  #emit(type: string, detail: object): void {
    this.#host.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

function mark(states: CustomStateSet | undefined, state: string, on: boolean): void {
  try {
    if (on) states?.add(state);
    else states?.delete(state);
  } catch {
    // Chromium before 125 took only names with two dashes.
  }
}

interface Result {
  readonly promise: Promise<void>;
  settled: boolean;
  resolve(): void;
  reject(error: LatentError): void;
}

function pendingResult(): Result {
  const settle: {resolve?: () => void; reject?: (error: LatentError) => void} = {};
  const promise = new Promise<void>((resolve, reject) => Object.assign(settle, {resolve, reject}));
  promise.catch(() => undefined);
  return {
    promise,
    settled: false,
    resolve() {
      this.settled = true;
      settle.resolve?.();
    },
    reject(error) {
      this.settled = true;
      settle.reject?.(error);
    },
  };
}
