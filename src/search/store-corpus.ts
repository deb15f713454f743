import {LatentError} from '../core/errors.js';
import type {Latent} from '../core/latent/latent.js';
import type {SearchItem} from './search-types.js';
import type {VectorStore} from './stores/vector-store.js';
import type {Corpus, MeaningHit, NearOptions} from './corpus.js';

/** A vector database somewhere: only vectors go there, and it knows no words. */
export class StoreCorpus implements Corpus {
  readonly space: string;
  readonly metric = undefined;
  readonly size = undefined;
  readonly lost = new Promise<void>(() => undefined);
  readonly #store: VectorStore;

  /** `space` is that of the model that queries are embedded with. */
  constructor(store: VectorStore, space: string) {
    this.#store = store;
    this.space = space;
  }

  byWords(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }

  async byMeaning(
    latent: Latent,
    count: number,
    {threshold, signal}: NearOptions = {},
  ): Promise<readonly MeaningHit[]> {
    const hits = await this.#store.search(latent, count, {threshold, signal});
    return hits.map(({id, score, item}) => ({id, score, item: {...item, id}}));
  }

  similarTo(): Promise<never> {
    return Promise.reject(this.#unsupported('similarTo()'));
  }

  duplicates(): Promise<never> {
    return Promise.reject(this.#unsupported('duplicates()'));
  }

  items(ids: readonly string[]): Promise<readonly (SearchItem | undefined)[]> {
    return Promise.resolve(ids.map(() => undefined));
  }

  toBuffer(): Promise<never> {
    return Promise.reject(this.#unsupported('toIndex()'));
  }

  close(): void {
    this.#store.close();
  }

  #unsupported(method: string): LatentError {
    return new LatentError(
      'unsupported',
      `${method} needs the vectors here, but ${this.#store.url} keeps them. Use items or an index.`,
    );
  }
}
