import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, state} from 'lit/decorators.js';
import {SlowController} from '../../src/controllers/slow-controller.js';
import {type StripContent, StripController} from '../../src/controllers/strip-controller.js';
import type {Variation} from '../../src/core/diffusion/noise-walk.js';
import {abilitiesOf, seedFrom} from './abilities.js';
import {ChipBar} from './chips.js';
import {renderControls} from './controls.js';
import {generatorStyles} from './latent-generator.styles.js';
import {newVariants, renderVariants, variantsContent} from './variants.js';
import {ORIGIN, randomSeed} from './walk.js';
import {WalkingElement} from './walking-element.js';

/**
 * Samples an image: noise, denoised in latent space, decoded. Like an `<img>` it shows what its
 * properties say as soon as it is near the viewport, without being told to, and a changed property shows
 * another image; until that is there the last one stays, and previews are painted as they come.
 *
 * Methods wait for `ready`, and begin loading where nothing else has; on an element outside of the
 * document they do nothing and resolve to `undefined`. What the model cannot do has no controls.
 *
 * @tag latent-generator
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
export class LatentGenerator extends WalkingElement {
  static override styles = [...WalkingElement.styles, generatorStyles];

  /** Shows the prompt, the chips, the seed and the buttons. Default `false`. */
  @property({type: Boolean, reflect: true}) controls = false;

  /** What was typed since the prompt was last set. */
  @state() private draft: string | undefined;

  /** The images that are offered beside this one. */
  @state() private variants: readonly Variation[] | undefined;

  readonly #chips = new ChipBar(() => this.requestUpdate());
  readonly #slow = new SlowController(this, () => this.state === 'loading');
  readonly #stills = new StripController(this, () => this.#variantsContent());
  #lastVariants: StripContent | undefined;

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    // The frames of a walk come first.
    if (changed.has('position')) this.#stills.touch();
  }

  protected override render(): TemplateResult {
    return html`${this.renderStage()} ${this.controls ? this.#renderControls() : nothing}`;
  }

  #renderControls(): TemplateResult {
    const {manifest, disabled, variants} = this;
    const abilities = abilitiesOf(manifest);
    const prompt = this.draft ?? this.prompt;
    const takesPrompt = manifest ? abilities.prompt : prompt !== '';
    return renderControls({
      prompt: takesPrompt ? prompt : undefined,
      seed: this.seed,
      strength: this.src ? this.strength : undefined,
      disabled,
      isRunning: this.#slow.slow,
      paused: this.live || this.autoplay ? this.paused : undefined,
      isVarying: variants !== undefined,
      chips: this.#chips.render({
        groups: abilities.groups,
        prompt,
        disabled,
        choose: (chosen) => this.#take({prompt: chosen}),
      }),
      variants: variants
        ? renderVariants(this.#stills.frames, {
            disabled,
            choose: (index) => this.#takeVariant(variants[index]!),
          })
        : nothing,
      onPrompt: this.#onPrompt,
      onPromptChange: this.#onPromptChange,
      onSeed: this.#onSeed,
      onStrength: this.#onStrength,
      onStrengthChange: this.#onStrengthChange,
      newSeed: () => this.#take({seed: randomSeed()}),
      vary: () => (this.variants = variants ? undefined : newVariants()),
      togglePlay: this.togglePlay,
      generate: this.#onGenerate,
      cancel: () => this.picture.cancel(),
    });
  }

  readonly #onPrompt = (event: Event): void => {
    const {value} = event.target as HTMLInputElement;
    if (this.live) this.prompt = value;
    else this.draft = value;
  };

  readonly #onPromptChange = (): void => {
    this.#commit();
    this.emit('change');
  };

  readonly #onSeed = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    this.seed = seedFrom(field.value) ?? this.seed;
    field.value = String(this.seed);
    this.emit('change');
  };

  readonly #onStrength = (event: Event): void => {
    this.strength = (event.target as HTMLInputElement).valueAsNumber;
  };

  readonly #onStrengthChange = (): void => this.emit('change');

  readonly #onGenerate = (): void => {
    this.#commit();
    this.again();
  };

  #commit(): void {
    this.prompt = this.draft ?? this.prompt;
    this.draft = undefined;
  }

  #take(values: {prompt?: string; seed?: number}): void {
    if (values.prompt !== undefined) this.draft = undefined;
    Object.assign(this, values);
    this.emit('input');
    this.emit('change');
  }

  #takeVariant(variation: Variation): void {
    this.takeVariation(variation);
    this.variants = newVariants();
    this.emit('input');
    this.emit('change');
  }

  #variantsContent(): StripContent | undefined {
    const {picture} = this.picture;
    const {variants, seed, position} = this;
    // While another image is made, those around the last one stay.
    if (this.state === 'loading') return this.#lastVariants;
    this.#lastVariants = undefined;
    if (!picture || !variants || this.error) return undefined;
    const image = picture.sources[0]!.latent;
    const at = (variation: Variation) =>
      this.frameAt(image, {seed, variations: this.variationsWith(variation), position: ORIGIN});
    const key = [picture, variants, position];
    this.#lastVariants = variantsContent(picture, variants, at, key);
    return this.#lastVariants;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-generator': LatentGenerator;
  }
}
