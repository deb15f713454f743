import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import type {ElementNeeds} from '../../src/controllers/consent.js';
import {shippedPack} from '../../src/controllers/interpolation.js';
import {SlowController} from '../../src/controllers/slow-controller.js';
import {type StripContent, StripController} from '../../src/controllers/strip-controller.js';
import {type SignalOptions, type ToBlobOptions, toStill} from '../../src/controllers/to-blob.js';
import {throwIfAborted} from '../../src/core/abort.js';
import {assertAmount, type Position, type Variation} from '../../src/core/diffusion/noise-walk.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {generatorWords} from '../../src/core/strings/strings.js';
import type {ImageSource} from '../../src/engine/types.js';
import type {Frame} from '../../src/shared/inference.js';
import {numberOr, optionalNumber, optionalText} from '../internal/attributes.js';
import {LatentElement} from '../internal/latent-element.js';
import {renderStage} from '../internal/stage.js';
import {stageStyles} from '../internal/stage.styles.js';
import {
  type Abilities,
  abilitiesOf,
  DEFAULT_AMOUNT,
  newVariants,
  renderControls,
  renderVariants,
  seedFrom,
} from './controls.js';
import {GenerationController} from './generation-controller.js';
import {generatorStyles} from './latent-generator.styles.js';
import {
  DEFAULT_SPEED,
  emit,
  NoiseWalkController,
  ORIGIN,
  randomSeed,
  samePosition,
} from './noise-walk-controller.js';
import type {PromptChips} from './prompt-chips.js';

export type {ImageDetail, StepDetail} from './generation-controller.js';

/** Options of `vary`. */
export interface VaryOptions extends SignalOptions {
  /** 0 (the same image) … 1 (another one); default 0.3. */
  readonly amount?: number;
  /** Of the noise that it is turned towards; default: a random one. */
  readonly seed?: number;
}

const DEFAULT_STRENGTH = 0.5;

/**
 * Samples an image: noise, denoised in latent space, decoded. Like an `<img>` it shows what its
 * properties say as soon as it is near the viewport, without being told to, and a changed property shows
 * another image; until that is there the last one stays, and previews are painted as they come.
 *
 * Methods wait for `ready`, and begin loading where nothing else has; on an element outside of the
 * document they do nothing and resolve to `undefined`. What the model cannot do has no controls.
 *
 * @example
 * ```html
 * <latent-generator seed="7" prompt="smiling, round glasses" controls live></latent-generator>
 * ```
 *
 * @attr {number} width - Pixels that the page holds free for the picture before it is there, with `height`,
 *   as of an `<img>`: nothing moves when it comes.
 * @attr {number} height - See `width`.
 *
 * @tag latent-generator
 *
 * @fires {CustomEvent<StepDetail>} latent-step - A step of denoising is done:
 *   `{step, steps, preview}`. Does not bubble.
 * @fires {CustomEvent<ImageDetail>} latent-image - An image is on screen: `{seed, milliseconds}`; in a
 *   walk for every frame. Does not bubble.
 * @fires {Event} input - The visitor types, moves or chooses.
 * @fires {Event} change - The visitor has changed what is shown.
 *
 * @csspart prompt - The `<input>` of the prompt.
 * @csspart chips - The buttons that say what the model knows.
 * @csspart chip - One of them.
 * @csspart strength - The `<input type=range>` of the strength.
 * @csspart seed - The `<input type=number>` of the seed.
 * @csspart seed-button - The button that draws a new seed.
 * @csspart play-button - The button that walks and pauses.
 * @csspart vary-button - The button that shows the images beside this one.
 * @csspart variants - The images beside this one.
 * @csspart generate-button - The button that generates, and gives up.
 * @csspart pad - What lies over the picture where it is `live`.
 *
 * @cssprop [--latent-control-size=2.25rem] - Height of the controls.
 * @cssprop [--latent-chips-size=7.75rem] - Height that the chips take at most; more of them are scrolled.
 */
export class LatentGenerator extends LatentElement {
  static override styles = [stageStyles, generatorStyles];
  /** @internal */
  static override readonly words = generatorWords;

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

  /** Seed of the noise that the image is made from: a whole number from 0 to 2⁵³ − 1. Default 0. */
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
   * Pixels of the longer side of `src`, or of both, for models of any size; shown at up to twice that.
   * Default: the model's own working size, also for what is not above 0; the model states its limit.
   */
  @property({converter: optionalNumber}) resolution: number | undefined;

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

