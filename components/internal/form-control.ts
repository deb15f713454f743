import {onServer} from '../../src/controllers/server.js';
import type {LatentElement} from './latent-element.js';

/** What a form and its labels have to do with an element, whatever its value is. */
export class FormField {
  readonly #host: LatentElement;
  readonly #internals: ElementInternals;
  #fieldsetDisabled = false;

  constructor(host: LatentElement, internals: ElementInternals) {
    this.#host = host;
    this.#internals = internals;
    // A label that came or changed meanwhile names it at the latest when it is used.
    if (!onServer) host.addEventListener('focusin', () => host.requestUpdate());
  }

  /** Whether it takes no input, by itself or by a fieldset. */
  get disabled(): boolean {
    return this.#host.disabled || this.#fieldsetDisabled;
  }

  /** Set by `formDisabledCallback`. */
  set fieldsetDisabled(disabled: boolean) {
    this.#fieldsetDisabled = disabled;
    this.#host.requestUpdate();
  }

  /** What the page calls it, by `aria-label` or a `<label>`; empty for nothing. */
  get label(): string {
    const spoken = this.#host.getAttribute('aria-label')?.trim();
    if (spoken) return spoken;
    const labels = onServer ? [] : [...this.#internals.labels];
    return labels
      .map(({textContent}) => textContent?.replace(/\s+/g, ' ').trim() ?? '')
      .filter(Boolean)
      .join(' ');
  }

  /** Makes this the value that the form submits. */
  submit(value: string): void {
    // Lit's server knows internals, but no forms.
    if (!onServer) this.#internals.setFormValue(value);
  }
}

// TypeScript wants `any[]` in the constructor of a mixin's base.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Constructor<T> = new (...args: any[]) => T;

/** The members that `FormControl` adds; those of a native `<input>`, except for its value. */
export interface FormControlMembers extends Pick<
  HTMLInputElement,
  | 'name'
  | 'form'
  | 'willValidate'
  | 'validity'
  | 'validationMessage'
  | 'checkValidity'
  | 'reportValidity'
  | 'setCustomValidity'
> {
  readonly labels: NodeList;
  /** @internal */
  readonly field: FormField;
  /** @internal */
  formDisabledCallback(disabled: boolean): void;
}

/**
 * Adds to an element what every native `<input>` is to a page and its forms. The element itself adds
 * `value`, `defaultValue`, `formResetCallback` and `formStateRestoreCallback`, and hands each new value
 * to `field.submit`.
 *
 * @attr {string} name - The name under which a form submits the value.
 */
export function FormControl<T extends Constructor<LatentElement>>(
  Base: T,
): T & Constructor<FormControlMembers> & {readonly formAssociated: true} {
  class FormControlElement extends Base implements FormControlMembers {
    static readonly formAssociated = true;

    /** @internal */
    readonly field = new FormField(this, this.internals);

    /** The name under which a form submits the value. */
    get name(): string {
      return this.getAttribute('name') ?? '';
    }
    set name(name: string) {
      this.setAttribute('name', name);
    }

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

    /** Only `setCustomValidity` makes it invalid, for it takes no bad value. */
    get validity(): ValidityState {
      return this.internals.validity;
    }

    /** The message of `setCustomValidity`. */
    get validationMessage(): string {
      return this.internals.validationMessage;
    }

    /** Whether it is valid; fires `invalid` where it is not. */
    checkValidity(): boolean {
      return this.internals.checkValidity();
    }

    /** As `checkValidity`, and shows the message to the visitor. */
    reportValidity(): boolean {
      return this.internals.reportValidity();
    }

    /** Makes it invalid with a message, and valid with an empty one. */
    setCustomValidity(message: string): void {
      const anchor = this.shadowRoot?.querySelector('input') ?? undefined;
      this.internals.setValidity(message === '' ? {} : {customError: true}, message, anchor);
    }

    /** @internal */
    formDisabledCallback(disabled: boolean): void {
      this.field.fieldsetDisabled = disabled;
    }
  }
  return FormControlElement;
}
