import {throwIfAborted} from '../core/abort.js';
import type {Latent} from '../core/latent/latent.js';
import type {CallOptions} from '../engine/types.js';
import {TaskQueue} from '../shared/task-queue.js';
import {TimeSlice} from '../shared/yield-to-events.js';
import {
  embedByNetwork,
  hasText,
  ItemList,
  recordSlices,
  type Unembedded,
  unreadable,
} from './items.js';
import type {RemoteIndex} from './remote-index.js';
import type {SearchModel} from './search-model.js';
import type {SearchItem} from './types.js';

/** Items between two looks at the clock. */
const CLOCK_ITEMS = 128;

/** The items of a search and their index in the worker, in step; changes wait for one another. */
export class IndexedItems {
  readonly #index: RemoteIndex;
  readonly #model: SearchModel;
  readonly #list = new ItemList();
  readonly #edits = new TaskQueue();

  constructor(index: RemoteIndex, model: SearchModel) {
    this.#index = index;
    this.#model = model;
  }

  get(id: string): SearchItem | undefined {
    return this.#list.get(id);
  }

  /** Makes these the items: found by words when it settles, by meaning after the next `embed`. */
  replace(items: readonly SearchItem[], signal?: AbortSignal): Promise<void> {
    return this.#edits.push(() => this.#replace(items, signal), {signal});
  }

  /** Embeds what is not yet; what cannot be comes back. */
  embed(options: CallOptions = {}): Promise<readonly Unembedded[]> {
    return this.#edits.push(() => this.#embed(options), {signal: options.signal});
  }

  /** Makes others of the items, and embeds them. */
  change(
    others: (all: readonly SearchItem[]) => readonly SearchItem[],
    options: CallOptions,
  ): Promise<void> {
    return this.#edits.push(
      async () => {
        await this.#replace(others(this.#list.all), options.signal);
        await this.#embed(options);
      },
      {signal: options.signal},
    );
  }

  async #replace(items: readonly SearchItem[], signal: AbortSignal | undefined): Promise<void> {
    const {gone, changed} = await this.#list.replace(items);
    if (gone.length > 0) await this.#index.call((api, index) => api.removeItems(index, gone));
    for (const slice of recordSlices(changed)) {
      await this.#index.call((api, index) => api.addItems(index, slice));
    }
    throwIfAborted(signal);
  }

  async #embed(options: CallOptions): Promise<readonly Unembedded[]> {
    const {waiting} = this.#list;
    if (waiting.length === 0) return [];
    const {network, pack} = this.#model;
    if (network) return embedByNetwork(network, waiting, this.#addVectors, options);
    const {url} = pack;
    await this.#index.request(
      (api, request, index) => api.embedItems(request, index, url),
      options,
    );
    const slice = new TimeSlice();
    const failed: Unembedded[] = [];
    for (const [i, item] of waiting.entries()) {
      if (hasText(item)) this.#list.markEmbedded([item]);
      else failed.push({id: item.id, error: unreadable(item.id)});
      if (i % CLOCK_ITEMS === 0 && slice.isOver) await slice.yieldToEvents();
    }
    return failed;
  }

  // What changed meanwhile is embedded again by whoever changed it.
  readonly #addVectors = async (
    items: readonly SearchItem[],
    latents: readonly Latent[],
  ): Promise<void> => {
    const current = items
      .map((item, i) => ({item, latent: latents[i]!}))
      .filter(({item}) => this.#list.get(item.id) === item);
    const [first] = current;
    if (!first) return;
    const {space, data: one} = first.latent;
    const data = new Float32Array(one.length * current.length);
    current.forEach(({latent}, i) => data.set(latent.data, i * one.length));
    const ids = current.map(({item}) => item.id);
    await this.#index.call((api, index) => api.addVectors(index, {space, ids, data}));
    this.#list.markEmbedded(current.map(({item}) => item));
  };
}
