/** A part in memory, or on its way there. */
export interface HeldPart {
  readonly name: string;
  readonly bytes: number;
  /** Calls that need it at this moment; it stays as long as there are any. */
  readonly users: number;
  /** Any clock that grows. */
  readonly lastUsed: number;
}

/** A model in memory, as far as the policy cares. */
export interface Resident {
  readonly key: string;
  readonly parts: readonly HeldPart[];
  /** Leases that are out; a leased model keeps its parts while others ask for room. */
  readonly leases: number;
  /** Any clock that grows. */
  readonly lastUsed: number;
}

/** Who asks for room: parts of one model, which must be in memory together. */
export interface RoomRequest {
  readonly key: string;
  readonly parts: readonly Pick<HeldPart, 'name' | 'bytes'>[];
}

/** What must go, so that what was asked for fits. */
export interface RoomPlan {
  /** Keys of models that nobody leases. */
  readonly evict: readonly string[];
  /** Parts of the asking model that this request can do without. */
  readonly release: readonly string[];
}

/**
 * How to keep within `budget` bytes: models that nobody leases go first, least recently used first, then
 * parts of the asking model itself that the request does without; no more than needed. `wait` when
 * only what other calls use right now stands in the way; `never` when not even that would do.
 */
export function planRoom(
  residents: readonly Resident[],
  {key, parts}: RoomRequest,
  budget: number,
): RoomPlan | 'wait' | 'never' {
  const wanted = new Set(parts.map(({name}) => name));
  const own = residents.find((resident) => resident.key === key)?.parts ?? [];
  const held = new Set(own.map(({name}) => name));
  const missing = sum(parts.filter(({name}) => !held.has(name)));
  let excess = missing + sum(residents.flatMap((resident) => resident.parts)) - budget;
  let blocked = 0;
  const going: Going[] = [];
  const offer = (kind: Going['kind'], name: string, given: readonly HeldPart[]): void => {
    const bytes = sum(given);
    if (given.some(({users}) => users > 0)) blocked += bytes;
    else if (excess > 0) {
      going.push({kind, name, bytes});
      excess -= bytes;
    }
  };
  const free = residents.filter((resident) => resident.key !== key && resident.leases === 0);
  for (const resident of free.sort(byUse)) offer('evict', resident.key, resident.parts);
  const idle = own.filter(({name}) => !wanted.has(name));
  for (const part of idle.sort(byUse)) offer('release', part.name, [part]);
  if (excess > 0) return excess <= blocked ? 'wait' : 'never';
  // The first of them may have been too small to make a difference: none goes for nothing.
  const stays = new Set<Going>();
  for (const each of [...going].reverse()) {
    if (excess + each.bytes > 0) continue;
    stays.add(each);
    excess += each.bytes;
  }
  const named = (kind: Going['kind']): string[] =>
    going.filter((each) => each.kind === kind && !stays.has(each)).map(({name}) => name);
  return {evict: named('evict'), release: named('release')};
}

/** What may go. */
interface Going {
  readonly kind: 'evict' | 'release';
  readonly name: string;
  readonly bytes: number;
}

function byUse(a: {readonly lastUsed: number}, b: {readonly lastUsed: number}): number {
  return a.lastUsed - b.lastUsed;
}

function sum(parts: readonly {readonly bytes: number}[]): number {
  return parts.reduce((total, {bytes}) => total + bytes, 0);
}
