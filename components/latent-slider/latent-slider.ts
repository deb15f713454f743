import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {classMap} from 'lit/directives/class-map.js';
import type {
  Picture,
  PictureInput,
  PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {onServer} from '../../src/controllers/server.js';
import {type StripContent, StripController} from '../../src/controllers/strip-controller.js';
import {TargetController} from '../../src/controllers/target-controller.js';
import {assertFinite, LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {ImageSource} from '../../src/engine/types.js';
import {optionalNumber, optionalText} from '../internal/attributes.js';
import {type Editable, editableOf, type PictureEditor} from '../internal/editable.js';
import {type Edit, type EditBase, editedFrame, editedLatent} from '../internal/edited-frame.js';
import type {SignalOptions, ToBlobOptions} from '../internal/to-blob.js';
import {renderControl} from './control.js';
import {DirectionElement} from './direction-element.js';
import {sliderStyles} from './latent-slider.styles.js';
import {openStrip, renderStrip, stripCount, stripValues} from './strip.js';
import {hintOf, titleOf, valueText} from './texts.js';

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
 * @tag latent-slider
 *
 * @csspart slider - The `<input type=range>`.
 * @csspart label - What is written above the slider.
 * @csspart value - The value, as one reads it.
 * @csspart strip - The small frames along the range.
 * @csspart hint - What there is to say of the direction: that there is none, or that it is weak.
 *
 * @cssprop [--latent-control-size=2.25rem] - Height of the slider.
 * @cssprop [--latent-example-size=2.5rem] - Side of the examples in the slots.
 */
export class LatentSlider extends DirectionElement implements PictureEditor {
  static override styles = [...DirectionElement.styles, sliderStyles];

  /** The image: a URL or `seed:N`; as a property any image source. */
  @property({converter: optionalText}) src: ImageSource | undefined;

  /**
   * The id of a `<latent-image>` in the same tree, which is edited instead of a picture of its own;
   * it may come later. The model and the size are those of that image.
   */
  @property({attribute: 'for', converter: optionalText}) htmlFor: string | undefined;

  /** Shows pure decodes, without the detail that the model lost. Default `false`. */
  @property({type: Boolean}) reconstruct = false;

  /**
   * How many small frames along the range show where the slider leads, 0..31; default 7, with `for`
   * 0. They are drawn while the visitor rests, and show this direction alone.
   */
  @property({converter: optionalNumber}) strip: number | undefined;

  readonly #target = new TargetController(this, () => this.htmlFor);
  readonly #stills = new StripController(this, () => this.#strip());
  #joined: Editable | undefined;
  #lastStrip: StripContent | undefined;

  /** The latent at `value`, which may lie outside `min` and `max`; other sliders stay where they are. */
  async latentAt(value: number, {signal}: SignalOptions = {}): Promise<Latent | undefined> {
    if (!this.isConnected) return undefined;
    assertFinite('value', value);
    const picture = await this.picture.loaded(signal);
    const {frame} = this.#planAt(picture, value);
    return this.status.during(editedLatent(picture.model, frame, this.picture.until(signal)));
  }

  /** What is shown as `image/png` (default) or `image/webp`, with what other sliders add. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    return this.isConnected ? this.toStill(options) : undefined;
  }

  /** @internal What it asks of another element's picture. */
  editOf(picture: Picture): Edit | undefined {
    return this.state === 'error' ? undefined : this.editAt(picture, this.value);
  }

  /** @internal */
  pictureChanged(): void {
    this.requestUpdate();
  }

  protected override readonly frameProperties = [
    ...['value', 'defaultValue', 'min', 'max', 'step', 'reconstruct'],
  ];

  protected override readonly description = 'Slider';

  protected override get caption(): string {
    const {directions} = this.picture.picture?.model.manifest ?? {};
    const titles = [this.direction, this.moves].map((each) => titleOf(each, directions));
    return [this.label, this.field.label, ...titles].find(Boolean) ?? this.description;
  }

  protected override get pictureLabel(): string {
    return `${this.caption} ${this.#text}`;
  }

  protected override get holdsPlace(): boolean {
    return !onServer && this.querySelector(':scope > [slot=poster]') !== null;
  }

  protected override get isEmpty(): boolean {
    return this.htmlFor === undefined && super.isEmpty;
  }

  protected override inputs(): readonly PictureInput[] {
    return this.src ? [{image: this.src}] : [];
  }

  protected override dependencies(): readonly unknown[] {
    return [this.#target.target, this.src, ...super.dependencies()];
  }

  protected override lender(): Editable | null | undefined {
    const {target} = this.#target;
    if (target === undefined) return undefined;
    if (target === 'pending') return null;
    const id = `id "${this.htmlFor ?? ''}"`;
    if (target === 'missing') {
      throw new LatentError(
        'bad-argument',
        `for: there is no <latent-image> with the ${id} here. Give one that id, or give src.`,
      );
    }
    const editable = editableOf(target);
    if (editable) return editable;
    throw new LatentError(
      'bad-argument',
      `for: the element with the ${id} is a <${target.localName}>, not a <latent-image>.`,
    );
  }

  protected override base(picture: Picture): EditBase {
    return this.#editable?.base(picture) ?? picture.sources[0]!;
  }

  protected override plan(picture: Picture): PlannedFrame {
    return this.#planAt(picture, this.value);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('value')) this.#stills.touch();
    const editable = this.picture.connection.signal.aborted ? undefined : this.#editable;
    if (editable === this.#joined) return;
    this.#joined?.editors.remove(this);
    this.#joined?.repaint();
    editable?.editors.add(this);
    this.#joined = editable;
  }

  protected override render(): TemplateResult {
    const direction = this.#isAimless ? undefined : (this.moves ?? '');
    return html`
      ${this.htmlFor === undefined ? this.renderStage(this.#renderLearning()) : nothing}
      <div
        class="control ${classMap({disabled: this.field.disabled})}"
        .style=${`--_count: ${this.#stripCount}; --_still: ${this.#ratio}`}
      >
        ${renderControl({
          range: this.range,
          value: this.value,
          disabled: this.field.disabled || this.#isAimless,
          label: this.caption,
          caption: this.label || !this.field.label ? this.caption : undefined,
          text: this.#text,
          hint: this.error ? undefined : hintOf(direction, this.exampleCount),
          strip: this.#renderStrip(),
          input: this.onInput,
          change: this.onChange,
          keydown: this.onKeydown,
        })}
        <div class="examples" role="group" aria-label="Examples" ?hidden=${!this.exampleCount}>
          <slot name="negative" @slotchange=${this.examplesChanged}></slot>
          <slot name="positive" @slotchange=${this.examplesChanged}></slot>
        </div>
        ${this.htmlFor === undefined ? nothing : this.#renderNotice()}
      </div>
    `;
  }

  get #editable(): Editable | undefined {
    const {target} = this.#target;
    return typeof target === 'object' ? editableOf(target) : undefined;
  }

  /** Whether it is there, with nowhere to go. */
  get #isAimless(): boolean {
    return this.state === 'ready' && this.moves === undefined;
  }

  get #text(): string {
    const language = onServer ? undefined : this.closest<HTMLElement>('[lang]')?.lang;
    return valueText(this.value, this.range, language);
  }

  #planAt(picture: Picture, value: number): PlannedFrame {
    const edit = this.editAt(picture, value);
    const planned = this.#editable?.plan(picture, this, edit);
    return (
      planned ?? {frame: editedFrame(this.base(picture), edit ? [edit] : [], this.reconstruct)}
    );
  }

  #renderLearning(): TemplateResult | typeof nothing {
    return this.learning === undefined ? nothing : this.renderProgress(this.learning);
  }

  // Where the picture is another's, so are its bar and its message.
  #renderNotice(): TemplateResult | typeof nothing {
    if (this.error && this.error !== this.#editable?.error()) return this.renderError(this.error);
    if (this.status.progress) return this.renderProgress();
    return this.#renderLearning();
  }

  #renderStrip(): TemplateResult | typeof nothing {
    const count = this.#stripCount;
    if (count === 0 || this.isEmpty || this.error || this.#isAimless) return nothing;
    return renderStrip({
      frames: this.#stills.frames,
      values: stripValues(count, this.range),
      value: this.value,
      choose: (value) => {
        if (!this.field.disabled) this.moveTo(value);
      },
    });
  }

  get #ratio(): string {
    const {width, height} = this.picture.picture?.size ??
      this.picture.size ?? {width: 1, height: 1};
    return `${width} / ${height}`;
  }

  get #stripCount(): number {
    return stripCount(this.strip ?? (this.htmlFor === undefined ? undefined : 0));
  }

  #strip(): StripContent | undefined {
    const {picture} = this.picture;
    // While something new loads, the old frames stay.
    if (this.state === 'loading') return this.#lastStrip;
    const direction = this.moves;
    const count = this.#stripCount;
    this.#lastStrip = undefined;
    if (!picture || direction === undefined || count === 0 || this.error) return undefined;
    const {range, reconstruct} = this;
    const base = this.base(picture);
    const values = stripValues(count, range);
    const image = this.#editable ? this.#editable.image() : this.src;
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
