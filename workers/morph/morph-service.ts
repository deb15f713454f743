import {transfer} from 'comlink';
import {LatentError} from '../../src/core/errors.js';
import type {MorphApi} from '../../src/shared/morph.js';
import {OpenCalls} from '../open-calls.js';
import {Morph, type MorphTools} from './morph.js';
import {PixelPainter} from './pixel-painter.js';
import {PlanCache} from './plan-cache.js';
import {WebglPainter} from './webgl-painter.js';

/** Everything that a morph worker does, without the worker. */
export class MorphService implements MorphApi {
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
  readonly #calls = new OpenCalls();

  readonly connect: MorphApi['connect'] = ({lifeLock}, emit) => this.#calls.connect(lifeLock, emit);

  readonly open: MorphApi['open'] = (morph, canvas, options) => {
    this.#morphs.set(morph, new Morph(this.#tools, canvas, options));
    return Promise.resolve();
  };

  // eslint-disable-next-line @typescript-eslint/require-await -- What it throws, it rejects with.
  readonly setKeyframes: MorphApi['setKeyframes'] = async (morph, images, limit) => {
    try {
      return this.#morph(morph).setKeyframes(images, limit);
    } finally {
      // Also of a morph that is closed by now; closing twice does no harm.
      for (const image of images) image.close();
    }
  };

  readonly prepare: MorphApi['prepare'] = (request, morph, pairs, priority) =>
    this.#calls.run(request, ({signal, report}) => {
      const onProgress = (loaded: number): void => {
        report({type: 'progress', request, stage: 'align', loaded, total: 1});
      };
      return this.#morph(morph).prepare(pairs, {priority, signal, onProgress});
    });

  // eslint-disable-next-line @typescript-eslint/require-await -- What it throws, it rejects with.
  readonly paint: MorphApi['paint'] = async (morph, value) => this.#morph(morph).paint(value);

  readonly render: MorphApi['render'] = async (morph, value) => {
    const image = await this.#morph(morph).render(value);
    return transfer(image, [image]);
  };

  readonly close: MorphApi['close'] = (morph) => {
    this.#morphs.get(morph)?.close();
    this.#morphs.delete(morph);
    return Promise.resolve();
  };

  readonly cancel: MorphApi['cancel'] = (request) => {
    this.#calls.cancel(request);
    return Promise.resolve();
  };

  #morph(morph: number): Morph {
    const found = this.#morphs.get(morph);
    if (found) return found;
    throw new LatentError('bad-argument', 'This morph was closed. Make another.');
  }
}
