import type {ReactiveControllerHost} from 'lit';
import {orAbort, throwIfAborted} from '../core/abort.js';
import type {LatentError} from '../core/errors.js';
import type {FrameSize} from '../core/pack/image-size.js';
import type {ImageSource, Model, SourceOptions, Surface, SurfaceSource} from '../engine/types.js';
import {StageCanvas} from './stage-canvas.js';

/** An image as a surface is given it. */
export interface SourceInput {
  readonly image: ImageSource;
  /** Changes when the same object shows something else: an `<img>` with another `src`. */
  readonly version?: string | undefined;
}

interface HeldSource {
  readonly input: SourceInput;
  readonly frame: FrameSize | undefined;
  readonly resolution: number | undefined;
  readonly source: SurfaceSource;
}

interface Held {
  readonly model: Model;
  readonly surface: Promise<Surface>;
  /** Gives up waiting for a canvas. */
  readonly dropped: AbortController;
  /** Takes back the listener at the worker. */
  unwatch?: () => void;
  readonly sources: Map<number, HeldSource>;
}

/** The canvas of an element and the surface that paints it: another surface, another canvas. */
export class SurfaceController {
  readonly #canvas: StageCanvas;
  readonly #onLost: (why: LatentError) => void;
  #held: Held | undefined;

  constructor(host: ReactiveControllerHost, onLost: (why: LatentError) => void) {
    this.#canvas = new StageCanvas(host);
    this.#onLost = onLost;
  }

  /** Names the canvas that is wanted now. */
  get key(): number {
    return this.#canvas.key;
  }

  /** Takes the rendered canvas; a `ref` callback. */
  readonly attach = (canvas: Element | undefined): void => this.#canvas.attach(canvas);

  /** The surface on this model. */
  open(model: Model, signal: AbortSignal): Promise<Surface> {
    let held = this.#held;
    if (held?.model !== model) {
      this.close();
      held = this.#hold(model);
    }
    return orAbort(held.surface, signal);
  }

  #hold(model: Model): Held {
    const dropped = new AbortController();
    const surface = this.#create(model, dropped.signal);
    const held: Held = {model, surface, dropped, sources: new Map()};
    this.#held = held;
    held.surface.then(
      (surface) => {
        // Taken back when the surface is dropped: the worker outlives its surfaces, and must not hold
        // elements that are gone.
        held.unwatch = surface.onLost((why) => this.#lose(held, why));
        if (this.#held !== held) held.unwatch();
      },
      () => this.#drop(held),
    );
    return held;
  }

  /** Encodes a picture as source `index`, unless it is there already. */
  async setSource(
    surface: Surface,
    index: number,
    input: SourceInput,
    options: SourceOptions,
  ): Promise<SurfaceSource> {
    const sources = this.#held?.sources;
    const {resolution} = options;
    const known = sources?.get(index);
    if (known && isSame(known, {input, frame: await options.frame, resolution}))
      return known.source;
    sources?.delete(index);
    const source = await surface.setSource(index, input.image, options);
    const frame = await options.frame;
    throwIfAborted(options.signal);
    sources?.set(index, {input, frame, resolution, source});
    return source;
  }

  /** Lets the surface go, and its canvas with it. */
  close(): void {
    const held = this.#held;
    if (!held) return;
    this.#drop(held);
    held.surface.then(
      (surface) => surface.close(),
      () => undefined,
    );
  }

  #lose(held: Held, why: LatentError): void {
    if (this.#held !== held) return;
    this.#held = undefined;
    this.#onLost(why);
  }

  async #create(model: Model, signal: AbortSignal): Promise<Surface> {
    return model.createSurface(await this.#canvas.take(signal));
  }

  #drop(held: Held): void {
    held.unwatch?.();
    held.dropped.abort();
    if (this.#held === held) this.#held = undefined;
  }
}

function isSame(a: Omit<HeldSource, 'source'>, b: Omit<HeldSource, 'source'>): boolean {
  return (
    a.input.image === b.input.image &&
    a.input.version === b.input.version &&
    a.resolution === b.resolution &&
    (a.frame === b.frame ||
      (a.frame?.width === b.frame?.width && a.frame?.height === b.frame?.height))
  );
}
