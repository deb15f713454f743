import {clamp01, exp} from './elementary.js';
import {blur, mean} from './filters.js';
import {opponentColours, type WorkingPicture} from './working-picture.js';

/** Cells along each side of a foreground. */
export const FOREGROUND_CELLS = 64;

const N = FOREGROUND_CELLS;
/** Rows at an edge whose colours stand for the background. */
const MARGIN = 4;
/** What it costs to start from the bottom, on which things stand. */
const BOTTOM = 0.15;

/**
 * How much each of 64² cells belongs to the foreground, 0..1: its alpha where a picture has holes;
 * else the minimum barrier distance to the frame (Zhang et al. 2015, *Minimum Barrier Salient Object
 * Detection at 80 FPS*) and the distance to the colours of three margins, nearer the middle more.
 */
export function foreground(picture: WorkingPicture): Float32Array {
  const alpha = new Float32Array(N * N).map((_, i) => picture.rgba[4 * i + 3]!);
  if (mean(alpha) < 0.98) return alpha;
  const [light, red, yellow] = opponentColours(picture);
  const planes = [
    light.map((value) => 0.7 * value),
    red.map((value) => 1.6 * value),
    yellow.map((value) => 1.6 * value),
  ];
  const barrier = new Float32Array(N * N);
  for (const plane of planes) {
    barrierDistance(plane).forEach((value, i) => {
      barrier[i] = barrier[i]! + value;
    });
  }
  const margin = marginDistance(planes);
  const highest = largest(barrier) + 1e-6;
  const farthest = largest(margin) + 1e-6;
  const raw = barrier.map((value, i) => {
    const x = (i % N) / (N - 1) - 0.5;
    const y = Math.floor(i / N) / (N - 1) - 0.5;
    const central = exp(-(x * x + y * y) / 0.35);
    return (value / highest + (0.6 * margin[i]!) / farthest) * central;
  });
  return classify(blur(raw, N, 1.2));
}

function largest(values: Float32Array): number {
  return values.reduce((a, b) => Math.max(a, b));
}

/** Two classes by their means (Ridler & Calvard 1978), as a soft step between them. */
function classify(smooth: Float32Array): Float32Array {
  const sorted = smooth.slice().sort();
  const low = sorted[0]!;
  const range = sorted[Math.floor(0.98 * (sorted.length - 1))]! - low + 1e-6;
  const scaled = smooth.map((value) => clamp01((value - low) / range));
  let threshold = mean(scaled);
  for (let round = 0; round < 10; round++) {
    const above = scaled.filter((value) => value > threshold);
    const below = scaled.filter((value) => value <= threshold);
    if (above.length === 0 || below.length === 0) break;
    threshold = (mean(above) + mean(below)) / 2;
  }
  return scaled.map((value) => 1 / (1 + exp(-12 * (value - threshold))));
}

/** The least range of values on a way to the frame, by three raster passes. */
function barrierDistance(plane: Float32Array): Float32Array {
  const distance = new Float32Array(N * N).fill(9);
  for (let i = 0; i < N; i++) {
    distance[(N - 1) * N + i] = BOTTOM;
    distance[i] = distance[i * N] = distance[i * N + N - 1] = 0;
  }
  distance[(N - 1) * N] = distance[N * N - 1] = 0;
  const upper = plane.slice();
  const lower = plane.slice();
  const relax = (i: number, from: number): void => {
    const u = Math.max(upper[from]!, plane[i]!);
    const l = Math.min(lower[from]!, plane[i]!);
    if (u - l >= distance[i]!) return;
    distance[i] = u - l;
    upper[i] = u;
    lower[i] = l;
  };
  for (let pass = 0; pass < 3; pass++) {
    const back = pass % 2 === 1;
    for (let k = 0; k < N * N; k++) {
      const i = back ? N * N - 1 - k : k;
      const x = i % N;
      if (back ? i + N < N * N : i >= N) relax(i, back ? i + N : i - N);
      if (back ? x + 1 < N : x >= 1) relax(i, back ? i + 1 : i - 1);
    }
  }
  return distance;
}

/** The Mahalanobis distance (at most 6) to the nearest of the colours of top, left and right. */
function marginDistance(planes: readonly Float32Array[]): Float32Array {
  const sides = [
    (i: number) => i < MARGIN * N,
    (i: number) => i % N < MARGIN,
    (i: number) => i % N >= N - MARGIN,
  ];
  const out = new Float32Array(N * N).fill(6);
  for (const isIn of sides) {
    const inside = Array.from({length: N * N}, (_, i) => i).filter(isIn);
    const centre = planes.map((plane) => inside.reduce((s, i) => s + plane[i]!, 0) / inside.length);
    const moment = (c: number, d: number): number =>
      inside.reduce(
        (s, i) => s + (planes[c]![i]! - centre[c]!) * (planes[d]![i]! - centre[d]!),
        0,
      ) /
        inside.length +
      (c === d ? 1e-3 : 0);
    // The inverse of a symmetric 3×3 matrix, by cofactors.
    const [xx, xy, xz] = [moment(0, 0), moment(0, 1), moment(0, 2)];
    const [yy, yz, zz] = [moment(1, 1), moment(1, 2), moment(2, 2)];
    const ixx = yy * zz - yz * yz;
    const ixy = xz * yz - xy * zz;
    const ixz = xy * yz - xz * yy;
    const iyy = xx * zz - xz * xz;
    const iyz = xy * xz - xx * yz;
    const izz = xx * yy - xy * xy;
    const determinant = xx * ixx + xy * ixy + xz * ixz;
    for (let i = 0; i < N * N; i++) {
      const x = planes[0]![i]! - centre[0]!;
      const y = planes[1]![i]! - centre[1]!;
      const z = planes[2]![i]! - centre[2]!;
      const square =
        x * (ixx * x + 2 * ixy * y + 2 * ixz * z) + y * (iyy * y + 2 * iyz * z) + izz * z * z;
      out[i] = Math.min(out[i]!, Math.sqrt(Math.max(0, square / determinant)));
    }
  }
  return out;
}
