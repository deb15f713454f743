import {CHANNELS, type Features} from './features.js';
import {addSmoothness, type SmoothnessOptions} from './smoothness.js';
import {StructureSimilarity} from './structure.js';

/** A place p where the flow is to be d, in fractions of the picture, and the pair that says so. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly pair: number;
}

export interface EnergyOptions extends SmoothnessOptions {
  readonly anchors?: readonly Anchor[] | undefined;
}

/** What a misfit of each kind costs. */
const WEIGHT = {light: 0.5, gradient: 0.25, colour: 0.35, foreground: 0.8, anchor: 200};
/** Squared colour distance at which half of the cost of a colour is reached. */
const COLOUR_SCALE = 0.5;
/** Cells from which on an evaluation is done in several slices. */
const SLICED = 64;

/**
 * The energy of a flow and its gradient, between features of n² cells, for a flow of m² points, x
 * components first, then y (2·m² numbers, in fractions of the picture):
 *
 * E = ½·mean(1 − s_light) + ¼·mean(1 − s_gradient) + 0.35·mean(d² / (d² + ½)) + 0.8·mean(foreground
 * difference²) + smoothness (see `addSmoothness`) + anchors, s as in `StructureSimilarity`, d the
 * distance of the normalised colours, A read at p − v(p), B at p + v(p).
 */
export class FlowEnergy {
  readonly #a: Features;
  readonly #b: Features;
  readonly #options: EnergyOptions;
  readonly #structure: StructureSimilarity;
  readonly #index: Int32Array;
  readonly #share: Float32Array;
  /** Warped planes and their derivatives by x and y: of A and B, luminance and gradient. */
  readonly #planes: Float32Array[][];
  readonly #forceX: Float32Array;
  readonly #forceY: Float32Array;
  readonly #towardsA: Float32Array;
  readonly #towardsB: Float32Array;
  readonly m: number;
  /** The energy without smoothness and anchors, after `evaluate`. */
  misfit = 0;

  constructor(a: Features, b: Features, m: number, options: EnergyOptions) {
    const {n} = a;
    const plane = (): Float32Array => new Float32Array(n * n);
    this.#a = a;
    this.#b = b;
    this.m = m;
    this.#options = options;
    this.#structure = new StructureSimilarity(n);
    this.#index = new Int32Array(n);
    this.#share = new Float32Array(n);
    this.#planes = Array.from({length: 4}, () => [plane(), plane(), plane()]);
    [this.#forceX, this.#forceY, this.#towardsA, this.#towardsB] = [
      plane(),
      plane(),
      plane(),
      plane(),
    ];
    for (let x = 0; x < n; x++) {
      const at = ((x + 0.5) / n) * (m - 1);
      this.#index[x] = Math.min(m - 2, Math.floor(at));
      this.#share[x] = at - this.#index[x]!;
    }
  }

