// What must hold with the kernel and without it alike.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {METRICS} from '../../../src/core/search/metric.js';
import {VectorIndex} from '../../../src/core/search/vector-index.js';
import {assertClose, latent} from '../support.js';
import {clustered, nearest} from './reference.js';

const K = 10;
/** Rows enough for sketches. */
const MANY = 4200;

function indexOf(rows: readonly Float32Array[]): VectorIndex {
  const index = new VectorIndex();
  index.add(rows.map((data, row) => ({id: String(row), latent: latent(data)})));
  return index;
}

/** Asserts that an index of the rows finds for each query what comparing with every row does. */
function assertExact(rows: readonly Float32Array[], queries: readonly Float32Array[]): void {
  const index = indexOf(rows);
  for (const metric of METRICS) {
    for (const query of queries) {
      const expected = nearest(metric, query, rows, K);
      const found = index.search(latent(query), K, {metric});
      assert.deepEqual(
        found.map(({id}) => Number(id)),
        expected.map(({row}) => row),
        `${metric}, ${rows.length} × ${query.length}`,
      );
      const size = Math.max(...expected.map((each) => Math.abs(each.score)), 1e-30);
      assertClose(
        found.map((each) => each.score / size),
        expected.map((each) => each.score / size),
        1e-12,
      );
    }
  }
}

