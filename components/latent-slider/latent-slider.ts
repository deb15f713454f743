import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {classMap} from 'lit/directives/class-map.js';
import type {ElementNeeds} from '../../src/controllers/consent.js';
import {
  DirectionController,
  type DirectionBlobOptions,
  type LearnOptions,
} from '../../src/controllers/direction-controller.js';
import {
  type Picture,
  PictureController,
  type PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {type StripContent, StripController} from '../../src/controllers/strip-controller.js';
import {TargetController} from '../../src/controllers/target-controller.js';
import {type SignalOptions, type ToBlobOptions, toStill} from '../../src/controllers/to-blob.js';
import type {Direction} from '../../src/core/direction/direction.js';
import {assertFinite} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {sliderWords} from '../../src/core/strings/strings.js';
import type {ImageSource} from '../../src/engine/types.js';
import {editsOf, targetPicture} from '../latent-image/latent-image.js';
import {optionalNumber, optionalText} from '../internal/attributes.js';
import {type Edit, editedLatent, type Editor, EditStack} from '../internal/edits.js';
import {FormControl} from '../internal/form-control.js';
import {LatentElement} from '../internal/latent-element.js';
import {hasPoster, renderError, renderProgress, renderStage, shapeOf} from '../internal/stage.js';
import {stageStyles} from '../internal/stage.styles.js';
import {hintOf, renderControl, titleOf, valueFormat} from './control.js';
import {sliderStyles} from './latent-slider.styles.js';
import {parseNumber, RangeInput, stepValue} from './range.js';
import {openStrip, renderStrip, stripCount, stripValues} from './strip.js';

/** Properties that change the frame alone. */
const FRAME_PROPERTIES = [
  ...['value', 'defaultValue', 'min', 'max', 'step', 'reconstruct'],
] as const;

/**
 * Moves an image along a direction in latent space: more smile, less; brighter, darker. At 0 the
 * picture is the image itself, pixel for pixel; elsewhere it is the image plus the decoded difference,
 * so that an edit never softens it.
 *
 * It shows its own picture (`src`), or edits that of a `<latent-image>` (`for`), where the edits of
 * several sliders add up. To a form it is what a native `<input type=range>` is.
 *
 * Methods wait for `ready`, and begin loading where nothing else has; on an element outside of the
 * document they do nothing and resolve to `undefined`.
 *
 * @example
 * ```html
 * <latent-slider src="ada.png" direction="smile"></latent-slider>
 * ```
 *
 * @attr {number} width - Pixels that the page holds free for the picture before it is there, with `height`,
 *   as of an `<img>`: nothing moves when it comes.
 * @attr {number} height - See `width`.
 *
 * @tag latent-slider
 *
 * @fires {Event} input - The visitor moves the slider.
 * @fires {Event} change - The visitor has moved the slider.
 *
 * @slot positive - Pictures of what the direction leads to, where there is no `direction`: it is
 *   learned from them in the page. Without JavaScript they are simply shown.
 * @slot negative - Pictures of what it leads away from.
 * @slot poster - Shown until the first frame is there.
 *
 * @csspart canvas - The picture.
 * @csspart slider - The `<input type=range>`.
 * @csspart label - What is written above the slider.
 * @csspart value - The value, as one reads it.
 * @csspart strip - The small frames along the range.
 * @csspart hint - What there is to say of the direction: that there is none, or that it is weak.
 *
 * @cssprop [--latent-control-size=2.25rem] - Height of the slider.
 * @cssprop [--latent-example-size=2.5rem] - Side of the examples in the slots.
 * @cssprop [--latent-gap=0.625rem] - Between the picture and the controls.
 * @cssprop [--latent-object-fit=contain] - How the picture fills an element of another shape.
 * @cssprop [--latent-placeholder] - Background before the first frame.
 * @cssprop [--latent-placeholder-size=10rem] - Height before the first frame.
 */
export class LatentSlider extends FormControl(LatentElement) implements Editor {
  static override styles = [stageStyles, sliderStyles];
  /** @internal */
  static override readonly words = sliderWords;
  /** @internal */
  static override readonly needs: ElementNeeds = {
    parts: ['decoder'],
    optional: ['encoder', 'editor', 'directionVectors'],
  };

  /** The image: a URL or `seed:N`; as a property any image source. */
  @property({converter: optionalText}) src: ImageSource | undefined;

  /**
   * The id of a `<latent-image>` in the same tree, which is edited instead of a picture of its own;
   * it may come later. The model and the size are those of that image.
   */
  @property({attribute: 'for', converter: optionalText}) htmlFor: string | undefined;

  /**
   * Where it leads: a name in the model's pack, or the URL of a direction file (safetensors or JSON);
   * as a property the direction itself, too. Default: what the examples in the slots show.
   */
  @property({converter: optionalText}) direction: string | Direction | undefined;

  /**
   * Pixels of the longer side at which the image is encoded and decoded, for models of any size; it is
   * shown at up to twice that. Default: the model's own working size, also for what is not above 0; the
   * model states its limit.
   */
  @property({converter: optionalNumber}) resolution: number | undefined;

  /** Shows pure decodes, without the detail that the model lost. Default `false`. */
  @property({type: Boolean}) reconstruct = false;

  /**
   * How many small frames along the range show where the slider leads, 0..31; default 7, with `for`
   * 0. They are drawn while the visitor rests, and show this direction alone.
   */
  @property({converter: optionalNumber}) strip: number | undefined;

  /** Always `range`. */
  readonly type = 'range';

  readonly #range = new RangeInput(this, (value) => this.field.submit(String(value)));
  readonly #direction = new DirectionController(this, this.status);
  readonly #target = new TargetController(this, () => this.htmlFor);
  readonly #picture = new PictureController(this, this.status, {
    inputs: () => (this.src ? [{image: this.src}] : []),
    dependencies: () => [this.#target.target, this.src, ...this.#direction.dependencies],
    plan: (picture) => this.#planAt(picture, this.value),
    complete: (picture, options) =>
      this.#direction.load(picture.model, this.#edits.base(picture).latent, options),
    target: () => targetPicture(this.#target.target, this.htmlFor),
  });
  /** The edit of its own picture, which is this slider's alone. */
  readonly #own = new EditStack(this.#picture, {
    base: ({sources}) => sources[0]!,
    image: () => this.src,
    reconstruct: () => this.reconstruct,
  });
  readonly #stills = new StripController(this, () => this.#strip());
  /** The edits that it was added to. */
  #joined: EditStack | undefined;
  #lastStrip: StripContent | undefined;

  /** The least value; default −3. */
  @property({converter: parseNumber})
  get min(): number {
    return this.#range.range.min;
  }
  set min(min: number | null | undefined) {
    this.#range.give({min: min ?? undefined});
  }

  /** The greatest value; default 3. Where it is below `min`, `min` is the only value. */
  @property({converter: parseNumber})
  get max(): number {
    return this.#range.range.max;
  }
  set max(max: number | null | undefined) {
    this.#range.give({max: max ?? undefined});
  }

  /** From one value to the next, counted from `min`, or from `value` without it; default `any`. */
  @property({converter: parseNumber})
  get step(): number | 'any' {
    return this.#range.range.step ?? 'any';
  }
  set step(step: number | 'any' | null | undefined) {
    this.#range.give({step: typeof step === 'number' ? step : undefined});
  }

  /**
   * The value before anybody moves the slider, and after a reset of its form: the attribute `value`.
   * In standard deviations of the attribute that the direction changes; default 0.
   */
  @property({attribute: 'value', converter: parseNumber})
  get defaultValue(): number {
    return this.#range.range.initial;
  }
  set defaultValue(value: number | null | undefined) {
    this.#range.give({initial: value ?? undefined});
  }

  /**
   * How far along the direction. Kept within `min` and `max` and on a step; what is no number is 0,
   * or what is nearest to it.
   */
  @property({attribute: false})
  get value(): number {
    return this.#range.value;
  }
  // As of a native one, a text is read as a number.
  set value(value: number | string) {
    this.#range.value = Number(value);
  }

  /** The same as `value`, as native inputs have it. */
  get valueAsNumber(): number {
    return this.value;
  }
  set valueAsNumber(value: number) {
    this.value = value;
  }

  /** Moves it by `count` steps, a hundredth of the range where `step` is `any`; default 1. */
  stepUp(count = 1): void {
    this.value = stepValue(this.value, count, this.#range.range);
  }

  /** Moves it back by `count` steps, as `stepUp`. */
  stepDown(count = 1): void {
    this.stepUp(-count);
  }

  /** The direction as numbers, where it was learned, read from a URL, or set; not that of a pack. */
  get directionData(): Direction | undefined {
    return this.#direction.data;
  }

  /** The latent at `value`, which may lie outside `min` and `max`; other sliders stay where they are. */
  async latentAt(value: number, {signal}: SignalOptions = {}): Promise<Latent | undefined> {
    if (!this.isConnected) return undefined;
    assertFinite('value', value);
    const picture = await this.#picture.loaded(signal);
    const {frame} = this.#planAt(picture, value);
    return this.status.during(editedLatent(picture.model, frame, this.#picture.until(signal)));
  }

  /** What is shown as `image/png` (default) or `image/webp`, with what other sliders add. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    return toStill(this.#picture, (picture) => this.#planAt(picture, this.value), options);
  }

  /**
   * Learns the direction from examples, any image sources or latents, three of each kind or more, and
   * takes it for its `direction`. Its `quality` says what it is worth. Nothing leaves the page.
   */
  async learn({signal, ...examples} = {} as LearnOptions): Promise<Direction | undefined> {
    if (!this.isConnected) return undefined;
    const until = this.#picture.until(signal);
    const learn = async (): Promise<Direction> =>
      this.#direction.learn(await this.#picture.model({signal: until}), examples, until);
    const direction = await this.status.during(learn());
    this.direction = direction;
    if (!this.#isEmpty) await this.#picture.loaded(signal);
    return direction;
  }

  /** A file of the direction, which `direction` takes by its URL, here and on other pages. */
  async directionToBlob(options: DirectionBlobOptions = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    const {type = 'application/octet-stream', signal} = options;
    return this.#direction.toBlob(type, () => this.#picture.loaded(signal));
  }

  /** @internal */
  formResetCallback(): void {
    const before = this.value;
    this.#range.reset();
    this.requestUpdate('value', before);
  }

  /** @internal */
  formStateRestoreCallback(state: string | File | FormData | null): void {
    const value = parseNumber(typeof state === 'string' ? state : null);
    if (value !== undefined) this.value = value;
  }

  /** @internal */
  editOf(picture: Picture): Edit | undefined {
    return this.state === 'error' ? undefined : this.#editAt(picture, this.value);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    this.#range.settle();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (FRAME_PROPERTIES.some((name) => changed.has(name))) this.#picture.repaint();
    if (changed.has('value')) this.#stills.touch();
    const edits = this.#picture.connection.signal.aborted ? undefined : this.#edits;
    if (edits === this.#joined) return;
    this.#joined?.remove(this);
    edits?.add(this);
    this.#joined = edits;
  }

  protected override render(): TemplateResult {
    const {field, status} = this;
    const {resolved, exampleCount} = this.#direction;
    const caption = this.#caption;
    const text = this.localize.number(this.value, valueFormat(this.#range.range));
    const hint = this.error
      ? undefined
      : hintOf(this.#lacksDirection ? undefined : (resolved ?? ''), exampleCount);
    return html`
      ${
        this.htmlFor === undefined
          ? renderStage({
              element: this,
              picture: this.#picture,
              status,
              label: `${caption} ${text}`,
              isFilled: hasPoster(this),
              under: this.#renderLearning(),
            })
          : nothing
      }
      <div
        class="control ${classMap({disabled: field.disabled})}"
        .style=${`--_count: ${this.#stripCount}; --_still: ${this.#ratio}`}
      >
        ${renderControl({
          range: this.#range.range,
          value: this.value,
          disabled: field.disabled || this.#lacksDirection,
          label: caption,
          caption: this.label || !field.label ? caption : undefined,
          text,
          hint: hint && this.localize.term(hint),
          strip: this.#renderStrip(),
          input: this.#range.onInput,
          change: this.#range.onChange,
          keydown: this.#range.onKeydown,
        })}
        <div
          class="examples"
          role="group"
          aria-label=${this.localize.term('examples')}
          ?hidden=${!exampleCount}
        >
          <slot name="negative" @slotchange=${this.#examplesChanged}></slot>
          <slot name="positive" @slotchange=${this.#examplesChanged}></slot>
        </div>
        ${this.htmlFor === undefined ? nothing : this.#renderNotice()}
      </div>
    `;
  }

  readonly #examplesChanged = (): void => this.requestUpdate();

  /** The edits of the picture that it shows or edits. */
  get #edits(): EditStack {
    const {target} = this.#target;
    return (typeof target === 'object' ? editsOf(target) : undefined) ?? this.#own;
  }

  /** The accessible name: `label`, what the page calls it, or what the direction is called. */
  get #caption(): string {
    const {directions} = this.#picture.picture?.model.manifest ?? {};
    const titles = [this.direction, this.#direction.resolved];
    return (
      [this.label, this.field.label, ...titles.map((each) => titleOf(each, directions))].find(
        Boolean,
      ) ?? this.localize.term('slider')
    );
  }

  get #isEmpty(): boolean {
    return this.htmlFor === undefined && this.#picture.isEmpty;
  }

  /** Whether it is there, with nowhere to go. */
  get #lacksDirection(): boolean {
    return this.state === 'ready' && this.#direction.resolved === undefined;
  }

  #editAt(picture: Picture, amount: number): Edit | undefined {
    const direction = this.#direction.for(picture.model, this.#edits.base(picture).latent);
    return direction === undefined ? undefined : {direction, amount};
  }

  #planAt(picture: Picture, value: number): PlannedFrame {
    return this.#edits.plan(picture, this, this.#editAt(picture, value));
  }

  #renderLearning(): TemplateResult | typeof nothing {
    const {progress} = this.#direction;
    return progress === undefined ? nothing : renderProgress(this, progress);
  }

  // Where the picture is another's, so are its bar and its message.
  #renderNotice(): TemplateResult | typeof nothing {
    const {error} = this;
    const edits = this.#edits;
    if (error && (edits === this.#own || error !== edits.picture.error)) {
      return renderError(this, error, this.#picture.retry);
    }
    const {progress} = this.status;
    return progress ? renderProgress(this, progress.ratio) : this.#renderLearning();
  }

  #renderStrip(): TemplateResult | typeof nothing {
    const count = this.#stripCount;
    if (count === 0 || this.#isEmpty || this.error || this.#lacksDirection) return nothing;
    return renderStrip({
      frames: this.#stills.frames,
      values: stripValues(count, this.#range.range),
      value: this.value,
      choose: (value) => {
        if (!this.field.disabled) this.#range.moveTo(value);
      },
    });
  }

  get #ratio(): string {
    const size = shapeOf(this, this.#picture.picture?.size ?? this.#picture.size);
    return size ? `${size.width} / ${size.height}` : '1';
  }

  get #stripCount(): number {
    return stripCount(this.strip ?? (this.htmlFor === undefined ? undefined : 0));
  }

  #strip(): StripContent | undefined {
    const {picture} = this.#picture;
    // While something new loads, the old frames stay.
    if (this.state === 'loading') return this.#lastStrip;
    const direction = this.#direction.resolved;
    const count = this.#stripCount;
    this.#lastStrip = undefined;
    if (!picture || direction === undefined || count === 0 || this.error) return undefined;
    const {reconstruct} = this;
    const base = this.#edits.base(picture);
    const image = this.#edits.image();
    const values = stripValues(count, this.#range.range);
    this.#lastStrip = {
      key: [picture, base.latent, direction, reconstruct, ...values],
      count,
      open: (signal) => openStrip({picture, base, image, direction, reconstruct, values}, signal),
    };
    return this.#lastStrip;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-slider': LatentSlider;
  }
}
