import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, state} from 'lit/decorators.js';
import {ConnectionController} from '../../src/controllers/load-trigger.js';
import {FormField} from '../../src/controllers/form-field.js';
import {type Found, LiveSearch} from '../../src/controllers/live-search.js';
import {toLatentError} from '../../src/controllers/element-status.js';
import type {SearchItem, SearchResult} from '../../src/search/search-types.js';
import {optionalText} from '../internal/attributes.js';
import {renderError, renderProgress} from '../internal/stage.js';
import {searchStyles} from './latent-search.styles.js';
import {ListOrder} from './list-order.js';
import {PictureQuery} from './picture-query.js';
import {PopupState} from './popup-state.js';
import {followLink} from './result-link.js';
import {optionId, renderResults} from './results-list.js';
import {SearchElement} from './search-element.js';
import {renderField} from './search-field.js';
import {noteOf, spokenOf} from './search-words.js';

/** What `latent-results` tells. */
export type ResultsDetail = Found;

/** What `latent-select` tells. */
export interface SelectDetail {
  readonly id: string;
  readonly item: SearchItem;
}

/**
 * Finds by meaning in whatever the page holds: a list that is there already, items, a prebuilt index
 * or a vector database. Words answer at once, meaning as soon as the model is there.
 *
 * Methods wait until everything is indexed, and begin loading where nothing else has; on an element
 * outside of the document they do nothing and resolve to `undefined`.
 *
 * @tag latent-search
 *
 * @slot result - A `<template>` of a result, whose elements with `data-field="title"` and the like get
 *   that field of the item.
 *
 * @csspart input - The field, an `<input type=search>`.
 * @csspart list - The results.
 * @csspart item - One of them.
 * @csspart score - Its score; shown where `--latent-score-display` is `inline`.
 * @csspart progress - The line that shows how far loading is, a `<progress>`.
 * @csspart error - The message shown when something failed.
 *
 * @cssprop [--latent-accent=light-dark(#5b5bd6, #9d97ff)] - Colour of marks, focus and progress.
 * @cssprop [--latent-danger] - Colour of the line around an error.
 * @cssprop [--latent-field=Field] - Background of the field.
 * @cssprop [--latent-popup-layer=10] - `z-index` of the results.
 * @cssprop [--latent-popup-size] - Greatest height of the results.
 * @cssprop [--latent-radius=0.5rem] - Radius of the corners; 0 for none.
 * @cssprop [--latent-score-display=none] - `display` of the scores.
 *
 * @attr {string} name - The name under which a form submits the query.
 *
 * @fires {InputEvent} input - The visitor types.
 * @fires {Event} change - The visitor has typed.
 * @fires {CustomEvent<ResultsDetail>} latent-results - Results are shown:
 *   `{query, results, complete, milliseconds}`; those by words alone come first, with `complete` false.
 * @fires {CustomEvent<SelectDetail>} latent-select - The visitor chooses a result: `{id, item}`. Cancel
 *   it, and nothing else happens; else its link opens, or the list of the page shows it.
 */
export class LatentSearch extends SearchElement {
  static readonly formAssociated = true;

  static override styles = [searchStyles];

  /** What the field says. */
  @property({converter: (text: string | null) => text ?? ''}) query = '';

  /** What the empty field says. */
  @property({converter: optionalText}) placeholder: string | undefined;

  /**
   * With `for`: shows only what is found, in that order, in the page's own list, instead of a list of
   * its own. Default `false`.
   */
  @property({type: Boolean, reflect: true}) filter = false;

  @state() private found: Found | undefined;

