import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createQuery} from '../../../src/core/search/metric.js';
import {RowSketch} from '../../../src/core/search/row-search.js';
import {blocksFrom, Sketch} from '../../../src/core/search/sketch.js';
import {VectorRows} from '../../../src/core/search/vector-rows.js';
import {clustered, score} from './reference.js';

function rowsOf(data: readonly Float32Array[]): VectorRows {
  const rows = new VectorRows(data[0]!.length);
  data.forEach((row, i) => {
    rows.append(String(i), row, undefined);
  });
  return rows;
}

function sketchOf(data: readonly Float32Array[]): Sketch {
  const sketch = Sketch.create(data[0]!.length)!;
  const rows = rowsOf(data);
  assert.ok(sketch.reserve(rows.end));
  sketch.learn(rows);
  for (let row = 0; row < rows.end; row++) sketch.put(row, rows, row);
  return sketch;
}

function aim(sketch: Sketch, query: Float32Array, count: number): void {
  sketch.aim(createQuery('cosine', query));
  sketch.sum(blocksFrom(0, Math.ceil(count / 16)));
}

/** Rows of which some are unlike those that a codebook expects. */
function mixed(dimension: number): Float32Array[] {
  return clustered(83, 1200, dimension, {centres: 40}).map((row, i) =>
    row.map((value, j) =>
      i % 9 === 0 && j !== i % dimension ? 0 : value * (i % 5 === 0 ? 1e4 : 1),
    ),
  );
}

for (const dimension of [3, 8, 50, 128, 400]) {
  test(`no bound is below the score, ${dimension} numbers`, () => {
    const data = mixed(dimension);
    const sketch = sketchOf(data);
    for (const query of [...data.slice(0, 6), ...clustered(89, 6, dimension)]) {
      aim(sketch, query, data.length);
      data.forEach((row, i) => {
        const least = sketch.least(score('cosine', query, row));
        assert.ok(sketch.collect(i >> 4, (i >> 4) + 1, least).includes(i), `row ${i}`);
      });
    }
  });
}

test('bounds are near enough to rule most rows out', () => {
  const data = clustered(97, 6000, 128, {centres: 80, spread: 1});
  const sketch = sketchOf(data);
  let [passed, reached] = [0, 0];
  for (const query of data.slice(0, 30)) {
    aim(sketch, query, data.length);
    passed += sketch.collect(0, data.length >> 4, sketch.least(0.6)).length;
    reached += data.filter((row) => score('cosine', query, row) >= 0.6 - 0.25).length;
  }
  assert.ok(passed < reached, `${passed} pass, ${reached} are within 0.25`);
});

test('the likeliest are so many as asked for, and hardly more', () => {
  const data = clustered(101, 5000, 64, {centres: 100});
  const sketch = sketchOf(data);
  for (const query of data.slice(0, 20)) {
    aim(sketch, query, data.length);
    const found = sketch.collect(0, data.length >> 4, sketch.likely(16)!).length;
    assert.ok(found >= 16 && found < 100, `${found}`);
  }
  assert.equal(sketch.likely(1000), undefined);
});

test('what is dropped is not collected', () => {
  const data = clustered(103, 1008, 20);
  const sketch = sketchOf(data);
  aim(sketch, data[0]!, data.length);
  assert.equal(sketch.collect(0, 63, 1).length, 1008);
  sketch.drop(7);
  assert.deepEqual([...sketch.collect(0, 63, 1)].slice(5, 9), [5, 6, 8, 9]);
});

test('rows are encoded in slices, and all anew once they are four times as many', () => {
  const data = clustered(107, 1000, 12);
  const rows = rowsOf(data.slice(0, 100));
  const sketch = RowSketch.create(12)!;
  sketch.encode(rows, 60);
  assert.equal(sketch.encoded, 60);
  sketch.encode(rows, 60);
  assert.equal(sketch.encoded, 100);
  data.slice(100).forEach((row, i) => {
    rows.append(`more ${i}`, row, undefined);
  });
  sketch.encode(rows, 60);
  assert.equal(sketch.encoded, 60);
});
