import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {orAbort} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {type ElementStatus, mayRecover} from './element-status.js';
import {onServer} from './server.js';
import {VisibilityController} from './visibility-controller.js';

/** Milliseconds that an element may be out of the document before it counts as removed. */
const REMOVAL_DELAY = 50;

/**
 * Tells a removal from a move in the document. One signal covers one stay; it aborts when the stay
 * has been over for `REMOVAL_DELAY`.
 */
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
    }, REMOVAL_DELAY);
  }
}

/** An element that loads something. */
export interface LoadHost extends ReactiveControllerHost, HTMLElement {
  readonly loading: 'lazy' | 'eager' | 'intent';
}

/** Start loading this far from the viewport. */
const NEAR = '200px';
/** Pixels that an element counts as further away than the one that was made before it. */
const TIE = 2 ** -20;
let triggers = 0;

/** What a visitor does first who means to use an element. */
const INTENTS = ['pointerenter', 'focusin', 'keydown'] as const;

/** Decides when its host loads: once it is seen or told to, again after a failure, never once it is gone. */
export class LoadTrigger implements ReactiveController {
  readonly connection: ConnectionController;
  readonly #host: LoadHost;
  readonly #status: ElementStatus;
  readonly #near: VisibilityController;
  #wanted = false;
  #attempt = 0;
  readonly #recoveries: number[] = [];
  readonly #order = ++triggers;

  /** `removed` lets go of what was loaded when the host has left the document. */
  constructor(host: LoadHost, status: ElementStatus, removed: () => void) {
    this.#host = host;
    this.#status = status;
    host.addController(this);
    this.connection = new ConnectionController(host, () => {
      this.#wanted = false;
      removed();
      status.abandon(new LatentError('aborted', 'The element left the document.'));
      // With its arguments changed, the task aborts what is under way.
      host.requestUpdate();
    });
    this.#near = new VisibilityController(host, NEAR);
  }

  /** What a task depends on: whether to load now, and which attempt it is. */
  get args(): readonly [boolean, number] {
    return [!this.connection.signal.aborted && this.#isWanted(), this.#attempt];
  }

  /**
   * How soon the host's picture is wanted, less is sooner: in pixels from the middle of the viewport, as
   * it was when the host came near. Pictures as far away as each other come in the order in which they
   * were made; alike, they would be made in turns and all be finished last.
   */
  readonly priority = (): number => this.#near.distance + this.#order * TIE;

  hostConnected(): void {
    if (!onServer) window.addEventListener('beforeprint', this.#onPrint);
    for (const type of INTENTS) this.#host.addEventListener(type, this.#onIntent);
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    window.removeEventListener('beforeprint', this.#onPrint);
    for (const type of INTENTS) this.#host.removeEventListener(type, this.#onIntent);
  }

  /** Loads even what nobody has seen. */
  want(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#host.requestUpdate();
  }

  /** Once more from the start. */
  retry(): void {
    this.#attempt++;
    this.want();
    this.#host.requestUpdate();
  }

  /** Aborts with `signal`, and when the host has left the document. */
  until(signal: AbortSignal | undefined): AbortSignal {
    const removed = this.connection.signal;
    return signal ? AbortSignal.any([signal, removed]) : removed;
  }

  /** What `get` finds, as soon as the host is ready and it finds something. */
  async loaded<T>(
    get: () => T | undefined | Promise<T | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (;;) {
      await orAbort(this.#status.ready, this.until(signal));
      const found = await get();
      if (found !== undefined) return found;
      // Replaced meanwhile: wait for the next, by a task, since microtasks could spin.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Tries again by itself where the worker died, as `mayRecover` says, else shows the error. */
  fail(error: LatentError): void {
    const now = performance.now();
    if (mayRecover(error, this.#recoveries, now)) {
      this.#recoveries.push(now);
      this.retry();
      return;
    }
    this.#status.fail(error);
  }

  #isWanted(): boolean {
    const {loading} = this.#host;
    this.#wanted ||= loading === 'eager' || (loading !== 'intent' && this.#near.visible);
    return this.#wanted;
  }

  // Paper has no viewport to come near to.
  readonly #onPrint = (): void => {
    if (this.#host.loading === 'lazy') this.want();
  };

  readonly #onIntent = (): void => {
    if (this.#host.loading === 'intent') this.want();
  };
}
