import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createAlignment, fitAlignment} from '../../../src/core/latent/alignment.js';
import {distance, slerp} from '../../../src/core/latent/arithmetic.js';
import {createLatent, type Latent} from '../../../src/core/latent/latent.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, latent, throwsLatentError} from '../support.js';

const sample = (count: number, size: number, seed = 0) => {
  return Array.from({length: count}, (_, i) => latent(randomNormal(seed, size, i), 'a'));
};

/** y = matrix·x + bias, the plain way. */
const affine = (rows: readonly ArrayLike<number>[], bias: ArrayLike<number>, x: Latent) => {
  const y = rows.map((row, i) => {
    return x.data.reduce((sum, value, j) => sum + row[j]! * value, bias[i]!);
  });
  return latent(y, 'b');
};

const identity = (size: number) => {
  return Array.from({length: size}, (_, i) => {
    return Array.from({length: size}, (_unused, j) => Number(i === j));
  });
};

/** A rotation by products of plane rotations, far from the identity. */
const rotation = (size: number) => {
  const rows = identity(size);
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const angle = 1 + i + 2 * j;
      for (const row of rows) {
        const [p, q] = [row[i]!, row[j]!];
        row[i] = Math.cos(angle) * p - Math.sin(angle) * q;
        row[j] = Math.sin(angle) * p + Math.cos(angle) * q;
      }
    }
  }
  return rows;
};

const assertOrthogonal = (matrix: Float32Array, size: number) => {
  const rows = identity(size).map((_, i) => matrix.subarray(i * size, (i + 1) * size));
  const products = rows.flatMap((p) =>
    rows.map((q) => p.reduce((sum, v, k) => sum + v * q[k]!, 0)),
  );
  assertClose(products, identity(size).flat(), 1e-5);
};

test('ridge recovers a known affine map between spaces of different size', () => {
  const rows = [1, 2, 3].map((seed) => randomNormal(seed, 5));
  const bias = [3, -2, 10];
  const from = sample(40, 5);
  const fitted = fitAlignment(
    from,
    from.map((x) => affine(rows, bias, x)),
    {lambda: 1e-9},
  );
  assertClose(
    fitted.matrix,
    rows.flatMap((row) => [...row]),
    1e-5,
  );
  assertClose(fitted.bias, bias, 1e-5);
  assert.deepEqual([fitted.from, fitted.to, fitted.shape], ['a', 'b', [3]]);
  const [unseen] = sample(1, 5, 99);
  const mapped = fitted.apply(unseen!);
  assert.equal(mapped.space, 'b');
  assertClose(mapped.data, affine(rows, bias, unseen!).data, 1e-5);
});

test('ridge matches its closed form in one dimension', () => {
  // x = −1, 0, 1 and y = 2x + 5: w = Σxy / (Σx² + λ·Σx²) = 2 / (1 + λ).
  const from = [-1, 0, 1].map((x) => latent([x], 'a'));
  const to = [3, 5, 7].map((y) => latent([y], 'b'));
  const fitted = fitAlignment(from, to, {lambda: 0.25});
  assertClose(fitted.matrix, [1.6], 1e-6);
  assertClose(fitted.bias, [5], 1e-6);
});

test('ridge with fewer samples than dimensions fits them and solves the same equations', () => {
  const rows = [1, 2, 3].map((seed) => randomNormal(seed, 30));
  const from = sample(8, 30);
  const to = from.map((x) => affine(rows, [1, 2, 3], x));
  const tight = fitAlignment(from, to, {lambda: 1e-9});
  from.forEach((x, i) => {
    assertClose(tight.apply(x).data, to[i]!.data, 1e-4);
  });
  // A strong ridge must satisfy (XᵀX + λI)·W = XᵀY, here for one column of XᵀX + λI at a time.
  const lambda = 0.5;
  const {matrix} = fitAlignment(from, to, {lambda});
  const centred = (list: readonly Latent[]) => {
    const means = list[0]!.data.map((_, j) => list.reduce((s, {data}) => s + data[j]! / 8, 0));
    return list.map(({data}) => data.map((value, j) => value - means[j]!));
  };
  const [x, y] = [centred(from), centred(to)];
  const ridge = (lambda * x.reduce((s, row) => s + row.reduce((t, v) => t + v * v, 0), 0)) / 8;
  const left: number[] = [];
  const right: number[] = [];
  for (let k = 0; k < 3; k++) {
    const w = matrix.subarray(k * 30, (k + 1) * 30);
    for (let j = 0; j < 30; j++) {
      left.push(
        x.reduce(
          (s, row) => s + row[j]! * row.reduce((t, v, l) => t + v * w[l]!, 0),
          ridge * w[j]!,
        ),
      );
      right.push(x.reduce((s, row, i) => s + row[j]! * y[i]![k]!, 0));
    }
  }
  assertClose(left, right, 1e-3);
});

