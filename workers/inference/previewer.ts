import type {FrameSize} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {PreviewBudget} from '../../src/core/diffusion/sampling.js';
import type {LoadCall} from '../loading/shared-load.js';

/** What previews need of a pack. */
export interface PreviewPack {
  decode(latent: Latent, frame: FrameSize, call: LoadCall): Promise<{readonly pixels: ImageData}>;
}

/** Paints how the image of a denoising looks so far, at as many steps as its budget allows. */
export class Previewer {
  readonly #pack: PreviewPack;
  readonly #frame: FrameSize;
  readonly #budget = new PreviewBudget();
  readonly #began = performance.now();
  #spent = 0;

  constructor(pack: PreviewPack, frame: FrameSize) {
    this.#pack = pack;
    this.#frame = frame;
  }

  /** The image of a step's latent; undefined where it would cost too much. */
  async paint(latent: Latent, call: LoadCall): Promise<ImageBitmap | undefined> {
    const begin = performance.now();
    if (!this.#budget.allows(begin - this.#began - this.#spent)) return undefined;
    const {pixels} = await this.#pack.decode(latent, this.#frame, call);
    const bitmap = await createImageBitmap(pixels);
    const milliseconds = performance.now() - begin;
    this.#budget.spend(milliseconds);
    this.#spent += milliseconds;
    return bitmap;
  }
}
