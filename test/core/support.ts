import assert from 'node:assert/strict';
import {LatentError, type ErrorCode} from '../../src/core/errors.js';
import {createLatent, type Latent} from '../../src/core/latent/latent.js';

/** A flat latent of the given numbers. */
export function latent<S extends string = 'test'>(
  data: ArrayLike<number>,
  space = 'test' as S,
): Latent<S> {
  return createLatent(space, [data.length], Float32Array.from(data));
}

/** Asserts that `run` throws a LatentError of this code whose message matches every pattern. */
export function throwsLatentError(
  run: () => unknown,
  code: ErrorCode,
  ...patterns: readonly RegExp[]
): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof LatentError, `${error} is no LatentError`);
    assert.equal(error.code, code);
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  });
}

/** Asserts that two lists of numbers have one length and differ by `tolerance` at most. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    assert.ok(error <= tolerance, `[${i}]: ${String(actual[i])} ≠ ${String(expected[i])}`);
  }
}

/**
 * Milliseconds of processor time that `job` takes: unlike those of a clock, they do not grow with what else the
 * machine does. For limits that are many times what is needed, where an algorithm of another order would take longer.
 */
export function processorTime(job: () => unknown): number {
  const before = process.cpuUsage();
  job();
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1000;
}
