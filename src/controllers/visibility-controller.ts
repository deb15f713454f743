import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';

/** Whether the host is in the viewport, or within `rootMargin` of it; updates the host on change. */
export class VisibilityController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #rootMargin: string;
  #observer: IntersectionObserver | undefined;
  #visible = false;

  constructor(host: ReactiveControllerHost & Element, rootMargin = '0px') {
    this.#host = host;
    this.#rootMargin = rootMargin;
    host.addController(this);
  }

  /** False until the browser has said otherwise. */
  get visible(): boolean {
    return this.#visible;
  }

  hostConnected(): void {
    if (onServer) return;
    this.#observer = new IntersectionObserver(
      (entries) => {
        const visible = entries.at(-1)?.isIntersecting ?? false;
        if (visible === this.#visible) return;
        this.#visible = visible;
        this.#host.requestUpdate();
      },
      {rootMargin: this.#rootMargin},
    );
    this.#observer.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#visible = false;
  }
}
