import assert from 'node:assert/strict';
import {test} from 'node:test';
import {inverse, Matrix as Library, SingularValueDecomposition} from 'ml-matrix';
import {
  addToDiagonal,
  fromRows,
  type Matrix,
  multiply,
  nearestOrthogonal,
  rowOf,
  solvePositive,
  trace,
  transpose,
  zeros,
} from '../../../src/core/latent/matrix.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose} from '../support.js';

const random = (seed: number, rows: number, columns: number): Matrix => {
  return {rows, columns, data: Float64Array.from(randomNormal(seed, rows * columns))};
};
const library = ({rows, columns, data}: Matrix) => Library.from1DArray(rows, columns, [...data]);

test('products, transposes, rows and traces', () => {
  const a = fromRows([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assert.deepEqual([...transpose(a).data], [1, 4, 2, 5, 3, 6]);
  const gram = multiply(a, transpose(a));
  assert.deepEqual([...gram.data], [14, 32, 32, 77]);
  assert.equal(trace(gram), 91);
  addToDiagonal(gram, 1);
  assert.deepEqual([...rowOf(gram, 1)], [32, 78]);
});

for (const n of [1, 2, 7, 40]) {
  test(`solves a positive definite system of ${n}, as a library inverts it`, () => {
    const a = random(n, n + 5, n);
    const gram = multiply(transpose(a), a);
    const b = random(n + 1, n, 3);
    const expected = inverse(library(gram)).mmul(library(b));
    assertClose(solvePositive(gram, b)!.data, expected.to1DArray(), 1e-7);
  });

  test(`finds the orthogonal matrix nearest to one of ${n}, as a library decomposes it`, () => {
    const a = random(n + 2, n, n);
    const svd = new SingularValueDecomposition(library(a));
    const expected = svd.leftSingularVectors.mmul(svd.rightSingularVectors.transpose());
    assertClose(nearestOrthogonal(a).data, expected.to1DArray(), 1e-9);
  });
}

test('a matrix that is not positive definite is not solved', () => {
  const indefinite = fromRows([
    [1, 2],
    [2, 1],
  ]);
  assert.equal(solvePositive(indefinite, zeros(2, 1)), undefined);
  assert.equal(solvePositive(zeros(2, 2), zeros(2, 1)), undefined);
});

test('of a matrix near to a singular one the orthogonal is orthogonal still', () => {
  const thin = random(3, 30, 4);
  const product = multiply(thin, transpose(random(4, 30, 4)));
  addToDiagonal(product, 1e-9);
  const q = nearestOrthogonal(product);
  const identity = zeros(30, 30);
  addToDiagonal(identity, 1);
  assertClose(multiply(q, transpose(q)).data, identity.data, 1e-9);
  // Where the matrix says something it is followed: QᵀA is symmetric and has no negative direction.
  const stretch = multiply(transpose(q), product);
  assertClose(stretch.data, transpose(stretch).data, 1e-6);
  assert.ok(trace(stretch) > 0);
});
