import {proxy, type Remote, wrap} from 'comlink';
import {throwIfAborted} from '../../core/abort.js';
import {LatentError} from '../../core/errors.js';
import {readCodedErrors} from '../../shared/errors.js';
import type {StageProgress, StepReport, WorkerEvent} from '../../shared/events.js';
import type {InferenceApi} from '../../shared/inference.js';
import {trustedScriptUrl} from '../../shared/trusted-types.js';

/** Milliseconds in which a worker must answer: its script downloads in them, on a slow line too. */
const CONNECT_TIMEOUT = 30_000;

/** What every worker answers first; whether it holds the Web Lock by which its end is noticed. */
export interface WorkerApi {
  connect(options: never, emit: (event: WorkerEvent) => void): Promise<boolean>;
}

/** What a worker is told at its start, beside its lock. */
export type WorkerOptions<Api extends WorkerApi> = Omit<Parameters<Api['connect']>[0], 'lifeLock'>;

/** How a host is called, and what it hands on. */
export interface HostOptions {
  /** What messages call the worker; default "inference". */
  readonly name?: string;
  /** Hears of what no call of ours asked for. */
  readonly onEvent?: (event: WorkerEvent) => void;
  /** Milliseconds; default 30 000. */
  readonly connectTimeout?: number;
}

/** How a call reports and is given up. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  readonly onStep?: ((step: StepReport) => void) | undefined;
}

// Comlink's types do not see through a type parameter.
interface RemoteBasics {
  connect(options: object, emit: unknown): Promise<boolean>;
  cancel(request: number): Promise<void>;
}

/** One worker from start to end: whatever ends it, every open call hears of it. */
export class WorkerHost<Api extends WorkerApi = InferenceApi> {
  readonly #worker: Worker;
  // Held in a field: a collected proxy would drop its calls.
  readonly #api: Remote<Api>;
  readonly #url: string;
  readonly #name: string;
  readonly #onEvent: ((event: WorkerEvent) => void) | undefined;
  /**
   * Whoever must hear of the end. A set that they leave, and no promise that they race against: each
   * reaction to one that lives as long as the worker would be kept as long, with all that it holds.
   */
  readonly #listeners = new Set<(why: LatentError) => void>();
  readonly #requests = new Map<number, RequestOptions>();
  readonly #lockWait = new AbortController();
  #end: LatentError | undefined;
  #connected = false;
  #lastRequest = 0;

