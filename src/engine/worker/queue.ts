import {LatentError} from '../../core/errors.js';

interface Task {
  readonly key: unknown;
  readonly begin: () => void;
  readonly drop: (error: LatentError) => void;
}

/** How a task stands in the queue. */
export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  /** A waiting task of the same key is given up for this one, and this one takes its place. */
  readonly key?: unknown;
}

/** Tasks run one at a time, in order; a failed one never holds up the next. */
export class TaskQueue {
  readonly #waiting: Task[] = [];
  #running = false;

  /** Tasks that have not begun. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `task` in its turn. Rejects with `aborted` when the signal aborts (`task` hears of it by
   * the same signal, and the queue still waits for its end) or when a newer task replaces it.
   */
  push<T>(task: () => Promise<T>, {signal, key}: TaskOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => {
        this.#remove(entry);
        reject(new LatentError('aborted', 'The call was aborted.'));
      };
      const entry: Task = {
        key,
        begin: () => {
          task()
            .then(resolve, reject)
            .finally(() => {
              signal?.removeEventListener('abort', abort);
              this.#running = false;
              this.#next();
            });
        },
        drop: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, {once: true});
      this.#enqueue(entry);
      this.#next();
    });
  }

  #enqueue(entry: Task): void {
    const older =
      entry.key === undefined ? -1 : this.#waiting.findIndex(({key}) => key === entry.key);
    if (older < 0) {
      this.#waiting.push(entry);
      return;
    }
    const [replaced] = this.#waiting.splice(older, 1, entry);
    replaced?.drop(new LatentError('aborted', 'A newer frame took the place of this one.'));
  }

  #remove(entry: Task): void {
    const index = this.#waiting.indexOf(entry);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  #next(): void {
    if (this.#running) return;
    const entry = this.#waiting.shift();
    if (!entry) return;
    this.#running = true;
    entry.begin();
  }
}
