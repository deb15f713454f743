import type {Cluster} from '../core/map/clusters.js';
import type {Share} from '../core/map/inverse.js';
import type {Emit} from './events.js';

/** How vectors become places: by the plane along which they differ most, or by who is near whom. */
export type Projection = 'pca' | 'umap';

/** What a map worker is told once, before anything else. */
export interface MapOptions {
  /** A Web Lock that the worker holds as long as it lives: whoever waits for it learns of its end. */
  readonly lifeLock: string;
}

/** The vectors of a map, row after row. */
export interface MapVectors {
  readonly data: Float32Array;
  /** Numbers of each. */
  readonly dimension: number;
  /** Whether only their direction counts, as with embeddings: they are brought to length 1. */
  readonly isUnit: boolean;
}

/** How far a map is. */
export interface MapProgress {
  /** Two numbers a vector, in the unit square: where they lie so far. */
  readonly positions: Float32Array;
  /** 0..1. */
  readonly ratio: number;
}

/** A cluster, and the words that set it apart. */
export interface NamedCluster extends Cluster {
  readonly words: readonly string[];
}

/** Clusters of a map; −1 for a vector that is in none. */
export interface MapClusters {
  readonly memberships: Int16Array;
  readonly clusters: readonly NamedCluster[];
}

/** What lies at a place of a map. */
export interface MapPoint {
  /** The vector, as those of the map were. */
  readonly data: Float32Array;
  /** The vectors nearest to the place, and their shares in it. */
  readonly shares: readonly Share[];
}

/** What a map worker does; it needs no model. For the caller every result is a promise. */
export interface MapApi {
  /** Must be the first call. Whether the worker holds its life lock. */
  connect(options: MapOptions, emit: Emit): Promise<boolean>;
  /** A new map under a number of the caller's. */
  open(map: number, vectors: MapVectors): void;
  /** Texts of the next vectors in their order, for the names of clusters. */
  addTexts(map: number, texts: readonly string[]): void;
  /** Begins another projection. */
  project(map: number, projection: Projection): void;
  /** Goes on for a tenth of a second at most; a caller that does not come back has given up. */
  advance(map: number): MapProgress;
  clusters(map: number): MapClusters;
  /** What lies at a place of the unit square; undefined where there are no vectors. */
  pointAt(map: number, x: number, y: number): MapPoint | undefined;
  /** Lets a map go. */
  close(map: number): void;
  /** Gives up a call: none of them is long. */
  cancel(request: number): void;
}
