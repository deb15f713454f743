import {LatentError} from '../../src/core/errors.js';
import type {FrameSize, Size} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {FrameRequest, ImageInput, PaintReport} from '../../src/shared/inference.js';
import type {StepListener} from '../diffusion/diffuser.js';
import type {LoadCall} from '../loading/shared-load.js';
import {drawToSize, type GpuLatent, releaseLatent} from './image-tensor.js';
import type {LoadedPack} from './loaded-pack.js';
import {type Carried, type Content, type Painter, releaseDecode} from './painter.js';

interface Source {
  readonly frame: FrameSize;
  readonly latent: Latent;
  /** The decode of the latent, whose lacks are the detail; made when first asked for. */
  reconstruction?: Promise<void>;
}

/** A frame ready to be painted, and what it took to make it. */
interface Made {
  readonly content: Content;
  readonly run: number;
  /** What was denoised for it. */
  readonly denoised?: Latent | GpuLatent;
}

/** A canvas of the page, and the pictures whose detail its frames carry. */
export class Surface {
  /** What its frames are made by. */
  readonly pack: LoadedPack;
  readonly #canvas: OffscreenCanvas | undefined;
  readonly #sources = new Map<number, Source>();
  #painter: Painter | undefined;

  constructor(pack: LoadedPack, canvas: OffscreenCanvas | undefined) {
    this.pack = pack;
    this.#canvas = canvas;
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
    const painter = await this.#painterFor(frame, call);
    painter.setSource(index, pixels);
    this.#sources.set(index, {frame, latent});
    return latent;
  }

  /**
   * Makes a frame and puts it on the canvas; gives what it cost, and where somebody wants it by then, its
   * image.
   */
  async paint(
    frame: FrameRequest,
    size: FrameSize,
    call: LoadCall,
    onStep?: StepListener,
    wantsImage: () => boolean = () => false,
  ): Promise<{report: PaintReport; image?: ImageBitmap}> {
    const begin = performance.now();
    return this.#with(frame, size, call, onStep, async (painter, {content, run, denoised}) => {
      await painter.show(content);
      const latent = denoised && (await this.pack.diffuser.read(denoised));
      const report = {run, total: performance.now() - begin, ...(latent && {latent})};
      return {report, ...(wantsImage() && {image: await painter.render(content)})};
    });
  }

  /** Makes a frame as an image. */
  render(frame: FrameRequest, size: FrameSize, call: LoadCall): Promise<ImageBitmap> {
    return this.#with(frame, size, call, undefined, async (painter, {content, denoised}) => {
      // Says what is wrong with it, where a picture would be black.
      if (denoised) await this.pack.diffuser.read(denoised);
      return painter.render(content);
    });
  }

  /** Lets the sources go. */
  close(): void {
    this.#painter?.close();
    this.#sources.clear();
  }

  /** Runs `task` with a frame, and lets go what the decoder made for it. */
  async #with<T>(
    frame: FrameRequest,
    size: FrameSize,
    call: LoadCall,
    onStep: StepListener | undefined,
    task: (painter: Painter, made: Made) => Promise<T>,
  ): Promise<T> {
    const painter = await this.#painterFor(size, call);
    const made = await this.#make(painter, frame, size, call, onStep);
    try {
      return await task(painter, made);
    } finally {
      if ('decode' in made.content) releaseDecode(made.content.decode);
      releaseLatent(made.denoised);
    }
  }

  async #make(
    painter: Painter,
    {latent, denoise, edits = {}, source, detail = {}}: FrameRequest,
    size: FrameSize,
    call: LoadCall,
    onStep?: StepListener,
  ): Promise<Made> {
    if (source !== undefined) {
      this.#source(source);
      return {content: {source}, run: 0};
    }
    const carried: Carried[] = [];
    for (const [index, weight] of Object.entries(detail)) {
      if (weight <= 0) continue;
      await this.#reconstruct(painter, Number(index), call);
      carried.push({source: Number(index), weight});
    }
    const denoised = denoise && (await this.pack.diffuser.denoise(latent, denoise, call, onStep));
    try {
      const edited = await this.pack.edit(denoised?.latent ?? latent, edits, call);
      const {decode, run} = await this.pack.decode(edited.latent, size, call);
      return {
        content: {decode, carried},
        run: (denoised?.run ?? 0) + edited.run + run,
        ...(denoised && {denoised: denoised.latent}),
      };
    } catch (error) {
      releaseLatent(denoised?.latent);
      throw error;
    }
  }

  /** Has the decode of a source's own latent where its detail is computed. */
  async #reconstruct(painter: Painter, index: number, call: LoadCall): Promise<void> {
    const source = this.#source(index);
    source.reconstruction ??= this.pack
      .decode(source.latent, source.frame, call)
      .then(async ({decode}) => {
        try {
          await painter.setReconstruction(index, decode);
        } finally {
          releaseDecode(decode);
        }
      });
    // An abort of this call must not leave later ones without detail.
    source.reconstruction.catch(() => delete source.reconstruction);
    return source.reconstruction;
  }

  // Not before the first picture is known: a canvas keeps the kind of its first context, and a GPU paints
  // none that is too large for it.
  async #painterFor(frame: Size, call: LoadCall): Promise<Painter> {
    return (this.#painter ??= await this.pack.painter(call, frame, this.#canvas));
  }

  #source(index: number): Source {
    const source = this.#sources.get(index);
    if (source) return source;
    throw new LatentError('bad-argument', `The surface has no source number ${String(index)}.`);
  }
}
