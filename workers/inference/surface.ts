import {LatentError} from '../../src/core/errors.js';
import type {FrameSize} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {FrameRequest, ImageInput, PaintReport} from '../../src/shared/inference.js';
import type {StepListener} from '../diffusion/diffuser.js';
import type {LoadCall} from '../loading/shared-load.js';
import {drawToSize, setSize} from './image-tensor.js';
import type {LoadedPack} from './loaded-pack.js';

interface Source {
  readonly pixels: ImageData;
  readonly frame: FrameSize;
  readonly latent: Latent;
  /** What the decode of the latent lacks, pixel by pixel; made when first asked for. */
  detail?: Promise<Int16Array>;
}

/** A canvas of the page, and the pictures whose detail its frames carry. */
export class Surface {
  /** What its frames are made by. */
  readonly pack: LoadedPack;
  readonly #canvas: OffscreenCanvas | undefined;
  readonly #context: OffscreenCanvasRenderingContext2D | undefined;
  readonly #sources = new Map<number, Source>();

  constructor(pack: LoadedPack, canvas: OffscreenCanvas | undefined) {
    this.pack = pack;
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
    const pixels = drawToSize(image, frame);
    const latent = await this.pack.encode(pixels, frame, call);
    this.#sources.set(index, {pixels, frame, latent});
    return latent;
  }

  /** Makes a frame and puts it on the canvas; gives what it cost, and the pixels. */
  async paint(
    frame: FrameRequest,
    size: FrameSize,
    call: LoadCall,
    onStep?: StepListener,
  ): Promise<{report: PaintReport; pixels: ImageData}> {
    const begin = performance.now();
    const {pixels, run, latent} = await this.#pixels(frame, size, call, onStep);
    if (this.#canvas && this.#context) {
      setSize(this.#canvas, pixels);
      this.#context.putImageData(pixels, 0, 0);
    }
    return {report: {run, total: performance.now() - begin, ...(latent && {latent})}, pixels};
  }

  /** Makes a frame as an image. */
  async render(frame: FrameRequest, size: FrameSize, call: LoadCall): Promise<ImageBitmap> {
    const {pixels} = await this.#pixels(frame, size, call);
    return createImageBitmap(pixels);
  }

  async #pixels(
    {latent, denoise, edits = {}, source, detail = {}}: FrameRequest,
    size: FrameSize,
    call: LoadCall,
    onStep?: StepListener,
  ): Promise<{pixels: ImageData; run: number; latent?: Latent}> {
    if (source !== undefined) return {pixels: this.#source(source).pixels, run: 0};
    const denoised = denoise && (await this.pack.diffuser.denoise(latent, denoise, call, onStep));
    const edited = await this.pack.edit(denoised?.latent ?? latent, edits, call);
    const {pixels, run} = await this.pack.decode(edited.latent, size, call);
    const carried: Carried[] = [];
    for (const [index, weight] of Object.entries(detail)) {
      if (weight > 0) carried.push({detail: await this.#detail(Number(index), call), weight});
    }
    addDetail(pixels.data, carried);
    return {
      pixels,
      run: (denoised?.run ?? 0) + edited.run + run,
      ...(denoised && {latent: denoised.latent}),
    };
  }

  async #detail(index: number, call: LoadCall): Promise<Int16Array> {
    const source = this.#source(index);
    source.detail ??= this.pack
      .decode(source.latent, source.frame, call)
      .then(({pixels}) =>
        Int16Array.from(source.pixels.data, (value, i) => value - pixels.data[i]!),
      );
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

interface Carried {
  readonly detail: Int16Array;
  /** 0..1. */
  readonly weight: number;
}

// In whole numbers, two at a time, as many as a frame between keyframes has: that takes a third of
// the time of the obvious loop, and weight 1 restores the source exactly.
function addDetail(pixels: Uint8ClampedArray, carried: readonly Carried[]): void {
  const bytes = new Uint8Array(pixels.buffer);
  for (let pair = 0; pair < carried.length; pair += 2) {
    const first = carried[pair]!;
    const second = carried[pair + 1] ?? {detail: first.detail, weight: 0};
    const [a, b] = [first.detail, second.detail];
    const [wa, wb] = [Math.round(256 * first.weight), Math.round(256 * second.weight)];
    for (let i = 0; i < bytes.length; i++) {
      const sum = bytes[i]! + ((wa * a[i]! + wb * b[i]! + 128) >> 8);
      bytes[i] = sum < 0 ? 0 : sum > 255 ? 255 : sum;
    }
  }
}
