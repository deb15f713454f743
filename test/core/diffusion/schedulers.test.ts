// Ho 2020 (DDPM), Song 2020 (DDIM), Salimans 2022 (v), Karras 2022 (Euler), Lin 2023 (spacing),
// Luo 2023 (LCM); each formula is written here once more, in the form that its paper gives it.
// Lipman 2022 and Esser 2024 (the straight flow and its shift), Frans 2024 (shortcut steps).
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {randomNormal} from '../../../src/core/random/noise.js';
import {createSchedule} from '../../../src/core/index.js';
import {assertClose} from '../support.js';
import {config, perfect, run, stableDiffusionAlphas} from './schedulers.js';

const alphas = stableDiffusionAlphas();
const sigmas = alphas.map((alpha) => ((1 - alpha) / alpha) ** 0.5);
const x0 = Float32Array.of(-1.5, 0, 0.25, 2);
const noise = randomNormal(7, x0.length);

test('the noise levels are those that k-diffusion reports for Stable Diffusion', () => {
  // sigma_max = 14.6146, sigma_min = 0.0292.
  assertClose([sigmas[999]!, sigmas[0]!], [14.6146, 0.0292], 5e-5);
  const schedule = createSchedule(config({type: 'euler', spacing: 'linspace'}), {steps: 1000});
  assertClose(schedule.sigmas.slice(0, 1000).reverse(), sigmas, 1e-9);
  assert.equal(schedule.sigmas[1000], 0);
});

