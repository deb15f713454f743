import {clusterWords, findClusters} from '../../src/core/map/clusters.js';
import {latentOnPlane, mixedLatent, sharesAt} from '../../src/core/map/inverse.js';
import {frameOf, type MapFrame, toFrame} from '../../src/core/map/layout.js';
import {neighbourSteps, Umap} from '../../src/core/map/umap.js';
import {type PrincipalPlane, principalSteps, projectRows} from '../../src/core/map/pca.js';
import type {
  MapClusters,
  MapPoint,
  MapProgress,
  MapVectors,
  Projection,
} from '../../src/shared/map.js';

/** Neighbours that a layout is made from: UMAP's default. */
const NEIGHBOURS = 15;
/** Fewer have no neighbourhoods to speak of: their plane says all. */
const LEAST = 8;
/** Shares of the progress: the plane, then the neighbours, then the layout. */
const [PLANE, NEIGHBOURED] = [0.05, 0.4];

/** Vectors, and where a projection puts them. */
export class ProjectedMap {
  readonly #data: Float32Array;
  readonly #dimension: number;
  readonly #isUnit: boolean;
  readonly #texts: string[] = [];
  #plane: PrincipalPlane | undefined;
  /** As the projection has them. */
  #positions: Float32Array;
  #frame: MapFrame = frameOf(new Float32Array(0));
  /** As the map has them. */
  #framed: Float32Array;
  /** Whether `#positions` are those of the plane. */
  #isPlane = true;
  #steps: Generator<number, undefined> | undefined;
  #ratio = 1;

  constructor({data, dimension, isUnit}: MapVectors) {
    this.#data = isUnit ? unitRows(data, dimension) : data;
    this.#dimension = dimension;
    this.#isUnit = isUnit;
    const count = dimension === 0 ? 0 : data.length / dimension;
    this.#positions = new Float32Array(2 * count);
    this.#framed = toFrame(this.#positions, frameOf(this.#positions));
  }

  addTexts(texts: readonly string[]): void {
    this.#texts.push(...texts);
  }

  /** Begins another projection; positions stay what they are until `advance`. */
  project(projection: Projection): void {
    this.#ratio = 0;
    this.#steps = this.#projectSteps(projection);
  }

  /** Goes on for so many milliseconds. */
  advance(milliseconds: number): MapProgress {
    const end = performance.now() + milliseconds;
    while (this.#steps && performance.now() < end) {
      const {done, value} = this.#steps.next();
      this.#ratio = done ? 1 : value;
      if (done) this.#steps = undefined;
    }
    this.#frame = frameOf(this.#positions);
    this.#framed = toFrame(this.#positions, this.#frame);
    // The caller gets one of its own, which is transferred.
    return {positions: this.#framed.slice(), ratio: this.#ratio};
  }

  clusters(): MapClusters {
    const {memberships, clusters} = findClusters(this.#framed);
    const words =
      this.#texts.length === 0
        ? clusters.map(() => [])
        : clusterWords(this.#texts, memberships, clusters.length);
    return {memberships, clusters: clusters.map((cluster, i) => ({...cluster, words: words[i]!}))};
  }

  pointAt(x: number, y: number): MapPoint | undefined {
    const plane = this.#plane;
    const shares = sharesAt(this.#framed, x, y);
    if (!plane || shares.length === 0) return undefined;
    const {left, top, scale} = this.#frame;
    const data = this.#isPlane
      ? latentOnPlane(this.#data, plane, [x / scale + left, y / scale + top], shares)
      : mixedLatent(this.#data, plane.mean, shares);
    return {data, shares};
  }

  *#projectSteps(projection: Projection): Generator<number, undefined> {
    if (!this.#plane) {
      const steps = principalSteps(this.#data, this.#dimension);
      for (;;) {
        const {done, value} = steps.next();
        if (done) {
          this.#plane = value;
          break;
        }
        yield 0;
      }
    }
    const start = projectRows(this.#data, this.#plane);
    const count = start.length / 2;
    this.#positions = start;
    this.#isPlane = true;
    if (projection === 'pca' || count < LEAST) return undefined;
    yield PLANE;
    const neighbours = neighbourSteps(
      this.#data,
      this.#dimension,
      Math.min(NEIGHBOURS, count - 1),
      this.#isUnit,
    );
    for (;;) {
      const {done, value} = neighbours.next();
      if (done) {
        const umap = new Umap(value, start);
        this.#positions = umap.positions;
        this.#isPlane = false;
        while (umap.step()) yield NEIGHBOURED + (1 - NEIGHBOURED) * umap.ratio;
        return undefined;
      }
      yield PLANE + (NEIGHBOURED - PLANE) * value;
    }
  }
}

function unitRows(data: Float32Array, dimension: number): Float32Array {
  for (let from = 0; from < data.length; from += dimension) {
    let squared = 0;
    for (let i = from; i < from + dimension; i++) squared += data[i]! ** 2;
    const scale = squared > 0 ? 1 / Math.sqrt(squared) : 0;
    for (let i = from; i < from + dimension; i++) data[i]! *= scale;
  }
  return data;
}
