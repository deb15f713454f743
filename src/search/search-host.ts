import type {Remote} from 'comlink';
import {LatentError} from '../core/errors.js';
import type {StageProgress} from '../shared/events.js';
import type {SearchApi} from '../shared/search.js';
import {type Settings, workerScript} from '../engine/config.js';
import type {Progress} from '../engine/types.js';
import {WorkerHost} from '../engine/worker/host.js';

/** How a call reports and is given up. */
export interface SearchRequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
}

/** The worker that indexes and tables live in, which ends some time after the last session. */
export class SearchHost {
  readonly #host: WorkerHost<SearchApi>;
  #sessions = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, settings: Settings) {
    this.#host = new WorkerHost<SearchApi>(url, {cache: settings.cache}, {name: 'search'});
  }

  get alive(): boolean {
    return this.#host.alive;
  }

  /** Calls `listener` when the worker, and every index in it, is gone; the result takes that back. */
  onEnd(listener: () => void): () => void {
    return this.#host.onEnd(listener);
  }

  /** Counts a session in; gives the number of its index. */
  acquire(): number {
    clearTimeout(this.#idle);
    this.#sessions++;
    return ++indexNumbers;
  }

  /** Counts a session out; without any, the worker ends after so many milliseconds. */
  release(idleTimeout: number): void {
    if (--this.#sessions > 0) return;
    this.#idle = setTimeout(() => {
      this.#host.terminate(
        new LatentError('aborted', 'The search worker was not needed any more.'),
      );
    }, idleTimeout);
  }

  /** A call that cannot be given up, or is over before that would matter: one message. */
  call<T>(call: (api: Remote<SearchApi>) => Promise<T>): Promise<T> {
    return this.#host.call(call);
  }

  /** A long call: an abort of the signal reaches the worker as a cancel. */
  request<T>(
    call: (api: Remote<SearchApi>, request: number) => Promise<T>,
    options: SearchRequestOptions = {},
  ): Promise<T> {
    return this.#host.request(call, options);
  }
}

const hosts = new Map<string, SearchHost>();
let indexNumbers = 0;

/** The search worker of the page, beside the other one; a fresh one where the last has ended. */
export function searchHost(settings: Settings): SearchHost {
  const {href} = new URL('../../workers/search.worker.js', import.meta.url);
  const url = workerScript('search', href, settings);
  let host = hosts.get(url);
  if (!host?.alive) hosts.set(url, (host = new SearchHost(url, settings)));
  return host;
}

/** The progress of a stage, as a share of it. */
export function withRatio({stage, loaded, total}: StageProgress): Progress {
  return {stage, loaded, total, ratio: total > 0 ? loaded / total : 0};
}
