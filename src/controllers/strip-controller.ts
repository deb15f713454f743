import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';

/** Frames of a strip. */
export interface StripContent {
  /** All that its frames depend on: a change of one of them draws them anew. */
  readonly key: readonly unknown[];
  readonly count: number;
  /** Makes what draws the frames. */
  open(signal: AbortSignal): Promise<StripFrames>;
}

/** Draws the frames of a strip. */
export interface StripFrames {
  /** Frame `index`, which is closed once it is drawn. */
  frame(index: number, signal: AbortSignal): Promise<ImageBitmap>;
  close(): void;
}

/** Milliseconds without input after which the page counts as at rest. */
const REST = 250;

// Of the whole page: a visitor has one hand on it.
let touched = -Infinity;

/**
 * Small frames of what its host would show. One is drawn at a time and only while the visitor rests, so
 * that a frame which the visitor waits for waits for one small one at most.
 */
export class StripController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #content: () => StripContent | undefined;
  #key: readonly unknown[] | undefined;
  #abort: AbortController | undefined;
  #frames: readonly (HTMLCanvasElement | undefined)[] = [];

  constructor(host: ReactiveControllerHost, content: () => StripContent | undefined) {
    this.#host = host;
    this.#content = content;
    host.addController(this);
  }

  /** The frames so far, undefined for those that are still to come. */
  get frames(): readonly (HTMLCanvasElement | undefined)[] {
    return this.#frames;
  }

  /** The visitor is moving something. */
  touch(): void {
    touched = performance.now();
  }

  hostUpdated(): void {
    if (onServer) return;
    const content = this.#content();
    if (isSame(content?.key, this.#key)) return;
    this.#key = content?.key;
    this.#abort?.abort();
    if (!content) {
      this.#show([]);
      return;
    }
    this.#abort = new AbortController();
    // What it may show instead is not worth an error: the element tells what is wrong.
    this.#draw(content, this.#abort.signal).catch(() => undefined);
  }

  hostDisconnected(): void {
    this.#abort?.abort();
    this.#key = undefined;
  }

  async #draw(content: StripContent, signal: AbortSignal): Promise<void> {
    await rest(signal);
    const strip = await content.open(signal);
    try {
      const fresh: (HTMLCanvasElement | undefined)[] = [];
      for (let index = 0; index < content.count; index++) {
        await rest(signal);
        const frame = await strip.frame(index, signal);
        // Drawn at once: a bitmap that waits for the next one to come holds its pixels in the GPU.
        if (!signal.aborted) fresh[index] = draw(frame, this.#frames[index]);
        frame.close();
        if (signal.aborted) return;
        // The old frame of a place stays until there is a new one.
        this.#show(Array.from({length: content.count}, (_, i) => fresh[i] ?? this.#frames[i]));
      }
    } finally {
      strip.close();
    }
  }

  #show(frames: readonly (HTMLCanvasElement | undefined)[]): void {
    this.#frames = frames;
    this.#host.requestUpdate();
  }
}

/** Draws an image at its own size, on the canvas of the one before where there is one. */
function draw(image: ImageBitmap, canvas = document.createElement('canvas')): HTMLCanvasElement {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  return canvas;
}

async function rest(signal: AbortSignal): Promise<void> {
  await idle();
  while (performance.now() - touched < REST) {
    await new Promise((resolve) => setTimeout(resolve, REST));
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
}

// Not in Safari.
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), {timeout: REST});
    else setTimeout(resolve, 1);
  });
}

function isSame(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  return a === b || (a?.length === b?.length && (a?.every((each, i) => each === b?.[i]) ?? false));
}
