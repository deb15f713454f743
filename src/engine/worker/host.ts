import {proxy, type Remote, wrap} from 'comlink';
import {LatentError} from '../../core/errors.js';
import type {WorkerEvent} from '../../shared/events.js';
import type {InferenceApi} from '../../shared/inference.js';
import {codedErrors} from '../coded-errors.js';
import {spawnWorker} from './spawn.js';

/** What every worker answers first; whether it holds the Web Lock by which its end is noticed. */
export interface LivingApi {
  connect(options: never, emit: (event: WorkerEvent) => void): Promise<boolean>;
}

/** What a worker is told at its start, beside its lock. */
export type HostOptions<Api extends LivingApi> = Omit<Parameters<Api['connect']>[0], 'lifeLock'>;

// Comlink's types do not see through a type parameter.
interface RemoteConnect {
  connect(options: object, emit: unknown): Promise<boolean>;
}

/** One worker from start to end: whatever ends it, every open call hears of it. */
export class WorkerHost<Api extends LivingApi = InferenceApi> {
  readonly #worker: Worker;
  // Held in a field: a collected proxy would drop its calls.
  readonly #api: Remote<Api>;
  readonly #ended: Promise<never>;
  readonly #watch = new AbortController();
  #end: (error: LatentError) => void = () => undefined;
  #alive = true;
  #connected = false;
  readonly #name: string;

  /** `name` is what messages call it. */
  constructor(
    url: string,
    options: HostOptions<Api>,
    onEvent: (event: WorkerEvent) => void,
    name = 'inference',
  ) {
    this.#name = name;
    codedErrors();
    this.#ended = new Promise((_, reject) => (this.#end = reject));
    this.#ended.catch(() => undefined);
    this.#worker = spawnWorker(url);
    this.#worker.addEventListener('error', ({message}) => {
      this.terminate(this.#connected ? this.#crashed(message) : this.#notStarted(message, url));
    });
    this.#worker.addEventListener('messageerror', () => {
      this.terminate(new LatentError('worker-crashed', 'A message of the worker was unreadable.'));
    });
    this.#api = wrap<Api>(this.#worker);
    const lifeLock = `latent-elements-worker-${Math.random().toString(36).slice(2)}`;
    const remote = this.#api as unknown as RemoteConnect;
    const connected = remote.connect({...options, lifeLock}, proxy(onEvent));
    connected.then(
      (locked) => {
        this.#connected = true;
        if (locked) this.#watchLife(lifeLock);
      },
      (error: unknown) => {
        this.terminate(error as LatentError);
      },
    );
  }

  /** Whether calls may still be made. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Settles, never rejecting, when the worker has ended. */
  get ended(): Promise<void> {
    return this.#ended.catch(() => undefined);
  }

  /** A call that ends with the worker at the latest: Comlink alone would wait for ever. */
  call<T>(call: (api: Remote<Api>) => Promise<T>): Promise<T> {
    return Promise.race([call(this.#api), this.#ended]);
  }

  /** Ends the worker, which is the only way to get its memory back; open calls reject with `why`. */
  terminate(why: LatentError): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#watch.abort();
    this.#worker.terminate();
    this.#end(why);
  }

  // A worker that the browser killed says nothing, but its lock comes free.
  #watchLife(lifeLock: string): void {
    const locks = (navigator as Partial<Navigator>).locks;
    locks
      ?.request(lifeLock, {signal: this.#watch.signal}, () => {
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

  #notStarted(message: string, url: string): LatentError {
    if (!navigator.onLine) {
      return new LatentError(
        'network',
        `The ${this.#name} worker could not be fetched from ${url}. The device is offline.`,
      );
    }
    // No message means that the script itself never ran.
    return message
      ? this.#crashed(message)
      : new LatentError(
          'worker-crashed',
          `The ${this.#name} worker could not be loaded from ${url}. Check the address ` +
            '(configure({workerUrl})) and the CSP.',
        );
  }
}