test('a stronger ridge moves less', () => {
  const from = sample(20, 4);
  const to = from.map((x) => affine(rotation(4), [0, 0, 0, 0], x));
  const sizes = [0.01, 1, 100].map((lambda) => {
    return Math.hypot(...fitAlignment(from, to, {lambda}).matrix);
  });
  assert.ok(sizes[0]! > sizes[1]! && sizes[1]! > sizes[2]!, sizes.join());
});

test('ridge does not depend on the scale of the latents', () => {
  const from = sample(20, 4);
  const to = from.map((x) => affine(rotation(4), [1, 2, 3, 4], x));
  const large = from.map(({data}) =>
    latent(
      data.map((v) => v * 1000),
      'a',
    ),
  );
  const fitted = fitAlignment(from, to, {lambda: 0.1});
  const scaled = fitAlignment(large, to, {lambda: 0.1});
  assertClose(
    scaled.matrix.map((v) => v * 1000),
    fitted.matrix,
    1e-5,
  );
});

test('procrustes recovers a known rotation and shift, mirrored too', () => {
  for (const mirror of [1, -1]) {
    const rows = rotation(6).map((row, i) => row.map((v) => (i === 0 ? mirror * v : v)));
    const bias = [1, 2, 3, 4, 5, 6];
    const from = sample(20, 6);
    const fitted = fitAlignment(
      from,
      from.map((x) => affine(rows, bias, x)),
      {
        method: 'procrustes',
      },
    );
    assertClose(fitted.matrix, rows.flat(), 1e-5);
    assertClose(fitted.bias, bias, 1e-5);
  }
});

test('procrustes of noisy pairs is orthogonal and no turn fits better', () => {
  const from = sample(30, 4);
  const to = sample(30, 4, 1).map((y, i) => {
    const near = affine(rotation(4), [0, 0, 0, 0], from[i]!);
    return latent(
      y.data.map((v, j) => near.data[j]! + 0.5 * v),
      'b',
    );
  });
  const fitted = fitAlignment(from, to, {method: 'procrustes'});
  assertOrthogonal(fitted.matrix, 4);
  const error = (apply: (x: Latent<'a'>) => Latent) => {
    return from.reduce((sum, x, i) => sum + distance(apply(x), to[i] as Latent) ** 2, 0);
  };
  const best = error(fitted.apply);
  // The mean must stay where it is fitted, so turn about the mean of the targets.
  const mean = [0, 1, 2, 3].map((j) => to.reduce((sum, {data}) => sum + data[j]! / 30, 0));
  for (const [p, q] of [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ] as const) {
    for (const angle of [-0.01, 0.01]) {
      const turned = error((x) => {
        const data = fitted.apply(x).data.map((v, j) => v - mean[j]!);
        const [u, v] = [data[p]!, data[q]!];
        data[p] = Math.cos(angle) * u - Math.sin(angle) * v;
        data[q] = Math.sin(angle) * u + Math.cos(angle) * v;
        return latent(
          data.map((value, j) => value + mean[j]!),
          'b',
        );
      });
      assert.ok(turned > best, `${turned} against ${best}`);
    }
  }
});

test('procrustes of few pairs fits them and leaves the open directions alone', () => {
  // Both sides vary along the first two axes only, turned by a quarter.
  const from = [
    [0, 0],
    [1, 0],
    [0, 2],
  ].map(([p, q]) => latent([p!, q!, 0, 0, 0], 'a'));
  const to = [
    [0, 0],
    [0, 1],
    [-2, 0],
  ].map(([p, q]) => latent([p!, q!, 0, 0, 0], 'b'));
  const {matrix} = fitAlignment(from, to, {method: 'procrustes'});
  const expected = identity(5);
  expected[0] = [0, -1, 0, 0, 0];
  expected[1] = [1, 0, 0, 0, 0];
  assertClose(matrix, expected.flat(), 1e-5);
});

