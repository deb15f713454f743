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