  /**
   * The visitor walks around the image by dragging on it, or by the arrow keys; Escape and a double
   * click lead back. Default `false`.
   */
  @property({type: Boolean, reflect: true}) live = false;

  /**
   * Walks by itself as soon as it is ready and on screen, and on for ever; not for visitors who prefer
   * reduced motion. Default `false`.
   */
  @property({type: Boolean}) autoplay = false;

  /** How fast it walks, in radians a second; default 0.35. */
  @property({converter: numberOr(DEFAULT_SPEED)}) speed = DEFAULT_SPEED;

  /** Shows the prompt, the chips, the seed and the buttons. Default `false`. */
  @property({type: Boolean, reflect: true}) controls = false;

  /** @internal The page's default model may make no images. */
  static override readonly needs: ElementNeeds = {
    model: 'avatars',
    parts: ['denoiser', 'decoder'],
    optional: ['encoder', 'textEncoder'],
  };

  readonly #generation = new GenerationController(this, this.status);
  readonly #walk = new NoiseWalkController(this);
  readonly #slow = new SlowController(this, () => this.state === 'loading');
  readonly #strip = new StripController(this, () => this.#stripContent());

  #prompt = '';
  #negativePrompt = '';
  /** What was typed since the prompt was last set. */
  #draft: string | undefined;
  /** The variations that are offered; undefined while they are closed. */
  #variants: readonly Variation[] | undefined;
  #lastStrip: StripContent | undefined;
  #manifest: PackManifest | undefined;
  /** Come with the first model that knows what to offer. */
  #chips: PromptChips | undefined;
  #abilities: Abilities | undefined;

  /** The latent of what is shown, also in the middle of a walk; undefined before the first image. */
  get latent(): Latent | undefined {
    return this.#generation.latent;
  }

  /** Whether it does not walk by itself. */
  get paused(): boolean {
    return this.#walk.paused;
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
    this.#generation.retry();
    return this.#generation.result(signal);
  }

  /** Shows an image beside this one: its noise turned a little towards other noise. Otherwise as `generate`. */
  async vary(options: VaryOptions = {}): Promise<ImageBitmap | undefined> {
    const {amount = DEFAULT_AMOUNT, seed = randomSeed(), signal} = options;
    if (!this.isConnected) return undefined;
    assertAmount(amount);
    throwIfAborted(signal);
    this.#takeVariation({seed, amount});
    await this.updateComplete;
    return this.#generation.result(signal);
  }

  /** What is shown as `image/png` (default) or `image/webp`. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    const {picture, plan} = this.#generation;
    return this.isConnected ? toStill(picture, plan, options) : undefined;
  }

  /** Walks from where it stands; resolves when the first image is there. */
  async play({signal}: SignalOptions = {}): Promise<void> {
    if (this.isConnected) await this.#walk.play(this.#generation.picture.loaded(signal));
  }

