import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {
  noise,
  randomInteger,
  randomNormal,
  randomUniform,
  inverseNormal,
  philox,
} from '../../../src/core/random/noise.js';
import {assertClose, throwsLatentError} from '../support.js';

const bits = (data: Float32Array) => [...new Uint32Array(data.buffer)];

test('philox gives the known answers of Random123', () => {
  const ones = 0xffffffff;
  assert.deepEqual(philox([0, 0, 0, 0], 0, 0), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  assert.deepEqual(
    philox([ones, ones, ones, ones], ones, ones),
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  );
  assert.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 0xa4093822, 0x299f31d0),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

// From mpmath at 40 digits: √2·erfinv(2p − 1).
test('inverseNormal agrees with high-precision values', () => {
  const known: readonly (readonly [p: number, deviate: number])[] = [
    [0.5, 0],
    [0.9, 1.2815515655446005935],
    [0.925, 1.4395314709384559153],
    [0.975, 1.9599639845400538556],
    [1e-3, -3.0902323061678135354],
    [1e-6, -4.7534243088228989573],
    [2 ** -33, -6.3379577545537892525],
  ];
  for (const [p, deviate] of known) assertClose([inverseNormal(p)], [deviate], 4e-15);
});

test('inverseNormal is odd and rises', () => {
  let previous = -Infinity;
  for (let i = 1; i < 4096; i++) {
    const deviate = inverseNormal(i / 4096);
    assert.ok(deviate > previous);
    assert.equal(inverseNormal(1 - i / 4096) + deviate, 0);
    previous = deviate;
  }
});

// Pinned by a second implementation, in Python with mpmath, of what noise.ts documents.
test('the first numbers of a seed never change', () => {
  assert.deepEqual(
    bits(randomNormal(7, 8)),
    [
      0x3fd87804, 0x3f2ccac2, 0xbf9a3097, 0xbfaf1a3e, 0xbe710517, 0x3f532c3c, 0xbf7273ec,
      0x3fdcf7bc,
    ],
  );
  assert.deepEqual(
    bits(randomUniform(7, 6)),
    [0x3e3b13d4, 0x3e127bd4, 0x3f7681ed, 0x3f007a67, 0x3e72f9d4, 0x3e06544c],
  );
  const most = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(bits(randomNormal(most, 3, most)), [0xbe5eeabc, 0x3f2372e6, 0xbdb14ec2]);
  assert.equal(
    createHash('sha256')
      .update(new Uint8Array(randomNormal(7, 4096).buffer))
      .digest('hex'),
    '4754eb6e390065632b90bc9b3b9d9c11fa0ff3f2ddba748cbb56c591e7a78f3d',
  );
});

test('randomInteger never changes', () => {
  const bounds = [1, 2, 10, 1000, 2 ** 40, Number.MAX_SAFE_INTEGER, 2 ** 52 + 1];
  assert.deepEqual(
    bounds.map((below) => randomInteger(7, below)),
    [0, 1, 1, 381, 211842135757, 438916981618381, 438916981618381],
  );
  // Nearly half of the draws are rejected at this bound.
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((seed) => randomInteger(seed, 2 ** 52 + 1)),
    [
      228687026744531, 776564014177260, 954429921501076, 2825904108533768, 2728044877062772,
      1747334468393092,
    ],
  );
});

test('randomInteger is even over its range', () => {
  const counts = new Array<number>(6).fill(0);
  for (let seed = 0; seed < 6000; seed++) counts[randomInteger(seed, 6)]!++;
  const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 99.9 % point for 5 degrees of freedom.
  assert.ok(chiSquared < 20.5, String(chiSquared));
});

test('normal numbers have the moments of the normal distribution', () => {
  const count = 100_000;
  const moments = [0, 0, 0, 0];
  for (const value of randomNormal(7, count)) {
    for (let power = 1; power <= 4; power++) moments[power - 1]! += value ** power / count;
  }
  // Five standard errors: √(var(xᵏ) / count), var = 1, 2, 15, 96.
  [1, 2, 15, 96].forEach((variance, i) => {
    assertClose([moments[i]!], [[0, 1, 0, 3][i]!], 5 * Math.sqrt(variance / count));
  });
});

test('uniform numbers lie inside (0, 1) evenly', () => {
  const data = randomUniform(7, 100_000);
  const counts = new Array<number>(100).fill(0);
  for (const value of data) {
    assert.ok(value > 0 && value < 1);
    counts[Math.floor(value * 100)]!++;
  }
  const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 99.9 % point for 99 degrees of freedom.
  assert.ok(chiSquared < 148.3, String(chiSquared));
});

test('a sequence begins the same whatever its length', () => {
  const long = randomNormal(7, 1000);
  for (const count of [0, 1, 3, 4, 5, 999]) {
    assert.deepEqual(randomNormal(7, count), long.slice(0, count));
  }
});

test('seeds, streams and kinds are independent', () => {
  const count = 20_000;
  const sequences = [
    randomNormal(7, count),
    randomNormal(8, count),
    randomNormal(7 + 2 ** 32, count),
    randomNormal(7, count, 1),
    randomNormal(7, count, 2 ** 32),
    randomUniform(7, count).map((p) => inverseNormal(p)),
  ];
  sequences.forEach((x, i) => {
    for (const y of sequences.slice(0, i)) {
      const correlation = x.reduce((sum, value, k) => sum + value * y[k]!, 0) / count;
      assertClose([correlation], [0], 5 / Math.sqrt(count));
    }
  });
});

test('noise is a latent of the normal numbers', () => {
  const made = noise('test', [2, 3, 4], 7, 1);
  assert.deepEqual(made, {space: 'test', shape: [2, 3, 4], data: randomNormal(7, 24, 1)});
  throwsLatentError(() => noise('test', [2, 0], 7), 'bad-argument', /shape/);
});

test('bad seeds, streams, counts and bounds are named', () => {
  for (const bad of [-1, 0.5, NaN, Infinity, 2 ** 53, '7' as never]) {
    throwsLatentError(() => randomNormal(bad, 1), 'bad-argument', /seed/, /got/);
    throwsLatentError(() => randomUniform(7, 1, bad), 'bad-argument', /stream/);
    throwsLatentError(() => randomUniform(7, bad), 'bad-argument', /count/);
    throwsLatentError(() => randomInteger(7, bad), 'bad-argument', /below/);
    throwsLatentError(() => noise('test', [1], bad), 'bad-argument', /seed/);
  }
  throwsLatentError(() => randomInteger(7, 0), 'bad-argument', /below/, /from 1/);
});