/** Registers the tests. */
export function testExactness(): void {
  for (const dimension of [1, 2, 15, 16, 17, 100, 384]) {
    test(`finds what comparing with every row finds, ${dimension} numbers`, () => {
      for (const count of [1, 2, 31, 33, 289, 1500, MANY]) {
        const rows = clustered(count + dimension, count, dimension);
        assertExact(rows, [...rows.slice(0, 3), ...clustered(7, 3, dimension)]);
      }
    });
  }

  test('finds the same among near copies, where codes cannot tell rows apart', () => {
    const rows = clustered(3, MANY, 48, {centres: 1, spread: 1e-3});
    assertExact(rows, rows.slice(0, 8));
  });

  test('finds the same far from the origin, where distances are small differences', () => {
    const rows = clustered(5, MANY, 20).map((row) => row.map((value) => 1000 + value));
    assertExact(rows, rows.slice(0, 8));
  });

  test('finds the same among tiny, huge and zero vectors', () => {
    const sizes = [0, 1e-38, 1e-20, 1e-8, 1, 1e8, 1e18];
    const rows = clustered(11, MANY, 24).map((row, i) =>
      row.map((value) => value * sizes[i % sizes.length]!),
    );
    assertExact(rows, rows.slice(0, 14));
  });

  test('one number that dwarfs the others does not hide them', () => {
    const rows = clustered(13, MANY, 33).map((row) =>
      row.map((value, i) => (i === 4 ? 1e6 : value)),
    );
    const queries = clustered(17, 6, 33).map((row) => row.map((value, i) => (i === 4 ? 0 : value)));
    assertExact(rows, queries);
  });

  test('finds the same among rows of a single number, and among rows that are all alike', () => {
    const single = Array.from({length: MANY}, (_, row) => {
      const data = new Float32Array(64);
      data[row % 64] = row % 7 === 0 ? -1 : 1 + (row % 5);
      return data;
    });
    assertExact(single, [...single.slice(0, 3), ...clustered(43, 3, 64)]);
    const [one] = clustered(47, 1, 40) as [Float32Array];
    assertExact(Array(MANY).fill(one), [one, ...clustered(53, 2, 40)]);
  });

  test('finds the same while rows of another kind outnumber those it began with', () => {
    const index = new VectorIndex();
    const rows: Float32Array[] = [];
    const kinds = [
      clustered(59, MANY, 16),
      clustered(61, 9000, 16, {spread: 3}).map((row) => row.map((value, i) => value + 9 * (i % 2))),
      clustered(67, 9000, 16, {centres: 300, spread: 0.1}),
    ];
    for (const kind of kinds) {
      index.add(kind.map((data, i) => ({id: String(rows.length + i), latent: latent(data)})));
      rows.push(...kind);
      for (const query of [kind[7]!, rows[0]!, ...clustered(71, 2, 16)]) {
        assert.deepEqual(
          index.search(latent(query), 25).map(({id}) => Number(id)),
          nearest('cosine', query, rows, 25).map(({row}) => row),
        );
      }
    }
  });

  test('finds the same with a filter, a threshold, and any count', () => {
    const rows = clustered(73, MANY, 24);
    const index = indexOf(rows);
    for (const query of [rows[5]!, ...clustered(79, 2, 24)]) {
      const all = nearest('cosine', query, rows, MANY);
      const found = (k: number, options = {}): number[] =>
        index.search(latent(query), k, options).map(({id}) => Number(id));
      const rowsOf = (hits: typeof all): number[] => hits.map(({row}) => row);
      for (const k of [1, 40, 1000, Infinity]) assert.deepEqual(found(k), rowsOf(all.slice(0, k)));
      const threshold = all[30]!.score;
      assert.deepEqual(
        found(100, {threshold: threshold - 1e-9}),
        rowsOf(all.filter(({score}) => score >= threshold)),
      );
      for (const part of [3, 1000]) {
        assert.deepEqual(
          found(K, {filter: (id: string) => Number(id) % part === 1}),
          rowsOf(all.filter(({row}) => row % part === 1)).slice(0, K),
        );
      }
    }
  });

  test('of equal scores, what came first comes first', () => {
    const [a, b] = clustered(1, 2, 12) as [Float32Array, Float32Array];
    const rows = Array.from({length: MANY}, (_, row) => (row % 3 === 0 ? a : b));
    const found = indexOf(rows).search(latent(a), 5);
    assert.deepEqual(
      found.map(({id}) => id),
      ['0', '3', '6', '9', '12'],
    );
    // Not the last ones either once the first are gone.
    const index = indexOf(rows);
    index.remove(Array.from({length: 450}, (_, row) => String(row)));
    assert.deepEqual(
      index.search(latent(a), 2).map(({id}) => id),
      ['450', '453'],
    );
  });

  test('a row that turns round is found where it is now, not where it was', () => {
    const rows = clustered(83, MANY, 32);
    const index = indexOf(rows);
    const [query, other] = rows as [Float32Array, Float32Array];
    const opposite = query.map((value) => -value);
    const best = (data: Float32Array): string | undefined => index.search(latent(data), 1)[0]?.id;
    assert.deepEqual([best(query), best(other)], ['0', '1']);
    index.update('0', latent(opposite));
    assert.notEqual(best(query), '0');
    assert.equal(best(opposite), '0');
    index.update('0', latent(other));
    assert.equal(best(other), '0');
  });

  test('changes are found at once, however many searches went before', () => {
    const rows = clustered(19, MANY, 20);
    const index = indexOf(rows);
    const [query] = clustered(23, 1, 20) as [Float32Array];
    const live = new Map(rows.map((data, row) => [String(row), data]));
    const check = (): void => {
      const ids = [...live.keys()];
      for (const metric of METRICS) {
        assert.deepEqual(
          index.search(latent(query), K, {metric}).map(({id}) => id),
          nearest(metric, query, [...live.values()], K).map(({row}) => ids[row]),
        );
      }
    };
    check();
    for (let round = 0; round < 8; round++) {
      for (const {id} of index.search(latent(query), 60)) {
        live.delete(id);
        assert.equal(index.remove(id), 1);
      }
      check();
      clustered(100 + round, 20, 20).forEach((data, i) => {
        live.set(`new ${round} ${i}`, data);
        index.add(`new ${round} ${i}`, latent(data));
      });
      check();
      const [changed] = live.keys();
      live.set(changed!, query);
      index.update(changed!, latent(query));
      check();
      assert.equal(index.size, live.size);
    }
  });
}