  /** Stays where it is. */
  pause(): void {
    this.#walk.pause();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hasUpdated || !changed.has('seed')) return;
    if (!changed.has('variations')) this.variations = [];
    if (!changed.has('position')) this.position = ORIGIN;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('position')) return;
    this.#generation.picture.repaint();
    // The frames of a walk come first.
    this.#strip.touch();
  }

  protected override render(): TemplateResult {
    const {picture, preview = nothing} = this.#generation;
    const label = this.#name;
    return html`
      ${renderStage({
        element: this,
        picture,
        status: this.status,
        label,
        size: picture.size ?? this.#generation.preview,
        over: html`${preview} ${this.live ? this.#walk.render(label) : nothing}`,
      })}
      ${this.controls ? this.#renderControls() : nothing}
    `;
  }

  #renderControls(): TemplateResult {
    const {disabled, localize} = this;
    const {picture} = this.#generation;
    const prompt = this.#draft ?? this.prompt;
    // Until the model is known, a prompt that was given is shown, and room held for what will come.
    const willOffer = shippedPack(this.model, this.needs.model)?.prompts === true;
    const {prompt: takesPrompt, groups} = this.#known ?? {
      prompt: prompt !== '' || willOffer,
      groups: [],
    };
    const variants = this.#variants;
    return renderControls({
      localize,
      prompt: takesPrompt ? prompt : undefined,
      seed: this.seed,
      strength: this.src ? this.strength : undefined,
      disabled,
      isRunning: this.#slow.slow,
      paused: this.live || this.autoplay ? this.paused : undefined,
      chips:
        this.#chipsFor(groups)?.render({
          label: localize.term('known-words'),
          groups,
          prompt,
          disabled,
          choose: (chosen) => {
            this.#draft = undefined;
            this.prompt = chosen;
            this.#changed();
          },
        }) ?? (willOffer ? html`<div class="chips awaited"></div>` : nothing),
      variants:
        variants &&
        renderVariants(this.#strip.frames, {
          localize,
          disabled,
          choose: (index) => {
            this.#takeVariation(variants[index]!);
            this.#showVariants(newVariants());
            this.#changed();
          },
        }),
      onInput: this.#onInput,
      onChange: this.#onChange,
      onNewSeed: () => {
        this.seed = randomSeed();
        this.#changed();
      },
      onVary: () => this.#showVariants(variants ? undefined : newVariants()),
      onPlay: () => {
        if (this.paused) void this.#walk.play();
        else this.#walk.pause();
        picture.want();
      },
      onGenerate: () => {
        this.#commitDraft();
        this.status.agree();
        this.#generation.retry();
      },
      onCancel: () => picture.cancel(),
    });
  }

  #chipsFor(groups: Abilities['groups']): PromptChips | undefined {
    if (groups.length > 0 && !this.#chips) {
      import('./prompt-chips.js').then(
        ({PromptChips: Chips}) => {
          this.#chips ??= new Chips(() => this.requestUpdate());
          this.requestUpdate();
        },
        // The prompt does without them.
        () => undefined,
      );
    }
    return this.#chips;
  }

  /** The accessible name: `label`, else what was asked for. */
  get #name(): string {
    if (this.label) return this.label;
    return this.prompt.trim() || this.localize.term('generated-image');
  }

  /** What the model can do; undefined until it is known. */
  get #known(): Abilities | undefined {
    const {manifest} = this.#generation;
    if (manifest !== this.#manifest) {
      this.#manifest = manifest;
      this.#abilities = manifest && abilitiesOf(manifest);
    }
    return this.#abilities;
  }

  readonly #onInput = ({target}: Event): void => {
    const {name, value, valueAsNumber} = target as HTMLInputElement;
    if (name === 'strength') this.strength = valueAsNumber;
    else if (this.live) this.prompt = value;
    else this.#draft = value;
    this.requestUpdate();
  };

  readonly #onChange = ({target}: Event): void => {
    const field = target as HTMLInputElement;
    if (field.name === 'prompt') this.#commitDraft();
    if (field.name === 'seed') {
      this.seed = seedFrom(field.value) ?? this.seed;
      field.value = String(this.seed);
    }
    // The field's own does not leave the shadow root.
    emit(this, 'change');
  };

  #commitDraft(): void {
    this.prompt = this.#draft ?? this.prompt;
    this.#draft = undefined;
  }

  /** Dispatches what one click of the visitor did. */
  #changed(): void {
    emit(this, 'input');
    emit(this, 'change');
  }

  #showVariants(variants: readonly Variation[] | undefined): void {
    this.#variants = variants;
    this.requestUpdate();
  }

  /** Turns the noise on, from wherever the walk stands. */
  #takeVariation(variation: Variation): void {
    this.variations = this.#variationsWith(variation);
    this.position = ORIGIN;
  }

  #variationsWith({seed, amount}: Variation): readonly Variation[] {
    const {variations, position} = this;
    const here = samePosition(position, ORIGIN) ? {seed, amount} : {seed, amount, position};
    return [...variations, here];
  }

  #stripContent(): StripContent | undefined {
    const {picture} = this.#generation.picture;
    const {seed, position} = this;
    const variants = this.#variants;
    // While another image is made, those around the last one stay.
    if (this.state === 'loading') return this.#lastStrip;
    this.#lastStrip = undefined;
    if (!picture || !variants || this.error) return undefined;
    const {surface, size, sources} = picture;
    const frameOf = (variation: Variation): Frame => {
      const variations = this.#variationsWith(variation);
      return this.#generation.frameAt(sources[0]!.latent, {seed, variations, position: ORIGIN});
    };
    this.#lastStrip = {
      key: [picture, variants, position],
      count: variants.length,
      open: () =>
        Promise.resolve({
          frame: (index, signal) => surface.render(frameOf(variants[index]!), size, {signal}),
          close: () => undefined,
        }),
    };
    return this.#lastStrip;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-generator': LatentGenerator;
  }
}
