/** How positions of a projection become positions of a map: `(x − left) · scale`, alike for y. */
export interface MapFrame {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

/** The middle of a map. */
const MIDDLE = 0.5;

/**
 * The frame that brings positions into the unit square: the longer side fills it, the shorter one is in
 * the middle. Points that are all at one place come to the middle.
 */
export function frameOf(positions: Float32Array): MapFrame {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 2) {
    left = Math.min(left, positions[i]!);
    right = Math.max(right, positions[i]!);
    top = Math.min(top, positions[i + 1]!);
    bottom = Math.max(bottom, positions[i + 1]!);
  }
  const side = Math.max(right - left, bottom - top);
  if (!(side > 0)) return {left: left - MIDDLE || -MIDDLE, top: top - MIDDLE || -MIDDLE, scale: 1};
  return {
    left: (left + right - side) / 2,
    top: (top + bottom - side) / 2,
    scale: 1 / side,
  };
}

/** Positions in a frame. */
export function toFrame(positions: Float32Array, {left, top, scale}: MapFrame): Float32Array {
  return positions.map((value, i) => (value - (i % 2 === 0 ? left : top)) * scale);
}

/** The number of the point nearest to a place, among those within `radius`; −1 for none. */
export function nearestPoint(
  positions: Float32Array,
  x: number,
  y: number,
  radius = Infinity,
): number {
  let [nearest, least] = [-1, radius * radius];
  for (let i = 0; i < positions.length; i += 2) {
    const distance = (positions[i]! - x) ** 2 + (positions[i + 1]! - y) ** 2;
    if (distance > least || (distance === least && nearest >= 0)) continue;
    nearest = i / 2;
    least = distance;
  }
  return nearest;
}

/** Where an arrow key goes. */
export type Heading = 'left' | 'right' | 'up' | 'down';

const HEADINGS: Record<Heading, readonly [number, number]> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};
/** What a step aside costs, over one ahead: the nearest should also look like that direction. */
const ASIDE = 2;

/**
 * The point to which an arrow key leads: the nearest within a quarter of the circle around that heading,
 * those straight ahead first. Of points at the very same place, right and down lead through them in
 * order, left and up back. −1 where there is nothing that way.
 */
export function pointTowards(positions: Float32Array, from: number, heading: Heading): number {
  const [dx, dy] = HEADINGS[heading];
  const [x, y] = [positions[2 * from]!, positions[2 * from + 1]!];
  const forward = dx + dy > 0;
  let [best, least] = [-1, Infinity];
  let stacked = -1;
  for (let i = 0; i < positions.length / 2; i++) {
    if (i === from) continue;
    const [toX, toY] = [positions[2 * i]! - x, positions[2 * i + 1]! - y];
    if (toX === 0 && toY === 0) {
      if (forward && i > from && stacked < 0) stacked = i;
      if (!forward && i < from) stacked = i;
      continue;
    }
    const ahead = toX * dx + toY * dy;
    const aside = Math.abs(toX * dy - toY * dx);
    if (ahead <= 0 || aside > ahead) continue;
    const cost = ahead + ASIDE * aside;
    if (cost >= least) continue;
    [best, least] = [i, cost];
  }
  return stacked >= 0 ? stacked : best;
}
