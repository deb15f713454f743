import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cosineSimilarity, subtract} from '../../../src/core/latent/arithmetic.js';
import {createDirection, type Direction, moveAlong} from '../../../src/core/direction/direction.js';
import {fitDirection, type DirectionOptions} from '../../../src/core/direction/fit-direction.js';
import {createLatent, type Latent} from '../../../src/core/latent/latent.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, latent, processorTime, throwsLatentError} from '../support.js';

const METHODS = ['shrunk', 'mean-difference', 'probe'] as const;
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Standard deviation of each axis. */
type Deviations = (axis: number) => number;
const even: Deviations = () => 1;

/**
 * Gaussian examples with standard deviations `deviations`, the positives `gap` further along `axis`
 * (of length 1) than the negatives.
 */
function planted(
  count: number,
  axis: ArrayLike<number>,
  gap: number,
  {seed = 1, deviations = even} = {},
): [Latent<'a'>[], Latent<'a'>[]] {
  const side = (sign: number, stream: number) =>
    Array.from({length: count}, (_, i) => {
      const data = randomNormal(seed, axis.length, 2 * i + stream);
      return latent(
        data.map((value, j) => deviations(j) * value + (sign * gap * axis[j]!) / 2),
        'a',
      );
    });
  return [side(1, 0), side(-1, 1)];
}

const unit = (size: number, index: number) =>
  Float32Array.from({length: size}, (_, i) => Number(i === index));

const agreement = (direction: Direction, axis: ArrayLike<number>) =>
  dot(direction.data, axis) / Math.sqrt(dot(direction.data, direction.data) * dot(axis, axis));

test('the mean difference is half the way between the means, by hand', () => {
  const fitted = fitDirection(
    [latent([3, 1], 'a'), latent([5, 3], 'a')],
    [latent([0, 0], 'a'), latent([0, 2], 'a')],
    {method: 'mean-difference', label: 'Wide'},
  );
  // Means (4, 2) and (0, 1): the difference (4, 1), its half.
  assertClose(fitted.data, [2, 0.5], 1e-7);
  assert.deepEqual([fitted.space, fitted.shape, fitted.label], ['a', [2], 'Wide']);
});

test('the probe solves the ridge equations, by hand', () => {
  // Centred examples (±1, 2) and (±1, −2), labels 1, 1, −1, −1: XᵀX = diag(4, 16), Xᵀy = (0, 8).
  // Tilted by one more axis: third coordinates 1, 0, 0, −1 give Xᵀy₃ = 2, XᵀX₁₃ = 0 + … as below.
  const positives = [latent([1, 2, 1], 'a'), latent([-1, 2, 0], 'a')];
  const negatives = [latent([1, -2, 0], 'a'), latent([-1, -2, -1], 'a')];
  // XᵀX = [[4, 0, 2], [0, 16, 4], [2, 4, 2]], Xᵀy = (0, 8, 2), mean variance 22/4 = 5.5.
  const lambda = 2 / 11; // A ridge of 1.
  const fitted = fitDirection(positives, negatives, {method: 'probe', lambda});
  // (XᵀX + I)·w = Xᵀy: 5a + 2c = 0, 17b + 4c = 8, 2a + 4b + 3c = 2, hence c = 10/123 …
  const c = (2 - 32 / 17) / (3 - 4 / 5 - 16 / 17);
  const w = [-0.4 * c, (8 - 4 * c) / 17, c];
  assert.ok(Math.abs(agreement(fitted, w) - 1) < 1e-12);
  // d = (0, 4, 1): the unit makes the means ±1 along w.
  const scale = (4 * w[1]! + w[2]!) / 2 / dot(w, w);
  assertClose(
    fitted.data,
    w.map((value) => scale * value),
    1e-6,
  );
});

