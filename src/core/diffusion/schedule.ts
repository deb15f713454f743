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

/** What a step gives. */
export interface StepResult {
  /** The sample after the step. */
  readonly sample: Float32Array;
  /** The image as it was estimated at this step. */
  readonly x0: Float32Array;
}

/** A scheduler set to a number of steps; arrays of numbers go through it unchanged in length. */
export interface Schedule {
  /** Network runs; 0 at strength 0. */
  readonly steps: number;
  /** What the network is told at each step. */
  readonly timesteps: readonly number[];
  /** The noise level before each step and, 0, after the last. */
  readonly sigmas: readonly number[];
  /** Unit noise → the sample that pure sampling begins with. */
  begin(noise: Float32Array): Float32Array;
  /** An image with as much noise as step `index` expects; how image-to-image begins, with 0. */
  addNoise(x0: Float32Array, noise: Float32Array, index: number): Float32Array;
  /** The sample as the network wants it at step `index`. */
  scaleInput(sample: Float32Array, index: number): Float32Array;
  /** Whether step `index` takes fresh unit noise. */
  isStochastic(index: number): boolean;
  /** The step after the network's `output`; `noise` where the step is stochastic. */
  step(output: Float32Array, index: number, sample: Float32Array, noise?: Float32Array): StepResult;
}

/** A place this near to a whole one is that one: 10 · (1 − 0.9) is not 1 in floating point. */
const SNAP = 1e-9;

/**
 * Sets a pack's scheduler to a number of steps; `bad-argument` for steps that are no whole number
 * from 1 to 1000 (or the scheduler's own limit) and for a strength outside 0..1.
 */
export function createSchedule(config: SchedulerConfig, options: ScheduleOptions = {}): Schedule {
  const {type} = (config as Partial<SchedulerConfig> | null | undefined) ?? {};
  const isKnown = ['flow-matching', 'ddim', 'euler', 'lcm'].includes(String(type));
  assertArgument(isKnown, 'config', "a pack's scheduler with a known type", config);
  const {steps = config.steps, strength = 1} = options;
  assertSteps(config, steps);
  assertStrength(strength);
  return new TableSchedule(
    strength === 0 ? {steps: [], initialScale: 1} : tableOf(config, steps, strength),
  );
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

class TableSchedule implements Schedule {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
  readonly #table: StepTable;

  constructor(table: StepTable) {
    this.#table = table;
    this.timesteps = table.steps.map(({timestep}) => timestep);
    this.sigmas = [...table.steps.map(({sigma}) => sigma), 0];
  }

  get steps(): number {
    return this.#table.steps.length;
  }

  begin(noise: Float32Array): Float32Array {
    const {initialScale} = this.#table;
    return noise.map((value) => initialScale * value);
  }

  addNoise(x0: Float32Array, noise: Float32Array, index: number): Float32Array {
    const {noisy} = this.#at(index);
    return x0.map((value, i) => noisy.x0 * value + noisy.noise * noise[i]!);
  }

  scaleInput(sample: Float32Array, index: number): Float32Array {
    const {input} = this.#at(index);
    return input === 1 ? sample : sample.map((value) => input * value);
  }

  isStochastic(index: number): boolean {
    return this.#at(index).next.noise !== 0;
  }

  step(
    output: Float32Array,
    index: number,
    sample: Float32Array,
    noise?: Float32Array,
  ): StepResult {
    const {x0, next} = this.#at(index);
    const fresh = next.noise === 0 ? undefined : noise;
    if (next.noise !== 0 && !fresh) {
      throw new LatentError('bad-argument', `Step ${index} takes fresh noise, and got none.`);
    }
    const image = new Float32Array(sample.length);
    const after = new Float32Array(sample.length);
    for (let i = 0; i < sample.length; i++) {
      const [x, y] = [sample[i]!, output[i]!];
      image[i] = x0.sample * x + x0.output * y;
      after[i] = next.sample * x + next.output * y;
    }
    if (fresh) for (let i = 0; i < after.length; i++) after[i]! += next.noise * fresh[i]!;
    return {sample: after, x0: image};
  }

  #at(index: number): Step {
    const step = this.#table.steps[index];
    if (step) return step;
    throw new LatentError('bad-argument', `There is no step ${index} of ${this.steps}.`);
  }
}
