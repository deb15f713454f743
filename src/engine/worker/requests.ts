import type {Remote} from 'comlink';
import {throwIfAborted} from '../../core/abort.js';
import type {StageProgress, StepReport, WorkerEvent} from '../../shared/events.js';
import type {LivingApi, WorkerHost} from './host.js';

/** How a call reports and is given up. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  readonly onStep?: ((step: StepReport) => void) | undefined;
}

// Comlink's types do not see through a type parameter.
interface Cancelable {
  cancel(request: number): Promise<void>;
}

/** Numbers calls to a worker, so that they can report progress and be given up. */
export class Requests {
  readonly #open = new Map<number, RequestOptions>();
  #last = 0;

  /** Hands what is told of a call to whoever made it. */
  report(event: WorkerEvent & {readonly type: 'progress' | 'step'}): void {
    const call = this.#open.get(event.request);
    if (event.type === 'progress') call?.onProgress?.(event);
    else call?.onStep?.(event);
  }

  /** Makes a call under a number of its own; an abort of the signal reaches the worker as a cancel. */
  async run<Api extends LivingApi, T>(
    host: WorkerHost<Api>,
    call: (api: Remote<Api>, request: number) => Promise<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    const {signal} = options;
    throwIfAborted(signal);
    const request = ++this.#last;
    const cancel = (): void => {
      void host
        .call((api) => (api as unknown as Cancelable).cancel(request))
        .catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel, {once: true});
    this.#open.set(request, options);
    try {
      return await host.call((api) => call(api, request));
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#open.delete(request);
    }
  }
}
