import type {Remote} from 'comlink';
import {LatentError} from '../core/errors.js';
import type {SearchApi} from '../shared/search.js';
import {absoluteUrl, packageUrl, settings} from '../engine/config.js';
import type {CallOptions} from '../engine/types.js';
import {WorkerHost} from '../engine/worker/host.js';

/** The worker that indexes live in, and calls to it that can be given up. */
export class SearchHost {
  readonly #host: WorkerHost<SearchApi>;
  #indexes = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#host = new WorkerHost<SearchApi>(workerUrl(), {}, {name: 'search'});
  }

  get alive(): boolean {
    return this.#host.alive;
  }

  /** Settles when the worker, and every index in it, is gone. */
  get ended(): Promise<void> {
    return new Promise((resolve) => this.#host.onEnd(() => resolve()));
  }

  /** Counts an index in; gives its number. */
  acquire(): number {
    clearTimeout(this.#idle);
    this.#indexes++;
    return ++indexNumbers;
  }

  /** Counts an index out; a worker without any ends after a while. */
  release(): void {
    if (--this.#indexes > 0) return;
    this.#idle = setTimeout(() => {
      this.#host.terminate(
        new LatentError('aborted', 'The search worker was not needed any more.'),
      );
    }, settings().idleTimeout);
  }

  /** A call that cannot be given up, or is over before that would matter. */
  call<T>(call: (api: Remote<SearchApi>) => Promise<T>): Promise<T> {
    return this.#host.call(call);
  }

  /** A long call: an abort of the signal reaches the worker as a cancel. */
  request<T>(
    call: (api: Remote<SearchApi>, request: number) => Promise<T>,
    {signal, onProgress}: CallOptions = {},
  ): Promise<T> {
    return this.#host.request(call, {
      signal,
      onProgress:
        onProgress &&
        (({stage, loaded, total}) => onProgress({stage, loaded, total, ratio: loaded / total})),
    });
  }
}

let shared: SearchHost | undefined;
let indexNumbers = 0;

/** The search worker of the page; a fresh one where the last has ended. */
export function searchHost(): SearchHost {
  if (!shared?.alive) shared = new SearchHost();
  return shared;
}

// Beside the other worker, wherever the author put that.
function workerUrl(): string {
  const current = settings();
  return current.workerUrl
    ? new URL('search.worker.js', absoluteUrl(current.workerUrl)).href
    : packageUrl('workers/search.worker.js', current);
}
