import {boxMean} from './filters.js';

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
