import assert from 'node:assert/strict';
import {test} from 'node:test';
import {safeParse} from 'valibot';
import {createSchedule} from '../../../src/core/index.js';
import {schedulerSchema} from '../../../src/core/diffusion/scheduler-config.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, throwsLatentError} from '../support.js';
import {config, run} from './schedulers.js';

const TYPES = ['flow-matching', 'ddim', 'euler', 'lcm'];
const DETERMINISTIC = ['flow-matching', 'ddim', 'euler'];

test('strength leaves out the first steps, as image-to-image in Diffusers does', () => {
  for (const type of DETERMINISTIC) {
    const given = config({type, spacing: 'trailing'});
    const whole = createSchedule(given, {steps: 50});
    // min(int(50 · 0.8), 50) = 40 steps, from number 10 on.
    for (const [strength, first] of [
      [1, 0],
      [0.8, 10],
      [0.9, 5],
      [0.3, 35],
      [0.02, 49],
    ] as const) {
      const part = createSchedule(given, {steps: 50, strength});
      assertClose(part.timesteps, whole.timesteps.slice(first), 1e-9);
      assertClose(part.sigmas, whole.sigmas.slice(first), 1e-9);
    }
  }
});

test('strength 0 makes no steps', () => {
  for (const type of TYPES) {
    const schedule = createSchedule(config({type}), {strength: 0});
    assert.deepEqual([schedule.steps, [...schedule.sigmas]], [0, [0]]);
  }
});

test('what is made changes smoothly with strength', () => {
  // Flow for Gaussian data of deviation ½ (see flow-matching.test.ts): at every strength, from a
  // hardly noticeable one on, the neighbouring strength gives nearly the same.
  const steps = 4;
  const x0 = Float32Array.of(1);
  const noise = Float32Array.of(-1);
  const at = (strength: number) => {
    const schedule = createSchedule(config({type: 'flow-matching'}), {steps, strength});
    if (schedule.steps === 0) return 1;
    return run(schedule, schedule.addNoise(x0, noise, 0), (input, sigma) =>
      input.map((x) => (x * (sigma - (1 - sigma) / 4)) / ((1 - sigma) ** 2 / 4 + sigma ** 2)),
    ).sample[0]!;
  };
  let previous = at(0);
  for (let i = 1; i <= 1000; i++) {
    const value = at(i / 1000);
    assert.ok(Math.abs(value - previous) < 0.01, `at ${i / 1000}: ${previous} → ${value}`);
    previous = value;
  }
});

test('between whole products one step more is made, the first of them shorter', () => {
  const flow = createSchedule(config({type: 'flow-matching'}), {steps: 4, strength: 0.4});
  assertClose(flow.sigmas, [0.4, 0.25, 0], 1e-12);
  const one = createSchedule(config({type: 'flow-matching'}), {steps: 1, strength: 0.4});
  assertClose(one.sigmas, [0.4, 0], 1e-12);
  // SD-Turbo's single step from half the noise: timestep 499.
  const turbo = config({type: 'euler', spacing: 'trailing'});
  assert.deepEqual(createSchedule(turbo, {steps: 1, strength: 0.5}).timesteps, [499]);
  assert.deepEqual(createSchedule(turbo, {steps: 1, strength: 1e-6}).timesteps, [0]);
  assert.deepEqual(createSchedule(turbo, {steps: 2, strength: 0.5}).timesteps, [499]);
});

test('every step of every scheduler is finite, also at the limits', () => {
  const numbers = randomNormal(7, 8);
  for (const type of TYPES) {
    for (const spacing of ['leading', 'trailing', 'linspace']) {
      for (const steps of [1, 2, 3, 49, 50, 999, 1000]) {
        if (type === 'lcm' && steps > 50) continue;
        for (const strength of [1, 0.999, 0.5, 1e-3]) {
          const schedule = createSchedule(config({type, spacing}), {steps, strength});
          const {sample} = run(
            schedule,
            schedule.addNoise(numbers, numbers, 0),
            (input) => input,
            () => numbers,
          );
          const name = `${type} ${spacing} ${steps} ${strength}`;
          assert.ok(schedule.steps >= 1 && schedule.steps <= steps, name);
          assert.ok(
            sample.every((value) => Number.isFinite(value)),
            name,
          );
          const levels = schedule.sigmas;
          assert.ok(
            levels.every((sigma, i) => i === 0 || sigma <= levels[i - 1]!),
            name,
          );
        }
      }
    }
  }
});

test('arrays that go in are left alone', () => {
  const schedule = createSchedule(config({type: 'lcm'}), {steps: 2});
  const [sample, output, noise] = [1, 2, 3].map((seed) => randomNormal(seed, 4));
  const copies = [sample!.slice(), output!.slice(), noise!.slice()];
  schedule.begin(noise!);
  schedule.addNoise(sample!, noise!, 0);
  schedule.scaleInput(sample!, 0);
  schedule.step(output!, 0, sample!, noise);
  assert.deepEqual([sample, output, noise], copies);
});

test('bad steps, strengths and indexes are named', () => {
  const flow = config({type: 'flow-matching', steps: 4});
  for (const steps of [0, -1, 0.5, 1001, NaN, Infinity, '4' as never, null as never]) {
    throwsLatentError(
      () => createSchedule(flow, {steps}),
      'bad-argument',
      /steps/,
      /1 to 1000/,
      /4/,
    );
  }
  throwsLatentError(
    () => createSchedule(config({type: 'lcm'}), {steps: 51}),
    'bad-argument',
    /1 to 50/,
  );
  for (const strength of [-0.1, 1.1, NaN, Infinity, '1' as never, null as never]) {
    throwsLatentError(() => createSchedule(flow, {strength}), 'bad-argument', /strength/);
  }
  const schedule = createSchedule(flow, {steps: 2});
  const numbers = new Float32Array(2);
  for (const index of [-1, 2, 0.5, NaN]) {
    throwsLatentError(() => schedule.step(numbers, index, numbers), 'bad-argument', /step/);
  }
  const lcm = createSchedule(config({type: 'lcm'}), {steps: 2});
  throwsLatentError(() => lcm.step(numbers, 0, numbers), 'bad-argument', /noise/);
});

test('the schema refuses what no scheduler can do', () => {
  for (const bad of [
    {type: 'dpm'},
    {},
    {type: 'flow-matching', prediction: 'epsilon'},
    {type: 'euler', prediction: 'flow'},
    {type: 'flow-matching', shift: 0},
    {type: 'ddim', timesteps: 1},
    {type: 'ddim', betaEnd: 1},
    {type: 'euler', spacing: 'karras'},
    {type: 'euler', steps: 0},
    {type: 'lcm', guidance: -1},
  ]) {
    assert.equal(safeParse(schedulerSchema, bad).success, false, JSON.stringify(bad));
  }
});
