/**
 * Runs one task at a time, in order. ORT's WebGPU backend needs it (two runs at once hang, two
 * compilations at once fail), and a failed task must not hold up the next.
 */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
