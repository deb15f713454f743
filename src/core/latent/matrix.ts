// What fits over latents need of linear algebra, in float64: three dozen lines of textbook that are an
// order faster than a general library, and a sixth of one's bytes.

/** A dense matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns numbers. */
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return {rows, columns, data: new Float64Array(rows * columns)};
}

/** The matrix with these rows, all of one length. */
export function fromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const matrix = zeros(rows.length, rows[0]?.length ?? 0);
  rows.forEach((row, i) => matrix.data.set(row, i * matrix.columns));
  return matrix;
}

/** One row, which shares its memory with the matrix. */
export function rowOf({data, columns}: Matrix, row: number): Float64Array {
  return data.subarray(row * columns, (row + 1) * columns);
}

/** Aᵀ. */
export function transpose(a: Matrix): Matrix {
  const result = zeros(a.columns, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) result.data[j * a.rows + i] = a.data[i * a.columns + j]!;
  }
  return result;
}

/** A·B. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const result = zeros(a.rows, b.columns);
  for (let i = 0; i < a.rows; i++) {
    const row = rowOf(result, i);
    // Along rows of B, so that memory is read in order.
    for (let k = 0; k < a.columns; k++) addScaled(row, a.data[i * a.columns + k]!, rowOf(b, k));
  }
  return result;
}

/** Adds `value` to each number of the diagonal. */
export function addToDiagonal({data, rows, columns}: Matrix, value: number): void {
  for (let i = 0; i < rows; i++) data[i * columns + i]! += value;
}

/** The sum of the diagonal. */
export function trace({data, rows, columns}: Matrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * columns + i]!;
  return sum;
}

/**
 * X with A·X = B, by Cholesky's decomposition A = L·Lᵀ of a symmetric matrix; undefined where A is not
 * positive definite.
 */
export function solvePositive(a: Matrix, b: Matrix): Matrix | undefined {
  const n = a.rows;
  const l = zeros(n, n);
  for (let i = 0; i < n; i++) {
    const row = rowOf(l, i);
    for (let j = 0; j <= i; j++) {
      const other = rowOf(l, j);
      let sum = a.data[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      if (j < i) row[j] = sum / other[j]!;
      else if (sum > 0) row[i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  const x: Matrix = {...b, data: b.data.slice()};
  for (let i = 0; i < n; i++) {
    const row = rowOf(x, i);
    for (let k = 0; k < i; k++) addScaled(row, -l.data[i * n + k]!, rowOf(x, k));
    scale(row, 1 / l.data[i * n + i]!);
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = rowOf(x, i);
    for (let k = i + 1; k < n; k++) addScaled(row, -l.data[k * n + i]!, rowOf(x, k));
    scale(row, 1 / l.data[i * n + i]!);
  }
  return x;
}

/** Rounds that bring a condition of 10¹⁵ to an orthogonal matrix; nine are the most that is known. */
const POLAR_ROUNDS = 20;
const POLAR_TOLERANCE = 1e-14;

/**
 * The orthogonal matrix nearest to a square one that can be inverted, U·Vᵀ of its decomposition
 * U·S·Vᵀ: its polar factor, by Newton's iteration with the scaling of Higham (1986).
 */
export function nearestOrthogonal(a: Matrix): Matrix {
  let x = a;
  for (let round = 0; round < POLAR_ROUNDS; round++) {
    const inverse = invert(x);
    const share = Math.sqrt(Math.sqrt(sizeOf(inverse) / sizeOf(x)));
    const next = transpose(inverse);
    let change = 0;
    let size = 0;
    for (let i = 0; i < next.data.length; i++) {
      const value = (share * x.data[i]! + next.data[i]! / share) / 2;
      change += (value - x.data[i]!) ** 2;
      size += value ** 2;
      next.data[i] = value;
    }
    x = next;
    if (change <= POLAR_TOLERANCE ** 2 * size) break;
  }
  return x;
}

/** The product of the largest sums of a row and of a column, near the square of the norm. */
function sizeOf({data, rows, columns}: Matrix): number {
  const byColumn = new Float64Array(columns);
  let byRow = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const value = Math.abs(data[i * columns + j]!);
      sum += value;
      byColumn[j]! += value;
    }
    byRow = Math.max(byRow, sum);
  }
  return byRow * byColumn.reduce((most, sum) => Math.max(most, sum));
}

/** A⁻¹ by Gauss and Jordan in place, with row pivots. */
function invert(a: Matrix): Matrix {
  const n = a.rows;
  const result: Matrix = {...a, data: a.data.slice()};
  const {data} = result;
  const order = new Uint32Array(n);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(data[i * n + column]!) > Math.abs(data[pivot * n + column]!)) pivot = i;
    }
    order[column] = pivot;
    const row = rowOf(result, column);
    if (pivot !== column) swap(row, rowOf(result, pivot));
    const factor = 1 / row[column]!;
    row[column] = 1;
    scale(row, factor);
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const other = rowOf(result, i);
      const amount = -other[column]!;
      other[column] = 0;
      addScaled(other, amount, row);
    }
  }
  // Swapped rows of the matrix are swapped columns of its inverse.
  for (let column = n - 1; column >= 0; column--) {
    const pivot = order[column]!;
    if (pivot === column) continue;
    for (let i = 0; i < n; i++) {
      const value = data[i * n + column]!;
      data[i * n + column] = data[i * n + pivot]!;
      data[i * n + pivot] = value;
    }
  }
  return result;
}

function addScaled(row: Float64Array, amount: number, other: Float64Array): void {
  for (let j = 0; j < row.length; j++) row[j]! += amount * other[j]!;
}

function scale(row: Float64Array, factor: number): void {
  for (let j = 0; j < row.length; j++) row[j]! *= factor;
}

function swap(a: Float64Array, b: Float64Array): void {
  const kept = a.slice();
  a.set(b);
  b.set(kept);
}
