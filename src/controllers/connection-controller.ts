import type {ReactiveController, ReactiveControllerHost} from 'lit';

/** Milliseconds that an element may be out of the document before it counts as removed. */
const BEAT = 50;

/** Tells a removal from a move: one signal a stay in the document, aborted a beat after its end. */
export class ConnectionController implements ReactiveController {
  readonly #removed: () => void;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, removed: () => void) {
    this.#removed = removed;
    host.addController(this);
  }

  /** Aborts when the element has left the document for good. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  hostConnected(): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
  }

  hostDisconnected(): void {
    this.#timer = setTimeout(() => {
      this.#abort.abort();
      this.#removed();
    }, BEAT);
  }
}
