import {LatentError} from '../src/core/errors.js';
import type {FrameSize} from '../src/core/image-size.js';
import type {Latent} from '../src/core/latent.js';
import type {Frame, ImageInput, PaintReport} from '../src/protocol/inference.js';
import {drawToFrame, toPixels, toTensor} from './image-tensor.js';
import type {LoadCall, LoadedPack} from './loaded-pack.js';

interface Source {
  readonly pixels: ImageData;
  readonly frame: FrameSize;
  readonly latent: Latent;
  /** What the decode of the latent lacks, in the decoder's own layout; made when first asked for. */
  detail?: Promise<Float32Array>;
}

/** A canvas of the page, and the pictures whose detail its frames carry. */
export class Surface {
  readonly #pack: LoadedPack;
  readonly #canvas: OffscreenCanvas | undefined;
  readonly #context: OffscreenCanvasRenderingContext2D | undefined;
  readonly #sources = new Map<number, Source>();

  constructor(pack: LoadedPack, canvas: OffscreenCanvas | undefined) {
    this.#pack = pack;
    this.#canvas = canvas;
    this.#context = canvas?.getContext('2d', {alpha: false}) ?? undefined;
  }

  /** Encodes a picture and keeps its pixels under `index`. */
  async setSource(
    index: number,
    image: ImageInput,
    frame: FrameSize,
    call: LoadCall,
  ): Promise<Latent> {
    const pixels = drawToFrame(image, frame);
    const latent = await this.#pack.encode(pixels, frame, call);
    this.#sources.set(index, {pixels, frame, latent});
    return latent;
  }

  clearSources(): void {
    this.#sources.clear();
  }

  /** Makes a frame and puts it on the canvas. */
  async paint(frame: Frame, size: FrameSize, call: LoadCall): Promise<PaintReport> {
    const begin = performance.now();
    const {pixels, run} = await this.#pixels(frame, size, call);
    if (this.#canvas && this.#context) {
      // Setting a canvas' size clears it, even to the same size.
      if (this.#canvas.width !== pixels.width) this.#canvas.width = pixels.width;
      if (this.#canvas.height !== pixels.height) this.#canvas.height = pixels.height;
      this.#context.putImageData(pixels, 0, 0);
    }
    return {run, total: performance.now() - begin};
  }

  /** Makes a frame as an image. */
  async render(frame: Frame, size: FrameSize, call: LoadCall): Promise<ImageBitmap> {
    const {pixels} = await this.#pixels(frame, size, call);
    return createImageBitmap(pixels);
  }

  async #pixels(
    {latent, source, detail = {}}: Frame,
    size: FrameSize,
    call: LoadCall,
  ): Promise<{pixels: ImageData; run: number}> {
    if (source !== undefined) return {pixels: this.#source(source).pixels, run: 0};
    const {image, run} = await this.#pack.decode(latent, call);
    for (const [index, weight] of Object.entries(detail)) {
      if (weight > 0) addScaled(image.data, await this.#detail(Number(index), call), weight);
    }
    return {pixels: toPixels(image, size, this.#pack.format), run};
  }

  async #detail(index: number, call: LoadCall): Promise<Float32Array> {
    const source = this.#source(index);
    source.detail ??= this.#pack.decode(source.latent, call).then(({image}) => {
      const original = toTensor(source.pixels, source.frame, this.#pack.format).data;
      return original.map((value, i) => value - image.data[i]!);
    });
    // An abort of this call must not leave later ones without detail.
    source.detail.catch(() => delete source.detail);
    return source.detail;
  }

  #source(index: number): Source {
    const source = this.#sources.get(index);
    if (source) return source;
    throw new LatentError('bad-argument', `The surface has no source number ${String(index)}.`);
  }
}

function addScaled(target: Float32Array, values: Float32Array, weight: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += weight * values[i]!;
}