test('procrustes of random few pairs stays orthogonal', () => {
  for (const count of [2, 3, 6]) {
    const from = sample(count, 12);
    const to = from.map((x) => affine(rotation(12), new Array<number>(12).fill(1), x));
    const fitted = fitAlignment(from, to, {method: 'procrustes'});
    assertOrthogonal(fitted.matrix, 12);
    from.forEach((x, i) => {
      assertClose(fitted.apply(x).data, to[i]!.data, 1e-4);
    });
  }
});

test('an aligned latent has the shape of its new space and mixes with it', () => {
  const from = sample(10, 8);
  const to = from.map((_, i) => createLatent('b', [2, 2], randomNormal(i, 4)));
  const carried = fitAlignment(from, to).apply(from[0]!);
  assert.deepEqual(carried.shape, [2, 2]);
  assert.equal(slerp(carried, to[0]!, 0.5).space, 'b');
});

test('fitAlignment names bad input', () => {
  const [from, to] = [sample(3, 4), sample(3, 4, 1)];
  throwsLatentError(() => fitAlignment([], []), 'bad-argument', /got 0/);
  throwsLatentError(() => fitAlignment(from.slice(2), to.slice(2)), 'bad-argument', /two or more/);
  throwsLatentError(() => fitAlignment(from, to.slice(1)), 'bad-argument', /got 3/, /and 2/);
  const mixed: Latent[] = [...from.slice(1), latent([1, 2, 3, 4], 'c')];
  throwsLatentError(() => fitAlignment(mixed, to), 'space-mismatch', /'a'/, /'c'/);
  throwsLatentError(() => fitAlignment(to, mixed), 'space-mismatch', /'a'/, /'c'/);
  throwsLatentError(
    () => fitAlignment(from, sample(3, 5), {method: 'procrustes'}),
    'bad-argument',
    /4 and 5/,
  );
  const equal = [from[0]!, from[0]!, from[0]!];
  throwsLatentError(() => fitAlignment(equal, to), 'bad-argument', /all equal/);
  for (const [x, y] of [
    [equal, to],
    [from, equal],
  ] as const) {
    throwsLatentError(() => fitAlignment(x, y, {method: 'procrustes'}), 'bad-argument', /equal/);
  }
  for (const lambda of [0, -1, NaN, Infinity]) {
    throwsLatentError(() => fitAlignment(from, to, {lambda}), 'bad-argument', /lambda/);
  }
  const large = sample(2, 4097);
  throwsLatentError(() => fitAlignment(large, large), 'unsupported', /'a' \(4097/, /16785409/);
});

test('an alignment takes only its own space and size', () => {
  const fitted = fitAlignment(
    sample(6, 4),
    sample(6, 4, 1).map(({data}) => latent(data, 'b')),
  );
  const stranger: Latent = latent([1, 2, 3, 4], 'c');
  throwsLatentError(
    () => (fitted.apply as (latent: Latent) => Latent)(stranger),
    'space-mismatch',
    /'a'/,
    /'b'/,
    /'c'/,
  );
  throwsLatentError(() => fitted.apply(latent([1, 2], 'a')), 'bad-argument', /4 numbers, got 2/);
});

test('an alignment survives JSON', () => {
  const fitted = fitAlignment(
    sample(6, 4),
    sample(6, 4, 1).map(({data}) => latent(data, 'b')),
  );
  const {from, to, shape, matrix, bias} = fitted;
  const text = JSON.stringify({from, to, shape, matrix: [...matrix], bias: [...bias]});
  const [x] = sample(1, 4, 5);
  const revived = createAlignment(JSON.parse(text) as typeof fitted);
  assert.deepEqual(revived.apply(x!), fitted.apply(x!));
});

test('createAlignment names sizes that do not fit', () => {
  const make = (shape: readonly number[], matrix: number, bias: number) => () => {
    return createAlignment({
      from: 'a',
      to: 'b',
      shape,
      matrix: new Float32Array(matrix),
      bias: new Float32Array(bias),
    });
  };
  throwsLatentError(make([2], 7, 2), 'bad-argument', /'a'/, /'b'/, /\[2\]/, /7 numbers/);
  throwsLatentError(make([3], 6, 2), 'bad-argument', /\[3\]/, /bias 2/);
  throwsLatentError(make([0], 0, 0), 'bad-argument', /\[0\]/);
  throwsLatentError(make([2], 0, 2), 'bad-argument', /matrix has 0/);
});
