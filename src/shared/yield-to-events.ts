/** With a collection of garbage in it, still half of a 60 Hz frame: nobody notices an answer that waits for so long. */
const SLICE_MILLISECONDS = 5;

/** Lets waiting events in: messages, input, a frame. */
export function yieldToEvents(): Promise<void> {
  // Timers are held back when they nest; messages are not.
  return new Promise((resolve) => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Cuts long work into slices, so that other calls of the thread get their turn in between. */
export class TimeSlice {
  #began = performance.now();

  /** Whether it has run for long enough. */
  get isOver(): boolean {
    return performance.now() - this.#began > SLICE_MILLISECONDS;
  }

  /** Lets waiting events in, and begins the next slice. */
  async yieldToEvents(): Promise<void> {
    await yieldToEvents();
    this.#began = performance.now();
  }
}
