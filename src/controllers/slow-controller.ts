import type {ReactiveController, ReactiveControllerHost} from 'lit';

/** Milliseconds that nobody minds: what is over before shows no sign of having been. */
const PATIENCE = 300;

/** Whether something has gone on for longer than nobody would notice; updates its host when it has. */
export class SlowController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #isRunning: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #slow = false;

  constructor(host: ReactiveControllerHost, isRunning: () => boolean) {
    this.#host = host;
    this.#isRunning = isRunning;
    host.addController(this);
  }

  get slow(): boolean {
    return this.#slow && this.#isRunning();
  }

  hostUpdated(): void {
    if (!this.#isRunning()) this.#stop();
    else this.#timer ??= setTimeout(this.#onTimeout, PATIENCE);
  }

  hostDisconnected(): void {
    this.#stop();
  }

  readonly #onTimeout = (): void => {
    this.#slow = true;
    this.#host.requestUpdate();
  };

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#slow = false;
  }
}
