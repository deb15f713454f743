import {transfer} from 'comlink';
import {LatentError} from '../../src/core/errors.js';
import type {
  MapApi,
  MapClusters,
  MapOptions,
  MapPoint,
  MapProgress,
  MapVectors,
  Projection,
} from '../../src/shared/map.js';
import {holdForLife} from '../life-lock.js';
import {ProjectedMap} from './projected-map.js';

/** Milliseconds of one call to `advance`: a picture that is asked for meanwhile waits no longer. */
const SLICE = 60;

/** Everything that a map worker does, without the worker. */
export class MapService implements MapApi {
  readonly #maps = new Map<number, ProjectedMap>();

  connect({lifeLock}: MapOptions): Promise<boolean> {
    return holdForLife(lifeLock);
  }

  open(map: number, vectors: MapVectors): void {
    this.#maps.set(map, new ProjectedMap(vectors));
  }

  addTexts(map: number, texts: readonly string[]): void {
    this.#map(map).addTexts(texts);
  }

  project(map: number, projection: Projection): void {
    this.#map(map).project(projection);
  }

  advance(map: number): MapProgress {
    const {positions, ratio} = this.#map(map).advance(SLICE);
    return transfer({positions, ratio}, [positions.buffer]);
  }

  clusters(map: number): MapClusters {
    return this.#map(map).clusters();
  }

  pointAt(map: number, x: number, y: number): MapPoint | undefined {
    return this.#map(map).pointAt(x, y);
  }

  close(map: number): void {
    this.#maps.delete(map);
  }

  cancel(): void {
    // No call of this worker is long.
  }

  #map(map: number): ProjectedMap {
    const found = this.#maps.get(map);
    if (found) return found;
    throw new LatentError('bad-argument', 'This map was closed. Make another.');
  }
}
