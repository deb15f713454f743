import {LatentError} from '../core/errors.js';
import {yieldToEvents} from './yield-to-events.js';

/**
 * How soon a call is wanted: of those that wait, the lowest number is next. A function is asked whenever
 * one is chosen.
 */
export type Priority = number | (() => number);

/** How a task stands in the queue. */
export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  /** A waiting task of the same key is given up for this one, and this one takes its place. */
  readonly key?: unknown;
  /** The lowest is next, equal ones in their order; default 0: a visitor waits for it. */
  readonly priority?: Priority | undefined;
}

interface Task extends TaskOptions {
  readonly begin: () => void;
  readonly drop: (error: LatentError) => void;
}

/**
 * Runs tasks one at a time; a failed one never holds up the next. Both threads wait in such queues: the
 * page for a worker that paints, a worker for ONNX Runtime or for the morph under way.
 *
 * - **Newest wins.** Of the frames that a drag asks for faster than they are painted only the newest
 *   waits, by its key and in the place of the older one: this is the one place that drops frames.
 * - **Nearest first.** What loads waits by its distance from the middle of the screen.
 * - **Nobody starves.** What a visitor waits for (priority 0) goes first, but only every other turn while
 *   something else waits: a picture that plays asks for its next frame before the last one is shown,
 *   and would keep all others from ever loading.
 */
export class TaskQueue {
  readonly #waiting: Task[] = [];
  #running = false;
  /** Whether the last task that began was one that a visitor waits for. */
  #wasUrgent = false;

  /** Tasks that have not begun. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `task` in its turn. Rejects with `aborted` when the signal aborts (`task` hears of it by
   * the same signal, and the queue still waits for its end) or when a newer task replaces it.
   */
  push<T>(task: () => Promise<T>, options: TaskOptions = {}): Promise<T> {
    const {signal} = options;
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => {
        this.#remove(entry);
        reject(new LatentError('aborted', 'The call was aborted.'));
      };
      const entry: Task = {
        ...options,
        begin: () => {
          task()
            .then(resolve, reject)
            .finally(() => {
              signal?.removeEventListener('abort', abort);
              void this.#goOn();
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
      if (!this.#running) this.#next();
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

  // Of a picture that takes several tasks, the next is asked for only once the one before is done:
  // what can wait gives it the time of one event to come, or pictures would be made in turns and all
  // be finished last. What a visitor waits for (0) pays nothing for this.
  async #goOn(): Promise<void> {
    const next = this.#waiting[this.#first()];
    if (next && valueOf(next.priority) > 0) await yieldToEvents();
    this.#running = false;
    this.#next();
  }

  #next(): void {
    const [entry] = this.#waiting.splice(this.#first(), 1);
    if (!entry) return;
    this.#running = true;
    this.#wasUrgent = valueOf(entry.priority) <= 0;
    entry.begin();
  }

  /** The index of the task whose turn it is. */
  #first(): number {
    const values = this.#waiting.map(({priority}) => valueOf(priority));
    const patient = this.#wasUrgent ? values.filter((value) => value > 0) : [];
    return values.indexOf(Math.min(...(patient.length > 0 ? patient : values)));
  }
}

/** The number that a priority is now. */
export function valueOf(priority: Priority | undefined): number {
  return typeof priority === 'function' ? priority() : (priority ?? 0);
}
