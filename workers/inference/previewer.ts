import type {FrameSize} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {PreviewBudget} from '../../src/core/diffusion/sampling.js';
import {type PixelFormat, toPixels} from './image-tensor.js';
import type {LoadCall} from './loaded-pack.js';
import type {TensorData} from './ort-runtime.js';

/** What previews need of a pack. */
export interface PreviewPack {
  readonly format: PixelFormat;
  decode(latent: Latent, call: LoadCall): Promise<{readonly image: TensorData}>;
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
    const {image} = await this.#pack.decode(latent, call);
    const bitmap = await createImageBitmap(toPixels(image, this.#frame, this.#pack.format));
    const milliseconds = performance.now() - begin;
    this.#budget.spend(milliseconds);
    this.#spent += milliseconds;
    return bitmap;
  }
}