for (const method of METHODS) {
  test(`${method}: the sides' means lie two units apart along the direction`, () => {
    const [positives, negatives] = planted(6, unit(40, 3), 3);
    const fitted = fitDirection(positives, negatives, {method});
    const project = (list: readonly Latent[]) =>
      list.reduce((sum, {data}) => sum + dot(data, fitted.data) / list.length, 0);
    const gap = project(positives) - project(negatives);
    assertClose([gap / dot(fitted.data, fitted.data)], [2], 1e-5);
  });

  test(`${method}: recovers a planted direction, better with more examples`, () => {
    const axis = unit(64, 5);
    const found = [4, 16, 64, 200].map((count) =>
      agreement(fitDirection(...planted(count, axis, 4), {method}), axis),
    );
    // In isotropic noise the mean difference has an expected cosine of 1/√(1 + 2·63/(16·n)).
    const bounds = method === 'probe' ? [0.4, 0.55, 0.65, 0.8] : [0.45, 0.75, 0.9, 0.97];
    found.forEach((cosine, i) => {
      assert.ok(cosine > bounds[i]!, `${found.join()} against ${bounds.join()}`);
    });
    assert.ok(found[0]! < found[3]!);
  });

  test(`${method}: swapping the sides turns the direction around`, () => {
    const [positives, negatives] = planted(5, unit(30, 1), 2);
    const there = fitDirection(positives, negatives, {method});
    const back = fitDirection(negatives, positives, {method});
    assertClose(
      back.data.map((value) => -value),
      there.data,
      1e-6,
    );
    assertClose([back.quality!.separation], [there.quality!.separation], 1e-12);
  });

  test(`${method}: shifting, turning and scaling the space takes the direction along`, () => {
    const [positives, negatives] = planted(5, unit(12, 1), 3);
    const fitted = fitDirection(positives, negatives, {method});
    // Axes rotated by one place, everything ten times as large and moved.
    const change = ({data}: Latent) =>
      latent(
        data.map((_, i) => 10 * data[(i + 1) % 12]! + i),
        'a',
      );
    const changed = fitDirection(positives.map(change), negatives.map(change), {method});
    assertClose(
      changed.data,
      fitted.data.map((_, i) => 10 * fitted.data[(i + 1) % 12]!),
      1e-4,
    );
    assertClose([changed.quality!.effect], [fitted.quality!.effect], 1e-4);
  });

  test(`${method}: is the same every time, whatever the order of the examples`, () => {
    const [positives, negatives] = planted(7, unit(50, 3), 2);
    const once = fitDirection(positives, negatives, {method});
    assert.deepEqual(fitDirection(positives, negatives, {method}), once);
    const turned = fitDirection([...positives].reverse(), [...negatives].reverse(), {method});
    assertClose(turned.data, once.data, 1e-6);
    assertClose([turned.quality!.separation], [once.quality!.separation], 1e-9);
  });

  test(`${method}: is orthogonal to the named directions and keeps the rest`, () => {
    // The sides differ along the axes 0 and 1 alike; what lies along 0 is to be ignored.
    const axis = Float32Array.from({length: 40}, (_, i) => Number(i < 2));
    const [positives, negatives] = planted(100, axis, 3);
    const others = [
      createDirection('a', [40], unit(40, 0)),
      // Oblique to the first, and one that adds nothing to the two.
      createDirection(
        'a',
        [40],
        Float32Array.from(unit(40, 7), (v, i) => v + Number(i === 0)),
      ),
      createDirection(
        'a',
        [40],
        Float32Array.from(unit(40, 7), (v, i) => v - Number(i === 0)),
      ),
    ];
    const free = fitDirection(positives, negatives, {method});
    const bound = fitDirection(positives, negatives, {method, orthogonalTo: others});
    for (const other of others) {
      assert.ok(Math.abs(cosineSimilarity(bound, other)) < 1e-6);
      assert.ok(Math.abs(cosineSimilarity(free, others[0]!)) > 0.3);
    }
    assert.ok(agreement(bound, unit(40, 1)) > 0.6);
  });
}

test('shrunk lies between the probe and the mean difference, and nears the truth more than both', () => {
  // Ten strong directions of variation, as latent spaces have them: chance differences of the means
  // lie along them, which the mean difference believes and the shrunk one discounts.
  const axis = Float32Array.from({length: 100}, (_, i) => (i < 20 ? Math.sqrt(0.05) : 0));
  const deviations = (i: number) => (i % 10 === 0 ? 4 : 0.7);
  const cosines = METHODS.map((method) => {
    const all = Array.from({length: 20}, (_, seed) => {
      const examples = planted(12, axis, 4, {seed, deviations});
      return agreement(fitDirection(...examples, {method, lambda: 0.01}), axis);
    });
    return all.reduce((sum, cosine) => sum + cosine / all.length, 0);
  });
  const [shrunk, difference, probe] = cosines as [number, number, number];
  assert.ok(shrunk > difference + 0.05 && shrunk > probe, cosines.join());
});

