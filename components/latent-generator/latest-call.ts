/** Calls of which the latest wins: whoever waits for an earlier one hears `AbortError`. */
export class LatestCall {
  #abort = new AbortController();

  /** Something else is wanted from now on. */
  supersede(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /**
   * What `get` gives, until it is superseded or `signal` aborts; in the latter case `cancel` gives up
   * what nobody waits for any more.
   */
  async wait<T>(
    get: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
    cancel: () => void,
  ): Promise<T> {
    const latest = this.#abort.signal;
    const giveUp = (): void => {
      if (!latest.aborted) cancel();
    };
    signal?.addEventListener('abort', giveUp, {once: true});
    try {
      return await get(signal ? AbortSignal.any([signal, latest]) : latest);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }
}
