import {property} from 'lit/decorators.js';
import {classify, type LabelScore} from '../../src/controllers/classify.js';
import {assertLimit, find, type FindOptions} from '../../src/controllers/find.js';
import {PageListController} from '../../src/controllers/page-list-controller.js';
import {type Searchable, SearchController} from '../../src/controllers/search-controller.js';
import {onServer} from '../../src/controllers/server.js';
import {TargetController} from '../../src/controllers/target-controller.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {Metric} from '../../src/core/search/metric.js';
import type {Unembedded} from '../../src/search/items-corpus.js';
import type {SearchItem, SearchQuery, SearchResult} from '../../src/search/search-types.js';
import {givenText, numberOr, optionalNumber} from '../internal/attributes.js';
import {LatentElement} from '../internal/latent-element.js';
import {type PageItem, readItems} from './page-items.js';
import {placeOf} from './search-place.js';

/** What a search takes. */
export interface SearchCall {
  /** How many results at most; default: the element's `limit`. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_LIMIT = 10;

/** All of a search but its looks: what is searched, and the methods that search it. */
export abstract class SearchElement extends LatentElement {
  /** The id of an element whose children are what is searched. */
  @property({converter: givenText}) for: string | undefined;

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
   * what the model says is no nearer than chance, unless it has words of the query.
   */
  @property({converter: optionalNumber}) threshold: number | undefined;

  /** How vectors are compared: `cosine` (default), `dot` or `euclidean`. */
  @property({converter: givenText}) metric: Metric | undefined;

  /** Items that cannot be found by meaning. */
  protected unembedded: readonly Unembedded[] = [];

  readonly #target = new TargetController(this, () => this.for);

  /** The list of the page that `for` names, where it does. */
  protected readonly pageList = new PageListController(this, () => this.#list());

  protected readonly searcher = new SearchController(this, this.status, {
    place: () => (onServer ? undefined : placeOf(this, this.#target.target, () => this.pageItems)),
    changed: () => this.changed(),
    unembedded: (failed) => {
      this.unembedded = failed;
    },
  });

  #read: {readonly version: number; readonly items: readonly PageItem[]} | undefined;

  /** Other results may be found from now on. */
  protected abstract changed(): void;

  /** What the list of the page holds at this moment. */
  protected get pageItems(): readonly PageItem[] {
    const {version} = this.pageList;
    const list = this.#list();
    if (this.#read?.version !== version) this.#read = {version, items: list ? readItems(list) : []};
    return this.#read.items;
  }

  /** What every search of this element takes. */
  protected get findOptions(): FindOptions {
    const {limit, threshold, metric} = this;
    const whole = Number.isSafeInteger(limit) && limit > 0;
    return {
      limit: whole ? limit : DEFAULT_LIMIT,
      threshold: Number.isFinite(threshold) ? threshold : undefined,
      metric,
    };
  }

  /**
   * What a text, an image or a latent finds, best first, by words and by meaning; `[]` for a blank
   * text. `bad-argument` for a limit that is no whole number from 0.
   */
  async search(
    query: SearchQuery,
    {limit = this.findOptions.limit, signal}: SearchCall = {},
  ): Promise<SearchResult[] | undefined> {
    if (!this.isConnected) return undefined;
    assertLimit(limit);
    return this.#during(signal, ({corpus, model}, until) =>
      find(corpus, model, query, {...this.findOptions, limit, signal: until}),
    );
  }

  /** Adds to `items`; resolves when they can be found. `bad-argument` for an id that is there already. */
  async add(items: readonly SearchItem[]): Promise<void> {
    if (!this.isConnected) return;
    this.#assertOwnItems('add');
    const known = new Set(this.items?.map(({id}) => id));
    for (const {id} of items) {
      if (known.has(id)) {
        throw new LatentError('bad-argument', `There is an item "${id}" already. Remove it first.`);
      }
    }
    this.items = [...(this.items ?? []), ...items];
    await this.searcher.loaded();
  }

  /* eslint-disable @typescript-eslint/no-misused-promises -- one name for two methods: Element's own
     remove() returns nothing, and whoever gives no ids calls that. */
  /** Takes itself out of the document, as every element. */
  override remove(): void;
  /** Takes items out of `items`; those that are not there are no error. */
  override remove(ids: readonly string[]): Promise<void>;
  override remove(ids?: readonly string[]): Promise<void> | undefined {
    if (ids) return this.#removeItems(new Set(ids));
    super.remove();
    return undefined;
  }
  /* eslint-enable @typescript-eslint/no-misused-promises */

  /** What is near to one of the items by meaning, without itself; `bad-argument` for an unknown id. */
  async similarTo(
    id: string,
    {limit = this.findOptions.limit, signal}: SearchCall = {},
  ): Promise<SearchResult[] | undefined> {
    if (!this.isConnected) return undefined;
    assertLimit(limit);
    return this.#during(signal, async ({corpus}, until) => {
      const near = await corpus.similarTo(id, limit, {...this.findOptions, signal: until});
      const items = await corpus.items(near.map((hit) => hit.id));
      return near.flatMap((hit, place) => {
        const item = items[place];
        const {score} = hit;
        return item ? [{id: hit.id, score, similarity: score, terms: [], item}] : [];
      });
    });
  }

  /** Groups of items that mean nearly the same: linked by similarities of at least `threshold` (0.95). */
  async duplicates({
    threshold,
    signal,
  }: {readonly threshold?: number; readonly signal?: AbortSignal} = {}): Promise<
    string[][] | undefined
  > {
    if (!this.isConnected) return undefined;
    return this.#during(signal, ({corpus}, until) => corpus.duplicates({threshold, signal: until}));
  }

  /** Which of some labels a text or an image comes nearest to, best first. */
  async classify(
    query: Exclude<SearchQuery, Latent>,
    labels: readonly string[],
    {signal}: {readonly signal?: AbortSignal} = {},
  ): Promise<LabelScore[] | undefined> {
    if (!this.isConnected) return undefined;
    const until = this.searcher.until(signal);
    const model = await this.searcher.anyModel(until);
    return this.status.during(classify(model, query, labels, until));
  }

  /** What is searched as a file for `index`. */
  async toIndex({signal}: {readonly signal?: AbortSignal} = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    return this.#during(
      signal,
      async ({corpus}) => new Blob([await corpus.toBuffer()], {type: 'application/octet-stream'}),
    );
  }

  #list(): Element | undefined {
    const {target} = this.#target;
    return typeof target === 'object' ? target : undefined;
  }

  async #during<T>(
    signal: AbortSignal | undefined,
    job: (search: Searchable, until: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const search = await this.searcher.loaded(signal);
    return this.status.during(job(search, this.searcher.until(signal)));
  }

  async #removeItems(ids: ReadonlySet<string>): Promise<void> {
    if (!this.isConnected) return;
    this.#assertOwnItems('remove');
    this.items = (this.items ?? []).filter(({id}) => !ids.has(id));
    await this.searcher.loaded();
  }

  #assertOwnItems(method: string): void {
    if (this.items || !(this.for || this.index || this.store)) return;
    throw new LatentError(
      'unsupported',
      `${method}() changes items, but this element searches ${
        this.for ? `the list "${this.for}": change that` : 'an index: make another'
      }.`,
    );
  }
}
