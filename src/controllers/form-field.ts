import type {ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';

/** An element that a form takes for a field. */
export interface FormHost extends ReactiveControllerHost, HTMLElement {
  readonly disabled: boolean;
}

/** What is the same in every field of a form, whatever its value is. */
export class FormField {
  readonly #host: FormHost;
  readonly #internals: ElementInternals;
  #barred = false;

  constructor(host: FormHost, internals: ElementInternals) {
    this.#host = host;
    this.#internals = internals;
    // A label that came or changed meanwhile names it at the latest when it is used.
    if (!onServer) host.addEventListener('focusin', () => host.requestUpdate());
  }

  /** The name under which the form submits the value. */
  get name(): string {
    return this.#host.getAttribute('name') ?? '';
  }

  set name(name: string) {
    this.#host.setAttribute('name', name);
  }

  /** Whether it takes no input, by itself or by a fieldset. */
  get disabled(): boolean {
    return this.#host.disabled || this.#barred;
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

  /** For `formDisabledCallback`. */
  bar(barred: boolean): void {
    this.#barred = barred;
    this.#host.requestUpdate();
  }

  /** Makes this what the form submits. */
  submit(value: string): void {
    // Lit's server knows internals, but no forms.
    if (!onServer) this.#internals.setFormValue(value);
  }
}
