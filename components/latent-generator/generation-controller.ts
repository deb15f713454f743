import type {ReactiveController} from 'lit';
import type {ElementStatus} from '../../src/controllers/element-status.js';
import {
  type Picture,
  PictureController,
  type PictureHost,
  type PictureInput,
  type PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {
  noiseAt,
  type NoisePlace,
  type Position,
  type Variation,
  walk,
  walkNoise,
} from '../../src/core/diffusion/noise-walk.js';
import type {Sampling} from '../../src/core/diffusion/sampling.js';
import {countOf, type Latent} from '../../src/core/latent/latent.js';
import {frameToGenerate, latentShapeOf, type Size} from '../../src/core/pack/image-size.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import type {DenoiseStep, ImageSource} from '../../src/engine/types.js';
import type {Frame, PaintReport} from '../../src/shared/inference.js';
import {samePosition} from './noise-walk-controller.js';

/** `detail` of `latent-step`. */
export interface StepDetail {
  /** 1 … `steps`. */
  readonly step: number;
  readonly steps: number;
  /**
   * The image as it looks so far; not at every step of a model whose decoder is slow. A listener that
   * reads it closes it; one that nobody reads is closed as the next comes.
   */
  readonly preview: ImageBitmap | undefined;
}

/** `detail` of `latent-image`. */
export interface ImageDetail {
  readonly seed: number;
  /** From the beginning of its denoising to its being painted. */
  readonly milliseconds: number;
}

/** An element whose properties say what is sampled. */
export interface GenerationHost extends PictureHost {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
  readonly steps: number | undefined;
  readonly guidanceScale: number | undefined;
  readonly src: ImageSource | undefined;
  readonly strength: number;
  readonly variations: readonly Variation[];
  readonly position: Position;
}

interface Kept {
  readonly key: readonly unknown[];
  readonly noise: Float32Array;
  readonly around: Float32Array;
}

/**
 * Samples the image of its host's properties and shows it: whole, with a preview a step, when one of them
 * changes; frame by frame where only the position does. Dispatches `latent-step` and `latent-image`.
 */
export class GenerationController implements ReactiveController {
  readonly picture: PictureController;
  readonly #host: GenerationHost;
  #manifest: PackManifest | undefined;
  #latent: Latent | undefined;
  #preview: HTMLCanvasElement | undefined;
  /** The last preview that was dispatched, as long as no listener has read it. */
  #unread: ImageBitmap | undefined;
  /** Whose whole image is under way. */
  #making: Picture | undefined;
  /** What was made whole of each picture, and where the walk stood: shown there again without denoising. */
  readonly #made = new WeakMap<Picture, {readonly latent: Latent; readonly position: Position}>();
  #asked: readonly unknown[] = [];
  #superseded = new AbortController();
  // The same all over a walk, so that a frame costs one turn of the noise.
  #kept: Kept = {key: [], noise: new Float32Array(), around: new Float32Array()};

  constructor(host: GenerationHost, status: ElementStatus) {
    this.#host = host;
    this.picture = new PictureController(host, status, {
      inputs: () => this.#inputs(),
      dependencies: () => this.#dependencies(),
      plan: (picture) => this.#planPaint(picture),
      generates: true,
      painted: (_, milliseconds, report) => this.#painted(milliseconds, report),
    });
    host.addController(this);
  }

  /** What is known of the model, as soon as there is one. */
  get manifest(): PackManifest | undefined {
    return this.#manifest;
  }

  /** The latent of what is shown; undefined before the first image. */
  get latent(): Latent | undefined {
    return this.#latent;
  }

  /** The image under way as it looks so far, to lie over the last one. */
  get preview(): HTMLCanvasElement | undefined {
    return this.#preview;
  }

  /** Makes the image once more. */
  retry(): void {
    this.#supersede();
    this.picture.retry();
  }

  /**
   * The image of this moment; rejects with `AbortError` as soon as another one is asked for. An abort
   * of `signal` gives up making it.
   */
  async result(signal: AbortSignal | undefined): Promise<ImageBitmap> {
    const latest = this.#superseded.signal;
    const cancel = (): void => {
      // Else somebody waits for the next one.
      if (!latest.aborted) this.picture.cancel();
    };
    signal?.addEventListener('abort', cancel, {once: true});
    try {
      const either = signal ? AbortSignal.any([signal, latest]) : latest;
      return await this.picture.render(this.plan, either);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** The frame to show now. */
  readonly plan = (picture: Picture): PlannedFrame => {
    const made = this.#made.get(picture);
    const isWhole = made && samePosition(this.#host.position, made.position);
    const frame = isWhole
      ? {latent: made.latent}
      : this.frameAt(picture.sources[0]!.latent, this.#host);
    return {frame};
  };

  /** The frame of the noise at a place, denoised where it is painted; `image` is what it begins with. */
  frameAt(image: Latent, place: NoisePlace): Frame {
    return {latent: image, denoise: this.#sampling(image, place)};
  }

  hostUpdate(): void {
    const {model, device, resolution} = this.#host;
    const asked = [model, device, resolution, ...this.#dependencies()];
    if (asked.some((each, i) => each !== this.#asked[i])) this.#supersede();
    this.#asked = asked;
  }

  #inputs(): readonly PictureInput[] {
    const {src, resolution} = this.#host;
    return src
      ? [{image: src}]
      : [{blank: (manifest: PackManifest) => emptyLatent(manifest, resolution)}];
  }

  #dependencies(): readonly unknown[] {
    const {prompt, negativePrompt, steps, guidanceScale} = this.#host;
    const {seed, variations, src, strength} = this.#host;
    return [prompt, negativePrompt, steps, guidanceScale, seed, variations, src, src && strength];
  }

  #sampling(image: Latent, {seed, variations, position}: NoisePlace): Sampling {
    const {prompt, negativePrompt, steps, guidanceScale, src, strength} = this.#host;
    const noise = this.#noise({seed, variations, position}, image);
    const conditioning = {prompt, negativePrompt, guidanceScale};
    return {...conditioning, steps, seed, noise, strength: src ? strength : 1};
  }

  #noise({seed, variations = [], position}: NoisePlace, {space, shape}: Latent): Latent {
    const count = countOf(shape);
    const key = [seed, variations, count];
    if (key.some((each, i) => each !== this.#kept.key[i])) {
      const [noise, around] = [noiseAt({seed, variations}, count), walkNoise(seed, count)];
      this.#kept = {key, noise, around};
    }
    const {noise, around} = this.#kept;
    return {space, shape, data: position ? walk(noise, around, position) : noise.slice()};
  }

  /** Plans the frame to paint now. The first of a picture is its whole image, whose steps are shown. */
  #planPaint(picture: Picture): PlannedFrame {
    this.#manifest = picture.model.manifest;
    const planned = this.plan(picture);
    if (!planned.frame.denoise) return planned;
    const {position} = this.#host;
    const isFirst = !this.#made.has(picture) && this.#making !== picture;
    if (isFirst) this.#making = picture;
    const settled = (latent: Latent | undefined): void => {
      if (latent) {
        this.#latent = latent;
        if (!this.#made.has(picture)) this.#made.set(picture, {latent, position});
      }
      if (!isFirst || this.#making !== picture) return;
      this.#making = undefined;
      // What is painted takes its place in the same frame of the screen.
      if (!latent) this.#endPreview();
    };
    const onStep = (step: DenoiseStep): void => {
      if (this.#making === picture) this.#step(step);
      else step.preview?.close();
    };
    return {...planned, watch: {settled, ...(isFirst && {onStep})}};
  }

  #step({step, steps, preview}: DenoiseStep): void {
    if (preview) this.#showPreview(preview);
    this.#unread?.close();
    this.#unread = preview;
    const take = (): ImageBitmap | undefined => {
      if (this.#unread === preview) this.#unread = undefined;
      return preview;
    };
    const detail: StepDetail = {
      step,
      steps,
      get preview() {
        return take();
      },
    };
    this.#host.dispatchEvent(new CustomEvent('latent-step', {detail}));
  }

  #showPreview(image: ImageBitmap): void {
    if (!this.#preview) {
      this.#preview = document.createElement('canvas');
      this.#preview.className = 'preview';
      this.#preview.setAttribute('aria-hidden', 'true');
      this.#host.requestUpdate();
    }
    this.#preview.width = image.width;
    this.#preview.height = image.height;
    this.#preview.getContext('2d')?.drawImage(image, 0, 0);
  }

  #endPreview(): void {
    if (!this.#preview) return;
    this.#preview = undefined;
    this.#host.requestUpdate();
  }

  #painted(milliseconds: number, report: PaintReport): void {
    const {picture} = this.picture;
    this.#latent = report.latent ?? (picture && this.#made.get(picture)?.latent) ?? this.#latent;
    this.#endPreview();
    const detail: ImageDetail = {seed: this.#host.seed, milliseconds};
    this.#host.dispatchEvent(new CustomEvent('latent-image', {detail}));
  }

  // Whoever waits for the last image hears `AbortError`.
  #supersede(): void {
    this.#superseded.abort();
    this.#superseded = new AbortController();
  }
}

/** A latent of zeros, for noise to replace: of a square of this side, or of the model's own size. */
export function emptyLatent(manifest: PackManifest, side: number | undefined): Latent {
  const shape = latentShapeOf(manifest, frameToGenerate(manifest, squareOf(manifest, side)));
  return {space: manifest.space.id, shape, data: new Float32Array(countOf(shape))};
}

/** The square of this side as far as the model makes it; undefined for models of one size, and for no side. */
export function squareOf({image}: PackManifest, side: number | undefined): Size | undefined {
  const rule = image?.size;
  if (!rule || 'width' in rule || side === undefined || !(side > 0)) return undefined;
  const length = Math.max(1, Math.min(Math.round(side), Math.floor(Math.sqrt(rule.maxPixels))));
  return {width: length, height: length};
}

declare global {
  interface HTMLElementEventMap {
    'latent-step': CustomEvent<StepDetail>;
    'latent-image': CustomEvent<ImageDetail>;
  }
}
