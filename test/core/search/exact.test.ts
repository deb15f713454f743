import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createFilterKernel} from '../../../src/core/search/kernel.js';
import {RowFilter} from '../../../src/core/search/row-filter.js';
import {createQuery} from '../../../src/core/search/metric.js';
import {VectorRows} from '../../../src/core/search/vector-rows.js';
import {testExactness} from './exactness.js';
import {clustered, score} from './reference.js';

test('the kernel runs here, so that the tests below are about it', () => {
  assert.ok(createFilterKernel());
});

testExactness();

test('the filter rules most rows out, and never one that reaches the threshold', () => {
  const data = clustered(29, 4000, 100, {centres: 100});
  const rows = new VectorRows(100);
  data.forEach((row, i) => {
    rows.append(String(i), row, undefined);
  });
  const filter = RowFilter.create('cosine', 100)!;
  assert.ok(filter.encode(rows, rows.end));
  let [passed, reached] = [0, 0];
  for (const query of data.slice(0, 50)) {
    filter.begin(createQuery('cosine', query));
    for (let from = 0; from < rows.end; from += 1000) {
      const hits = new Set(filter.scanRange(from, 1000, 0.7));
      passed += hits.size;
      for (let row = from; row < from + 1000; row++) {
        if (score('cosine', query, data[row]!) < 0.7) continue;
        reached++;
        assert.ok(hits.has(row), `row ${row}`);
      }
    }
  }
  assert.ok(reached > 500, `${reached} reach the threshold`);
  assert.ok(passed < 1.2 * reached, `${passed} pass for ${reached}`);
});
