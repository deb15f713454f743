import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, query as queryElement, state} from 'lit/decorators.js';
import {live} from 'lit/directives/live.js';
import {type Found, LiveSearch} from '../../src/controllers/live-search.js';
import {onServer} from '../../src/controllers/server.js';
import {isTransient, toLatentError} from '../../src/controllers/status.js';
import type {LatentError} from '../../src/core/errors.js';
import type {SearchItem, SearchQuery, SearchResult} from '../../src/engine/search-types.js';
import {optionalText} from '../internal/attributes.js';
import {searchStyles} from './latent-search.styles.js';
import {ListOrder} from './list-order.js';
import {listMove} from './listbox-keys.js';
import {linkUrl} from './result-template.js';
import {optionId, renderResults} from './results-list.js';
import {SearchElement} from './search-element.js';
import {noteOf, spokenOf} from './search-words.js';

/** What `latent-results` tells. */
export interface ResultsDetail {
  readonly query: SearchQuery;
  readonly results: readonly SearchResult[];
  /** Whether meaning was asked too; false while the model is on its way. */
  readonly complete: boolean;
  /** From the query to these results. */
  readonly milliseconds: number;
}

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
  @state() private active: number | undefined;
  @state() private dismissed = false;
  @state() private picture: {readonly blob: Blob; readonly url: string} | undefined;
  @state() private dropping = false;

  @queryElement('input') private readonly field!: HTMLInputElement | null;

  #order: ListOrder | undefined;

  readonly #live = new LiveSearch(
    this.searcher,
    () => this.findOptions,
    (found) => this.#show(found),
    (error) => this.status.fail(toLatentError(error)),
  );

  /** The name under which a form submits the query. */
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

  /** Back to what the attribute says. */
  formResetCallback(): void {
    this.query = this.getAttribute('query') ?? '';
    this.#takePicture(undefined);
  }

  formStateRestoreCallback(state: unknown): void {
    if (typeof state === 'string') this.query = state;
  }

  formDisabledCallback(disabled: boolean): void {
    this.#barred = disabled;
    this.requestUpdate();
  }

  #barred = false;

  protected override changed(): void {
    this.#live.run(this.picture?.blob ?? this.query);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('query')) this.internals.setFormValue(this.query);
    if (SEARCHED.some((name) => changed.has(name))) this.changed();
    if (changed.has('filter') || changed.has('found')) this.#arrange();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#takePicture(undefined);
    this.#restoreList();
  }

  protected override render(): TemplateResult {
    const {picture, state} = this;
    const open = this.#isOpen;
    const combobox = !this.filter;
    return html`
      <div
        class="field ${this.dropping ? 'dropping' : ''}"
        @dragover=${this.#onDragOver}
        @dragleave=${this.#onDragLeave}
        @drop=${this.#onDrop}
      >
        ${LENS}
        ${picture ? html`<button class="picture" ?disabled=${this.#isDisabled} aria-label="Do not search by this picture" @click=${this.#onPictureRemoved}><img src=${picture.url} alt="" /></button>` : nothing}
        <input
          part="input"
          type="search"
          autocomplete="off"
          spellcheck="false"
          enterkeyhint="search"
          dir="auto"
          role=${combobox ? 'combobox' : nothing}
          aria-label=${[this.label, this.placeholder].find(Boolean) ?? 'Search'}
          aria-autocomplete=${combobox ? 'list' : nothing}
          aria-haspopup=${combobox ? 'listbox' : nothing}
          aria-expanded=${combobox ? String(open) : nothing}
          aria-controls=${combobox ? 'list' : nothing}
          aria-activedescendant=${open && this.active !== undefined ? optionId(this.active) : nothing}
          placeholder=${this.placeholder ?? nothing}
          .value=${live(this.query)}
          ?disabled=${this.#isDisabled}
          @input=${this.#onInput}
          @change=${this.#onChange}
          @keydown=${this.#onKeydown}
          @paste=${this.#onPaste}
          @focus=${this.#onFocus}
          @blur=${this.#onBlur}
        />
        ${state === 'loading' ? this.#renderProgress() : nothing}
      </div>
      ${open && this.found ? this.#renderPopup(this.found) : nothing}
      ${this.error ? this.#renderError(this.error) : nothing}
      <div class="unseen" role="status">${spokenOf(this.found)}</div>
      <slot name="result" hidden></slot>
    `;
  }

  get #isDisabled(): boolean {
    return this.disabled || this.#barred;
  }

  get #isOpen(): boolean {
    return this.found !== undefined && !this.dismissed && !this.filter;
  }

  #renderProgress(): TemplateResult {
    const ratio = this.status.progress?.ratio;
    return html`<progress
      part="progress"
      aria-label="Loading"
      max="1"
      value=${ratio ?? nothing}
    ></progress>`;
  }

  #renderPopup(found: Found): TemplateResult {
    return renderResults({
      results: found.results,
      active: this.active,
      label: 'Results',
      template:
        this.querySelector<HTMLTemplateElement>(':scope > template[slot=result]') ?? undefined,
      note: noteOf({
        found,
        progress: this.status.progress?.ratio,
        failed: this.error !== undefined,
        unembedded: this.unembedded.length,
      }),
      choose: this.#onChoose,
    });
  }

  #renderError(error: LatentError): TemplateResult {
    return html`<div class="error" part="error" role="alert">
      <p dir="auto">${error.message}</p>
      ${
        isTransient(error)
          ? html`<button ?disabled=${this.#isDisabled} @click=${this.#onRetry}>Retry</button>`
          : nothing
      }
    </div>`;
  }

  #show(found: Found | undefined): void {
    const others = found?.query !== this.found?.query;
    this.found = found;
    const count = found?.results.length ?? 0;
    if (others || (this.active ?? 0) >= count) this.active = undefined;
    if (!found) return;
    if (found.complete) this.status.recover();
    const {query, results, complete, milliseconds} = found;
    this.#emit('latent-results', {query, results, complete, milliseconds} satisfies ResultsDetail);
  }

  #arrange(): void {
    const {found, filter} = this;
    if (!filter || !found) {
      this.#restoreList();
      return;
    }
    const elements = new Map(this.pageItems.map(({id, element}) => [id, element]));
    const list = [...elements.values()][0]?.parentElement;
    if (!list) return;
    this.#order ??= new ListOrder(list);
    const chosen = found.results.flatMap(({id}) => elements.get(id) ?? []);
    this.pageList.quietly(() => this.#order?.show(chosen, [...elements.values()]));
  }

  #restoreList(): void {
    if (!this.#order) return;
    this.pageList.quietly(() => this.#order?.restore());
    this.#order = undefined;
  }

  #select({id, item}: SearchResult, elsewhere: boolean): void {
    this.dismissed = true;
    this.active = undefined;
    if (!this.#emit('latent-select', {id, item} satisfies SelectDetail, true)) return;
    const link = linkUrl(item);
    if (link && elsewhere) window.open(link, '_blank', 'noopener');
    else if (link) location.assign(link);
    else
      this.pageItems.find((other) => other.id === id)?.element.scrollIntoView({block: 'nearest'});
  }

  #takePicture(blob: Blob | undefined): void {
    if (this.picture) URL.revokeObjectURL(this.picture.url);
    this.picture = blob && {blob, url: URL.createObjectURL(blob)};
  }

  #emit(type: string, detail: object, cancelable = false): boolean {
    const init = {detail, bubbles: true, composed: true, cancelable};
    return this.dispatchEvent(new CustomEvent(type, init));
  }

  // Its own `input` goes on to the page.
  readonly #onInput = (event: Event): void => {
    this.dismissed = false;
    this.searcher.want();
    this.query = (event.target as HTMLInputElement).value;
  };

  readonly #onChange = (): void => {
    this.dispatchEvent(new Event('change', {bubbles: true, composed: true}));
  };

  readonly #onFocus = (): void => {
    this.searcher.want();
    this.dismissed = false;
  };

  readonly #onBlur = (): void => {
    this.dismissed = true;
    this.active = undefined;
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const results = this.found?.results ?? [];
    const move = this.filter ? undefined : listMove(event.key, this.active, results.length);
    if (move === undefined) {
      if (event.key === 'Enter') this.form?.requestSubmit();
      return;
    }
    if (move === 'close') {
      // A second Escape empties the field, which is what the browser does with it.
      if (!this.#isOpen) return;
      this.dismissed = true;
      this.active = undefined;
    } else if (move === 'select') {
      this.#select(results[this.active!]!, false);
    } else {
      this.dismissed = false;
      this.active = move.active;
      void this.updateComplete.then(() => this.#scrollToActive());
    }
    event.preventDefault();
  };

  #scrollToActive(): void {
    if (this.active === undefined) return;
    this.renderRoot.querySelector(`#${optionId(this.active)}`)?.scrollIntoView({block: 'nearest'});
  }

  readonly #onChoose = (event: MouseEvent, result: SearchResult): void => {
    if (event.button > 1) return;
    this.#select(result, event.button === 1 || event.ctrlKey || event.metaKey);
  };

  readonly #onPaste = (event: ClipboardEvent): void => {
    if (this.#searchFile(event.clipboardData)) event.preventDefault();
  };

  readonly #onDragOver = (event: DragEvent): void => {
    if (!this.#takesPictures || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = true;
  };

  readonly #onDragLeave = (): void => {
    this.dropping = false;
  };

  readonly #onDrop = (event: DragEvent): void => {
    this.dropping = false;
    if (this.#searchFile(event.dataTransfer)) event.preventDefault();
  };

  readonly #onPictureRemoved = (): void => {
    this.#takePicture(undefined);
    this.field?.focus();
  };

  readonly #onRetry = (): void => this.searcher.retry();

  get #takesPictures(): boolean {
    return !this.#isDisabled && this.searcher.model?.manifest.parts.imageEncoder !== undefined;
  }

  #searchFile(data: DataTransfer | null): boolean {
    const picture = [...(data?.files ?? [])].find(({type}) => type.startsWith('image/'));
    if (!picture || !this.#takesPictures) return false;
    this.dismissed = false;
    this.#takePicture(picture);
    return true;
  }
}

/** What a change of asks for other results. */
const SEARCHED: readonly PropertyKey[] = ['query', 'limit', 'threshold', 'picture'];

const LENS = onServer
  ? nothing
  : html`<svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      aria-hidden="true"
    >
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="m15.5 15.5 5 5" stroke-linecap="round" />
    </svg>`;

declare global {
  interface HTMLElementTagNameMap {
    'latent-search': LatentSearch;
  }
  interface HTMLElementEventMap {
    'latent-results': CustomEvent<ResultsDetail>;
    'latent-select': CustomEvent<SelectDetail>;
  }
}
