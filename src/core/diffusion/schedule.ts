import {assertArgument, LatentError} from '../errors.js';
import {assertSteps, assertStrength, type SchedulerConfig} from './scheduler-config.js';
import {ddim, euler, flowMatching, lcm, type Step, type StepTable} from './schedulers.js';

/** How far and how finely to sample. */
export interface ScheduleOptions {
  /** Network runs from pure noise, 1..1000; default: the config's. */
  readonly steps?: number | undefined;
  /**
   * 0..1 (default): how much of the way from noise to image is walked, as in image-to-image. The runs
   * are then ⌈steps · strength⌉: where that product is whole they are Diffusers', in between the first
   * is shortened, so that the result moves smoothly with the strength. With `lcm` all runs are made.
   */
  readonly strength?: number | undefined;
}

/** A weight, and the numbers that it is of. */
export type Term<T> = readonly [weight: number, numbers: T];

/** What a schedule asks of its numbers, wherever these lie: weighted sums, which all samplers come down to. */
export interface Arithmetic<T> {
  /** Σ weight · numbers, element by element, of terms of one length. */
  sum(first: Term<T>, second?: Term<T>, third?: Term<T>): T;
}

/** Arithmetic of arrays, each sum rounded once. */
export const arrays: Arithmetic<Float32Array> = {
  sum: ([weight, numbers], second, third) =>
    numbers.map(
      (value, i) =>
        weight * value +
        (second ? second[0] * second[1][i]! : 0) +
        (third ? third[0] * third[1][i]! : 0),
    ),
};

/** What a step gives. */
export interface StepResult<T = Float32Array> {
  /** The sample after the step. */
  readonly sample: T;
  /** The image as it was estimated at this step. */
  readonly x0: T;
}

/** A scheduler set to a number of steps; numbers go through it unchanged in length. */
export interface Schedule<T = Float32Array> {
  /** Network runs; 0 at strength 0. */
  readonly steps: number;
  /** What the network is told at each step. */
  readonly timesteps: readonly number[];
  /** The noise level before each step and, 0, after the last. */
  readonly sigmas: readonly number[];
  /** Unit noise → the sample that pure sampling begins with. */
  begin(noise: T): T;
  /** An image with as much noise as step `index` expects; how image-to-image begins, with 0. */
  addNoise(x0: T, noise: T, index: number): T;
  /** The sample as the network wants it at step `index`; itself where that is no other. */
  scaleInput(sample: T, index: number): T;
  /** Whether step `index` takes fresh unit noise. */
  isStochastic(index: number): boolean;
  /** The step after the network's `output`; `noise` where the step is stochastic. */
  step(output: T, index: number, sample: T, noise?: T): StepResult<T>;
}

/** A place this near to a whole one is that one: 10 · (1 − 0.9) is not 1 in floating point. */
const SNAP = 1e-9;

/**
 * Sets a pack's scheduler to a number of steps; `bad-argument` for steps that are no whole number
 * from 1 to 1000 (or the scheduler's own limit) and for a strength outside 0..1. `arithmetic` is for
 * numbers that lie elsewhere than in arrays.
 */
export function createSchedule(config: SchedulerConfig, options?: ScheduleOptions): Schedule;
export function createSchedule<T>(
  config: SchedulerConfig,
  options: ScheduleOptions,
  arithmetic: Arithmetic<T>,
): Schedule<T>;
export function createSchedule(
  config: SchedulerConfig,
  options: ScheduleOptions = {},
  arithmetic: Arithmetic<Float32Array> = arrays,
): Schedule {
  const {type} = (config as Partial<SchedulerConfig> | null | undefined) ?? {};
  const isKnown = ['flow-matching', 'ddim', 'euler', 'lcm'].includes(String(type));
  assertArgument(isKnown, 'config', "a pack's scheduler with a known type", config);
  const {steps = config.steps, strength = 1} = options;
  assertSteps(config, steps);
  assertStrength(strength);
  const table = strength === 0 ? {steps: [], initialScale: 1} : tableOf(config, steps, strength);
  return new TableSchedule(table, arithmetic);
}

function tableOf(config: SchedulerConfig, steps: number, strength: number): StepTable {
  const exact = steps * (1 - strength);
  const whole = Math.round(exact);
  const first = Math.abs(exact - whole) < SNAP && whole < steps ? whole : exact;
  switch (config.type) {
    case 'flow-matching':
      return flowMatching(config, steps, first);
    case 'ddim':
      return ddim(config, steps, first);
    case 'euler':
      return euler(config, steps, first);
    case 'lcm':
      return lcm(config, steps, strength);
  }
}

class TableSchedule<T> implements Schedule<T> {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
  readonly #table: StepTable;
  readonly #arithmetic: Arithmetic<T>;

  constructor(table: StepTable, arithmetic: Arithmetic<T>) {
    this.#table = table;
    this.#arithmetic = arithmetic;
    this.timesteps = table.steps.map(({timestep}) => timestep);
    this.sigmas = [...table.steps.map(({sigma}) => sigma), 0];
  }

  get steps(): number {
    return this.#table.steps.length;
  }

  begin(noise: T): T {
    return this.#arithmetic.sum([this.#table.initialScale, noise]);
  }

  addNoise(x0: T, noise: T, index: number): T {
    const {noisy} = this.#at(index);
    return this.#arithmetic.sum([noisy.x0, x0], [noisy.noise, noise]);
  }

  scaleInput(sample: T, index: number): T {
    const {input} = this.#at(index);
    return input === 1 ? sample : this.#arithmetic.sum([input, sample]);
  }

  isStochastic(index: number): boolean {
    return this.#at(index).next.noise !== 0;
  }

  step(output: T, index: number, sample: T, noise?: T): StepResult<T> {
    const {x0, next} = this.#at(index);
    if (this.isStochastic(index) && noise === undefined) {
      throw new LatentError('bad-argument', `Step ${index} takes fresh noise, and got none.`);
    }
    const fresh: Term<T> | undefined =
      next.noise === 0 || noise === undefined ? undefined : [next.noise, noise];
    const arithmetic = this.#arithmetic;
    return {
      sample: arithmetic.sum([next.sample, sample], [next.output, output], fresh),
      x0: arithmetic.sum([x0.sample, sample], [x0.output, output]),
    };
  }

  #at(index: number): Step {
    const step = this.#table.steps[index];
    if (step) return step;
    throw new LatentError('bad-argument', `There is no step ${index} of ${this.steps}.`);
  }
}
