import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';

/** Whether the host is in the viewport, or within `rootMargin` of it; updates the host on change. */
export class VisibilityController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #rootMargin: string;
  #observer: IntersectionObserver | undefined;
  #visible = false;
  #distance = 0;

  constructor(host: ReactiveControllerHost & Element, rootMargin = '0px') {
    this.#host = host;
    this.#rootMargin = rootMargin;
    host.addController(this);
  }

  /** False until the browser has said otherwise. */
  get visible(): boolean {
    return this.#visible;
  }

  /**
   * Pixels from the middle of the host to that of the viewport, when it last came or went; 0 before.
   * The observer has measured both already, so that nothing is laid out for it.
   */
  get distance(): number {
    return this.#distance;
  }

  hostConnected(): void {
    if (onServer) return;
    this.#observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        const visible = entry?.isIntersecting ?? false;
        if (entry) this.#distance = distanceOf(entry);
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

function distanceOf({boundingClientRect: host, rootBounds}: IntersectionObserverEntry): number {
  // Null in a frame of another origin.
  const view = rootBounds ?? new DOMRect(0, 0, innerWidth, innerHeight);
  return Math.hypot(
    host.x + host.width / 2 - (view.x + view.width / 2),
    host.y + host.height / 2 - (view.y + view.height / 2),
  );
}
