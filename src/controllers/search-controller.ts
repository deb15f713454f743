import {initialState, Task} from '@lit/task';
import type {ReactiveController} from 'lit';
import {orAbort, throwIfAborted} from '../core/abort.js';
import {isAbort, LatentError} from '../core/errors.js';
import {assertMetric, type Metric} from '../core/search/metric.js';
import {embeddingSpaceOf} from '../core/text/embedding-space.js';
import {bringPack} from '../engine/shipped-packs.js';
import type {Unembedded} from '../search/items.js';
import type {SearchSession} from '../search/session.js';
import type {SearchItem} from '../search/types.js';
import {consentOf, type ModelHost} from './consent.js';
import {type ElementStatus, toLatentError} from './element-status.js';
import {LatestRun} from './latest-run.js';
import {type LoadHost, LoadTrigger} from './load-trigger.js';
import {engine} from './page-engine.js';
import type {Target} from './target-controller.js';

bringPack('words', () => import('../engine/packs/words.js'));
bringPack('photos', () => import('../engine/packs/photos.js'));

/** The element that searches. */
export interface SearchHost extends LoadHost, ModelHost {}

/** Where the things to find are. */
export interface SearchPlace {
  readonly kind: 'items' | 'index' | 'store';
  /** Of the index or the store. */
  readonly url?: string | undefined;
  readonly metric?: Metric | undefined;
  /** Another value whenever there are other items in the same place. */
  readonly version?: unknown;
  /** Reads the items, in slices where there are many. */
  read?(): readonly SearchItem[] | Promise<readonly SearchItem[]>;
}

/** What the element searches through, and who hears of it. */
export interface SearchContent {
  /** Where the things to find are; undefined for nowhere. Throws `LatentError` for what makes no sense. */
  place(): SearchPlace | undefined;
  /** Other results may be found from now on. */
  changed(): void;
  /** Items that cannot be found by meaning, which is no reason not to find the others. */
  unembedded(failed: readonly Unembedded[]): void;
}

const controllers = new WeakMap<Element, SearchController>();

/** What finds for a `<latent-search>`; undefined for any other element. */
export function searchOf(element: Element): SearchController | undefined {
  return controllers.get(element);
}

/** Keeps a session ready for its host: indexed by words, then embedded, and up to date. */
export class SearchController implements ReactiveController {
  readonly #trigger: LoadTrigger;
  readonly #host: SearchHost;
  readonly #status: ElementStatus;
  readonly #content: SearchContent;
  readonly #sync = new LatestRun(() => this.#update());
  #synced: Promise<void> = Promise.resolve();
  /** The version of the items that were last taken up. */
  #seen: unknown;
  #session: SearchSession | undefined;
  #revision = 0;
  #wasGiven = false;
  #found: readonly string[] | undefined;
  readonly #watchers = new Set<() => void>();
  /** A session without anything to find, for `classify`. */
  #bare: SearchSession | undefined;

