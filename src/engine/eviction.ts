/** A model in memory, as far as the policy cares. */
export interface Resident {
  readonly key: string;
  readonly bytes: number;
  /** Leases that are out; a leased model is never evicted. */
  readonly leases: number;
  /** Any clock that grows. */
  readonly lastUsed: number;
}

/**
 * Which models to let go, least recently used first, so that `needed` more bytes fit under
 * `budget`; `undefined` when even all that are free would not do.
 */
export function chooseEvictions(
  residents: readonly Resident[],
  needed: number,
  budget: number,
): string[] | undefined {
  let excess = needed - budget;
  for (const {bytes} of residents) excess += bytes;
  const evicted: string[] = [];
  const free = residents.filter(({leases}) => leases === 0);
  free.sort((a, b) => a.lastUsed - b.lastUsed);
  for (const {key, bytes} of free) {
    if (excess <= 0) break;
    evicted.push(key);
    excess -= bytes;
  }
  return excess <= 0 ? evicted : undefined;
}