  constructor(url: string, options: WorkerOptions<Api>, host: HostOptions = {}) {
    readCodedErrors();
    this.#url = url;
    this.#name = host.name ?? 'inference';
    this.#onEvent = host.onEvent;
    this.#worker = spawnWorker(url);
    this.#worker.addEventListener('error', ({message}) => {
      this.terminate(this.#connected ? this.#crashed(message) : this.#notStarted(message));
    });
    this.#worker.addEventListener('messageerror', () => {
      this.terminate(new LatentError('worker-crashed', 'A message of the worker was unreadable.'));
    });
    this.#api = wrap<Api>(this.#worker);
    void this.#connect(options, host.connectTimeout ?? CONNECT_TIMEOUT);
  }

  /** Whether calls may still be made. */
  get alive(): boolean {
    return this.#end === undefined;
  }

  /** Calls `listener` when the worker ends, at once where it has; gives what takes it back. */
  onEnd(listener: (why: LatentError) => void): () => void {
    if (this.#end) listener(this.#end);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A call that ends with the worker at the latest: Comlink alone would wait for ever. */
  call<T>(call: (api: Remote<Api>) => Promise<T>): Promise<T> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise<T>((resolve, reject) => {
      const leave = this.onEnd(reject);
      call(this.#api).then(resolve, reject).finally(leave);
    });
  }

  /**
   * A call under a number of its own, by which it reports, and an abort of the signal reaches the worker
   * as a cancel: a signal itself does not cross.
   */
  async request<T>(
    call: (api: Remote<Api>, request: number) => Promise<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    const {signal} = options;
    throwIfAborted(signal);
    const request = ++this.#lastRequest;
    const cancel = (): void => {
      void this.call(() => this.#basics.cancel(request)).catch(() => undefined);
    };
    signal?.addEventListener('abort', cancel, {once: true});
    this.#requests.set(request, options);
    try {
      return await this.call((api) => call(api, request));
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#requests.delete(request);
    }
  }

  /** Ends the worker, which is the only way to get its memory back; open calls reject with `why`. */
  terminate(why: LatentError): void {
    if (this.#end) return;
    this.#end = why;
    this.#lockWait.abort();
    this.#worker.terminate();
    for (const listener of [...this.#listeners]) listener(why);
    this.#listeners.clear();
  }

  get #basics(): RemoteBasics {
    return this.#api as unknown as RemoteBasics;
  }

  async #connect(options: WorkerOptions<Api>, timeout: number): Promise<void> {
    const lifeLock = `latent-elements-worker-${Math.random().toString(36).slice(2)}`;
    // Any script loads as a worker; one that is not ours never answers.
    const deadline = setTimeout(() => {
      this.terminate(this.#notOurs(`it did not answer within ${String(timeout / 1000)} s`));
    }, timeout);
    try {
      const told = proxy((event: WorkerEvent) => this.#hear(event));
      const locked = await this.call(() => this.#basics.connect({...options, lifeLock}, told));
      this.#connected = true;
      if (locked) this.#watchLife(lifeLock);
    } catch (error) {
      this.terminate(
        error instanceof LatentError
          ? error
          : this.#notOurs(error instanceof Error ? error.message : String(error)),
      );
    } finally {
      clearTimeout(deadline);
    }
  }

  #hear(event: WorkerEvent): void {
    if (event.type === 'device-fault') {
      this.#onEvent?.(event);
      return;
    }
    const call = this.#requests.get(event.request);
    if (event.type === 'progress') call?.onProgress?.(event);
    else if (call?.onStep) call.onStep(event);
    // Nobody waits for it any more, and whoever receives a bitmap closes it.
    else event.preview?.close();
  }

  // A worker that the browser killed says nothing, but its lock comes free.
  #watchLife(lifeLock: string): void {
    const locks = (navigator as Partial<Navigator>).locks;
    locks
      ?.request(lifeLock, {signal: this.#lockWait.signal}, () => {
        this.terminate(
          new LatentError(
            'worker-crashed',
            `The ${this.#name} worker ended unexpectedly. Try again.`,
          ),
        );
      })
      .catch(() => undefined);
  }

  #crashed(message: string): LatentError {
    return new LatentError('worker-crashed', `The ${this.#name} worker failed: ${message}.`);
  }

  #notStarted(message: string): LatentError {
    if (!navigator.onLine) {
      return new LatentError(
        'network',
        `The ${this.#name} worker could not be fetched from ${this.#url}. The device is offline.`,
      );
    }
    // No message means that the script itself never ran; one of another origin is imported, and a failed
    // import says so.
    if (message && !this.#isForeign) return this.#crashed(message);
    const why = message && ` (${message.replace(/\.$/, '')})`;
    return new LatentError(
      'worker-crashed',
      `The ${this.#name} worker could not be loaded from ${this.#url}${why}. ${this.#remedy()}`,
    );
  }

  get #isForeign(): boolean {
    return new URL(this.#url).origin !== globalThis.origin;
  }

  #notOurs(why: string): LatentError {
    return new LatentError(
      'worker-crashed',
      `The script ${this.#url} did not start as the ${this.#name} worker of this package: ${why}. ` +
        this.#remedy(),
    );
  }

  #remedy(): string {
    if (this.#url.startsWith('file:')) {
      return (
        'A page that was opened as a file may start no worker: serve its folder over http, for example with ' +
        '"npx serve".'
      );
    }
    const cors = this.#isForeign
      ? 'Its host must let other origins read it (Access-Control-Allow-Origin). '
      : '';
    return (
      `${cors}If nothing of this package is there, name the folder where it is: configure({base}); ` +
      '"npx latent-elements copy <folder>" makes one. Else see what the page\'s CSP allows (worker-src).'
    );
  }
}

/**
 * Starts a module worker from any origin. A browser refuses a script of another origin as a worker,
 * so that one is imported by a few lines of our own, which keep the messages that come before it
 * listens.
 */
function spawnWorker(url: string): Worker {
  // Not location.origin: a sandboxed frame has an origin of its own, "null".
  const {origin} = globalThis;
  const name = 'latent-elements';
  if (new URL(url).origin === origin)
    return new Worker(trustedScriptUrl(url), {type: 'module', name});
  const source = `
    const early = [];
    const keep = (event) => early.push(event);
    addEventListener('message', keep);
    import(${JSON.stringify(url)}).then(
      () => {
        removeEventListener('message', keep);
        for (const {data, ports} of early) dispatchEvent(new MessageEvent('message', {data, ports}));
      },
      (error) => setTimeout(() => { throw error; }),
    );`;
  const blob = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  // In a sandboxed frame Chromium starts no module from a blob; these lines need to be none.
  const worker = new Worker(trustedScriptUrl(blob), {
    type: origin === 'null' ? 'classic' : 'module',
    name,
  });
  // Not before the first message: a blob revoked earlier may never load.
  const revoke = (): void => {
    URL.revokeObjectURL(blob);
  };
  worker.addEventListener('message', revoke, {once: true});
  worker.addEventListener('error', revoke, {once: true});
  return worker;
}