  readonly #field = new FormField(this, this.internals);
  readonly #popup = new PopupState(() => this.requestUpdate());
  readonly #pictures = new PictureQuery(
    () => !this.#field.disabled && this.searcher.model?.manifest.parts.imageEncoder !== undefined,
    () => this.#pictureChanged(),
  );
  readonly #order = new ListOrder((change) => this.pageList.quietly(change));
  readonly #live = new LiveSearch(
    this.searcher,
    () => this.findOptions,
    (found) => this.#show(found),
    (error) => this.status.fail(toLatentError(error)),
  );
  constructor() {
    super();
    new ConnectionController(this, () => {
      this.#pictures.take(undefined);
      this.#order.restore();
    });
  }

  /** The name under which a form submits the query. */
  get name(): string {
    return this.#field.name;
  }

  set name(name: string) {
    this.#field.name = name;
  }

  /** The form that it belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  /** Back to what the attribute says. */
  formResetCallback(): void {
    this.query = this.getAttribute('query') ?? '';
    this.#pictures.take(undefined);
  }

  formStateRestoreCallback(state: unknown): void {
    if (typeof state === 'string') this.query = state;
  }

  formDisabledCallback(disabled: boolean): void {
    this.#field.bar(disabled);
  }

  protected override changed(): void {
    const query = this.#pictures.picture?.image ?? this.query;
    this.#live.run(query);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('query')) this.#field.submit(this.query);
    if (SEARCHED.some((name) => changed.has(name))) this.changed();
    if (changed.has('filter') || changed.has('found')) this.#arrange();
  }

  protected override render(): TemplateResult {
    const {found, error} = this;
    const {disabled} = this.#field;
    const {active} = this.#popup;
    return html`
      ${renderField({
        query: this.query,
        label: [this.label, this.#field.label, this.placeholder].find(Boolean) ?? 'Search',
        placeholder: this.placeholder,
        disabled,
        pictures: this.#pictures,
        popup: this.filter
          ? undefined
          : {open: this.#isOpen, option: active === undefined ? undefined : optionId(active)},
        progress: this.state === 'loading' ? renderProgress(this.status.progress?.ratio) : nothing,
        input: this.#onInput,
        change: this.#onChange,
        keydown: this.#onKeydown,
        focus: this.#onFocus,
        blur: this.#onBlur,
        removePicture: this.#onPictureRemoved,
      })}
      ${found && this.#isOpen ? this.#renderPopup(found) : nothing}
      ${found && this.filter && found.results.length === 0 ? html`<p class="note">${this.#note(found)}</p>` : nothing}
      ${error ? renderError(error, disabled, this.#onRetry) : nothing}
      <div class="unseen" role="status">${spokenOf(found)}</div>
      <slot name="result" hidden></slot>
    `;
  }

  get #isOpen(): boolean {
    return this.found !== undefined && !this.#popup.dismissed && !this.filter;
  }

  #renderPopup(found: Found): TemplateResult {
    const template = this.querySelector<HTMLTemplateElement>(':scope > template[slot=result]');
    return renderResults({
      results: found.results,
      active: this.#popup.active,
      label: 'Results',
      template: template ?? undefined,
      note: this.#note(found),
      choose: this.#onChoose,
    });
  }

  #note(found: Found): string | undefined {
    return noteOf({
      found,
      progress: this.status.progress?.ratio,
      failed: this.error !== undefined,
      unembedded: this.unembedded.length,
    });
  }

  #show(found: Found | undefined): void {
    const others = found?.query !== this.found?.query;
    this.found = found;
    const count = found?.results.length ?? 0;
    if (others || (this.#popup.active ?? 0) >= count) this.#popup.leaveOptions();
    if (!found) return;
    if (found.complete) this.status.recover();
    this.#emit('latent-results', {...found} satisfies ResultsDetail);
  }

  #arrange(): void {
    const {found, filter} = this;
    // No such words is no reason to empty the list while meaning is still on its way.
    const isAnswer = found && (found.complete || found.results.length > 0);
    if (filter && isAnswer) this.#order.show(found.results, this.pageItems);
    else this.#order.restore();
  }

  #select({id, item}: SearchResult, elsewhere: boolean): void {
    this.#popup.dismiss();
    if (!this.#emit('latent-select', {id, item} satisfies SelectDetail, true)) return;
    if (followLink(item, elsewhere)) return;
    this.pageItems.find((other) => other.id === id)?.element.scrollIntoView({block: 'nearest'});
  }

  #pictureChanged(): void {
    this.#popup.reveal();
    this.requestUpdate();
    this.changed();
  }

  #emit(type: string, detail: object, cancelable = false): boolean {
    const init = {detail, bubbles: true, composed: true, cancelable};
    return this.dispatchEvent(new CustomEvent(type, init));
  }

  // Its own `input` goes on to the page.
  readonly #onInput = (event: Event): void => {
    this.#popup.reveal();
    this.searcher.want();
    this.query = (event.target as HTMLInputElement).value;
  };

  readonly #onChange = (): void => {
    this.dispatchEvent(new Event('change', {bubbles: true, composed: true}));
  };

  readonly #onFocus = (): void => {
    this.searcher.want();
    this.#popup.reveal();
  };

  readonly #onBlur = (): void => this.#popup.dismiss();

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const results = this.found?.results ?? [];
    const {active} = this.#popup;
    const pressed = this.filter
      ? undefined
      : this.#popup.press(event.key, {open: this.#isOpen, count: results.length});
    if (pressed === undefined) {
      if (event.key === 'Enter') this.form?.requestSubmit();
      return;
    }
    if (pressed === 'select') this.#select(results[active!]!, false);
    else void this.updateComplete.then(() => this.#scrollToActive());
    event.preventDefault();
  };

  #scrollToActive(): void {
    const {active} = this.#popup;
    if (active === undefined) return;
    this.renderRoot.querySelector(`#${optionId(active)}`)?.scrollIntoView({block: 'nearest'});
  }

  readonly #onChoose = (event: MouseEvent, result: SearchResult): void => {
    if (event.button > 1) return;
    this.#select(result, event.button === 1 || event.ctrlKey || event.metaKey);
  };

  readonly #onPictureRemoved = (): void => {
    this.#pictures.take(undefined);
    // Of what could have the focus, the first is the button that goes.
    this.renderRoot.querySelector('input')?.focus();
  };

  readonly #onRetry = (): void => this.searcher.retry();
}

/** What a change of asks for other results. */
const SEARCHED: readonly PropertyKey[] = ['query', 'limit', 'threshold'];

declare global {
  interface HTMLElementTagNameMap {
    'latent-search': LatentSearch;
  }
  interface HTMLElementEventMap {
    'latent-results': CustomEvent<ResultsDetail>;
    'latent-select': CustomEvent<SelectDetail>;
  }
}
