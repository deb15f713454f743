import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, state} from 'lit/decorators.js';
import type {ElementNeeds} from '../../src/controllers/consent.js';
import {toLatentError} from '../../src/controllers/element-status.js';
import {
  DEFAULT_LIMIT,
  type Found,
  LiveSearch,
  queryOptionsOf,
} from '../../src/controllers/live-search.js';
import {ConnectionController} from '../../src/controllers/load-trigger.js';
import {PageListController} from '../../src/controllers/page-list-controller.js';
import {
  placeOf,
  SearchController,
  type SearchPlace,
  withItems,
  withoutItems,
} from '../../src/controllers/search-controller.js';
import {onServer} from '../../src/controllers/server.js';
import {TargetController} from '../../src/controllers/target-controller.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {Metric} from '../../src/core/search/metric.js';
import {searchWords} from '../../src/core/strings/strings.js';
import type {SearchSession} from '../../src/search/session.js';
import type {LabelScore, SearchItem, SearchQuery, SearchResult} from '../../src/search/types.js';
import {givenText, numberOr, optionalNumber, optionalText} from '../internal/attributes.js';
import {FormControl} from '../internal/form-control.js';
import {followLink, pictureOrigins} from '../internal/item-links.js';
import {LatentElement} from '../internal/latent-element.js';
import {renderConsent, renderError, renderProgress} from '../internal/stage.js';
import {searchStyles} from './latent-search.styles.js';
import type {ListOrder, PageItem} from './page-items.js';
import {PictureQuery} from './picture-query.js';
import {PopupState} from './popup-state.js';
import {renderNotes, renderResults, type ResultsView, spokenOf} from './results-list.js';
import {renderField} from './search-field.js';

/** What `latent-results` tells. */
export type ResultsDetail = Found;

/** What `latent-select` tells. */
export interface SelectDetail {
  readonly id: string;
  readonly item: SearchItem;
}

/** What a search takes. */
export interface SearchCall {
  /** How many results at most; default: the element's `limit`. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds by meaning in whatever the page holds: a list that is there already, items, a prebuilt index
 * or a vector database. Words answer at once, meaning as soon as the model is there.
 *
 * Methods wait until everything is indexed, and begin loading where nothing else has; on an element
 * outside of the document they do nothing and resolve to `undefined`.
 *
 * @example
 * ```html
 * <latent-search for="recipes"></latent-search>
 * <ul id="recipes">
 *   <li><a href="/soup">Pumpkin soup with ginger</a></li>
 * </ul>
 * ```
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
 * @csspart unsure - What stands above results of which none fits well.
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
 * @fires {InputEvent} input - The visitor types.
 * @fires {Event} change - The visitor has typed.
 * @fires {CustomEvent<ResultsDetail>} latent-results - Results are shown:
 *   `{query, results, complete, milliseconds}`; those by words alone come first, with `complete` false.
 * @fires {CustomEvent<SelectDetail>} latent-select - The visitor chooses a result: `{id, item}`. Cancel
 *   it, and nothing else happens; else its link opens, or the list of the page shows it.
 */
export class LatentSearch extends FormControl(LatentElement) {
  static override styles = [searchStyles];
  /** @internal */ static override readonly words = searchWords;
  /** @internal */ static override readonly needs: ElementNeeds = {
    model: 'words',
    parts: ['textEncoder'],
    optional: [],
  };

  /** Always `search`. */
  readonly type = 'search';

  /** What the field says; `value` is the same. */
  @property({converter: (text: string | null) => text ?? ''})
  get query(): string {
    return this.#query;
  }
  // Scripts set anything, whatever the type says: no query is an empty one.
  set query(query: string) {
    const given: unknown = query;
    this.#query =
      given === undefined || given === null ? '' : (given as string | number).toString();
  }

  /** The id of an element whose children are what is searched. */
  @property({attribute: 'for', converter: givenText}) htmlFor: string | undefined;

  /** The URL of a prebuilt index (`npx latent-elements index`). */
  @property({converter: givenText}) index: string | undefined;

  /** The URL of a vector database: `chroma+https://host/collection`. */
  @property({converter: givenText}) store: string | undefined;

  /** What is searched, instead of what attributes name. */
  @property({attribute: false}) items: readonly SearchItem[] | undefined;

  /** How many results at most; default 10, also for what is no whole number above 0. */
  @property({converter: numberOr(DEFAULT_LIMIT)}) limit = DEFAULT_LIMIT;

  /**
   * Results whose similarity is less are not found by meaning, −1 for none to be left out; default:
   * what the model says is no nearer than chance, unless it has words of the query, or nothing else is
   * found: then the nearest are shown as what they are.
   */
  @property({converter: optionalNumber}) threshold: number | undefined;

  /** How vectors are compared: `cosine` (default), `dot` or `euclidean`. */
  @property({converter: givenText}) metric: Metric | undefined;

