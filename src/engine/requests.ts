import type {Remote} from 'comlink';
import {throwIfAborted} from '../core/abort.js';
import type {StageProgress, WorkerEvent} from '../protocol/events.js';
import type {LivingApi, WorkerHost} from './worker-host.js';

/** How a call reports and is given up. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
}

// Comlink's types do not see through a type parameter.
interface Cancelable {
  cancel(request: number): Promise<void>;
}

/** Numbers calls to a worker, so that they can report progress and be given up. */
export class Requests {
  readonly #listeners = new Map<number, (progress: StageProgress) => void>();
  #last = 0;

  /** Hands the progress of a call to whoever made it. */
  report(event: WorkerEvent & {readonly type: 'progress'}): void {
    this.#listeners.get(event.request)?.(event);
  }

  /** Makes a call under a number of its own; an abort of the signal reaches the worker as a cancel. */
  async run<Api extends LivingApi, T>(
    host: WorkerHost<Api>,
    call: (api: Remote<Api>, request: number) => Promise<T>,
    {signal, onProgress}: RequestOptions = {},
  ): Promise<T> {
    throwIfAborted(signal);
    const request = ++this.#last;
    const cancel = (): void => {
      void host
        .call((api) => (api as unknown as Cancelable).cancel(request))
        .catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel, {once: true});
    if (onProgress) this.#listeners.set(request, onProgress);
    try {
      return await host.call((api) => call(api, request));
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#listeners.delete(request);
    }
  }
}
