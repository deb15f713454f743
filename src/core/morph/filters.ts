import {exp} from './elementary.js';

/** An n² grid blurred by a Gaussian of `sigma` cells, its edge repeated. */
export function blur(source: Float32Array, n: number, sigma: number): Float32Array {
  const radius = Math.max(1, Math.floor(3 * sigma));
  const kernel = Array.from({length: 2 * radius + 1}, (_, i) =>
    exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((a, b) => a + b);
  const weights = kernel.map((weight) => weight / sum);
  return columns(rows(source, n, radius, weights), n, radius, weights);
}

/** The mean of the (2r + 1)² window around each cell of an n² grid, its edge repeated. */
export function boxMean(source: Float32Array, n: number, radius: number): Float32Array {
  const size = 2 * radius + 1;
  const weights = new Array<number>(size).fill(1 / size);
  return columns(rows(source, n, radius, weights), n, radius, weights);
}

function rows(source: Float32Array, n: number, radius: number, weights: number[]): Float32Array {
  const out = new Float32Array(n * n);
  const padded = new Float64Array(n + 2 * radius);
  for (let y = 0; y < n; y++) {
    for (let i = 0; i < padded.length; i++) {
      padded[i] = source[y * n + Math.min(n - 1, Math.max(0, i - radius))]!;
    }
    for (let x = 0; x < n; x++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * padded[x + i]!;
      out[y * n + x] = sum;
    }
  }
  return out;
}

function columns(source: Float32Array, n: number, radius: number, weights: number[]): Float32Array {
  const out = new Float32Array(n * n);
  for (let y = 0; y < n; y++) {
    for (let i = 0; i < weights.length; i++) {
      const from = Math.min(n - 1, Math.max(0, y + i - radius)) * n;
      const weight = weights[i]!;
      for (let x = 0; x < n; x++) out[y * n + x] = out[y * n + x]! + weight * source[from + x]!;
    }
  }
  return out;
}

/** Reads an n² grid linearly at (x, y), in cells from the first cell's centre, clamped to the edge. */
export function sample(grid: Float32Array, n: number, x: number, y: number): number {
  const cx = Math.min(n - 1, Math.max(0, x));
  const cy = Math.min(n - 1, Math.max(0, y));
  const x0 = Math.min(n - 2, Math.floor(cx));
  const y0 = Math.min(n - 2, Math.floor(cy));
  const fx = cx - x0;
  const fy = cy - y0;
  const o = y0 * n + x0;
  const top = grid[o]! * (1 - fx) + grid[o + 1]! * fx;
  const bottom = grid[o + n]! * (1 - fx) + grid[o + n + 1]! * fx;
  return top * (1 - fy) + bottom * fy;
}

/** The mean of numbers. */
export function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Steadies the similarity where there is next to nothing to compare. */
const STEADY = 0.0015;
/** Windows are of 5×5 cells. */
const RADIUS = 2;

/**
 * The contrast and structure of SSIM (Wang et al. 2004), without its brightness, at each cell of two n²
 * planes: (2·cov + c) / (var a + var b + c), −1..1.
 */
export function structureSimilarity(a: Float32Array, b: Float32Array, n: number): Float32Array {
  const [meanA, meanB] = [boxMean(a, n, RADIUS), boxMean(b, n, RADIUS)];
  const squares = boxMean(
    a.map((x, i) => x * x + b[i]! * b[i]!),
    n,
    RADIUS,
  );
  const products = boxMean(
    a.map((x, i) => x * b[i]!),
    n,
    RADIUS,
  );
  return products.map((product, i) => {
    const x = meanA[i]!;
    const y = meanB[i]!;
    return (2 * (product - x * y) + STEADY) / (squares[i]! - x * x - y * y + STEADY);
  });
}