test('with many examples shrunk is the mean difference: nothing of it is chance', () => {
  const deviations = (i: number) => (i === 0 ? 3 : 1);
  const examples = planted(200, unit(10, 4), 6, {deviations});
  const [shrunk, difference] = (['shrunk', 'mean-difference'] as const).map((method) =>
    fitDirection(...examples, {method}),
  );
  assert.ok(cosineSimilarity(shrunk!, difference!) > 0.99);
});

test('examples of different sizes give a direction for every size', () => {
  const image = (height: number, width: number, level: number, seed: number) =>
    createLatent(
      'p',
      [3, height, width],
      randomNormal(seed, 3 * height * width).map(
        (value, i) => 0.2 * value + (i < height * width ? level : 0),
      ),
    );
  const sizes = [
    [4, 6],
    [5, 5],
    [8, 3],
  ] as const;
  const positives = sizes.map(([h, w], i) => image(h, w, 1, i));
  const negatives = sizes.map(([h, w], i) => image(h, w, -1, 10 + i));
  const fitted = fitDirection(positives, negatives);
  assert.deepEqual(fitted.shape, [3, 1, 1]);
  assertClose(fitted.data, [1, 0, 0], 0.1);
  const moved = moveAlong(negatives[0]!, fitted, 2);
  assert.deepEqual(moved.shape, [3, 4, 6]);
  // Equal sizes are pooled when asked to, and then differ from the whole picture's direction.
  const same = [0, 1, 2].map((i) => image(4, 4, 1, i));
  const other = [0, 1, 2].map((i) => image(4, 4, -1, 10 + i));
  assert.deepEqual(fitDirection(same, other, {pool: true}).shape, [3, 1, 1]);
  assert.deepEqual(fitDirection(same, other).shape, [3, 4, 4]);
  throwsLatentError(
    () => fitDirection(positives, negatives, {pool: false}),
    'bad-argument',
    /\[3, 4, 6\]/,
    /\[3, 5, 5\]/,
  );
});

test('pooled is the mean over positions, by hand', () => {
  const image = (...data: number[]) => createLatent('p', [2, 1, 2], Float32Array.from(data));
  const fitted = fitDirection(
    [image(1, 3, 0, 0), image(3, 5, 0, 2)],
    [image(0, 0, 1, 1), image(0, 0, 2, 2)],
    {method: 'mean-difference', pool: true},
  );
  // Pooled: (2, 0), (4, 1) against (0, 1), (0, 2): means (3, 0.5) and (0, 1.5).
  assertClose(fitted.data, [1.5, -0.5], 1e-7);
});

test('a pooled direction and one of a whole picture can be made orthogonal to one another', () => {
  const image = (level: number, seed: number) =>
    createLatent(
      'p',
      [2, 3, 3],
      randomNormal(seed, 18).map((value, i) => value + (i % 2 ? level : 0) + (i < 9 ? level : 0)),
    );
  const positives = [1, 2, 3, 4].map((seed) => image(2, seed));
  const negatives = [1, 2, 3, 4].map((seed) => image(-2, 10 + seed));
  const whole = createDirection('p', [2, 3, 3], randomNormal(5, 18));
  const channel = createDirection('p', [2, 1, 1], Float32Array.of(1, 0.5));
  const still = createLatent('p', [2, 3, 3], new Float32Array(18));
  const onWhole = (direction: Direction<'p'>) => subtract(moveAlong(still, direction, 1), still);
  for (const pool of [true, false]) {
    for (const other of [whole, channel]) {
      const fitted = fitDirection(positives, negatives, {pool, orthogonalTo: [other]});
      assert.ok(Math.abs(cosineSimilarity(onWhole(fitted), onWhole(other))) < 1e-6);
    }
  }
});

