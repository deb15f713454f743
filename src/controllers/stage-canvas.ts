import type {ReactiveControllerHost} from 'lit';
import {orAbort} from '../core/abort.js';

/**
 * The canvas that its host renders, to give away. One whose control went to a worker never comes back:
 * the host renders another for each `key`, and hands it over by `attach`.
 */
export class StageCanvas {
  readonly #host: ReactiveControllerHost;
  readonly #waiting = new Set<() => void>();
  #canvas: HTMLCanvasElement | undefined;
  #given: HTMLCanvasElement | undefined;
  #key = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Names the canvas that is wanted now. */
  get key(): number {
    return this.#key;
  }

  /** Takes the rendered canvas; a `ref` callback. */
  readonly attach = (canvas: Element | undefined): void => {
    if (!canvas) return;
    this.#canvas = canvas as HTMLCanvasElement;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  };

  /** A canvas that nobody was given before. */
  async take(signal: AbortSignal): Promise<HTMLCanvasElement> {
    await this.#host.updateComplete;
    while (!this.#canvas || this.#canvas === this.#given) {
      this.#key++;
      this.#host.requestUpdate();
      // A host outside of the document hands over none before it is back.
      await orAbort(new Promise<void>((resolve) => this.#waiting.add(resolve)), signal);
    }
    this.#given = this.#canvas;
    return this.#canvas;
  }
}
