import type {PrincipalPlane} from './pca.js';

/** Points whose latents are mixed. */
const NEIGHBOURS = 8;
/** Squared distances below this share of the reach count as the point itself. */
const SAME = 1e-12;

/** A point, and its share of a mixture. */
export interface Share {
  readonly row: number;
  /** 0..1; those of all add up to 1. */
  readonly weight: number;
}

/**
 * The points nearest to a place, with weights by which what they have can be mixed there: Shepard's, as
 * Franke and Little made them local. At a point they are that point alone, and they change without a
 * jump wherever the place moves.
 */
export function sharesAt(
  positions: Float32Array,
  x: number,
  y: number,
  count = NEIGHBOURS,
): Share[] {
  const near = nearestRows(positions, x, y, count + 1);
  if (near.length === 0) return [];
  // Beyond the next one's distance nobody has a say, so that nobody comes or goes with a jump.
  const reach = near.length > count ? near.pop()!.squared : 2 * near.at(-1)!.squared || 1;
  const here = near.filter(({squared}) => squared <= SAME * reach);
  if (here.length > 0) return here.map(({row}) => ({row, weight: 1 / here.length}));
  const weights = near.map(({squared}) => {
    const distance = Math.sqrt(squared / reach);
    return ((1 - distance) / distance) ** 2;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  // All of them at the edge of the reach: as good as each other.
  if (sum === 0) return near.map(({row}) => ({row, weight: 1 / near.length}));
  return near.map(({row}, i) => ({row, weight: weights[i]! / sum}));
}

/**
 * The latent that lies at a place of a plane: what the plane has there, and what the points around have
 * beside the plane, mixed. Its projection is that place exactly, and at a point it is that point's own.
 *
 * @param place - On the plane: 0, 0 is the mean.
 */
export function latentOnPlane(
  rows: Float32Array,
  plane: PrincipalPlane,
  place: readonly [number, number],
  shares: readonly Share[],
): Float32Array {
  const {mean, axes} = plane;
  const dimension = mean.length;
  const rests = shares.map(({row, weight}) => {
    const rest = new Float64Array(dimension);
    let [x, y] = [0, 0];
    for (let i = 0; i < dimension; i++) {
      rest[i] = rows[row * dimension + i]! - mean[i]!;
      x += rest[i]! * axes[0][i]!;
      y += rest[i]! * axes[1][i]!;
    }
    for (let i = 0; i < dimension; i++) rest[i]! -= x * axes[0][i]! + y * axes[1][i]!;
    return {row: rest, weight};
  });
  const mixed = mixOf(rests, dimension);
  return Float32Array.from(
    mixed,
    (value, i) => mean[i]! + place[0] * axes[0][i]! + place[1] * axes[1][i]! + value,
  );
}

/** The latent of a mixture of points, where no plane says more. */
export function mixedLatent(
  rows: Float32Array,
  mean: Float64Array,
  shares: readonly Share[],
): Float32Array {
  const dimension = mean.length;
  const parts = shares.map(({row, weight}) => ({
    row: Float64Array.from(mean, (middle, i) => rows[row * dimension + i]! - middle),
    weight,
  }));
  return Float32Array.from(mixOf(parts, dimension), (value, i) => value + mean[i]!);
}

// An average is nearer to the middle than what it is made of, and looks like nobody: it keeps their length.
function mixOf(
  parts: readonly {readonly row: Float64Array; readonly weight: number}[],
  dimension: number,
): Float64Array {
  const sum = new Float64Array(dimension);
  let length = 0;
  for (const {row, weight} of parts) {
    let squared = 0;
    for (let i = 0; i < dimension; i++) {
      sum[i]! += weight * row[i]!;
      squared += row[i]! ** 2;
    }
    length += weight * Math.sqrt(squared);
  }
  const own = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
  // What cancels out has no direction to be long in.
  const factor = own > length / MOST ? length / own : MOST;
  return sum.map((value) => value * factor);
}

/** How much longer a mixture becomes at most: √8 is what eight of no relation need. */
const MOST = 3;

function nearestRows(
  positions: Float32Array,
  x: number,
  y: number,
  count: number,
): {row: number; squared: number}[] {
  const near: {row: number; squared: number}[] = [];
  for (let row = 0; row < positions.length / 2; row++) {
    const squared = (positions[2 * row]! - x) ** 2 + (positions[2 * row + 1]! - y) ** 2;
    if (near.length === count && squared >= near.at(-1)!.squared) continue;
    let at = near.length;
    while (at > 0 && near[at - 1]!.squared > squared) at--;
    near.splice(at, 0, {row, squared});
    if (near.length > count) near.pop();
  }
  return near;
}
