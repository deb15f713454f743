import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {ChildImagesController} from '../../src/controllers/child-images-controller.js';
import {InterpolationController, readPairs} from '../../src/controllers/interpolation.js';
import {MorphController} from '../../src/controllers/morph-controller.js';
import {
  type Picture,
  PictureController,
  type PictureInput,
  type PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {
  DEFAULT_DURATION,
  PlayClock,
  PlayController,
} from '../../src/controllers/play-controller.js';
import {
  ANIMATION_TYPES,
  assertType,
  encodeAnimation,
  encodeStill,
  isStill,
  renderAll,
  type SignalOptions,
  STILL_TYPES,
  type ToBlobOptions,
} from '../../src/controllers/to-blob.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {Interpolation} from '../../src/core/latent/path.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {assertStrength} from '../../src/core/diffusion/scheduler-config.js';
import {morphWords} from '../../src/core/strings/strings.js';
import type {MorphPairs} from '../../src/engine/morph.js';
import type {CallOptions, ImageSource, Model} from '../../src/engine/types.js';
import {numberOr, optionalNumber, optionalText} from '../internal/attributes.js';
import {LatentElement} from '../internal/latent-element.js';
import {renderStage} from '../internal/stage.js';
import {stageStyles} from '../internal/stage.styles.js';
import {renderControls} from './controls.js';
import {chooseKeyframes, type Keyframe, toImage} from './keyframes.js';
import {interpolatorStyles} from './latent-interpolator.styles.js';
import {clampValue, frameTime, keyframeAt, pathFrame, type PathOptions} from './path-frame.js';

/** Detail of `latent-frame`. */
export interface FrameDetail {
  /** 0..1, where on the path the frame lies. */
  readonly value: number;
  /** From asking for the frame to its being painted. */
  readonly milliseconds: number;
}

/** Options of `toBlob` of an interpolator. */
export interface MorphBlobOptions extends ToBlobOptions {
  /** Of an animation, 2 or more, spread evenly over the path; default 30. */
  readonly frames?: number;
}

/** Properties that change the frame alone. */
const FRAME_PROPERTIES = [
  ...['value', 'interpolation', 'reconstruct'],
  ...['strength', 'steps', 'seed'],
] as const;
const DEFAULT_VALUE = 0.5;
const DEFAULT_FRAMES = 30;

/**
 * Morphs between two or more images along a path in latent space. At a keyframe the picture is the
 * image itself, pixel for pixel.
 *
 * Methods wait for `ready`, and begin loading where nothing else has; on an element outside of the
 * document they do nothing and resolve to `undefined`. The visitor's hand on the slider pauses what
 * plays.
 *
 * @example
 * ```html
 * <latent-interpolator from="ada.png" to="grace.png" controls></latent-interpolator>
 * ```
 *
 * @attr {number} width - Pixels that the page holds free for the picture before it is there, with `height`,
 *   as of an `<img>`: nothing moves when it comes.
 * @attr {number} height - See `width`.
 *
 * @tag latent-interpolator
 *
 * @slot - Two or more `<img>`, evenly spaced on 0..1; they win over `from` and `to`. Without
 *   JavaScript they are simply shown; with it the first one is, until there is a frame.
 * @slot poster - Shown until the first frame is there.
 *
 * @fires {Event} input - The visitor moves the slider.
 * @fires {Event} change - The visitor has moved the slider.
 * @fires {CustomEvent<FrameDetail>} latent-frame - A frame is on screen: `{value, milliseconds}`.
 *   Does not bubble.
 *
 * @csspart canvas - The picture.
 * @csspart slider - The `<input type=range>`.
 * @csspart play-button - The button that plays and pauses.
 *
 * @cssprop [--latent-control-size=2.25rem] - Height of the controls.
 * @cssprop [--latent-gap=0.625rem] - Between the picture and the controls.
 * @cssprop [--latent-object-fit=contain] - How the picture fills an element of another shape.
 * @cssprop [--latent-placeholder] - Background before the first frame.
 * @cssprop [--latent-placeholder-size=10rem] - Height before the first frame.
 */
export class LatentInterpolator extends LatentElement {
  static override styles = [stageStyles, interpolatorStyles];
  /** @internal */
  static override readonly words = morphWords;

  /** The image at 0: a URL or `seed:N`; as a property any image source. */
  @property({converter: optionalText}) from: ImageSource | undefined;

  /** The image at 1: a URL or `seed:N`; as a property any image source. */
  @property({converter: optionalText}) to: ImageSource | undefined;

  /** Images or latents, evenly spaced on 0..1; they win over the slot, `from` and `to`. */
  @property({attribute: false}) keyframes: readonly Keyframe[] | undefined;

  /**
   * The way from a keyframe to the next. `morph` moves the shapes of one picture into those of the
   * other; it needs no model, unless a keyframe is a latent. `lerp` is the straight line in the model's
   * latent space, `slerp` the arc around its origin. Default: what suits the model, `morph` for latents
   * that have places (`photos`), `lerp` for others (`avatars`), and with `strength` or `reconstruct`.
   */
  @property({converter: optionalText}) interpolation: 'morph' | Interpolation | undefined;

  /**
   * Points of one picture and where they are in the next, in fractions of the picture, which a `morph`
   * keeps: `[{"from": [0.4, 0.3], "to": [0.5, 0.35]}]`, or one such list a pair of keyframes.
   */
  @property({attribute: 'pairs', converter: optionalText}) pairs: string | MorphPairs | undefined;

  /**
   * Pixels of the longer side at which images are encoded and decoded, for models of any size; they
   * are shown at up to twice that. Default: the model's own working size, also for what is not above
   * 0; the model states its limit.
   */
  @property({converter: optionalNumber}) resolution: number | undefined;

  /** Shows pure decodes, without the detail that the model lost. Default `false`. */
  @property({type: Boolean}) reconstruct = false;

  /**
   * How far the in-between latents are re-noised and denoised, so that they become ones that the model
   * knows, 0..1, default 0: not at all. Half-way between two keyframes it is all of it, at a keyframe
   * nothing. Above 0 the model needs a denoiser, else the error is `unsupported`.
   */
  @property({converter: numberOr(0)}) strength = 0;

  /** Denoising steps at a strength of 1, of which `strength` takes its share. Default: the model's. */
  @property({converter: optionalNumber}) steps: number | undefined;

  /** The seed of the noise, the same along the whole path, for `strength`. Default 0. */
  @property({converter: optionalNumber}) seed: number | undefined;

  /**
   * Plays as soon as it is ready and on screen, from `value` to 1; not for visitors who prefer
   * reduced motion. Default `false`.
   */
  @property({type: Boolean}) autoplay = false;

  /** Plays back and forth for ever, instead of stopping at 1. Default `false`. */
  @property({type: Boolean}) loop = false;

  /** Milliseconds from 0 to 1 when it plays; default 2000, also for what is not above 0. */
  @property({converter: numberOr(DEFAULT_DURATION)}) duration = DEFAULT_DURATION;

  /** Shows the slider and the play button. Default `false`. */
  @property({type: Boolean, reflect: true}) controls = false;

  #value = DEFAULT_VALUE;
  /** Whether the model's denoiser was loaded. */
  #denoises = false;
  readonly #images = new ChildImagesController(this);
  readonly #picture = new PictureController(this, this.status, {
    isActive: (): boolean => !this.#interpolation.mayMorph,
    inputs: () => this.#inputs,
    dependencies: () => {
      // What was loaded stays when the strength goes back to 0, and serves when it comes again.
      const repairs = this.strength > 0 || this.#denoises;
      return [repairs, ...this.#sources];
    },
    complete: ({model}, options) => {
      if (!(this.strength > 0)) return undefined;
      this.#denoises = false;
      return model.prepareDenoise(options).then(() => {
        this.#denoises = true;
      });
    },
    plan: (picture) => this.#planAt(picture, this.#value),
    painted: ({value = 0}, milliseconds) => this.#emitFrame(value, milliseconds),
  });
  readonly #morph = new MorphController(this, this.status, {
    isActive: (): boolean => this.#interpolation.mayMorph,
    inputs: () => this.#inputs,
    dependencies: () => [
      this.#interpolation.way,
      this.reconstruct,
      typeof this.pairs === 'string' ? this.pairs : JSON.stringify(this.pairs),
      ...this.#sources,
    ],
    toImages: (inputs, options) => this.#toImages(inputs, options),
    pairs: () => readPairs(this.pairs),
    value: () => this.#value,
    described: (painter) => ({
      ...this.#interpolation.described,
      device: painter === 'webgl' ? 'webgl' : 'wasm',
    }),
    painted: (value, milliseconds) => this.#emitFrame(value, milliseconds),
  });
  readonly #interpolation = new InterpolationController(this, {
    // Also for a strength that is none, which is reported there, and where it was above 0 before.
    isLine: () => this.strength !== 0 || this.reconstruct || this.#denoises,
    manifest: (signal): Promise<PackManifest> => this.#picture.manifest(signal),
  });
  readonly #clock = new PlayClock(this);
  readonly #player = new PlayController(this, {
    isReady: () => this.#shown.size !== undefined && !this.error,
    move: (elapsed) => this.#clock.move(elapsed),
  });

  /**
   * Where on the path, 0..1, default 0.5. Numbers outside are clamped; what is no number changes
   * nothing.
   */
  @property({converter: numberOr(DEFAULT_VALUE)})
  get value(): number {
    return this.#value;
  }

  set value(value: number) {
    this.#value = clampValue(value, this.#value);
  }

  /** Whether it does not play. */
  get paused(): boolean {
    return !this.#player.playing;
  }

  /** Plays from `value`, from 0 where that is at the end; resolves when the first frame is there. */
  async play({signal}: SignalOptions = {}): Promise<void> {
    if (this.isConnected) await this.#player.playOnce(this.#shown.loaded(signal));
  }

  /** Stops where it is. */
  pause(): void {
    this.#player.pause();
  }

  /**
   * The latent at `t` (0..1, clamped): a point of the path, or where pictures morph, the latent of that
   * frame, for which the model is loaded.
   */
  async latentAt(t: number, {signal}: SignalOptions = {}): Promise<Latent | undefined> {
    if (!this.isConnected) return undefined;
    if (await this.#morphs(signal)) return this.#morphLatentAt(t, signal);
    const picture = await this.#picture.loaded(signal);
    const {latent, denoise} = this.#planAt(picture, t).frame;
    if (!denoise) return latent;
    return this.status.during(picture.model.denoise(latent, {...denoise, signal}));
  }

  /** The frame at `t` (0..1, clamped), as it would be shown; the caller closes it. */
  async frameAt(t: number, {signal}: SignalOptions = {}): Promise<ImageBitmap | undefined> {
    if (!this.isConnected) return undefined;
    return this.#render(t, signal);
  }

  /**
   * The frame at `value` as `image/png` (default) or `image/webp`, or the whole morph as
   * `image/gif` or `video/webm`, which lasts `duration`. With `loop` an animation goes there and
   * back, in twice that time, and a GIF repeats.
   */
  async toBlob(options: MorphBlobOptions = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    const {type = 'image/png', quality, frames = DEFAULT_FRAMES, signal} = options;
    assertType(type, [...STILL_TYPES, ...ANIMATION_TYPES]);
    const render = (t: number): Promise<ImageBitmap> => this.#render(t, signal);
    if (isStill(type)) return encodeStill(await render(this.#value), type, quality);
    if (!Number.isSafeInteger(frames) || frames < 2) {
      throw new LatentError('bad-argument', `frames must be a whole number from 2, got ${frames}.`);
    }
    const {loop, duration} = this.#clock.options;
    return this.status.during(
      encodeAnimation(type, {
        frames: renderAll(frames, (index) => render(frameTime(index, frames, loop)), signal),
        count: frames,
        duration: loop ? 2 * duration : duration,
        loop,
      }),
    );
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('model') || changed.has('device')) this.#denoises = false;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (FRAME_PROPERTIES.some((name) => changed.has(name))) this.#shown.repaint();
  }

  protected override render(): TemplateResult {
    return html`
      ${renderStage({
        element: this,
        picture: this.#shown,
        status: this.status,
        label: this.#caption,
        under: html`<slot class="keyframes" @slotchange=${this.#images.changed}></slot>`,
      })}
      ${this.controls && !this.#shown.isEmpty ? this.#renderControls() : nothing}
    `;
  }

  /** The accessible name: `label`, else what the keyframes are called. */
  get #caption(): string {
    if (this.label) return this.label;
    const alts = this.#images.elements.map(({alt}) => alt).filter(Boolean);
    const {term} = this.localize;
    return alts.length > 1 ? term('morph-of', {images: alts.join(' – ')}) : term('morph');
  }

  /** The controller that shows the picture. */
  get #shown(): MorphController<PictureInput> | PictureController {
    return this.#interpolation.mayMorph ? this.#morph : this.#picture;
  }

  get #inputs(): PictureInput[] {
    const {keyframes, from, to} = this;
    return chooseKeyframes({keyframes, images: this.#images.images, from, to});
  }

  get #sources(): unknown[] {
    const {keyframes, from, to} = this;
    const images = this.#images.images.flatMap(({image, version}) => [image, version]);
    // What is no list is reported where it is read.
    const listed: readonly unknown[] = Array.isArray(keyframes) ? keyframes : [keyframes];
    return [from, to, ...images, ...listed];
  }

  /** Whether pictures morph, once that is known. */
  #morphs(signal: AbortSignal | undefined): Promise<boolean> {
    return this.#interpolation.morphs(this.#morph.until(signal));
  }

  async #toImages(
    inputs: readonly PictureInput[],
    options: CallOptions,
  ): Promise<readonly ImageSource[] | undefined> {
    if (!(await this.#morphs(options.signal))) return undefined;
    if (this.strength > 0) {
      throw new LatentError(
        'bad-argument',
        'strength repairs latents on a line, and interpolation="morph" has none. Take away either.',
      );
    }
    const {resolution, reconstruct} = this;
    const model = (): Promise<Model> => this.#picture.model(options);
    const images: ImageSource[] = [];
    for (const input of inputs) {
      images.push(await toImage(input, model, {...options, resolution, reconstruct}));
    }
    return images;
  }

  async #morphLatentAt(t: number, signal: AbortSignal | undefined): Promise<Latent> {
    const until = this.#morph.until(signal);
    const inputs = this.#inputs;
    const known = inputs[keyframeAt(inputs.length, Math.min(1, Math.max(0, t))) ?? -1];
    if (known && 'latent' in known) return known.latent;
    const image = await this.#morph.render(t, signal);
    try {
      const model = await this.#picture.model({signal: until});
      const {resolution} = this;
      return await this.status.during(model.encode(image, {signal: until, resolution}));
    } finally {
      image.close();
    }
  }

  async #render(t: number, signal: AbortSignal | undefined): Promise<ImageBitmap> {
    if (await this.#morphs(signal)) return this.#morph.render(t, signal);
    return this.#picture.render((picture) => this.#planAt(picture, t), signal);
  }

  #emitFrame(value: number, milliseconds: number): void {
    const detail: FrameDetail = {value, milliseconds};
    this.dispatchEvent(new CustomEvent('latent-frame', {detail}));
  }

  #planAt({sources}: Picture, value: number): PlannedFrame {
    return {frame: pathFrame(sources, value, this.#path), value};
  }

  get #path(): PathOptions {
    const {reconstruct, strength, steps, seed} = this;
    const interpolation = this.#interpolation.way === 'slerp' ? 'slerp' : 'lerp';
    // Until the denoiser is there, the path is shown as it is.
    if (strength > 0 && !this.#denoises) return {interpolation, reconstruct};
    assertStrength(strength);
    return {interpolation, reconstruct, repair: {strength, steps, seed}};
  }

  #renderControls(): TemplateResult {
    return renderControls({
      localize: this.localize,
      paused: this.paused,
      disabled: this.disabled,
      label: this.#caption,
      value: this.#value,
      toggle: () => this.#toggle(),
      move: (value) => this.#moveTo(value),
      moved: () => this.#emit('change'),
    });
  }

  #toggle(): void {
    if (this.paused) this.#player.play();
    else this.#player.pause();
    this.status.agree();
    this.#shown.want();
  }

  #moveTo(value: number): void {
    this.#player.pause();
    this.value = value;
    this.#emit('input');
  }

  #emit(type: 'input' | 'change'): void {
    this.dispatchEvent(new Event(type, {bubbles: true, composed: true}));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-interpolator': LatentInterpolator;
  }
  interface HTMLElementEventMap {
    'latent-frame': CustomEvent<FrameDetail>;
  }
}
