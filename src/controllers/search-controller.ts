import {initialState, Task} from '@lit/task';
import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {orAbort, throwIfAborted} from '../core/abort.js';
import {isAbort, LatentError} from '../core/errors.js';
import type {Corpus} from '../search/corpus.js';
import type {ItemsCorpus, Unembedded} from '../search/items-corpus.js';
import type {DevicePreference, Model} from '../engine/types.js';
import type {ElementStatus} from './element-status.js';
import {LatestRun} from './latest-run.js';
import {LoadTrigger} from './load-trigger.js';
import {ModelController} from './model-controller.js';
import {openCorpus, type SearchPlace} from './open-corpus.js';
import {shareOf, toLatentError} from './element-status.js';

/** The element that searches. */
export interface SearchHost extends ReactiveControllerHost, HTMLElement {
  readonly model: string | undefined;
  readonly device: DevicePreference | undefined;
  readonly loading: 'lazy' | 'eager';
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

/** What is there to search with. */
export interface Searchable {
  readonly corpus: Corpus;
  readonly model: Model;
}

const DEFAULT_MODEL = 'words';
/** Shares of the bar: downloading the model, then embedding what there is. */
const MODEL_SHARE = 0.5;

/** Keeps what its host searches through ready: indexed by words, then embedded, and kept up to date. */
export class SearchController implements ReactiveController {
  readonly #trigger: LoadTrigger;
  readonly #host: SearchHost;
  readonly #status: ElementStatus;
  readonly #content: SearchContent;
  readonly #models = new ModelController();
  readonly #sync = new LatestRun(() => this.#update());
  #synced: Promise<void> = Promise.resolve();
  /** The items that were last taken up. */
  #seen: SearchPlace['items'];
  #corpus: Corpus | undefined;
  #model: Model | undefined;

  constructor(host: SearchHost, status: ElementStatus, content: SearchContent) {
    this.#host = host;
    this.#status = status;
    this.#content = content;
    host.addController(this);
    this.#trigger = new LoadTrigger(host, status, () => this.#tearDown());
    new Task(host, {
      task: ([wanted], {signal}) => this.#open(wanted, signal),
      args: () => [...this.#trigger.args, host.model, host.device, this.#address()],
      autoRun: 'afterUpdate',
    });
  }

  /** What can be searched by words already; undefined before that. */
  get corpus(): Corpus | undefined {
    return this.#corpus;
  }

  /** The model, as soon as there is something to find with it. */
  get model(): Model | undefined {
    return this.#model;
  }

  hostUpdated(): void {
    const items = this.#items();
    if (items === this.#seen) return;
    this.#seen = items;
    // Other items in the same place: no need to begin anew.
    if (this.#corpus) this.#synced = this.#startSync();
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

  /** What there is to search with, once everything is indexed; `bad-argument` where there is nothing. */
  async loaded(signal?: AbortSignal): Promise<Searchable> {
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
      const {corpus, model} = this;
      return corpus && model && {corpus, model};
    }, signal);
  }

  /** The model, with or without anything to find. */
  async anyModel(signal: AbortSignal): Promise<Model> {
    return this.#model ?? orAbort(this.#acquire(signal), signal);
  }

  /** Aborts with `signal`, or when the element leaves the document. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return this.#trigger.until(signal);
  }

  async #open(wanted: boolean, signal: AbortSignal): Promise<typeof initialState> {
    this.#close();
    if (!wanted) return initialState;
    const status = this.#status;
    try {
      const place = this.#content.place();
      if (!place) {
        status.reset();
        return initialState;
      }
      this.#seen = place.items;
      status.begin();
      // Reading a long list took its time: the rest is for another task.
      await new Promise((resolve) => setTimeout(resolve));
      throwIfAborted(signal);
      const modelLoads = this.#acquire(signal);
      // Whoever waits for the words first must not find an unhandled rejection.
      modelLoads.catch(() => undefined);
      const corpus = await openCorpus(place, modelLoads, signal);
      this.#watch(corpus);
      this.#corpus = corpus;
      this.#content.changed();
      if (this.#seen !== place.items) this.#synced = this.#startSync();
      const model = await modelLoads;
      await this.#embed(corpus, model, signal, true);
      throwIfAborted(signal);
      this.#model = model;
      // What changed while it loaded is indexed by its words only.
      if (this.#seen !== place.items) await this.#sync.request();
      status.succeed({model: model.name, space: corpus.space ?? model.space, device: model.device});
      this.#content.changed();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    return initialState;
  }

  #acquire(signal: AbortSignal): Promise<Model> {
    const {model, device} = this.#host;
    return this.#models.acquire(isGiven(model) ? model : DEFAULT_MODEL, device, {
      signal,
      onProgress: (progress) => this.#status.advance(shareOf(progress, 0, MODEL_SHARE, undefined)),
    });
  }

  async #embed(corpus: Corpus, model: Model, signal: AbortSignal, first: boolean): Promise<void> {
    if (!('embed' in corpus)) return;
    const failed = await (corpus as ItemsCorpus).embed(model, {
      signal,
      onProgress: (progress) => {
        if (first) this.#status.advance(shareOf(progress, MODEL_SHARE, 1, undefined));
      },
    });
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
    const [corpus, place] = [this.#corpus, this.#content.place()];
    if (!corpus || !place?.items || !('setItems' in corpus)) return;
    const {signal} = this.#trigger.connection;
    await (corpus as ItemsCorpus).setItems(place.items, signal);
    this.#content.changed();
    // While it is still loading, the load embeds these too, or the next update does.
    if (!this.#model || corpus !== this.#corpus) return;
    await this.#embed(corpus, this.#model, signal, false);
    this.#status.recover();
    this.#content.changed();
  }

  #items(): SearchPlace['items'] {
    try {
      return this.#content.place()?.items;
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

  #watch(corpus: Corpus): void {
    void corpus.lost.then(() => {
      if (corpus !== this.#corpus) return;
      this.#fail(new LatentError('worker-crashed', 'The worker that searched this ended.'));
    });
  }

  #fail(thrown: unknown): void {
    const error = toLatentError(thrown);
    this.#trigger.fail(error);
  }

  #close(): void {
    this.#corpus?.close();
    this.#corpus = undefined;
    this.#model = undefined;
  }

  #tearDown(): void {
    this.#close();
    this.#models.release();
  }
}

// The page's default model is one for pictures.
function isGiven(model: string | undefined): model is string {
  return model !== undefined && model !== '';
}
