import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Matrix, solve} from 'ml-matrix';
import {judge, leavePairsOut} from '../../../src/core/direction/direction-quality.js';
import {fitDirection, shrunkRidge} from '../../../src/core/direction/fit-direction.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, latent} from '../support.js';

const examples = (count: number, size: number, gap: number, seed = 1) =>
  Array.from({length: count}, (_, i) => {
    const data = randomNormal(seed, size, i);
    data[0]! += gap;
    return data;
  });

const labelsOf = (positives: number, negatives: number) =>
  Int8Array.from({length: positives + negatives}, (_, i) => (i < positives ? 1 : -1));

/** (K + r·I)⁻¹ − 11ᵀ/(n·r), the plain way. */
function residualMatrix(rows: readonly Float32Array[], ridge: number): Float64Array[] {
  const x = new Matrix(rows.map((row) => Array.from(row)));
  x.subRowVector(x.mean('column'));
  const kernel = x.mmul(x.transpose()).add(Matrix.eye(rows.length).mul(ridge));
  const inverse = solve(kernel, Matrix.eye(rows.length)).sub(1 / (rows.length * ridge));
  return inverse.to2DArray().map((row) => Float64Array.from(row));
}

/** Prediction of a ridge probe with a free intercept, fitted by its normal equations. */
function ridgeProbe(rows: readonly Float32Array[], labels: readonly number[], ridge: number) {
  const x = new Matrix(rows.map((row) => Array.from(row)));
  const means = x.mean('column');
  x.subRowVector(means);
  const level = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const y = Matrix.columnVector(labels.map((label) => label - level));
  const normal = x.transpose().mmul(x).add(Matrix.eye(x.columns).mul(ridge));
  const w = solve(normal, x.transpose().mmul(y)).to1DArray();
  return (row: Float32Array) =>
    level + w.reduce((sum, weight, j) => sum + weight * (row[j]! - means[j]!), 0);
}

for (const [positives, negatives, size, ridge] of [
  [3, 3, 5, 0.7],
  [4, 6, 20, 5],
  [6, 4, 20, 0.01],
  [2, 3, 8, 100],
  [9, 12, 4, 2],
] as const) {
  test(`leaving pairs out equals fitting again: ${positives}+${negatives} of ${size}, ridge ${ridge}`, () => {
    const rows = [...examples(positives, size, 1), ...examples(negatives, size, -0.5, 2)];
    const labels = labelsOf(positives, negatives);
    const gaps: number[] = [];
    for (let p = 0; p < positives; p++) {
      for (let n = positives; n < rows.length; n++) {
        const kept = rows.map((_, i) => i).filter((i) => i !== p && i !== n);
        const predict = ridgeProbe(
          kept.map((i) => rows[i]!),
          kept.map((i) => labels[i]!),
          ridge,
        );
        gaps.push(predict(rows[p]!) - predict(rows[n]!));
      }
    }
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    const {separation, effect} = leavePairsOut(residualMatrix(rows, ridge), labels);
    assertClose([separation], [gaps.filter((gap) => gap > 0).length / gaps.length], 1e-12);
    assertClose([effect], [(Math.SQRT2 * mean) / Math.sqrt(variance)], 1e-6);
  });
}

test('the mean difference is judged as the mean difference', () => {
  const [positives, negatives] = [examples(5, 12, 1), examples(6, 12, -1, 2)];
  const mean = (rows: readonly Float32Array[], skip: number) =>
    Array.from({length: 12}, (_, j) => {
      const kept = rows.filter((_row, i) => i !== skip);
      return kept.reduce((sum, row) => sum + row[j]! / kept.length, 0);
    });
  let right = 0;
  positives.forEach((p, i) => {
    negatives.forEach((n, k) => {
      const [a, b] = [mean(positives, i), mean(negatives, k)];
      const gap = a.reduce((sum, value, j) => sum + (value - b[j]!) * (p[j]! - n[j]!), 0);
      right += Number(gap > 0);
    });
  });
  const toLatents = (rows: readonly Float32Array[]) => rows.map((row) => latent(row));
  const {quality} = fitDirection(toLatents(positives), toLatents(negatives), {
    method: 'mean-difference',
  });
  assertClose([quality!.separation], [right / 30], 1e-12);
});