test('betas: linear and squared cosine are as their papers give them', () => {
  // Ho 2020: 1e-4 to 0.02; ᾱ at the end is 4.0e-5.
  const linear = config({type: 'ddim', betaSchedule: 'linear', betaStart: 1e-4, betaEnd: 0.02});
  const last = createSchedule({...linear, spacing: 'trailing'} as never, {steps: 1}).sigmas[0]!;
  assertClose([1 / (last * last + 1)], [4.0358e-5], 1e-8);
  // Nichol 2021, eq. 17: ᾱ(t) = f(t)/f(0), f(t) = cos²((t/T + s)/(1 + s)·π/2), up to the last, whose
  // beta is clipped.
  const cosine = config({type: 'ddim', betaSchedule: 'squared-cosine', spacing: 'trailing'});
  const f = (t: number) => Math.cos((((t / 1000 + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  const schedule = createSchedule(cosine, {steps: 10});
  schedule.timesteps.slice(1).forEach((t, i) => {
    const alpha = f(t + 1) / f(0);
    assertClose([1 / (schedule.sigmas[i + 1]! ** 2 + 1)], [alpha], 1e-6);
  });
});

test('timesteps are spaced as Lin 2023, table 2, and Diffusers do', () => {
  const at = (fields: object, steps: number) =>
    createSchedule(config({type: 'euler', ...fields}), {steps}).timesteps;
  // Table 2 counts from 1: leading 1, 101 … 901; trailing 100 … 1000.
  assert.deepEqual(
    at({spacing: 'leading', stepsOffset: 0}, 10),
    [900, 800, 700, 600, 500, 400, 300, 200, 100, 0],
  );
  assert.deepEqual(
    at({spacing: 'trailing'}, 10),
    [999, 899, 799, 699, 599, 499, 399, 299, 199, 99],
  );
  assertClose(
    at({spacing: 'linspace'}, 10),
    [999, 888, 777, 666, 555, 444, 333, 222, 111, 0],
    1e-9,
  );
  // Stable Diffusion's own: 50 steps from 981 to 1.
  const fifty = at({spacing: 'leading', stepsOffset: 1}, 50);
  assert.deepEqual([fifty.length, fifty[0], fifty[1], fifty[49]], [50, 981, 961, 1]);
  // SD-Turbo's.
  assert.deepEqual(at({spacing: 'trailing'}, 1), [999]);
  assert.deepEqual(at({spacing: 'trailing'}, 4), [999, 749, 499, 249]);
  // numpy rounds halves to even: 1000 − 62.5 is 938 → 937, 1000 − 187.5 is 812 → 811.
  assert.deepEqual(at({spacing: 'trailing'}, 16).slice(0, 4), [999, 937, 874, 811]);
});

test('one step of SD-Turbo is x − σ·ε on the input x/√(σ² + 1), σ = 14.6146', () => {
  const schedule = createSchedule(config({type: 'euler', spacing: 'trailing'}), {steps: 1});
  const sigma = sigmas[999]!;
  const begin = schedule.begin(noise);
  assertClose(
    begin,
    noise.map((n) => sigma * n),
    1e-5,
  );
  const input = schedule.scaleInput(begin, 0);
  assertClose(
    input,
    begin.map((x) => x / Math.sqrt(sigma * sigma + 1)),
    1e-6,
  );
  const output = randomNormal(8, x0.length);
  const {sample, x0: estimate} = schedule.step(output, 0, begin);
  const expected = begin.map((x, i) => x - sigma * output[i]!);
  assertClose(sample, expected, 1e-5);
  assertClose(estimate, expected, 1e-5);
});

test('euler steps by the derivative (x − denoised)/σ, as k-diffusion writes it', () => {
  for (const prediction of ['epsilon', 'v', 'sample']) {
    const schedule = createSchedule(config({type: 'euler', prediction, spacing: 'trailing'}), {
      steps: 4,
    });
    const sample = schedule.addNoise(x0, noise, 1);
    const output = randomNormal(9, x0.length);
    const [sigma, next] = [sigmas[749]!, sigmas[499]!];
    assertClose(
      sample,
      x0.map((x, i) => x + sigma * noise[i]!),
      1e-6,
    );
    // CompVisDenoiser and CompVisVDenoiser, σ_data = 1.
    const denoised = sample.map((x, i) =>
      prediction === 'epsilon'
        ? x - sigma * output[i]!
        : prediction === 'v'
          ? x / (sigma ** 2 + 1) - (output[i]! * sigma) / (sigma ** 2 + 1) ** 0.5
          : output[i]!,
    );
    const stepped = sample.map((x, i) => x + ((x - denoised[i]!) / sigma) * (next - sigma));
    const result = schedule.step(output, 1, sample);
    assertClose(result.x0, denoised, 1e-5);
    assertClose(result.sample, stepped, 1e-5);
  }
});

test('euler with leading spacing begins with the variance of image and noise', () => {
  const schedule = createSchedule(config({type: 'euler', spacing: 'leading'}), {steps: 50});
  const [begin] = schedule.begin(Float32Array.of(1));
  assertClose([begin!], [Math.sqrt(sigmas[981]! ** 2 + 1)], 1e-5);
});

test('ddim is equation 12 of its paper with σ = 0', () => {
  const schedule = createSchedule(config({type: 'ddim'}), {steps: 50});
  const sample = schedule.addNoise(x0, noise, 10);
  const [alpha, before] = [alphas[781]!, alphas[761]!];
  assert.equal(schedule.timesteps[10], 781);
  const output = randomNormal(9, x0.length);
  const expected = sample.map((x, i) => {
    const predicted = (x - Math.sqrt(1 - alpha) * output[i]!) / Math.sqrt(alpha);
    return Math.sqrt(before) * predicted + Math.sqrt(1 - before) * output[i]!;
  });
  assertClose(schedule.step(output, 10, sample).sample, expected, 1e-5);
});

test('a perfect network gives the image back, whatever it predicts, in any number of steps', () => {
  for (const type of ['ddim', 'euler'] as const) {
    for (const prediction of ['epsilon', 'v', 'sample']) {
      for (const steps of [1, 2, 7, 50, 1000]) {
        const given = config({type, prediction, spacing: 'trailing', setAlphaToOne: true});
        const schedule = createSchedule(given, {steps});
        const {sample, estimates} = run(
          schedule,
          schedule.addNoise(x0, noise, 0),
          (input, timestep) => perfect(prediction, alphas[timestep]!, x0, input),
        );
        assertClose(sample, x0, 2e-4);
        for (const estimate of estimates) assertClose(estimate, x0, 2e-4);
      }
    }
  }
});

test('ddim without setAlphaToOne ends with the noise of timestep 0', () => {
  const schedule = createSchedule(config({type: 'ddim'}), {steps: 20});
  const {sample} = run(schedule, schedule.addNoise(x0, noise, 0), (input, timestep) =>
    perfect('epsilon', alphas[timestep]!, x0, input),
  );
  const [signal, deviation] = [Math.sqrt(alphas[0]!), Math.sqrt(1 - alphas[0]!)];
  assertClose(
    sample,
    x0.map((x, i) => signal * x + deviation * noise[i]!),
    1e-5,
  );
});

test('many steps reach the exact solution of the probability flow for Gaussian data', () => {
  // Data of deviation τ: the best x0 of x = x0 + σ·n is x·τ²/(τ² + σ²), and the flow keeps x in
  // proportion to √(τ² + σ²) (Karras 2022, section 2).
  const tau = 0.5;
  for (const type of ['ddim', 'euler'] as const) {
    const errors = [10, 100, 1000].map((steps) => {
      const given = config({type, prediction: 'sample', spacing: 'trailing', setAlphaToOne: true});
      const schedule = createSchedule(given, {steps});
      const {sample} = run(schedule, schedule.begin(Float32Array.of(1)), (input, _, __, sigma) =>
        input.map(
          (value) => (value * Math.sqrt(sigma ** 2 + 1) * tau ** 2) / (tau ** 2 + sigma ** 2),
        ),
      );
      const [sigma] = schedule.sigmas;
      const start =
        schedule.begin(Float32Array.of(1))[0]! * (type === 'ddim' ? Math.sqrt(sigma! ** 2 + 1) : 1);
      return Math.abs(sample[0]! - (start * tau) / Math.sqrt(tau ** 2 + sigma! ** 2));
    });
    assert.ok(errors[1]! < errors[0]! / 5 && errors[2]! < 3e-3, `${type}: ${errors.join(', ')}`);
  }
});

test('lcm takes the timesteps of Diffusers, and fewer of them below strength 1', () => {
  const lcm = config({type: 'lcm'});
  const at = (steps: number, strength = 1) => createSchedule(lcm, {steps, strength}).timesteps;
  assert.deepEqual(at(4), [999, 759, 499, 259]);
  assert.deepEqual(at(1), [999]);
  assert.deepEqual(at(8), [999, 879, 759, 639, 499, 379, 259, 139]);
  // Image-to-image at 0.5: 25 of the 50 original timesteps are left, 499 the highest.
  assert.deepEqual(at(4, 0.5), [499, 379, 259, 139]);
  assert.deepEqual(at(4, 0.04), [39, 19]);
  assert.deepEqual(at(4, 0.001), [19]);
});

test('lcm goes to the image by c_skip and c_out and adds noise to all but the last', () => {
  const schedule = createSchedule(config({type: 'lcm'}), {steps: 4});
  const sample = schedule.addNoise(x0, noise, 1);
  const output = randomNormal(9, x0.length);
  const fresh = randomNormal(10, x0.length);
  const [alpha, before] = [alphas[759]!, alphas[499]!];
  const scaled = 759 * 10;
  const skip = 0.5 ** 2 / (scaled ** 2 + 0.5 ** 2);
  const out = scaled / (scaled ** 2 + 0.5 ** 2) ** 0.5;
  const image = sample.map(
    (x, i) => out * ((x - (1 - alpha) ** 0.5 * output[i]!) / alpha ** 0.5) + skip * x,
  );
  const result = schedule.step(output, 1, sample, fresh);
  assertClose(result.x0, image, 1e-5);
  assertClose(
    result.sample,
    image.map((x, i) => before ** 0.5 * x + (1 - before) ** 0.5 * fresh[i]!),
    1e-5,
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => schedule.isStochastic(index)),
    [true, true, true, false],
  );
  const last = schedule.step(output, 3, sample);
  assert.deepEqual(last.sample, last.x0);
});

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