  constructor(host: SearchHost, status: ElementStatus, content: SearchContent) {
    this.#host = host;
    this.#status = status;
    this.#content = content;
    host.addController(this);
    controllers.set(host, this);
    this.#trigger = new LoadTrigger(host, status, () => this.#close());
    new Task(host, {
      task: ([wanted], {signal}) => this.#open(wanted, signal),
      args: () => [...this.#trigger.args, host.model, host.device, this.#address()],
      autoRun: 'afterUpdate',
    });
  }

  /** What finds by words already, and by meaning once it is loaded; undefined before that. */
  get session(): SearchSession | undefined {
    return this.#session;
  }

  /** Whether its host was given something to search, right or wrong. */
  get isGiven(): boolean {
    return this.#address() !== '';
  }

  /** Another number whenever other vectors can be had; see `watch`. */
  get revision(): number {
    return this.#revision;
  }

  /** What its host shows, by id; undefined while nothing is searched for. */
  get found(): readonly string[] | undefined {
    return this.#found;
  }
  set found(found: readonly string[] | undefined) {
    this.#found = found;
    this.#tellWatchers();
  }

  /** Calls `listener` when `isGiven`, `revision` or `found` changes; gives what takes it back. */
  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  hostUpdated(): void {
    if (this.isGiven !== this.#wasGiven) {
      this.#wasGiven = this.isGiven;
      this.#tellWatchers();
    }
    const version = this.#version();
    if (version === this.#seen) return;
    this.#seen = version;
    // Other items in the same place: no need to begin anew.
    if (this.#session) this.#synced = this.#startSync();
    else if (this.#status.state === 'error') this.retry();
  }

  /** Loads even what nobody has seen. */
  want(): void {
    this.#trigger.want();
  }

  /** Once more from the start. */
  retry(): void {
    this.#trigger.retry();
  }

  /** The session, once everything can be found; `bad-argument` where there is nothing to search. */
  async loaded(signal?: AbortSignal): Promise<SearchSession> {
    throwIfAborted(signal);
    this.want();
    await this.#host.updateComplete;
    if (!this.#content.place()) {
      throw new LatentError(
        'bad-argument',
        `${this.#host.localName} was given nothing to search. Set for, items, index or store.`,
      );
    }
    return this.#trigger.loaded(async () => {
      await orAbort(this.#synced, this.until(signal));
      return this.#session?.loaded ? this.#session : undefined;
    }, signal);
  }

  /** A session whose model is there, with or without anything to find. */
  async anyLoaded(signal: AbortSignal): Promise<SearchSession> {
    if (this.#session?.loaded) return this.#session;
    const bare = (this.#bare ??= await this.#create({}));
    await consentOf(this.#host, this.#status, {signal});
    await bare.model.load({signal});
    return bare;
  }

  /** Aborts with `signal`, or when the element leaves the document. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return this.#trigger.until(signal);
  }

  async #open(wanted: boolean, signal: AbortSignal): Promise<typeof initialState> {
    this.#close();
    if (!wanted) return initialState;
    const status = this.#status;
    let session: SearchSession | undefined;
    try {
      const place = this.#content.place();
      if (!place) {
        status.reset();
        return initialState;
      }
      this.#seen = place.version;
      status.begin();
      const {kind, url, metric} = place;
      session = await this.#create({
        metric,
        ...(kind === 'items' ? {items: await place.read!()} : {[kind]: url}),
      });
      await session.open(signal);
      throwIfAborted(signal);
      this.#watch(session);
      this.#session = session;
      this.#content.changed();
      if (this.#seen !== place.version) this.#synced = this.#startSync();
      // By words it is searched already.
      await consentOf(this.#host, status, {signal});
      const failed = await session.load({
        signal,
        onProgress: (progress) => status.advance(progress),
      });
      throwIfAborted(signal);
      this.#report(failed);
      // What changed while it loaded is indexed by its words only.
      if (this.#seen !== place.version) await this.#sync.request();
      const {network, pack} = session.model;
      const space = embeddingSpaceOf(pack.manifest)?.id ?? pack.manifest.space.id;
      // A table needs no device: it runs where WASM does.
      status.succeed({model: pack.manifest.name, space, device: network?.device ?? 'wasm'});
      this.#revise();
      this.#content.changed();
    } catch (error) {
      if (session && session !== this.#session) session.close();
      if (!signal.aborted) this.#fail(error);
    }
    return initialState;
  }

  async #create(source: ConstructorParameters<typeof SearchSession>[0]): Promise<SearchSession> {
    // A page whose elements nobody scrolls to needs none of it.
    const {SearchSession: Session} = await import('../search/session.js');
    const {model, device, needs} = this.#host;
    // The page's default model is one for pictures.
    const name = model === undefined || model === '' ? needs.model! : model;
    return new Session(source, {
      model: name,
      engine: {},
      device,
      load: async (options) => (await engine()).load(name, options),
    });
  }

  #report(failed: readonly Unembedded[]): void {
    if (failed.length > 0) this.#content.unembedded(failed);
  }

  #startSync(): Promise<void> {
    const synced = this.#status.during(this.#sync.request());
    synced.catch((error: unknown) => {
      if (!isAbort(error)) this.#fail(error);
    });
    return synced;
  }

  async #update(): Promise<void> {
    const [session, place] = [this.#session, this.#content.place()];
    if (!session || !place?.read) return;
    const {signal} = this.#trigger.connection;
    await session.setItems(await place.read(), signal);
    this.#content.changed();
    // While it is still loading, the load embeds these too, or the next update does.
    if (!session.loaded || session !== this.#session) return;
    this.#report(await session.embed({signal}));
    this.#status.recover();
    this.#revise();
    this.#content.changed();
  }

  #revise(): void {
    this.#revision++;
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const listener of this.#watchers) listener();
  }

  #version(): unknown {
    try {
      return this.#content.place()?.version;
    } catch {
      return undefined;
    }
  }

  // Where it searches, without what is there.
  #address(): string {
    try {
      const place = this.#content.place();
      if (!place) return '';
      return [place.kind, place.url, place.metric].join(' ');
    } catch (error) {
      return String(error);
    }
  }

  #watch(session: SearchSession): void {
    session.onEnd(() => {
      if (session !== this.#session) return;
      this.#fail(new LatentError('worker-crashed', 'The worker that searched this ended.'));
    });
  }

  #fail(thrown: unknown): void {
    this.#trigger.fail(toLatentError(thrown));
  }

  #close(): void {
    for (const session of [this.#session, this.#bare]) session?.close();
    this.#session = undefined;
    this.#bare = undefined;
  }
}

/** What a page says of where to search. */
export interface PlaceProperties {
  readonly items: readonly SearchItem[] | undefined;
  readonly index: string | undefined;
  readonly store: string | undefined;
  readonly metric: Metric | undefined;
  readonly htmlFor: string | undefined;
}

/**
 * Where to search: `items` win over `index`, that over `store`, that over `for`, whose target is read by
 * `list`. Undefined where nothing is said, or while what `for` names may still come; `bad-argument` for
 * an id that names nothing, or an unknown metric.
 */
export function placeOf(
  {items, index, store, metric, htmlFor = ''}: PlaceProperties,
  target: Target,
  list: (target: Element) => Pick<SearchPlace, 'version' | 'read'>,
): SearchPlace | undefined {
  if (metric) assertMetric(metric);
  if (items) return {kind: 'items', metric, version: items, read: () => items};
  if (index) return {kind: 'index', url: index, metric};
  if (store) return {kind: 'store', url: store, metric};
  if (typeof target === 'object') return {kind: 'items', metric, ...list(target)};
  if (target !== 'missing') return undefined;
  throw new LatentError(
    'bad-argument',
    `for="${htmlFor}" names no element of this page. Give a list that id.`,
  );
}

/** What tells whether an element's items are its own to change. */
type Owner = Pick<PlaceProperties, 'items' | 'index' | 'store' | 'htmlFor'>;

/**
 * The items of an element and some more; `bad-argument` for an id that is there already, `unsupported`
 * where it searches a list of the page or an index.
 */
export function withItems(owner: Owner, items: readonly SearchItem[]): readonly SearchItem[] {
  assertOwn(owner, 'add');
  const known = new Set(owner.items?.map(({id}) => id));
  for (const {id} of items) {
    if (!known.has(id)) continue;
    throw new LatentError('bad-argument', `There is an item "${id}" already. Remove it first.`);
  }
  return [...(owner.items ?? []), ...items];
}

/** The items of an element without some; unknown ids are no error. Errors as `withItems`. */
export function withoutItems(owner: Owner, ids: readonly string[]): readonly SearchItem[] {
  assertOwn(owner, 'removeItems');
  const gone = new Set(ids);
  return (owner.items ?? []).filter(({id}) => !gone.has(id));
}

function assertOwn({items, htmlFor, index, store}: Owner, method: string): void {
  if (items || !(htmlFor || index || store)) return;
  throw new LatentError(
    'unsupported',
    `${method}() changes items, but this element searches ${
      htmlFor ? `the list "${htmlFor}": change that` : 'an index: make another'
    }.`,
  );
}