test('clear examples are clear, random ones mostly none', () => {
  const verdicts = (count: number, gap: number) =>
    Array.from({length: 60}, (_, seed) => {
      const side = (sign: number) =>
        examples(count, 40, sign * gap, 2 * seed + Number(sign > 0)).map((row) => latent(row));
      return fitDirection(side(1), side(-1)).quality!;
    });
  const share = (list: ReturnType<typeof verdicts>, verdict: string) =>
    list.filter((quality) => quality.verdict === verdict).length / list.length;
  for (const count of [3, 4, 8]) {
    const random = verdicts(count, 0);
    assert.ok(share(random, 'clear') <= 0.15, `${count}: ${share(random, 'clear')} are clear`);
    assert.ok(share(random, 'none') >= 0.65, `${count}: ${share(random, 'none')} are none`);
    // Leaving out pairs is unbiased: 0.5, within three standard errors of 60 sets.
    const mean = random.reduce((sum, {separation}) => sum + separation / 60, 0);
    assert.ok(Math.abs(mean - 0.5) < 0.12, `${count}: mean separation ${mean}`);
    assert.ok(share(verdicts(count, 6), 'clear') >= 0.95);
  }
});

test('two examples a side are never clear: one labelling in three separates as well', () => {
  const side = (sign: number) => examples(2, 10, 9 * sign, 3 + sign).map((row) => latent(row));
  const {quality} = fitDirection(side(1), side(-1));
  assert.deepEqual([quality!.separation, quality!.chance, quality!.verdict], [1, 1 / 3, 'none']);
});

test('one example on the wrong side lowers the quality', () => {
  const [positives, negatives] = [examples(6, 30, 3), examples(6, 30, -3, 2)].map((rows) =>
    rows.map((row) => latent(row)),
  ) as [ReturnType<typeof latent>[], ReturnType<typeof latent>[]];
  const pure = fitDirection(positives, negatives).quality!;
  const mixed = fitDirection(
    [...positives.slice(1), negatives[0]!],
    [...negatives.slice(1), positives[0]!],
  ).quality!;
  assert.ok(pure.separation > mixed.separation && pure.effect > 2 * mixed.effect);
});

test('the chance counts every labelling of few examples', () => {
  // Of 3+3 examples far apart, only the given labelling and its mirror separate all pairs.
  const rows = [...examples(3, 4, 50), ...examples(3, 4, -50, 2)];
  const {chance, separation, verdict} = judge(residualMatrix(rows, 1), 3);
  assert.deepEqual([separation, chance, verdict], [1, 0.1, 'clear']);
});

test('the ridge is what Ledoit and Wolf, and the difference beyond chance, ask for', () => {
  const [n1, n0, p] = [12, 9, 3];
  const rows = [...examples(n1, p, 1), ...examples(n0, p, -1, 2)];
  for (const row of rows) row[1]! *= 3;
  // The plain way, on covariances instead of inner products.
  const centred = (list: readonly Float32Array[]) => {
    const x = new Matrix(list.map((row) => Array.from(row)));
    return {mean: x.mean('column'), x: x.subRowVector(x.mean('column'))};
  };
  const [one, zero] = [centred(rows.slice(0, n1)), centred(rows.slice(n1))];
  const z = new Matrix([...one.x.to2DArray(), ...zero.x.to2DArray()]);
  const freedom = n1 + n0 - 2;
  const s = z.transpose().mmul(z).div(freedom);
  const mean = s.trace() / p;
  const distance = Matrix.sub(s, Matrix.eye(p).mul(mean)).norm('frobenius') ** 2 / p;
  const error =
    z.to2DArray().reduce((sum, row) => sum + row.reduce((t, v) => t + v * v, 0) ** 2, 0) /
      freedom ** 2 /
      p -
    s.norm('frobenius') ** 2 / freedom / p;
  const c = 1 / n1 + 1 / n0;
  const d = one.mean.map((value, j) => value - zero.mean[j]!);
  const tau = Math.max(0, (d.reduce((sum, v) => sum + v * v, 0) - c * s.trace()) / p);
  const all = new Matrix(rows.map((row) => Array.from(row)));
  all.subRowVector(all.mean('column'));
  const products = all.mmul(all.transpose()).to2DArray();
  const rho = error / distance;
  assert.ok(rho > 0 && rho < 1, `a case that shrinks: ${rho}`);
  assertClose(
    [
      shrunkRidge({
        products: products.map((row) => Float64Array.from(row)),
        positives: n1,
        dimensions: p,
      }),
    ],
    [(freedom * (tau / c + rho * mean)) / (1 - rho)],
    1e-9,
  );
});
