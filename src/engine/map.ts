import {transfer} from 'comlink';
import {orAbort} from '../core/abort.js';
import type {
  MapApi,
  MapClusters,
  MapPoint,
  MapProgress,
  MapVectors,
  Projection,
} from '../shared/map.js';
import {settings, workerScript} from './config.js';
import {WorkerHost} from './worker/host.js';
import {SharedHost} from './worker/shared-host.js';

/** Texts that are copied into one message: well under a millisecond of a page's time. */
const SLICE_TEXTS = 500;
/** Characters of a text that name its cluster. */
const TEXT_LENGTH = 400;

const worker = new SharedHost((given) => {
  const {href} = new URL('../../workers/map.worker.js', import.meta.url);
  return new WorkerHost<MapApi>(workerScript('map', href, given), {}, {name: 'map'});
});
let maps = 0;

/** Vectors on a map, in a worker that all maps of the page share. */
export class MapProjection {
  readonly #host: WorkerHost<MapApi>;
  readonly #id = ++maps;
  readonly #leave: () => void;
  #closed = false;

  /** `onLost` hears that the worker ended: open another. The numbers are transferred. */
  constructor(vectors: MapVectors, onLost: () => void) {
    ({host: this.#host, leave: this.#leave} = worker.join(settings(), onLost));
    void this.#call((api, id) => api.open(id, transfer(vectors, [vectors.data.buffer]))).catch(
      () => undefined,
    );
  }

  /** Texts of the vectors in their order, for the names of clusters. */
  async addTexts(texts: readonly string[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from < texts.length; from += SLICE_TEXTS) {
      const some = texts.slice(from, from + SLICE_TEXTS).map((text) => text.slice(0, TEXT_LENGTH));
      await orAbort(
        this.#call((api, id) => api.addTexts(id, some)),
        signal,
      );
    }
  }

  /** Where the vectors lie; `progress` hears of positions on the way. */
  async project(
    projection: Projection,
    progress: (progress: MapProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#call((api, id) => api.project(id, projection));
    for (;;) {
      const reached = await orAbort(
        this.#call((api, id) => api.advance(id)),
        signal,
      );
      progress(reached);
      if (reached.ratio === 1) return;
    }
  }

  clusters(): Promise<MapClusters> {
    return this.#call((api, id) => api.clusters(id));
  }

  /** What lies at a place of the unit square; undefined where there are no vectors. */
  pointAt(x: number, y: number): Promise<MapPoint | undefined> {
    return this.#call((api, id) => api.pointAt(id, x, y));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.call((api) => api.close(this.#id)).catch(() => undefined);
    this.#leave();
  }

  #call<T>(
    call: (api: Parameters<Parameters<WorkerHost<MapApi>['call']>[0]>[0], id: number) => Promise<T>,
  ): Promise<T> {
    return this.#host.call((api) => call(api, this.#id));
  }
}
