/** Half of a 60 Hz frame: nobody notices a search that waits for so long. */
const SLICE_MILLISECONDS = 8;

/** Cuts long work into slices, so that other calls of the worker get their turn in between. */
export class Breather {
  #began = performance.now();

  /** Whether the slice is over. */
  get isDue(): boolean {
    return performance.now() - this.#began > SLICE_MILLISECONDS;
  }

  /** Lets waiting messages in, and begins the next slice. */
  async pause(): Promise<void> {
    // Timers are held back when they nest; messages are not.
    await new Promise<void>((resolve) => {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
    this.#began = performance.now();
  }
}
