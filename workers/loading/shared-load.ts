import {orAbort} from '../../src/core/abort.js';

/** Who waits for a load, and how it hears of it. */
export interface LoadCall {
  readonly signal: AbortSignal;
  /** `loaded` is bytes of the files that were asked for, or of the runtime; of a compilation, that it is done. */
  onProgress(stage: 'download' | 'runtime' | 'compile', loaded: number): void;
}

/** Hears how many bytes of a load are here. */
export type LoadListener = (loaded: number) => void;

/**
 * One load that many callers wait for: each hears its progress, each may give up alone, and the
 * load itself stops when the last of them has given up.
 */
export class SharedLoad<T> {
  readonly result: Promise<T>;
  readonly #controller = new AbortController();
  readonly #listeners = new Set<LoadListener>();
  #waiting = 0;
  #loaded = 0;
  #settled = false;

  constructor(load: (signal: AbortSignal, onProgress: LoadListener) => Promise<T>) {
    this.result = load(this.#controller.signal, (loaded) => {
      this.#loaded = loaded;
      for (const listener of this.#listeners) listener(loaded);
    });
    const settle = (): void => {
      this.#settled = true;
    };
    this.result.then(settle, settle);
  }

  /** Whether every caller gave up, so that nobody may join any more. */
  get abandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Waits for the result; rejects with `aborted` as soon as `signal` aborts. */
  async join(signal: AbortSignal, listener: LoadListener): Promise<T> {
    this.#waiting++;
    this.#listeners.add(listener);
    // Whoever comes late starts where the others are.
    listener(this.#loaded);
    try {
      return await orAbort(this.result, signal);
    } finally {
      this.#listeners.delete(listener);
      if (--this.#waiting === 0 && !this.#settled) this.#controller.abort();
    }
  }
}

/**
 * Joins the load of a URL, or begins it. A failure is not kept, nor what everybody gave up: the next call
 * begins anew.
 */
export function joinShared<T>(
  loads: Map<string, SharedLoad<T>>,
  url: string,
  signal: AbortSignal,
  listener: LoadListener | undefined,
  begin: (signal: AbortSignal, onProgress: LoadListener) => Promise<T>,
): Promise<T> {
  let load = loads.get(url);
  if (!load || load.abandoned) {
    const begun = (load = new SharedLoad(begin));
    loads.set(url, begun);
    begun.result.catch(() => {
      if (loads.get(url) === begun) loads.delete(url);
    });
  }
  return load.join(signal, (loaded) => listener?.(loaded));
}

/** Calls for files that load side by side, which report to `call` as one download. */
export function joinDownloads(call: LoadCall): () => LoadCall {
  const loads: number[] = [];
  return () => {
    const index = loads.push(0) - 1;
    return {
      signal: call.signal,
      onProgress: (stage, loaded) => {
        if (stage === 'download') {
          loads[index] = loaded;
          call.onProgress(
            stage,
            loads.reduce((sum, each) => sum + each, 0),
          );
        } else call.onProgress(stage, loaded);
      },
    };
  };
}