  /** The energy of `v`, its gradient into `gradient`; in slices. */
  *evaluate(v: Float32Array, gradient: Float32Array): Generator<undefined, number, undefined> {
    gradient.fill(0);
    const sliced = this.#a.n >= SLICED;
    let energy = this.#warp(v);
    if (sliced) yield;
    for (const [c, weight] of [WEIGHT.light, WEIGHT.gradient].entries()) {
      const [a, b] = [this.#planes[c]!, this.#planes[2 + c]!];
      energy += weight * (1 - this.#structure.compare(a[0]!, b[0]!));
      this.#structure.gradient(a[0]!, b[0]!, weight, this.#towardsA, this.#towardsB);
      this.#push(a, b);
      if (sliced) yield;
    }
    this.misfit = energy;
    this.#scatter(gradient);
    energy += addSmoothness(v, this.m, this.#options, gradient);
    return energy + this.#pull(v, gradient);
  }

  /** Reads both ends; the pointwise terms (colours, foreground) at once. */
  #warp(v: Float32Array): number {
    const {n} = this.#a;
    const {m} = this;
    const cells = m * m;
    const [forceX, forceY] = [this.#forceX, this.#forceY];
    const a = new Float64Array(3 * CHANNELS);
    const b = new Float64Array(3 * CHANNELS);
    const scale = n / (n * n);
    let sum = 0;
    for (let y = 0, i = 0; y < n; y++) {
      const row = this.#index[y]! * m;
      const fy = this.#share[y]!;
      for (let x = 0; x < n; x++, i++) {
        const o = row + this.#index[x]!;
        const fx = this.#share[x]!;
        const w11 = fx * fy;
        const w10 = fy - w11;
        const w01 = fx - w11;
        const w00 = 1 - fx - w10;
        const vx = n * (w00 * v[o]! + w01 * v[o + 1]! + w10 * v[o + m]! + w11 * v[o + m + 1]!);
        const q = o + cells;
        const vy = n * (w00 * v[q]! + w01 * v[q + 1]! + w10 * v[q + m]! + w11 * v[q + m + 1]!);
        read(this.#a, x - vx, y - vy, a);
        read(this.#b, x + vx, y + vy, b);
        for (let c = 0; c < 2; c++) {
          const first = this.#planes[c]!;
          const second = this.#planes[2 + c]!;
          first[0]![i] = a[c]!;
          first[1]![i] = a[CHANNELS + c]!;
          first[2]![i] = a[2 * CHANNELS + c]!;
          second[0]![i] = b[c]!;
          second[1]![i] = b[CHANNELS + c]!;
          second[2]![i] = b[2 * CHANNELS + c]!;
        }
        let square = 0;
        let [colourX, colourY] = [0, 0];
        for (let c = 2; c < 5; c++) {
          const d = a[c]! - b[c]!;
          square += d * d;
          colourX -= d * (a[CHANNELS + c]! + b[CHANNELS + c]!);
          colourY -= d * (a[2 * CHANNELS + c]! + b[2 * CHANNELS + c]!);
        }
        const robust = 1 / (square + COLOUR_SCALE);
        const d = a[5]! - b[5]!;
        sum += WEIGHT.colour * square * robust + WEIGHT.foreground * d * d;
        const byColour = 2 * WEIGHT.colour * COLOUR_SCALE * robust * robust * scale;
        const byFront = -2 * WEIGHT.foreground * d * scale;
        forceX[i] = byColour * colourX + byFront * (a[CHANNELS + 5]! + b[CHANNELS + 5]!);
        forceY[i] = byColour * colourY + byFront * (a[2 * CHANNELS + 5]! + b[2 * CHANNELS + 5]!);
      }
    }
    return sum / (n * n);
  }

  /** Adds what the gradients by the warped planes mean for the displacement of each cell. */
  #push(a: Float32Array[], b: Float32Array[]): void {
    const {n} = this.#a;
    const [, ax, ay] = a as [Float32Array, Float32Array, Float32Array];
    const [, bx, by] = b as [Float32Array, Float32Array, Float32Array];
    for (let i = 0; i < n * n; i++) {
      const ga = n * this.#towardsA[i]!;
      const gb = n * this.#towardsB[i]!;
      this.#forceX[i] = this.#forceX[i]! + gb * bx[i]! - ga * ax[i]!;
      this.#forceY[i] = this.#forceY[i]! + gb * by[i]! - ga * ay[i]!;
    }
  }

  /** Hands what acts on the cells on to the points around them. */
  #scatter(gradient: Float32Array): void {
    const {n} = this.#a;
    const {m} = this;
    const cells = m * m;
    for (let y = 0, i = 0; y < n; y++) {
      const row = this.#index[y]! * m;
      const fy = this.#share[y]!;
      for (let x = 0; x < n; x++, i++) {
        const o = row + this.#index[x]!;
        const w11 = this.#share[x]! * fy;
        const w10 = fy - w11;
        const w01 = this.#share[x]! - w11;
        const w00 = 1 - this.#share[x]! - w10;
        const q = o + cells;
        const px = this.#forceX[i]!;
        const py = this.#forceY[i]!;
        gradient[o] = gradient[o]! + w00 * px;
        gradient[o + 1] = gradient[o + 1]! + w01 * px;
        gradient[o + m] = gradient[o + m]! + w10 * px;
        gradient[o + m + 1] = gradient[o + m + 1]! + w11 * px;
        gradient[q] = gradient[q]! + w00 * py;
        gradient[q + 1] = gradient[q + 1]! + w01 * py;
        gradient[q + m] = gradient[q + m]! + w10 * py;
        gradient[q + m + 1] = gradient[q + m + 1]! + w11 * py;
      }
    }
  }

  /** The anchors' squared misses. */
  #pull(v: Float32Array, gradient: Float32Array): number {
    const {anchors = []} = this.#options;
    const {m} = this;
    let energy = 0;
    const weight = WEIGHT.anchor / Math.max(1, Math.sqrt(anchors.length));
    for (const {x, y, dx, dy} of anchors) {
      const x0 = Math.min(m - 2, Math.floor(x * (m - 1)));
      const y0 = Math.min(m - 2, Math.floor(y * (m - 1)));
      const fx = x * (m - 1) - x0;
      const fy = y * (m - 1) - y0;
      const weights = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      for (const [plane, target] of [dx, dy].entries()) {
        const o = plane * m * m + y0 * m + x0;
        const points = [o, o + 1, o + m, o + m + 1];
        const miss = points.reduce((s, point, k) => s + weights[k]! * v[point]!, -target);
        energy += weight * miss * miss;
        points.forEach((point, k) => {
          gradient[point] = gradient[point]! + 2 * weight * miss * weights[k]!;
        });
      }
    }
    return energy;
  }
}

/** The features at (x, y), in cells, and their derivatives by x and by y; 0 outside. */
function read({n, data}: Features, x: number, y: number, into: Float64Array): void {
  const cx = x < 0 ? 0 : x > n - 1 ? n - 1 : x;
  const cy = y < 0 ? 0 : y > n - 1 ? n - 1 : y;
  const inX = cx === x ? 1 : 0;
  const inY = cy === y ? 1 : 0;
  const x0 = cx >= n - 1 ? n - 2 : cx | 0;
  const y0 = cy >= n - 1 ? n - 2 : cy | 0;
  const fx = cx - x0;
  const fy = cy - y0;
  const o = CHANNELS * (y0 * n + x0);
  const below = o + CHANNELS * n;
  for (let c = 0; c < CHANNELS; c++) {
    const p = data[o + c]!;
    const q = data[o + CHANNELS + c]!;
    const r = data[below + c]!;
    const s = data[below + CHANNELS + c]!;
    const top = p + (q - p) * fx;
    const bottom = r + (s - r) * fx;
    into[c] = top + (bottom - top) * fy;
    into[CHANNELS + c] = inX * (q - p + (s - r - q + p) * fy);
    into[2 * CHANNELS + c] = inY * (bottom - top);
  }
}
