import {initialState, Task} from '@lit/task';
import type {ReactiveController} from 'lit';
import {throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {Projection} from '../shared/map.js';
import {consentOf, type ModelHost} from './consent.js';
import {type ElementStatus, toLatentError} from './element-status.js';
import type {LoadedMap, MapSource} from './load-map.js';
import {type LoadHost, LoadTrigger} from './load-trigger.js';
import type {MapItem} from './map-pictures.js';
import {ModelController} from './model-controller.js';
import {type SearchController, searchOf} from './search-controller.js';
import type {Target} from './target-controller.js';

/** The element that is a map. */
export interface MapHost extends LoadHost, ModelHost {
  readonly items: readonly MapItem[] | undefined;
  readonly htmlFor: string | undefined;
  readonly projection: Projection;
}

const PROJECTIONS: ReadonlySet<string> = new Set<Projection>(['pca', 'umap']);

/** Keeps a map of its host's items: loaded, embedded and projected, and up to date. */
export class MapController implements ReactiveController {
  readonly #host: MapHost;
  readonly #status: ElementStatus;
  readonly #findTarget: () => Target;
  readonly #changed: () => void;
  readonly #trigger: LoadTrigger;
  readonly #models = new ModelController();
  #map: LoadedMap | undefined;
  /** What the map was made of. */
  #made: readonly unknown[] = [];
  #watched: SearchController | undefined;
  #unwatch: (() => void) | undefined;

  /** `changed` hears of other positions, and of other items to light up. */
  constructor(host: MapHost, status: ElementStatus, target: () => Target, changed: () => void) {
    this.#host = host;
    this.#status = status;
    this.#findTarget = target;
    this.#changed = changed;
    host.addController(this);
    this.#trigger = new LoadTrigger(host, status, () => this.#drop());
    new Task(host, {
      task: ([wanted], {signal}) => this.#load(wanted, signal),
      args: () => [...this.#trigger.args, host.projection, ...this.#ingredients],
      autoRun: 'afterUpdate',
    });
  }

  /** What is on the map so far; undefined before anything is. */
  get map(): LoadedMap | undefined {
    return this.#map;
  }

  /** What `for` names. */
  get target(): Target {
    return this.#findTarget();
  }

  /** What the search shows whose items these are, by id; undefined while nothing is searched for. */
  get found(): readonly string[] | undefined {
    return this.#watched?.found;
  }

  hostUpdated(): void {
    const target = this.target;
    const search = typeof target === 'object' ? searchOf(target) : undefined;
    if (search === this.#watched) return;
    this.#unwatch?.();
    this.#watched = search;
    this.#unwatch = search?.watch(() => {
      this.#host.requestUpdate();
      this.#changed();
    });
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#watched = undefined;
  }

  /** Once more from the start. */
  readonly retry = (): void => {
    this.#made = [];
    this.#trigger.retry();
  };

  /** The map, as soon as it is there; `bad-argument` where there is nothing to draw. */
  async loaded(signal?: AbortSignal): Promise<LoadedMap> {
    throwIfAborted(signal);
    this.#trigger.want();
    await this.#host.updateComplete;
    if (!this.#source) {
      throw new LatentError(
        'bad-argument',
        `${this.#host.localName} was given nothing to draw. Set for or items.`,
      );
    }
    return this.#trigger.loaded(() => (this.#map?.ratio === 1 ? this.#map : undefined), signal);
  }

  /** Aborts with `signal`, or when the element leaves the document. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return this.#trigger.until(signal);
  }

  // Everything but the projection: another one of these is another map.
  get #ingredients(): readonly unknown[] {
    const {model, device, items} = this.#host;
    return [model, device, items ?? this.target, this.#watched?.isGiven, this.#watched?.revision];
  }

  // `items` win over `for`. Throws for an id that names no search.
  get #source(): MapSource | undefined {
    const {items, htmlFor = ''} = this.#host;
    if (items) return items;
    const target = this.target;
    if (target === undefined || target === 'pending') return undefined;
    if (target === 'missing') {
      throw new LatentError(
        'bad-argument',
        `for: there is no <latent-search> with the id "${htmlFor}" here. Give one that id, or set items.`,
      );
    }
    const search = searchOf(target);
    // What it will search may be still to come.
    if (search) return search.isGiven ? search : undefined;
    throw new LatentError(
      'bad-argument',
      `for: the element with the id "${htmlFor}" is a <${target.localName}>, not a <latent-search>.`,
    );
  }

  async #load(wanted: boolean, signal: AbortSignal): Promise<typeof initialState> {
    if (!wanted) return initialState;
    const status = this.#status;
    try {
      const {projection} = this.#host;
      if (!PROJECTIONS.has(projection)) {
        throw new LatentError(
          'bad-argument',
          `There is no projection "${projection}". Write pca or umap.`,
        );
      }
      const source = this.#source;
      if (!source) {
        this.#drop();
        status.reset();
        return initialState;
      }
      status.begin();
      const made = this.#ingredients;
      const map = this.#isMadeOf(made) ? this.#map! : await this.#open(source, made, signal);
      await map.project(
        projection,
        (ratio) => {
          if (signal.aborted) return;
          status.advance({
            stage: 'index',
            loaded: ratio,
            total: 1,
            ratio: OPENED + (1 - OPENED) * ratio,
          });
          this.#changed();
        },
        signal,
      );
      throwIfAborted(signal);
      status.succeed(map.loadedFrom);
      this.#changed();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    return initialState;
  }

  #isMadeOf(made: readonly unknown[]): boolean {
    return this.#map !== undefined && made.every((each, i) => each === this.#made[i]);
  }

  async #open(
    source: MapSource,
    made: readonly unknown[],
    signal: AbortSignal,
  ): Promise<LoadedMap> {
    // A page whose maps nobody scrolls to needs none of it.
    const {openMap} = await import('./load-map.js');
    const {model, device, consent} = this.#host;
    const map = await openMap(source, {
      model,
      device,
      agreed: (name, parts) => {
        const needs = {...(name !== undefined && {model: name}), parts, optional: []};
        return consentOf({model, device, consent, needs}, this.#status, {signal});
      },
      models: this.#models,
      signal,
      onProgress: (progress) => {
        this.#status.advance({...progress, ratio: OPENED * progress.ratio});
      },
      onLost: () => {
        if (this.#map !== map) return;
        this.#drop();
        this.#fail(new LatentError('worker-crashed', 'The worker that drew this map ended.'));
      },
    });
    if (signal.aborted) map.close();
    throwIfAborted(signal);
    this.#map?.close();
    this.#map = map;
    this.#made = made;
    return map;
  }

  #fail(thrown: unknown): void {
    this.#made = [];
    this.#trigger.fail(toLatentError(thrown));
  }

  #drop(): void {
    this.#map?.close();
    this.#map = undefined;
    this.#made = [];
    this.#models.release();
    this.#changed();
  }
}

/** Share of the progress after which there are vectors to project. */
const OPENED = 0.7;
