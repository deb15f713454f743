/** A run that somebody waits for. */
interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs one job at a time, and once more if it was asked for in between: a drag asks for more frames
 * than there is time to paint, and only the newest matters.
 */
export class LatestRun {
  readonly #job: () => Promise<void>;
  #next: Waiting | undefined;
  #running = false;

  constructor(job: () => Promise<void>) {
    this.#job = job;
  }

  /** Settles as the first run that begins from now on, at once where none is under way. */
  request(): Promise<void> {
    const waiting = (this.#next ??= waitingRun());
    if (!this.#running) void this.#drain();
    return waiting.promise;
  }

  async #drain(): Promise<void> {
    this.#running = true;
    for (let run = this.#take(); run; run = this.#take()) {
      await this.#job().then(run.resolve, run.reject);
    }
    this.#running = false;
  }

  #take(): Waiting | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }
}

function waitingRun(): Waiting {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle));
  return {promise, resolve, reject};
}
