/** What is known of the examples of a direction: their inner products, centred. */
export interface Gram {
  /** Inner product of examples i and j, the positive ones first. */
  readonly products: readonly Float64Array[];
  /** How many examples are positive. */
  readonly positives: number;
  /** In how many dimensions the examples can differ. */
  readonly dimensions: number;
}

/** The weights with which examples sum up to the difference of the two sides' means. */
export function contrast({products, positives}: Gram): Float64Array {
  const negatives = products.length - positives;
  return Float64Array.from(products, (_, i) => (i < positives ? 1 / positives : -1 / negatives));
}

/** aᵀ·K·b: the inner product of two weighted sums of the examples. */
export function product({products}: Gram, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  products.forEach((row, i) => {
    let inner = 0;
    for (let j = 0; j < row.length; j++) inner += row[j]! * b[j]!;
    sum += a[i]! * inner;
  });
  return sum;
}

/**
 * The ridge of the method `shrunk`, ≥ 0; `Infinity` means the plain mean difference.
 *
 * The mean difference d of n₁ + n₀ examples scatters around the true one by c·Σ, c = 1/n₁ + 1/n₀, Σ
 * the covariance within a side. If the true one may lie anywhere alike (τ²·I), its best guess is
 * (Σ + τ²/c·I)⁻¹·d, up to length: the ridge probe, because least squares on two classes is Fisher's
 * discriminant. τ² is what ‖d‖² has beyond chance; Σ is estimated by Ledoit and Wolf (2004), who
 * shrink the sample's covariance to a multiple of I by the share ρ that minimises the error.
 */
export function shrunkRidge(gram: Gram): number {
  const {positives, dimensions} = gram;
  const count = gram.products.length;
  const freedom = count - 2;
  const within = centreSides(gram);
  let trace = 0;
  let quartic = 0;
  let squares = 0;
  within.forEach((row, i) => {
    trace += row[i]! / freedom;
    quartic += row[i]! ** 2;
    for (const value of row) squares += (value / freedom) ** 2;
  });
  const mean = trace / dimensions;
  const spread = squares / dimensions - mean ** 2;
  const error = (quartic / freedom ** 2 - squares / freedom) / dimensions;
  if (!(spread > 0) || error >= spread) return Infinity;
  const rho = Math.max(0, error / spread);
  const d = contrast(gram);
  const c = 1 / positives + 1 / (count - positives);
  const tau = Math.max(0, (product(gram, d, d) - c * trace) / dimensions);
  return (freedom * (tau / c + rho * mean)) / (1 - rho);
}

/** The inner products after each side is centred around its own mean. */
function centreSides({products, positives}: Gram): Float64Array[] {
  const count = products.length;
  const sides = [
    [0, positives],
    [positives, count],
  ] as const;
  const centreColumns = (rows: readonly Float64Array[]): Float64Array[] =>
    rows.map((row) => {
      const centred = row.slice();
      for (const [from, to] of sides) {
        let mean = 0;
        for (let j = from; j < to; j++) mean += row[j]! / (to - from);
        for (let j = from; j < to; j++) centred[j]! -= mean;
      }
      return centred;
    });
  return centreColumns(transpose(centreColumns(products)));
}

function transpose(rows: readonly Float64Array[]): Float64Array[] {
  return rows.map((_, i) => Float64Array.from(rows, (row) => row[i]!));
}
