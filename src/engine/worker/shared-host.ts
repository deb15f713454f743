import {LatentError} from '../../core/errors.js';
import type {Settings} from '../config.js';
import type {WorkerApi, WorkerHost} from './host.js';

/**
 * The worker that all who use one kind of it on a page share: it starts with the first of them, is replaced
 * where it has ended, and ends a while after the last.
 */
export class SharedHost<Api extends WorkerApi> {
  readonly #start: (settings: Settings) => WorkerHost<Api>;
  #host: WorkerHost<Api> | undefined;
  #users = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(start: (settings: Settings) => WorkerHost<Api>) {
    this.#start = start;
  }

  /** Counts a user in; `onLost` hears why the worker ended, `leave` counts the user out. */
  join(
    settings: Settings,
    onLost: (why: LatentError) => void,
  ): {readonly host: WorkerHost<Api>; readonly leave: () => void} {
    if (!this.#host?.alive) this.#host = this.#start(settings);
    const host = this.#host;
    clearTimeout(this.#idle);
    this.#users++;
    const forget = host.onEnd(onLost);
    const leave = (): void => {
      forget();
      if (--this.#users > 0) return;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(this.#end, settings.idleTimeout);
    };
    return {host, leave};
  }

  // No closure within `join`: the timer would keep `onLost`, and the element behind it, for as long.
  readonly #end = (): void => {
    this.#host?.terminate(new LatentError('aborted', 'The worker was idle.'));
  };
}
