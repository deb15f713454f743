import {LatentError} from '../../errors.js';
import type {SchedulerConfig} from './config.js';

/** The most steps that may be asked for: as many as diffusion models have training timesteps. */
export const MAX_STEPS = 1000;
/** The highest guidance that may be asked for; images break long before. */
export const MAX_GUIDANCE = 100;

/** Throws `bad-argument` unless the scheduler can make this many steps. */
export function assertSteps(config: SchedulerConfig, steps: number): void {
  const most =
    config.type === 'flow-matching'
      ? MAX_STEPS
      : config.type === 'lcm'
        ? config.originalSteps
        : config.timesteps;
  if (Number.isSafeInteger(steps) && steps >= 1 && steps <= most) return;
  throw new LatentError(
    'bad-argument',
    `steps must be a whole number from 1 to ${most} for the scheduler ${config.type}, got ` +
      `${String(steps)}. Leave it out for the model's own ${config.steps}.`,
  );
}

/** Throws `bad-argument` unless the strength is a number from 0 to 1. */
export function assertStrength(strength: number): void {
  if (typeof strength === 'number' && strength >= 0 && strength <= 1) return;
  throw new LatentError(
    'bad-argument',
    `strength must be a number from 0 (nothing changes) to 1 (all noise), got ${String(strength)}.`,
  );
}

/** Throws `bad-argument` unless the guidance is a number that may be asked for. */
export function assertGuidance(guidance: number): void {
  if (typeof guidance === 'number' && guidance >= 0 && guidance <= MAX_GUIDANCE) return;
  throw new LatentError(
    'bad-argument',
    `guidanceScale must be a number from 0 to ${MAX_GUIDANCE} (1 is none), got ${String(guidance)}.`,
  );
}
