import type {Emit, WorkerEvent} from '../src/shared/events.js';
import {holdForLife} from './life-lock.js';

/** A call under way: how it hears that it was given up, and how it reports. */
export interface OpenCall {
  readonly signal: AbortSignal;
  readonly report: (event: WorkerEvent) => void;
}

/**
 * The calls that a worker has under way, by the numbers that their caller gave them: neither an
 * `AbortSignal` nor a callback crosses to a worker, so that `cancel` and events name a call by its number.
 */
export class OpenCalls {
  readonly #controllers = new Map<number, AbortController>();
  #emit: Emit = () => undefined;

  /**
   * Takes where events go, and the lock by whose coming free the page learns that this worker has ended;
   * settles with whether it is held.
   */
  connect(lifeLock: string, emit: Emit): Promise<boolean> {
    this.#emit = emit;
    return holdForLife(lifeLock);
  }

  /** Runs a call under its number. */
  async run<T>(request: number, task: (call: OpenCall) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#controllers.set(request, controller);
    const sent: unknown[] = [];
    const report = (event: WorkerEvent): void => {
      sent.push(this.#emit(event));
    };
    try {
      return await task({signal: controller.signal, report});
    } catch (error) {
      // What it still has under way is of no use to anybody: a file of several that is on its way, say.
      controller.abort();
      throw error;
    } finally {
      // Events and results cross by ports of their own: the result must not overtake the last event.
      await Promise.all(sent);
      this.#controllers.delete(request);
    }
  }

  /** Gives a call up; one that is over by now is no error. */
  cancel(request: number): void {
    this.#controllers.get(request)?.abort();
  }
}