test('eight and eight examples of 32 768 numbers take less than a second', () => {
  const axis = randomNormal(9, 32768).map((value) => value / 181);
  const [positives, negatives] = planted(8, axis, 20);
  const spent = processorTime(() => {
    const {quality} = fitDirection(positives, negatives);
    assert.equal(quality!.verdict, 'clear');
  });
  assert.ok(spent < 1000, `${spent} ms`);
});

test('fitDirection names bad input', () => {
  const [positives, negatives] = planted(4, unit(6, 2), 3);
  const fit = (p: readonly Latent[], n: readonly Latent[], options?: DirectionOptions) => () =>
    fitDirection(p, n, options);
  throwsLatentError(fit([], negatives), 'bad-argument', /positive/, /got 0/);
  throwsLatentError(fit(positives, []), 'bad-argument', /negative/, /got 0/);
  throwsLatentError(fit(positives, negatives.slice(3)), 'bad-argument', /negative/, /got 1\b/);
  const same = [positives[0]!, positives[0]!, positives[0]!];
  throwsLatentError(fit(same, negatives), 'bad-argument', /positive/, /got 3, 2 .*twice/);
  throwsLatentError(fit(same, same), 'bad-argument');
  // Contradictory: the same pictures on both sides.
  throwsLatentError(fit(positives, [...positives].reverse()), 'bad-argument', /no difference/);
  const stranger: Latent = latent([1, 2, 3, 4, 5, 6], 'b');
  throwsLatentError(fit([...positives, stranger], negatives), 'space-mismatch', /'a'/, /'b'/);
  throwsLatentError(fit(positives, [...negatives, stranger]), 'space-mismatch', /'a'/, /'b'/);
  throwsLatentError(fit([...positives, latent([1], 'a')], negatives), 'bad-argument', /\[1\]/);
  for (const lambda of [0, -1, NaN, Infinity]) {
    throwsLatentError(
      fit(positives, negatives, {method: 'probe', lambda}),
      'bad-argument',
      /lambda/,
    );
  }
  throwsLatentError(fit(positives, negatives, {pool: true}), 'bad-argument', /\[6\]/, /pooled/);
  const foreign = createDirection('b', [6], unit(6, 0));
  throwsLatentError(
    fit(positives, negatives, {orthogonalTo: [foreign]}),
    'space-mismatch',
    /'a'/,
    /'b'/,
  );
  const short = createDirection('a', [5], unit(5, 0));
  throwsLatentError(
    fit(positives, negatives, {orthogonalTo: [short]}),
    'bad-argument',
    /\[5\]/,
    /\[6\]/,
  );
  const own = fitDirection(positives, negatives, {method: 'mean-difference'});
  throwsLatentError(
    fit(positives, negatives, {orthogonalTo: [own]}),
    'bad-argument',
    /orthogonalTo/,
    /no difference/,
  );
  const many = planted(300, unit(2, 0), 1);
  throwsLatentError(fit(...many), 'unsupported', /600 examples/, /512/);
});

test('a tiny ridge and examples beside one line still give finite numbers', () => {
  const on = (x: number) => latent([x, 2 * x, -x], 'a');
  const fitted = fitDirection([on(1), on(2)], [on(-1), on(-2)], {method: 'probe', lambda: 1e-9});
  assert.ok(agreement(fitted, [1, 2, -1]) > 0.999999);
  assert.ok(fitted.data.every(Number.isFinite));
  // No spread at all within the sides, once a direction is taken out.
  const flat = fitDirection(
    [latent([1, 0], 'a'), latent([1, 1], 'a')],
    [latent([0, 0], 'a'), latent([0, 1], 'a')],
    {orthogonalTo: [createDirection('a', [2], Float32Array.of(0, 1))]},
  );
  assertClose(flat.data, [0.5, 0], 1e-7);
  assert.deepEqual([flat.quality!.separation, flat.quality!.effect], [1, 99]);
});

test('many examples that contradict each other in few dimensions are worth nothing', () => {
  const side = (...rows: number[][]) => rows.map((row) => latent(row, 'a'));
  const fitted = fitDirection(
    side([190, 108, 109], [63, 118, 110], [193, 119, 104], [69, 97, 108]),
    side([60, 109, 110], [196, 108, 118], [66, 107, 117], [199, 97, 109]),
  );
  assert.equal(fitted.quality!.verdict, 'none');
  assert.ok(fitted.data.every(Number.isFinite));
});
