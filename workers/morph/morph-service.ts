import {transfer} from 'comlink';
import {LatentError} from '../../src/core/errors.js';
import type {Alignment, PointPair} from '../../src/core/morph/plan.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {Emit} from '../../src/shared/events.js';
import type {
  MorphApi,
  MorphCanvasOptions,
  MorphOptions,
  MorphReport,
} from '../../src/shared/morph.js';
import {holdForLife} from '../life-lock.js';
import {Morph, type MorphTools} from './morph.js';
import {PixelPainter} from './pixel-painter.js';
import {PlanCache} from './plan-cache.js';
import {WebglPainter} from './webgl-painter.js';

/** Everything that a morph worker does, without the worker. */
export class MorphService implements MorphApi {
  #emit: Emit = () => undefined;
  /** By whether it may be computed in software; null where there is none. */
  readonly #webgl = new Map<boolean, WebglPainter | null>();
  readonly #tools: MorphTools = {
    plans: new PlanCache(),
    pixels: new PixelPainter(),
    webgl: ({software}) => {
      let painter = this.#webgl.get(software);
      if (painter === undefined) {
        painter = WebglPainter.create({software}) ?? null;
        this.#webgl.set(software, painter);
      }
      return painter ?? undefined;
    },
  };
  readonly #morphs = new Map<number, Morph>();
  readonly #calls = new Map<number, AbortController>();

  connect({lifeLock}: MorphOptions, emit: Emit): Promise<boolean> {
    this.#emit = emit;
    return holdForLife(lifeLock);
  }

  open(morph: number, canvas?: OffscreenCanvas, options?: MorphCanvasOptions): Promise<void> {
    this.#morphs.set(morph, new Morph(this.#tools, canvas, options));
    return Promise.resolve();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- What it throws, it rejects with.
  async setKeyframes(morph: number, images: readonly ImageBitmap[], limit: number): Promise<Size> {
    try {
      return this.#morph(morph).setKeyframes(images, limit);
    } finally {
      // Also of a morph that is closed by now; closing twice does no harm.
      for (const image of images) image.close();
    }
  }

  async prepare(
    request: number,
    morph: number,
    pairs: readonly (readonly PointPair[])[],
  ): Promise<Alignment[]> {
    const controller = new AbortController();
    this.#calls.set(request, controller);
    const sent: unknown[] = [];
    try {
      const {signal} = controller;
      return await this.#morph(morph).prepare(pairs, signal, (loaded) => {
        sent.push(this.#emit({type: 'progress', request, stage: 'align', loaded, total: 1}));
      });
    } finally {
      // Events and results cross by ports of their own: the result must not overtake the last event.
      await Promise.all(sent);
      this.#calls.delete(request);
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- What it throws, it rejects with.
  async paint(morph: number, value: number): Promise<MorphReport> {
    return this.#morph(morph).paint(value);
  }

  async render(morph: number, value: number): Promise<ImageBitmap> {
    const image = await this.#morph(morph).render(value);
    return transfer(image, [image]);
  }

  close(morph: number): Promise<void> {
    this.#morphs.get(morph)?.close();
    this.#morphs.delete(morph);
    return Promise.resolve();
  }

  cancel(request: number): Promise<void> {
    this.#calls.get(request)?.abort();
    return Promise.resolve();
  }

  #morph(morph: number): Morph {
    const found = this.#morphs.get(morph);
    if (found) return found;
    throw new LatentError('bad-argument', 'This morph was closed. Make another.');
  }
}
