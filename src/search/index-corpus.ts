import type {Latent} from '../core/latent/latent.js';
import type {Metric} from '../core/search/metric.js';
import type {SearchIndex} from './search-index.js';
import type {SearchItem} from './search-types.js';
import type {CallOptions} from '../engine/types.js';
import type {Corpus, MeaningHit, NearOptions, WordHit} from './corpus.js';

/** What an index in the search worker holds: a prebuilt one, or one of the page's own items. */
export class IndexCorpus implements Corpus {
  protected readonly index: SearchIndex;

  constructor(index: SearchIndex) {
    this.index = index;
  }

  get space(): string | undefined {
    return this.index.info.space;
  }

  get metric(): Metric {
    return this.index.info.metric;
  }

  get size(): number {
    return this.index.info.size;
  }

  get lost(): Promise<void> {
    return this.index.lost;
  }

  byWords(query: string, count: number, signal?: AbortSignal): Promise<readonly WordHit[]> {
    return this.index.searchText(query, count, {signal});
  }

  byMeaning(
    latent: Latent,
    count: number,
    options: NearOptions = {},
  ): Promise<readonly MeaningHit[]> {
    return this.index.search(latent, count, options);
  }

  similarTo(id: string, count: number, options: NearOptions = {}): Promise<readonly MeaningHit[]> {
    return this.index.similarTo(id, count, options);
  }

  duplicates(
    options: CallOptions & {readonly threshold?: number | undefined} = {},
  ): Promise<string[][]> {
    return this.index.duplicates(options);
  }

  async items(ids: readonly string[]): Promise<readonly (SearchItem | undefined)[]> {
    const fields = await this.index.items(ids);
    return fields.map((item, place) => ({...item, id: ids[place]!}));
  }

  toBuffer(): Promise<ArrayBuffer> {
    return this.index.toBuffer();
  }

  close(): void {
    this.index.close();
  }
}
