import type {Remote} from 'comlink';
import {orAbort} from '../../core/abort.js';
import {DeviceError, LatentError} from '../../core/errors.js';
import type {Loadable} from '../../core/pack/pack.js';
import type {WorkerEvent} from '../../shared/events.js';
import type {
  Device,
  InferenceApi,
  PackInfo,
  PackSource,
  RuntimeFiles,
} from '../../shared/inference.js';
import {type TaskOptions, TaskQueue} from '../../shared/task-queue.js';
import {runtimeFiles, type Settings, workerScript} from '../config.js';
import {type RequestOptions, WorkerHost} from './host.js';

/** A call to the worker: `request` is the number under which it can be cancelled. */
export type WorkerCall<T> = (api: Remote<InferenceApi>, request: number) => Promise<T>;

/** After this many lost GPUs `auto` stops trying: the driver is not well. */
const MAX_LOST_DEVICES = 2;

/** A device: one worker at a time, replaced by a fresh one when it crashed or lost its GPU. */
export class Backend {
  readonly device: Device;
  readonly #settings: () => Settings;
  readonly #onEnd: (backend: Backend) => void;
  readonly #queue = new TaskQueue();
  readonly #packs = new Map<string, Promise<PackInfo>>();
  /** Packs whose manifests came with the code: a fresh worker is told them again, who cannot fetch them. */
  readonly #brought = new Map<string, PackSource>();
  #host: WorkerHost | undefined;
  #disposed = false;
  /** GPUs lost since the page began; `Infinity` once one had not enough memory. */
  #lostDevices = 0;

  /** `settings` are asked for whenever a worker starts; `onEnd` hears when one has ended. */
  constructor(device: Device, settings: () => Settings, onEnd: (backend: Backend) => void) {
    this.device = device;
    this.#settings = settings;
    this.#onEnd = onEnd;
  }

  /** The files of ONNX Runtime that its worker takes; `unsupported` where there are none. */
  get runtime(): RuntimeFiles {
    return runtimeFiles(this.device, this.#settings());
  }

  /** Whether its GPU was lost too often, or is too small: who did not insist on it goes elsewhere. */
  get isGivenUp(): boolean {
    return this.#lostDevices >= MAX_LOST_DEVICES;
  }

  /** The worker that calls go to; a fresh one where the last has ended. */
  get host(): WorkerHost {
    if (this.#disposed) {
      throw new LatentError('bad-argument', 'This engine was disposed. Create another.');
    }
    if (!this.#host?.alive) this.#host = this.#spawn();
    return this.#host;
  }

  /** A pack's manifest, had once a worker. */
  open(source: PackSource, signal?: AbortSignal): Promise<PackInfo> {
    const {url} = source;
    let pack = this.#packs.get(url);
    if (!pack) {
      // Without the caller's signal: others may be waiting for the same manifest.
      pack = this.request((api, request) => api.open(request, source));
      this.#packs.set(url, pack);
      if (source.manifests) this.#brought.set(url, source);
      const begun = pack;
      pack.catch(() => {
        if (this.#packs.get(url) === begun) this.#packs.delete(url);
      });
    }
    return orAbort(pack, signal);
  }

  /** Has parts ready in the worker; callers of the same part share one download. */
  load(url: string, parts: readonly Loadable[], options: RequestOptions = {}): Promise<void> {
    const load = this.request((api, request) => api.load(request, url, parts), options);
    // The worker answers an abort late: a network that compiles is left to end.
    return orAbort(load, options.signal);
  }

  /** Lets a pack's sessions go. */
  async unload(url: string): Promise<void> {
    if (this.#host?.alive) await this.#host.call((api) => api.unload(url)).catch(() => undefined);
  }

  /** Lets parts of a pack go, in turn: no call that waits before it loses what it runs. */
  async release(url: string, parts: readonly Loadable[]): Promise<void> {
    const host = this.#host;
    if (!host?.alive) return;
    const release = this.#queue.push(() => host.call((api) => api.release(url, parts)));
    await release.catch(() => undefined);
  }

  /** A call in its turn: encode, decode, paint; `host` says, when that has come, which worker it goes to. */
  run<T>(
    call: WorkerCall<T>,
    options: RequestOptions & TaskOptions,
    host: () => WorkerHost,
  ): Promise<T> {
    return this.#queue.push(async () => this.request(call, options, host()), options);
  }

  /** A call at once, beside the queue: downloads. */
  async request<T>(
    call: WorkerCall<T>,
    options: RequestOptions = {},
    host = this.host,
  ): Promise<T> {
    try {
      return await host.request(call, options);
    } catch (error) {
      if (error instanceof DeviceError && error.isFinal) this.#loseDevice(host, error);
      throw error;
    }
  }

  /** Ends the worker; the next call starts another. */
  terminate(why: string): void {
    this.#host?.terminate(new LatentError('aborted', why));
  }

  /** Ends the worker for good. */
  dispose(): void {
    this.#disposed = true;
    this.terminate('The engine was disposed.');
  }

  #spawn(): WorkerHost {
    const settings = this.#settings();
    const {cache, threads} = settings;
    const {href} = new URL('../../../workers/inference.worker.js', import.meta.url);
    const host = new WorkerHost(
      workerScript('inference', href, settings),
      {
        device: this.device,
        threads: hasThreads() ? Math.min(threads, navigator.hardwareConcurrency) : 1,
        runtime: this.runtime,
        cache,
      },
      {onEvent: (event) => this.#onEvent(host, event)},
    );
    // Before any other call, so that each finds its pack there.
    for (const source of this.#brought.values()) {
      host.request((api, request) => api.open(request, source)).catch(() => undefined);
    }
    host.onEnd(() => {
      this.#packs.clear();
      this.#onEnd(this);
    });
    return host;
  }

  #onEvent(host: WorkerHost, event: WorkerEvent): void {
    if (event.type !== 'device-fault') return;
    this.#loseDevice(host, new DeviceError(event.code, event.message));
  }

  // A worker whose GPU is gone is of no use: sessions, buffers and the runtime hang on it. Nor is one whose GPU
  // is full: memory comes back with its end alone.
  #loseDevice(host: WorkerHost, error: LatentError): void {
    if (!host.alive) return;
    this.#lostDevices += error.code === 'out-of-memory' ? Infinity : 1;
    host.terminate(error);
  }
}

// Some browsers call a page isolated and have no SharedArrayBuffer for it all the same: ONNX Runtime
// would start threads that it cannot feed.
function hasThreads(): boolean {
  return globalThis.crossOriginIsolated && 'SharedArrayBuffer' in globalThis;
}
