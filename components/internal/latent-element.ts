import {LitElement} from 'lit';
import {property} from 'lit/decorators.js';
import {availabilityOf, type ElementNeeds} from '../../src/controllers/consent.js';
import {type ElementState, ElementStatus} from '../../src/controllers/element-status.js';
import {LocalizeController} from '../../src/controllers/localize-controller.js';
import type {LatentError} from '../../src/core/errors.js';
import {errorWords, sharedWords} from '../../src/core/strings/strings.js';
import type {Availability, DevicePreference} from '../../src/engine/types.js';
import {optionalText} from './attributes.js';

/** A model, and where it is to run. */
export interface ModelChoice {
  /** Default: the page's, or the element's own. */
  readonly model?: string;
  readonly device?: DevicePreference;
}

/**
 * Base of every element: the model it works with, and its state.
 *
 * @fires {CustomEvent<LoadDetail>} latent-load - The first complete result is there:
 *   `{model, space, device, milliseconds}`. Does not bubble.
 * @fires {CustomEvent<ProgressDetail>} latent-progress - Loading went on:
 *   `{stage, loaded, total, ratio}`; `ratio` runs from 0 to 1 and never falls. Does not bubble.
 * @fires {CustomEvent<ErrorDetail>} latent-error - Something failed: `{code, message}`; the element
 *   says so in a few words of its language, which open on the message, and tries again when asked
 *   or when a property changes. Does not bubble.
 *
 * @csspart progress - The bar shown while loading, a `<progress>`.
 * @csspart consent-button - The button that agrees to a download, with `consent="ask"`.
 * @csspart error - The message shown when something failed.
 *
 * @cssprop [--latent-accent=light-dark(#5b5bd6, #9d97ff)] - Colour of the controls, the bar and the focus ring.
 * @cssprop [--latent-danger] - Colour of the line around an error.
 * @cssprop [--latent-radius=0.5rem] - Radius of the corners; 0 for none.
 *
 * @cssstate loading - The model is downloaded, or the sources are encoded.
 * @cssstate ready - It shows what the properties say.
 * @cssstate busy - As `ready`, while a method is at work.
 * @cssstate error - It shows an error.
 */
export class LatentElement extends LitElement {
  static {
    // What an element loads hangs on what it has rendered, its slots: one update brings about the next, of
    // which Lit's development build would warn in every app.
    this.disableWarning?.('change-in-update');
  }

  static override readonly shadowRootOptions: ShadowRootInit = {
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  };

  /** The name of a shipped pack, or the URL of a `pack.json`. Default: the page's (`configure`). */
  @property({converter: optionalText}) model: string | undefined;

  /**
   * Where to run: `auto` takes WebGPU where there is an adapter, else WASM. Default: the page's
   * (`configure`), which is `auto`.
   */
  @property({converter: optionalText}) device: DevicePreference | undefined;

  /**
   * When to begin: `lazy` (default) when the element comes near the viewport, `eager` at once, `intent`
   * when the visitor points at it, touches it or moves the focus into it.
   */
  @property() loading: 'lazy' | 'eager' | 'intent' = 'lazy';

  /**
   * `ask` shows a button that says how much is downloaded, and waits for it; `auto` downloads. Default:
   * `ask` where the visitor's browser saves data, else `auto`. What is here already is never asked for.
   */
  @property({converter: optionalText}) consent: 'ask' | 'auto' | undefined;

  /** Takes no input and does not play. Default `false`. */
  @property({type: Boolean, reflect: true}) disabled = false;

  /** The accessible name. */
  @property({converter: optionalText}) label: string | undefined;

  /** @internal */
  static readonly needs: ElementNeeds = {parts: ['decoder'], optional: ['encoder']};

  /** @internal */
  get needs(): ElementNeeds {
    return (this.constructor as typeof LatentElement).needs;
  }

  /** @internal English words that this kind of element has beside those of all. */
  static readonly words: object = {};

  /** @internal */
  readonly localize = new LocalizeController(this, {
    ...sharedWords,
    ...errorWords,
    ...(this.constructor as typeof LatentElement).words,
  });

  protected readonly internals = this.attachInternals();

  protected readonly status = new ElementStatus(this, this.internals);

  /**
   * Whether this kind of element can use a model here, and the bytes that it would download; the files
   * themselves are not fetched. `bad-argument` for an unknown device.
   *
   * @example
   * ```ts
   * const {state, bytes} = await LatentGenerator.availability({model: 'avatars'});
   * ```
   */
  static availability({model, device}: ModelChoice = {}): Promise<Availability> {
    return availabilityOf(model, device, this.needs);
  }

  /** State of the element: `idle`, `loading`, `ready`, `busy` or `error`. */
  get state(): ElementState {
    return this.status.state;
  }

  /** Why `state` is `error`; otherwise undefined. */
  get error(): LatentError | undefined {
    return this.status.error;
  }

  /**
   * Resolves with the first complete result of what the properties say now, and rejects with a
   * `LatentError` when that fails. A lazy element begins when it comes near the viewport.
   */
  get ready(): Promise<void> {
    return this.status.ready;
  }
}
