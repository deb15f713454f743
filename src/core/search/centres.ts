import type {RowNumbers} from './codebook.js';
import {norm} from './metric.js';
import {BLOCK, type Sketch} from './sketch.js';

/** Rows that a centre is learned from, and how often. */
const [ROWS_PER_CENTRE, ROUNDS] = [16, 2];

/**
 * Learns centres of the rows by spherical k-means (Dhillon and Modha 2001) from an even choice of
 * them, and leaves them in all slots of the first blocks of the sketch; yields after each row.
 */
export function* learnCentres(
  sketch: Sketch,
  rows: RowNumbers,
  blocks: Int32Array,
): Generator<void> {
  const count = BLOCK * blocks.length;
  const {dimension, end} = rows;
  const apart = Math.max(1, Math.floor(end / (ROWS_PER_CENTRE * count)));
  const centres = {
    dimension,
    end: count,
    data: new Float32Array(count * dimension),
    norms: new Float64Array(count).fill(1),
  };
  const put = (): void => {
    for (let centre = 0; centre < count; centre++) sketch.put(centre, centres, centre);
  };
  for (let centre = 0; centre < count; centre++) {
    // By the golden ratio: spread evenly, in step with nothing that recurs among the rows.
    const row = Math.floor(((centre * 0.618033988749895) % 1) * end);
    addUnit(centres.data, centre, rows, row);
  }
  put();
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float32Array(centres.data.length);
    for (let row = 0; row < end; row += apart) {
      addUnit(sums, nearestCentre(sketch, rows, row, blocks), rows, row);
      yield;
    }
    for (let centre = 0; centre < count; centre++) {
      const at = centre * dimension;
      const length = norm(sums, at, dimension);
      // A centre that has no rows stays where it is.
      if (length === 0) continue;
      for (let i = at; i < at + dimension; i++) centres.data[i] = sums[i]! / length;
    }
    put();
  }
}

/** Which slot of the first blocks is nearest to a row, as far as sketches tell. */
export function nearestCentre(
  sketch: Sketch,
  {data, norms, dimension}: RowNumbers,
  row: number,
  blocks: Int32Array,
): number {
  if (norms[row] === 0) return 0;
  const numbers = data.subarray(row * dimension, (row + 1) * dimension);
  sketch.aim({metric: 'cosine', data: numbers, norm: norms[row]!});
  sketch.sum(blocks);
  return sketch.collect(0, blocks.length, sketch.likely(1)!)[0]!;
}

function addUnit(sums: Float32Array, place: number, rows: RowNumbers, row: number): void {
  const {data, norms, dimension} = rows;
  if (norms[row] === 0) return;
  const [from, to] = [row * dimension, place * dimension];
  for (let i = 0; i < dimension; i++) sums[to + i]! += data[from + i]! / norms[row]!;
}
