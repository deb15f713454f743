import assert from 'node:assert/strict';
import {test} from 'node:test';
import {randomNormal} from '../../../src/core/random/noise.js';
import {
  cellBytes,
  CellQuery,
  centroidBytes,
  divideIntoCells,
  encodeCell,
  meanAlong,
  packCentroid,
  rowsToRead,
  unpackCentroid,
} from '../../../src/core/search/cells.js';
import {dot, norm} from '../../../src/core/search/metric.js';

const DIMENSION = 20;

/** Unit vectors around some centres, each with its own share of noise. */
function clustered(count: number, centres: number, seed: number): Float32Array {
  const noise = randomNormal(seed, (centres + count) * DIMENSION);
  const rows = new Float32Array(count * DIMENSION);
  for (let row = 0; row < count; row++) {
    const view = rows.subarray(row * DIMENSION, (row + 1) * DIMENSION);
    const centre = (row % centres) * DIMENSION;
    view.forEach((_, i) => {
      view[i] = noise[centre + i]! + 0.6 * noise[(centres + row) * DIMENSION + i]!;
    });
    const length = norm(view, 0, DIMENSION);
    view.forEach((value, i) => (view[i] = value / length));
  }
  return rows;
}
const rowOf = (rows: Float32Array, row: number) =>
  rows.subarray(row * DIMENSION, (row + 1) * DIMENSION);

test('every row is in one cell, with those that are near to it', () => {
  const rows = clustered(2000, 25, 7);
  const cells = divideIntoCells(rows, DIMENSION);
  assert.ok(cells.length > 40 && cells.length <= 63, String(cells.length));
  const all = cells.flatMap(({members}) => members);
  assert.deepEqual(
    all.toSorted((a, b) => a - b),
    Array.from({length: 2000}, (_, row) => row),
  );
  // Those of one centre are the rows of one remainder.
  const pure = cells.filter(({members}) => new Set(members.map((row) => row % 25)).size <= 2);
  assert.ok(pure.length > 0.8 * cells.length, `${pure.length} of ${cells.length}`);
  for (const {centroid} of cells) assert.ok(Math.abs(norm(centroid, 0, DIMENSION) - 1) < 1e-6);
  assert.deepEqual(divideIntoCells(rows, DIMENSION), cells, 'no chance in it');
});

test('few, equal and zero rows have cells too', () => {
  assert.deepEqual(divideIntoCells(Float32Array.of(1, 0, 0, 1), 2).length, 1);
  const zeros = divideIntoCells(new Float32Array(200 * 4), 4);
  assert.equal(zeros.flatMap(({members}) => members).length, 200);
});

test('what is read grows as the root', () => {
  assert.deepEqual([0, 1, 1600, 5000, 20_000].map(rowsToRead), [0, 1, 1600, 2829, 5657]);
});

test('a centroid in four bits a number is about itself, and the same when it is written again', () => {
  const [centroid] = divideIntoCells(clustered(40, 3, 1), DIMENSION).map((cell) => cell.centroid);
  const codes = new Uint8Array(centroidBytes(DIMENSION));
  const read = new Float32Array(DIMENSION);
  unpackCentroid(codes, packCentroid(centroid!, codes), read);
  assert.ok(dot(centroid!, read, 0) / norm(read, 0, DIMENSION) > 0.99);
  const again = new Uint8Array(codes.length);
  packCentroid(read, again);
  assert.deepEqual(again, codes);
});

test('estimates of a cell are right on the average, and the near rows are among the best', () => {
  const rows = clustered(3000, 40, 3);
  const cells = divideIntoCells(rows, DIMENSION);
  const centroids = Float32Array.from(cells.flatMap(({centroid}) => [...centroid]));
  const members = cells.map((cell) => cell.members.map((row) => rowOf(rows, row)));
  const means = Float32Array.from(members, (list, i) => meanAlong(list, cells[i]!.centroid));
  const counts = members.map(({length}) => length);
  const map = {counts, dimension: DIMENSION, centroids, means};
  const codes = members.map((list, i) =>
    encodeCell(
      list,
      cells[i]!.centroid.map((value) => value * means[i]!),
    ),
  );
  codes.forEach((bytes, i) => assert.equal(bytes.length, cellBytes(counts[i]!, DIMENSION)));
  let [bias, found] = [0, 0];
  for (let at = 0; at < 50; at++) {
    // Twice as long: only the direction counts.
    const asked = rowOf(rows, at * 60).map((value) => 2 * value);
    const query = new CellQuery(asked, map);
    const near = query.nearest(1000);
    assert.ok(near.reduce((sum, cell) => sum + counts[cell]!, 0) >= 1000);
    const candidates = near.flatMap((cell) => {
      const first = counts.slice(0, cell).reduce((sum, count) => sum + count, 0);
      return query.estimate(cell, first, codes[cell]!);
    });
    const order = cells.flatMap((cell) => cell.members);
    const exact = (row: number) => dot(asked, rows, row * DIMENSION) / 2;
    for (const {row, estimate} of candidates) {
      bias += (estimate - exact(order[row]!)) / candidates.length / 50;
    }
    const best = Array.from({length: 3000}, (_, row) => row)
      .sort((a, b) => exact(b) - exact(a))
      .slice(0, 10);
    const chosen = new Set(
      candidates
        .sort((a, b) => b.estimate - a.estimate)
        .slice(0, 75)
        .map(({row}) => order[row]!),
    );
    found += best.filter((row) => chosen.has(row)).length / 500;
  }
  assert.ok(Math.abs(bias) < 0.01, `bias ${bias}`);
  assert.ok(found > 0.95, `recall ${found}`);
});
