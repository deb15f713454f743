/** How the states of a text's tokens become one vector. */
export type Pooling = 'mean' | 'cls' | 'last';

/**
 * One vector [d] a text from a network's states [texts, width, d]: their mean over the text's own
 * tokens, the first, or the last of them. `lengths` counts those tokens, from 1; what comes after
 * them is padding.
 */
export function poolStates(
  states: Float32Array,
  width: number,
  lengths: readonly number[],
  pooling: Pooling,
): Float32Array[] {
  const dimensions = states.length / (lengths.length * width);
  return lengths.map((length, text) => {
    const begin = pooling === 'last' ? length - 1 : 0;
    const end = pooling === 'cls' ? 1 : length;
    const vector = new Float32Array(dimensions);
    for (let token = begin; token < end; token++) {
      const start = (text * width + token) * dimensions;
      for (let i = 0; i < dimensions; i++) vector[i]! += states[start + i]!;
    }
    return end - begin === 1 ? vector : vector.map((sum) => sum / (end - begin));
  });
}

/** Brings a vector to unit length, in place; the zero vector stays what it is. */
export function normalizeVector(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return vector;
}

/** How much goes through a network at once. */
export interface BatchLimits {
  /** Texts in a batch. */
  readonly texts: number;
  /** Tokens in a batch, padding included; a text that is longer goes alone. */
  readonly tokens: number;
}

/**
 * Which texts go through a network together: neighbours in length, so that little is padded. Every
 * index of `lengths` comes in exactly one batch.
 */
export function planBatches(lengths: readonly number[], {texts, tokens}: BatchLimits): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]!);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of order) {
    // The newest is the longest, to which all of its batch are padded.
    const full = batch.length >= texts || (batch.length + 1) * lengths[index]! > tokens;
    if (full && batch.length > 0) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
