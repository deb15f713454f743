import type {Palette} from './plan.js';
import type {WorkingPicture} from './working-picture.js';

/** A 3×3 matrix, row by row. */
type Matrix = readonly number[];

/** Added to the variances of colours, so that grey pictures have a palette too. */
const STEADY = 4e-3;
/** The least and the greatest stretch along a principal colour. */
const LEAST_STRETCH = 0.5;
const GREATEST_STRETCH = 2;

/**
 * The colour maps between the palettes of two pictures, of their premultiplied colours by alpha: the
 * optimal transport between the Gaussians of their colours, T = A^−½·(A^½·B·A^½)^½·A^−½ (Pitié &
 * Kokaram 2007, *The linear Monge-Kantorovitch colour mapping*), its stretches within ½…2.
 */
export function paletteBetween(a: WorkingPicture, b: WorkingPicture, strength: number): Palette {
  const [from, to] = [colourCloud(a), colourCloud(b)];
  const root = power(from.covariance, Math.sqrt);
  const inverse = power(from.covariance, (value) => 1 / Math.sqrt(value));
  const middle = power(product(product(root, to.covariance), root), Math.sqrt);
  const transport = product(product(inverse, middle), inverse);
  const clamped = (value: number): number =>
    Math.min(GREATEST_STRETCH, Math.max(LEAST_STRETCH, value));
  const there = power(transport, clamped);
  const back = power(transport, (value) => 1 / clamped(value));
  return {
    toB: [...there, ...offset(there, from.centre, to.centre)],
    toA: [...back, ...offset(back, to.centre, from.centre)],
    strength,
  };
}

function offset(matrix: Matrix, from: readonly number[], to: readonly number[]): number[] {
  return to.map(
    (value, c) => value - [0, 1, 2].reduce((s, d) => s + matrix[3 * c + d]! * from[d]!, 0),
  );
}

function colourCloud({rgba}: WorkingPicture): {centre: number[]; covariance: number[]} {
  let weight = 1e-6;
  const first = [0, 0, 0];
  const second = new Array<number>(9).fill(0);
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    if (alpha <= 1e-3) continue;
    weight += alpha;
    for (let c = 0; c < 3; c++) {
      first[c] = first[c]! + rgba[i + c]!;
      for (let d = 0; d < 3; d++) {
        second[3 * c + d] = second[3 * c + d]! + (rgba[i + c]! * rgba[i + d]!) / alpha;
      }
    }
  }
  const centre = first.map((sum) => sum / weight);
  const covariance = second.map((sum, i) => {
    const [c, d] = [Math.floor(i / 3), i % 3];
    return sum / weight - centre[c]! * centre[d]! + (c === d ? STEADY : 0);
  });
  return {centre, covariance};
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[3 + column]! + a[row + 2]! * b[6 + column]!;
  });
}

/** A function of a symmetric matrix with positive eigenvalues, by Jacobi's rotations. */
function power(matrix: Matrix, f: (eigenvalue: number) => number): Matrix {
  const m = [...matrix];
  const vectors = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let sweep = 0; sweep < 12; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const off = m[3 * p + q]!;
      if (Math.abs(off) < 1e-300) continue;
      const theta = (m[4 * q]! - m[4 * p]!) / (2 * off);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const [x, y] = [m[3 * k + p]!, m[3 * k + q]!];
        m[3 * k + p] = c * x - s * y;
        m[3 * k + q] = s * x + c * y;
      }
      for (let k = 0; k < 3; k++) {
        const [x, y] = [m[3 * p + k]!, m[3 * q + k]!];
        m[3 * p + k] = c * x - s * y;
        m[3 * q + k] = s * x + c * y;
      }
      for (let k = 0; k < 3; k++) {
        const [x, y] = [vectors[3 * k + p]!, vectors[3 * k + q]!];
        vectors[3 * k + p] = c * x - s * y;
        vectors[3 * k + q] = s * x + c * y;
      }
    }
  }
  const values = [0, 1, 2].map((k) => f(Math.max(1e-9, m[4 * k]!)));
  return matrix.map((_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), 3 * (i % 3)];
    return [0, 1, 2].reduce((s, k) => s + vectors[row + k]! * values[k]! * vectors[column + k]!, 0);
  });
}
