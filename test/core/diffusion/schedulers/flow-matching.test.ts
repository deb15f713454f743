// Lipman 2022 and Esser 2024 (the straight flow and its shift), Frans 2024 (shortcut steps).
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createSchedule} from '../../../../src/core/index.js';
import {randomNormal} from '../../../../src/core/random/noise.js';
import {assertClose} from '../../support.js';
import {config, run} from './support.js';

const x0 = Float32Array.of(-1.5, 0, 0.25, 2);
const noise = randomNormal(7, x0.length);

test('sigmas fall evenly from 1 to 0', () => {
  const schedule = createSchedule(config({type: 'flow-matching'}), {steps: 4});
  assert.deepEqual(schedule.sigmas, [1, 0.75, 0.5, 0.25, 0]);
  assert.deepEqual(schedule.timesteps, [1, 0.75, 0.5, 0.25]);
});

test('the network is told σ times the timesteps of its training', () => {
  const schedule = createSchedule(config({type: 'flow-matching', timesteps: 1000}), {steps: 2});
  assert.deepEqual(schedule.timesteps, [1000, 500]);
});

test('the shift is σ′ = kσ/(1 + (k − 1)σ)', () => {
  // Stable Diffusion 3's k = 3: 0.75 → 0.9, 0.5 → 0.75, 0.25 → 0.5.
  const schedule = createSchedule(config({type: 'flow-matching', shift: 3}), {steps: 4});
  assertClose(schedule.sigmas, [1, 0.9, 0.75, 0.5, 0], 1e-12);
});

test('a step goes along the velocity by the difference of the sigmas', () => {
  const schedule = createSchedule(config({type: 'flow-matching'}), {steps: 4});
  const sample = schedule.addNoise(x0, noise, 1);
  assertClose(
    sample,
    x0.map((x, i) => 0.25 * x + 0.75 * noise[i]!),
    1e-6,
  );
  const velocity = randomNormal(9, x0.length);
  const result = schedule.step(velocity, 1, sample);
  assertClose(
    result.sample,
    sample.map((x, i) => x - 0.25 * velocity[i]!),
    1e-6,
  );
  assertClose(
    result.x0,
    sample.map((x, i) => x - 0.75 * velocity[i]!),
    1e-6,
  );
});

test('a perfect network gives the image back, from noise and from half-way, in any steps', () => {
  for (const prediction of ['flow', 'sample']) {
    for (const steps of [1, 2, 5, 1000]) {
      for (const strength of [1, 0.5, 0.3]) {
        const schedule = createSchedule(config({type: 'flow-matching', prediction, shift: 2}), {
          steps,
          strength,
        });
        const begin = schedule.addNoise(x0, noise, 0);
        const {sample} = run(schedule, begin, () =>
          x0.map((x, i) => (prediction === 'flow' ? noise[i]! - x : x)),
        );
        assertClose(sample, x0, 1e-4);
      }
    }
  }
});

test('many steps reach the exact flow for Gaussian data', () => {
  // Data of deviation τ: x_σ has variance (1 − σ)²τ² + σ², the mean velocity given x is
  // x·(σ − (1 − σ)τ²)/variance, and noise n ends at τ·n.
  const tau = 0.5;
  const errors = [10, 100, 1000].map((steps) => {
    const schedule = createSchedule(config({type: 'flow-matching'}), {steps});
    const {sample} = run(schedule, schedule.begin(noise), (input, sigma) =>
      input.map(
        (x) => (x * (sigma - (1 - sigma) * tau ** 2)) / ((1 - sigma) ** 2 * tau ** 2 + sigma ** 2),
      ),
    );
    return Math.abs(sample[0]! - tau * noise[0]!);
  });
  assert.ok(errors[1]! < errors[0]! / 5 && errors[2]! < 2e-3, errors.join(', '));
});
