import type {PropertyValues} from 'lit';
import {property} from 'lit/decorators.js';
import {FormField} from '../../src/controllers/form-field.js';
import {LatentPictureElement} from '../internal/latent-picture-element.js';
import {keyWish, parseNumber, type Range, rangeOf, sanitise, stepWish} from './range-value.js';

const numeric = (text: string | null): number | undefined => parseNumber(text);

/**
 * All that a native `<input type=range>` is to a page and its forms.
 *
 * @fires {Event} input - The visitor moves the slider.
 * @fires {Event} change - The visitor has moved the slider.
 *
 * @attr {string} name - The name under which a form submits the value.
 */
export abstract class RangeElement extends LatentPictureElement {
  static readonly formAssociated = true;

  /** The least value; default −3. */
  @property({converter: numeric})
  get min(): number {
    return this.range.min;
  }

  set min(min: number | null | undefined) {
    this.#min = min ?? undefined;
    this.#submit();
  }

  /** The greatest value; default 3. Where it is below `min`, `min` is the only value. */
  @property({converter: numeric})
  get max(): number {
    return this.range.max;
  }

  set max(max: number | null | undefined) {
    this.#max = max ?? undefined;
    this.#submit();
  }

  /** From one value to the next, counted from `min`, or from `value` without it; default `any`. */
  @property({converter: numeric})
  get step(): number | 'any' {
    return this.range.step ?? 'any';
  }

  set step(step: number | 'any' | null | undefined) {
    this.#step = typeof step === 'number' ? step : undefined;
    this.#submit();
  }

  /**
   * The value before anybody moves the slider, and after a reset of its form: the attribute `value`.
   * In standard deviations of the attribute that the direction changes; default 0.
   */
  @property({attribute: 'value', converter: numeric})
  get defaultValue(): number {
    return this.range.initial;
  }

  set defaultValue(value: number | null | undefined) {
    this.#initial = value ?? undefined;
    this.#submit();
  }

  /**
   * How far along the direction. Kept within `min` and `max` and on a step; what is no number is 0,
   * or what is nearest to it.
   */
  @property({attribute: false})
  get value(): number {
    return sanitise(this.#wish ?? this.#initial ?? Number.NaN, this.range);
  }

  // As of a native one, a text is read as a number.
  set value(value: number | string) {
    this.#wish = Number(value);
    this.#submit();
  }

  #min: number | undefined;
  #max: number | undefined;
  #step: number | undefined;
  #initial: number | undefined;
  /** What was last set, by script or by hand; undefined until then, and after a reset. */
  #wish: number | undefined;
  #moved = false;

  constructor() {
    super();
    this.#submit();
  }

  /** The same as `value`, as native inputs have it. */
  get valueAsNumber(): number {
    return this.value;
  }

  set valueAsNumber(value: number) {
    this.value = value;
  }

  /** The name under which a form submits the value. */
  get name(): string {
    return this.field.name;
  }

  set name(name: string) {
    this.field.name = name;
  }

  /** Always `range`. */
  readonly type = 'range';

  /** The form that it belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  /** The `<label>`s that name it. */
  get labels(): NodeList {
    return this.internals.labels;
  }

  /** Whether a form would check it: not where it is disabled. */
  get willValidate(): boolean {
    return this.internals.willValidate;
  }

  /** As of a native range: only `setCustomValidity` makes it invalid, for it takes no bad value. */
  get validity(): ValidityState {
    return this.internals.validity;
  }

  /** What `setCustomValidity` said. */
  get validationMessage(): string {
    return this.internals.validationMessage;
  }

  /** Whether it is valid; fires `invalid` where it is not. */
  checkValidity(): boolean {
    return this.internals.checkValidity();
  }

  /** As `checkValidity`, and tells the visitor. */
  reportValidity(): boolean {
    return this.internals.reportValidity();
  }

  /** Makes it invalid with a message, and valid with an empty one. */
  setCustomValidity(message: string): void {
    const anchor = this.slider ?? undefined;
    this.internals.setValidity(message === '' ? {} : {customError: true}, message, anchor);
  }

  /** Moves it by `count` steps, a hundredth of the range where `step` is `any`; default 1. */
  stepUp(count = 1): void {
    this.value = stepWish(this.value, count, this.range);
  }

  /** Moves it back by `count` steps, as `stepUp`. */
  stepDown(count = 1): void {
    this.stepUp(-count);
  }

  formDisabledCallback(disabled: boolean): void {
    this.field.bar(disabled);
  }

  formResetCallback(): void {
    const before = this.value;
    this.#wish = undefined;
    this.#submit();
    this.requestUpdate('value', before);
  }

  formStateRestoreCallback(state: string | File | FormData | null): void {
    const value = parseNumber(typeof state === 'string' ? state : null);
    if (value !== undefined) this.value = value;
  }

  protected readonly field = new FormField(this, this.internals);

  /** The native range in the shadow root. */
  protected get slider(): HTMLInputElement | null {
    return this.shadowRoot?.querySelector('input') ?? null;
  }

  protected get range(): Range {
    return rangeOf({min: this.#min, max: this.#max, step: this.#step, initial: this.#initial});
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    // As a native range forgets a value that its limits cut off; not before all are known.
    if (this.#wish !== undefined) this.#wish = this.value;
  }

  protected readonly onInput = (event: Event): void => {
    event.stopPropagation();
    const slider = event.target as HTMLInputElement;
    this.#move(slider.valueAsNumber);
    slider.valueAsNumber = this.value;
  };

  protected readonly onChange = (event: Event): void => {
    event.stopPropagation();
    this.#settle();
  };

  // Browsers disagree on the keys of step="any": Firefox goes from end to end.
  protected readonly onKeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rtl = getComputedStyle(this).direction === 'rtl';
    const wish = keyWish(event.key, this.value, this.range, rtl);
    if (wish === undefined) return;
    event.preventDefault();
    this.moveTo(wish);
  };

  /** What the visitor does in one go: `input`, then `change`; nothing where nothing moves. */
  protected moveTo(wish: number): void {
    this.#move(wish);
    this.#settle();
  }

  #move(wish: number): void {
    const before = this.value;
    this.value = wish;
    if (this.value === before) return;
    this.#moved = true;
    this.#emit('input');
  }

  #settle(): void {
    if (!this.#moved) return;
    this.#moved = false;
    this.#emit('change');
  }

  #emit(type: 'input' | 'change'): void {
    this.dispatchEvent(new Event(type, {bubbles: true, composed: true}));
  }

  #submit(): void {
    this.field.submit(String(this.value));
  }
}
