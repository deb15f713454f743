import type {Remote} from 'comlink';
import {orAbort} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {type Settings, workerScript} from '../engine/config.js';
import type {CallOptions} from '../engine/types.js';
import {WorkerHost} from '../engine/worker/host.js';
import {SharedHost} from '../engine/worker/shared-host.js';
import type {SearchApi} from '../shared/search.js';

/** A script for each address, where pages name several. */
const workers = new Map<string, SharedHost<SearchApi>>();
let indexes = 0;

/** The place of one search in the search worker, which all searches of a page share. */
export class RemoteIndex {
  readonly #host: WorkerHost<SearchApi>;
  readonly #leave: () => void;
  readonly #number = ++indexes;
  #onEnd: (() => void) | undefined;
  #closed = false;

  constructor(settings: Settings) {
    const {href} = new URL('../../workers/search.worker.js', import.meta.url);
    const url = workerScript('search', href, settings);
    let worker = workers.get(url);
    if (!worker) {
      worker = new SharedHost(
        ({cache}) => new WorkerHost<SearchApi>(url, {cache}, {name: 'search'}),
      );
      workers.set(url, worker);
    }
    ({host: this.#host, leave: this.#leave} = worker.join(settings, () => this.#onEnd?.()));
  }

  /** Calls `listener` when the worker, and every index in it, is gone. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  /** A call that cannot be given up, or is over before that would matter: one message. */
  async call<T>(call: (api: Remote<SearchApi>, index: number) => Promise<T>): Promise<T> {
    this.assertOpen();
    return this.#host.call((api) => call(api, this.#number));
  }

  /** A long call, which reports; an abort of the signal reaches the worker as a cancel. */
  async request<T>(
    call: (api: Remote<SearchApi>, request: number, index: number) => Promise<T>,
    {signal, onProgress}: CallOptions = {},
  ): Promise<T> {
    this.assertOpen();
    const answer = this.#host.request((api, request) => call(api, request, this.#number), {
      signal,
      onProgress:
        onProgress &&
        (({stage, loaded, total}) =>
          onProgress({stage, loaded, total, ratio: total > 0 ? loaded / total : 0})),
    });
    return orAbort(answer, signal);
  }

  /** Throws `bad-argument` once it is closed. */
  assertOpen(): void {
    if (!this.#closed) return;
    throw new LatentError('bad-argument', 'This search was closed. Open it again.');
  }

  /** Lets the index go; without any, the worker ends after a while. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.call((api) => api.close(this.#number)).catch(() => undefined);
    this.#leave();
  }
}
