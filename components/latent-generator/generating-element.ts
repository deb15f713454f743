import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import type {
  Picture,
  PictureInput,
  PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {throwIfAborted} from '../../src/core/abort.js';
import {frameToGenerate, latentShapeOf, type Size} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {
  assertAmount,
  type NoisePlace,
  type Position,
  type Variation,
} from '../../src/core/diffusion/noise-walk.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import type {Sampling} from '../../src/core/diffusion/sampling.js';
import type {CallOptions, DenoiseStep, ImageSource, Model} from '../../src/engine/types.js';
import type {Frame, PaintReport} from '../../src/shared/inference.js';
import {numberOr, optionalNumber, optionalText} from '../internal/attributes.js';
import {drawn} from '../internal/drawn.js';
import {LatentPictureElement} from '../internal/latent-picture-element.js';
import type {SignalOptions, ToBlobOptions} from '../../src/controllers/to-blob.js';
import {DEFAULT_AMOUNT, type ImageDetail, type StepDetail, type VaryOptions} from './details.js';
import {LatestCall} from './latest-call.js';
import {squareOf} from './abilities.js';
import {NoiseMaker} from './noise-maker.js';
import {ORIGIN, randomSeed, samePosition} from './walk.js';

const DEFAULT_STRENGTH = 0.5;

/** What makes another image: whoever waits for the one before hears so. */
const SUPERSEDING = [
  ...['prompt', 'negativePrompt', 'seed', 'steps', 'guidanceScale', 'src', 'strength'],
  ...['variations', 'model', 'device', 'resolution'],
] as const satisfies readonly (keyof GeneratingElement)[];

/**
 * Makes an image of noise, as its properties say.
 *
 * @fires {CustomEvent<StepDetail>} latent-step - A step of denoising is done:
 *   `{step, steps, preview}`. Does not bubble.
 * @fires {CustomEvent<ImageDetail>} latent-image - An image is on screen: `{seed, milliseconds}`; in a
 *   walk for every frame. Does not bubble.
 */
export abstract class GeneratingElement extends LatentPictureElement {
  /** What the image should show, where the model takes prompts. */
  @property()
  get prompt(): string {
    return this.#prompt;
  }

  set prompt(prompt: string | null | undefined) {
    this.#prompt = prompt ?? '';
  }

  /** What it should not show. */
  @property({attribute: 'negative-prompt'})
  get negativePrompt(): string {
    return this.#negativePrompt;
  }

  set negativePrompt(prompt: string | null | undefined) {
    this.#negativePrompt = prompt ?? '';
  }

  /** Of the noise that the image is made from: a whole number from 0 to 2⁵³ − 1. Default 0. */
  @property({converter: numberOr(0)}) seed = 0;

  /** Denoising steps, a whole number from 1. Default: the model's. */
  @property({converter: optionalNumber}) steps: number | undefined;

  /** How strongly the prompt is followed, 0..100; 1 is as the model was taught. Default: the model's. */
  @property({attribute: 'guidance-scale', converter: optionalNumber}) guidanceScale:
    number | undefined;

  /** An image to begin with, of which `strength` is replaced: a URL or `seed:N`; as a property any source. */
  @property({converter: optionalText}) src: ImageSource | undefined;

  /** With `src`, how much of it is replaced: 0 (nothing) … 1 (all of it). Default 0.5. */
  @property({converter: numberOr(DEFAULT_STRENGTH)}) strength = DEFAULT_STRENGTH;

  /**
   * How the noise was varied, one `{seed, amount}` after the other: with `seed` and `position` all that
   * it takes to make an image again. A new seed empties it.
   */
  @property({attribute: false}) variations: readonly Variation[] = [];

  /**
   * Where the walk around the image stands: `[across, up]` in radians, after which the noise repeats at
   * 2π; `[0, 0]` is the image itself. A new seed leads back to it.
   */
  @property({attribute: false, hasChanged: (a, b) => !samePosition(a as Position, b as Position)})
  position: Position = ORIGIN;

  /** @internal The page's default model makes no images. */
  readonly defaultModel = 'avatars';

  protected override readonly frameProperties = ['position'];

  #prompt = '';
  #negativePrompt = '';
  readonly #noise = new NoiseMaker();
  readonly #call = new LatestCall();
  #manifest: PackManifest | undefined;
  #latent: Latent | undefined;
  #preview: ImageBitmap | undefined;
  #began: number | undefined;
  /** The position of the image that was made whole. */
  #madeAt: Position = ORIGIN;

  /** The latent of what is shown, also in the middle of a walk; undefined before the first image. */
  get latent(): Latent | undefined {
    return this.#latent;
  }

  /**
   * Makes the image anew and shows it; the caller closes it. The latest call wins: an earlier one, and
   * one whose properties change meanwhile, rejects with `AbortError`. With `signal` it ends within one
   * step, and what was shown before stays.
   */
  async generate({signal}: SignalOptions = {}): Promise<ImageBitmap | undefined> {
    if (!this.isConnected) return undefined;
    throwIfAborted(signal);
    // What was set before the call belongs to it.
    await this.updateComplete;
    this.again();
    return this.#result(signal);
  }

  /** Shows an image beside this one: its noise turned a little towards other noise. Otherwise as `generate`. */
  async vary(options: VaryOptions = {}): Promise<ImageBitmap | undefined> {
    const {amount = DEFAULT_AMOUNT, seed = randomSeed(), signal} = options;
    if (!this.isConnected) return undefined;
    assertAmount(amount);
    throwIfAborted(signal);
    this.takeVariation({seed, amount});
    await this.updateComplete;
    return this.#result(signal);
  }

  /** What is shown as `image/png` (default) or `image/webp`. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    return this.isConnected ? this.toStill(options) : undefined;
  }

  /** What the model can do, once it is known. */
  protected get manifest(): PackManifest | undefined {
    return this.#manifest;
  }

  protected override get description(): string {
    return this.prompt.trim() || 'Generated image';
  }

  protected override get frameSize(): Size | undefined {
    return this.picture.size ?? this.#preview;
  }

  /** Makes the image once more. */
  protected again(): void {
    this.#call.supersede();
    this.picture.retry();
  }

  /** Turns the noise on, from wherever the walk stands. */
  protected takeVariation({seed, amount}: Variation): void {
    this.variations = this.variationsWith({seed, amount});
    this.position = ORIGIN;
  }

  /** The variations that would lead beside what is shown. */
  protected variationsWith(variation: Variation): readonly Variation[] {
    const {variations, position} = this;
    const here = samePosition(position, ORIGIN) ? variation : {...variation, position};
    return [...variations, here];
  }

  protected override inputs(): readonly PictureInput[] {
    const generated = {
      generate: (model: Model, image: Latent | undefined, options: CallOptions) =>
        this.#generate(model, image, options),
    };
    return this.src ? [{image: this.src}, generated] : [generated];
  }

  protected override dependencies(): readonly unknown[] {
    const {prompt, negativePrompt, seed, steps, guidanceScale, src, strength, variations} = this;
    const noise = [seed, variations];
    return [prompt, negativePrompt, ...noise, steps, guidanceScale, src, src && strength];
  }

  protected override plan({sources}: Picture): PlannedFrame {
    const latent = sources.at(-1)!.latent;
    const isWhole = samePosition(this.position, this.#madeAt);
    return {frame: isWhole ? {latent} : this.frameAt(sources[0]!.latent, this)};
  }

  /** The frame of any noise, which is denoised where it is painted; `image` is what it begins with. */
  protected frameAt(image: Latent, {seed, variations, position}: Required<NoisePlace>): Frame {
    const noise = this.#noise.at({seed, variations, position}, image);
    return {latent: image, denoise: {...this.#sampling, noise, strength: this.#strength}};
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (!this.hasUpdated) return;
    if (changed.has('seed')) {
      if (!changed.has('variations')) this.variations = [];
      if (!changed.has('position')) this.position = ORIGIN;
    }
    if (SUPERSEDING.some((name) => changed.has(name))) this.#call.supersede();
  }

  protected override painted(_: PlannedFrame, milliseconds: number, report: PaintReport): void {
    this.#latent = report.latent ?? this.picture.picture?.sources.at(-1)?.latent ?? this.#latent;
    this.#endPreview();
    const detail: ImageDetail = {
      seed: this.seed,
      milliseconds: this.#began === undefined ? milliseconds : performance.now() - this.#began,
    };
    this.#began = undefined;
    this.dispatchEvent(new CustomEvent('latent-image', {detail}));
  }

  protected override renderOver(): TemplateResult | typeof nothing {
    return this.#preview
      ? html`<canvas class="preview" aria-hidden="true" ${drawn(this.#preview)}></canvas>`
      : nothing;
  }

  get #sampling(): Omit<Sampling, 'strength'> {
    const {prompt, negativePrompt, seed, steps, guidanceScale} = this;
    return {prompt, negativePrompt, seed, steps, guidanceScale};
  }

  get #strength(): number {
    return this.src ? this.strength : 1;
  }

  async #generate(
    model: Model,
    image: Latent | undefined,
    {signal, onProgress}: CallOptions,
  ): Promise<Latent> {
    const {manifest} = model;
    const began = performance.now();
    const {seed, variations, position} = this;
    this.#manifest = manifest;
    this.#began = began;
    try {
      const size = squareOf(manifest, this.resolution);
      const like = image ?? {
        space: manifest.space.id,
        shape: latentShapeOf(manifest, frameToGenerate(manifest, size)),
      };
      const latent = await model.generateLatent({
        ...this.#sampling,
        noise: this.#noise.at({seed, variations, position}, like),
        ...(image ? {image, strength: this.#strength} : {size}),
        signal,
        onProgress,
        onStep: (step) => {
          if (!signal?.aborted) this.#step(step);
        },
      });
      throwIfAborted(signal);
      this.#madeAt = position;
      this.#latent = latent;
      return latent;
    } catch (error) {
      if (this.#began === began) {
        this.#began = undefined;
        this.#endPreview();
      }
      throw error;
    }
  }

  #step({step, steps, preview}: DenoiseStep): void {
    if (preview) {
      this.#preview = preview;
      this.requestUpdate();
    }
    const detail: StepDetail = {step, steps, preview};
    this.dispatchEvent(new CustomEvent('latent-step', {detail}));
  }

  #endPreview(): void {
    if (!this.#preview) return;
    this.#preview = undefined;
    this.requestUpdate();
  }

  #result(signal: AbortSignal | undefined): Promise<ImageBitmap> {
    return this.#call.wait(
      (given) => this.picture.render((picture) => this.plan(picture), given),
      signal,
      () => this.picture.cancel(),
    );
  }
}
