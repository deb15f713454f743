/** Steadies the similarity where there is next to nothing to compare. */
const STEADY = 0.0015;

/** Windows are of 5×5 cells. */
const SHARE = 1 / 25;

/**
 * The contrast and structure of SSIM (Wang et al. 2004), without its brightness, between two n²
 * planes: s = (2·cov + c) / (var a + var b + c) over 5×5 windows; with its gradient. Reuses its memory.
 */
export class StructureSimilarity {
  readonly #n: number;
  readonly #columns: Float64Array;
  readonly #rows: Float32Array;
  readonly #planes: Float32Array[];
  /** s at each cell, after `compare`. */
  readonly similarity: Float32Array;

  constructor(n: number) {
    this.#n = n;
    this.#columns = new Float64Array(n);
    this.#rows = new Float32Array(n * n);
    this.#planes = Array.from({length: 8}, () => new Float32Array(n * n));
    this.similarity = new Float32Array(n * n);
  }

  /** The mean of s. */
  compare(a: Float32Array, b: Float32Array): number {
    const count = a.length;
    const [meanA, meanB, squareA, squareB, product] = this.#planes as Five;
    for (let i = 0; i < count; i++) {
      const x = a[i]!;
      const y = b[i]!;
      squareA[i] = x * x;
      squareB[i] = y * y;
      product[i] = x * y;
    }
    this.#box(a, meanA);
    this.#box(b, meanB);
    this.#box(squareA, squareA);
    this.#box(squareB, squareB);
    this.#box(product, product);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const x = meanA[i]!;
      const y = meanB[i]!;
      const variances = squareA[i]! - x * x + squareB[i]! - y * y + STEADY;
      const s = (2 * (product[i]! - x * y) + STEADY) / variances;
      // What `gradient` needs.
      squareA[i] = 1 / variances;
      this.similarity[i] = s;
      sum += s;
    }
    return sum / count;
  }

  /**
   * After `compare(a, b)`: the gradient of `−weight`·(mean of s) by either plane, into `towardsA` and
   * `towardsB`.
   */
  gradient(
    a: Float32Array,
    b: Float32Array,
    weight: number,
    towardsA: Float32Array,
    towardsB: Float32Array,
  ): void {
    const [meanA, meanB, inverse, byVariance, byCovariance, linearA, linearB] = this
      .#planes as Seven;
    const scale = (2 * weight) / a.length;
    for (let i = 0; i < a.length; i++) {
      const covariance = -scale * inverse[i]!;
      const variance = scale * this.similarity[i]! * inverse[i]!;
      byCovariance[i] = covariance;
      byVariance[i] = variance;
      linearA[i] = covariance * meanB[i]! + variance * meanA[i]!;
      linearB[i] = covariance * meanA[i]! + variance * meanB[i]!;
    }
    for (const plane of [byCovariance, byVariance, linearA, linearB]) this.#transposedBox(plane);
    for (let i = 0; i < a.length; i++) {
      const x = a[i]!;
      const y = b[i]!;
      towardsA[i] = y * byCovariance[i]! + x * byVariance[i]! - linearA[i]!;
      towardsB[i] = x * byCovariance[i]! + y * byVariance[i]! - linearB[i]!;
    }
  }

  /** 5×5 means with the edge repeated, by running sums. */
  #box(source: Float32Array, into: Float32Array): void {
    const n = this.#n;
    const rows = this.#rows;
    for (let y = 0; y < n; y++) {
      const o = y * n;
      const last = o + n - 1;
      let sum = 3 * source[o]! + source[o + 1]! + source[o + 2]!;
      rows[o] = sum;
      sum += source[o + 3]! - source[o]!;
      rows[o + 1] = sum;
      sum += source[o + 4]! - source[o]!;
      rows[o + 2] = sum;
      for (let i = o + 3; i < last - 1; i++) {
        sum += source[i + 2]! - source[i - 3]!;
        rows[i] = sum;
      }
      sum += source[last]! - source[last - 4]!;
      rows[last - 1] = sum;
      sum += source[last]! - source[last - 3]!;
      rows[last] = sum;
    }
    const columns = this.#columns;
    for (let x = 0; x < n; x++) columns[x] = 3 * rows[x]! + rows[n + x]! + rows[2 * n + x]!;
    for (let y = 0; y < n; y++) {
      const o = y * n;
      const add = Math.min(n - 1, y + 3) * n;
      const drop = Math.max(0, y - 2) * n;
      for (let x = 0; x < n; x++) {
        into[o + x] = SHARE * columns[x]!;
        columns[x] = columns[x]! + rows[add + x]! - rows[drop + x]!;
      }
    }
  }

  /** The transpose of `#box`, in place. */
  #transposedBox(plane: Float32Array): void {
    const n = this.#n;
    const rows = this.#rows;
    for (let y = 0; y < n; y++) {
      const o = y * n;
      const end = o + n;
      let sum = plane[o]! + plane[o + 1]!;
      for (let i = o; i < end; i++) {
        if (i + 2 < end) sum += plane[i + 2]!;
        rows[i] = sum;
        if (i - 2 >= o) sum -= plane[i - 2]!;
      }
      rows[o] = rows[o]! + 2 * plane[o]! + plane[o + 1]!;
      rows[end - 1] = rows[end - 1]! + 2 * plane[end - 1]! + plane[end - 2]!;
    }
    const columns = this.#columns;
    for (let x = 0; x < n; x++) columns[x] = rows[x]! + rows[n + x]!;
    for (let y = 0; y < n; y++) {
      const o = y * n;
      const add = y + 2 < n;
      const drop = y >= 2;
      const edge = y === 0 || y === n - 1;
      const inner = y === 0 ? n : (n - 2) * n;
      for (let x = 0; x < n; x++) {
        let sum = columns[x]!;
        if (add) sum += rows[o + 2 * n + x]!;
        plane[o + x] = SHARE * (edge ? sum + 2 * rows[o + x]! + rows[inner + x]! : sum);
        columns[x] = drop ? sum - rows[o - 2 * n + x]! : sum;
      }
    }
  }
}

type Plane = Float32Array;
type Five = [Plane, Plane, Plane, Plane, Plane];
type Seven = [Plane, Plane, Plane, Plane, Plane, Plane, Plane];