  /** What the empty field says. */
  @property({converter: optionalText}) placeholder: string | undefined;

  /**
   * With `for`: shows only what is found, in that order, in the page's own list, instead of a list of
   * its own. Default `false`.
   */
  @property({type: Boolean, reflect: true}) filter = false;

  @state() private found: Found | undefined;

  #query = '';
  /** Items that cannot be found by meaning. */
  #unembedded = 0;
  /** What the page's list held when it was last read. */
  #pageItems: readonly PageItem[] = [];

  readonly #target = new TargetController(this, () => this.htmlFor);
  readonly #pageList = new PageListController(this, () => this.#list);
  readonly #searcher = new SearchController(this, this.status, {
    place: () => (onServer ? undefined : placeOf(this, this.#target.target, this.#readList)),
    changed: () => this.#search(),
    unembedded: (failed) => void (this.#unembedded = failed.length),
  });
  readonly #readList = (list: Element): Pick<SearchPlace, 'version' | 'read'> => ({
    version: this.#pageList.version,
    read: async () => {
      const {ListOrder: Order, readItems} = await import('./page-items.js');
      this.#order ??= new Order((change) => this.#pageList.quietly(change));
      return (this.#pageItems = await readItems(list));
    },
  });
  readonly #popup = new PopupState(() => this.requestUpdate());
  readonly #pictures = new PictureQuery(
    () => !this.field.disabled && this.#searcher.session?.model.embedsImages === true,
    () => this.#pictureChanged(),
  );
  #order: ListOrder | undefined;
  readonly #live = new LiveSearch(
    this.#searcher,
    () => queryOptionsOf(this),
    (found) => this.#show(found),
    (error) => this.status.fail(toLatentError(error)),
  );

  constructor() {
    super();
    new ConnectionController(this, () => {
      this.#pictures.take(undefined);
      this.#order?.restore();
    });
  }

  /** What the field says, as a form submits it. */
  get value(): string {
    return this.query;
  }
  set value(value: string) {
    this.query = value;
  }

  /** What the attribute `query` says: where a form's reset goes back to. */
  get defaultValue(): string {
    return this.getAttribute('query') ?? '';
  }
  set defaultValue(value: string) {
    this.setAttribute('query', value);
  }

  /**
   * What a text, an image or a latent finds, best first, by words and by meaning; `[]` for a blank
   * text. `bad-argument` for a limit that is no whole number from 0, or a query that is none of these.
   */
  async search(
    query: SearchQuery,
    {limit = queryOptionsOf(this).limit, signal}: SearchCall = {},
  ): Promise<SearchResult[] | undefined> {
    return this.#during(signal, (session, until) =>
      session.query(query, {...queryOptionsOf(this), limit, signal: until}),
    );
  }

  /** What is near to one of the items by meaning, without itself; `bad-argument` for an unknown id. */
  async similarTo(
    id: string,
    {limit = queryOptionsOf(this).limit, signal}: SearchCall = {},
  ): Promise<SearchResult[] | undefined> {
    return this.#during(signal, (session, until) =>
      session.similarTo(id, {...queryOptionsOf(this), limit, signal: until}),
    );
  }

  /** Groups of items that mean nearly the same: linked by similarities of at least `threshold` (0.95). */
  async duplicates({threshold, signal}: {threshold?: number; signal?: AbortSignal} = {}): Promise<
    string[][] | undefined
  > {
    return this.#during(signal, (session, until) => session.duplicates({threshold, signal: until}));
  }

  /** Which of some labels a text or an image comes nearest to, best first. */
  async classify(
    query: Exclude<SearchQuery, Latent>,
    labels: readonly string[],
    {signal}: {readonly signal?: AbortSignal} = {},
  ): Promise<LabelScore[] | undefined> {
    if (!this.isConnected) return undefined;
    const until = this.#searcher.until(signal);
    const session = await this.#searcher.anyLoaded(until);
    return this.status.during(session.classify(query, labels, {signal: until}));
  }

  /** Adds to `items`; resolves when they can be found. `bad-argument` for an id that is there already. */
  async add(items: readonly SearchItem[]): Promise<void> {
    if (!this.isConnected) return;
    this.items = withItems(this, items);
    await this.#searcher.loaded();
  }

  /** Takes items out of `items`; those that are not there are no error. */
  async removeItems(ids: readonly string[]): Promise<void> {
    if (!this.isConnected) return;
    this.items = withoutItems(this, ids);
    await this.#searcher.loaded();
  }

  /** What is searched as a file for `index`. */
  async toIndex({signal}: {readonly signal?: AbortSignal} = {}): Promise<Blob | undefined> {
    return this.#during(signal, (session) => session.toIndex());
  }

  /** @internal */
  formResetCallback(): void {
    this.query = this.defaultValue;
    this.#pictures.take(undefined);
  }

  /** @internal */
  formStateRestoreCallback(restored: unknown): void {
    if (typeof restored === 'string') this.query = restored;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has('query')) this.field.submit(this.query);
    if (['query', 'limit', 'threshold'].some((name) => changed.has(name))) this.#search();
    if (changed.has('filter') || changed.has('found')) this.#arrange();
  }

  protected override render(): TemplateResult {
    const {found, error, status, localize, placeholder} = this;
    return html`
      ${renderField({
        localize,
        query: this.query,
        label: [this.label, this.field.label, placeholder].find(Boolean) ?? localize.term('search'),
        placeholder,
        disabled: this.field.disabled,
        pictures: this.#pictures,
        popup: this.filter ? undefined : {open: this.#isOpen, active: this.#popup.active},
        progress: this.state === 'loading' ? renderProgress(this, status.progress?.ratio) : nothing,
        input: this.#onInput,
        change: () => this.dispatchEvent(new Event('change', {bubbles: true, composed: true})),
        keydown: this.#onKeydown,
        focus: this.#onFocus,
        blur: () => this.#popup.dismiss(),
        removePicture: this.#onPictureRemoved,
      })}
      ${found && this.#isOpen ? renderResults(this.#view(found)) : nothing}
      ${found && this.filter ? renderNotes(this.#view(found)) : nothing}
      ${renderConsent(this, status)}
      ${error ? renderError(this, error, () => this.#searcher.retry()) : nothing}
      <div class="unseen" role="status">${spokenOf(found, localize)}</div>
      <slot name="result" hidden></slot>
    `;
  }

  #view(found: Found): ResultsView {
    const template = this.querySelector<HTMLTemplateElement>(':scope > template[slot=result]');
    return {
      localize: this.localize,
      found,
      active: this.#popup.active,
      template: template ?? undefined,
      progress: this.status.progress?.ratio,
      failed: this.error !== undefined,
      unembedded: this.#unembedded,
      origins: pictureOrigins(this),
      choose: this.#onChoose,
    };
  }

  get #isOpen(): boolean {
    return this.found !== undefined && !this.#popup.dismissed && !this.filter;
  }

  get #list(): Element | undefined {
    const {target} = this.#target;
    return typeof target === 'object' ? target : undefined;
  }

  async #during<T>(
    signal: AbortSignal | undefined,
    job: (session: SearchSession, until: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    if (!this.isConnected) return undefined;
    const session = await this.#searcher.loaded(signal);
    return this.status.during(job(session, this.#searcher.until(signal)));
  }

  #search(): void {
    this.#live.run(this.#pictures.picture?.image ?? this.query);
  }

  #show(found: Found | undefined): void {
    const others = found?.query !== this.found?.query;
    this.found = found;
    this.#searcher.found = found?.results.map(({id}) => id);
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
    if (filter && isAnswer) this.#order?.show(found.results, this.#pageItems);
    else this.#order?.restore();
  }

  #select({id, item}: SearchResult, elsewhere: boolean): void {
    this.#popup.dismiss();
    if (!this.#emit('latent-select', {id, item} satisfies SelectDetail, true)) return;
    if (followLink(item, elsewhere)) return;
    this.#pageItems.find((other) => other.id === id)?.element.scrollIntoView({block: 'nearest'});
  }

  #pictureChanged(): void {
    this.#popup.reveal();
    this.requestUpdate();
    this.#search();
  }

  #emit(type: string, detail: object, cancelable = false): boolean {
    const init = {detail, bubbles: true, composed: true, cancelable};
    return this.dispatchEvent(new CustomEvent(type, init));
  }

  // Its own `input` goes on to the page.
  readonly #onInput = (event: Event): void => {
    this.#popup.reveal();
    this.#searcher.want();
    this.query = (event.target as HTMLInputElement).value;
  };

  readonly #onFocus = (): void => {
    this.#searcher.want();
    this.#popup.reveal();
  };

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
    else void this.updateComplete.then(this.#scrollToActive);
    event.preventDefault();
  };

  readonly #scrollToActive = (): void =>
    this.renderRoot.querySelector('[aria-selected=true]')?.scrollIntoView({block: 'nearest'});

  readonly #onChoose = (event: MouseEvent, result: SearchResult): void => {
    if (event.button > 1) return;
    this.#select(result, event.button === 1 || event.ctrlKey || event.metaKey);
  };

  readonly #onPictureRemoved = (): void => {
    this.#pictures.take(undefined);
    // Of what could have the focus, the first is the button that goes.
    this.renderRoot.querySelector('input')?.focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-search': LatentSearch;
  }
  interface HTMLElementEventMap {
    'latent-results': CustomEvent<ResultsDetail>;
    'latent-select': CustomEvent<SelectDetail>;
  }
}
