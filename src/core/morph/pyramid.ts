/** Half as many cells along each side, n to n/2: filtered with [1 3 3 1]/8 along each axis. */
export function reduce(source: Float32Array, n: number, channels: number): Float32Array {
  const half = n / 2;
  const rows = new Float32Array(n * half * channels);
  const out = new Float32Array(half * half * channels);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < half; x++) {
      const row = y * n;
      const a = (row + Math.max(0, 2 * x - 1)) * channels;
      const b = (row + 2 * x) * channels;
      const d = (row + Math.min(n - 1, 2 * x + 2)) * channels;
      const to = (y * half + x) * channels;
      for (let c = 0; c < channels; c++) {
        const inner = source[b + c]! + source[b + channels + c]!;
        rows[to + c] = (source[a + c]! + 3 * inner + source[d + c]!) / 8;
      }
    }
  }
  const stride = half * channels;
  for (let y = 0; y < half; y++) {
    const a = Math.max(0, 2 * y - 1) * stride;
    const b = 2 * y * stride;
    const d = Math.min(n - 1, 2 * y + 2) * stride;
    for (let i = 0; i < stride; i++) {
      const inner = rows[b + i]! + rows[b + stride + i]!;
      out[y * stride + i] = (rows[a + i]! + 3 * inner + rows[d + i]!) / 8;
    }
  }
  return out;
}

/** Twice as many cells along each side, n to 2n, linearly between the cells' centres. */
export function expand(source: Float32Array, n: number, channels: number): Float32Array {
  const double = 2 * n;
  const rows = new Float32Array(n * double * channels);
  const out = new Float32Array(double * double * channels);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const left = (y * n + Math.max(0, x - 1)) * channels;
      const here = (y * n + x) * channels;
      const right = (y * n + Math.min(n - 1, x + 1)) * channels;
      const to = (y * double + 2 * x) * channels;
      for (let c = 0; c < channels; c++) {
        const value = 0.75 * source[here + c]!;
        rows[to + c] = value + 0.25 * source[left + c]!;
        rows[to + channels + c] = value + 0.25 * source[right + c]!;
      }
    }
  }
  const stride = double * channels;
  for (let y = 0; y < n; y++) {
    const above = Math.max(0, y - 1) * stride;
    const here = y * stride;
    const below = Math.min(n - 1, y + 1) * stride;
    for (let i = 0; i < stride; i++) {
      const value = 0.75 * rows[here + i]!;
      out[2 * here + i] = value + 0.25 * rows[above + i]!;
      out[2 * here + stride + i] = value + 0.25 * rows[below + i]!;
    }
  }
  return out;
}

/**
 * The Laplacian pyramid of an n² picture with so many levels (Burt & Adelson 1983): each level is
 * what the next, expanded, lacks; the last is what remains. Expanding and adding gives it back.
 */
export function laplacianPyramid(
  picture: Float32Array,
  n: number,
  levels: number,
  channels: number,
): Float32Array[] {
  const pyramid: Float32Array[] = [];
  let level = picture;
  for (let l = 1; l < levels; l++, n /= 2) {
    const next = reduce(level, n, channels);
    const coarse = expand(next, n / 2, channels);
    pyramid.push(level.map((value, i) => value - coarse[i]!));
    level = next;
  }
  pyramid.push(level);
  return pyramid;
}

/** The share of a coarser cell that must be known for it to count as known. */
const KNOWN = 0.25;

/**
 * The values of n² cells where their weights are 1, carried on smoothly to where they are 0, by means
 * over ever coarser cells (Gortler et al. 1996, *The Lumigraph*, §3.4); n is a power of 2.
 */
export function fillIn(
  values: Float32Array,
  weights: Float32Array,
  n: number,
  channels: number,
): Float32Array {
  if (n === 1) return values;
  const weightOf = (i: number): number => weights[Math.floor(i / channels)]!;
  const known = reduce(weights, n, 1);
  const sums = reduce(
    values.map((value, i) => value * weightOf(i)),
    n,
    channels,
  );
  const coarse = fillIn(
    sums.map((sum, i) => sum / (known[Math.floor(i / channels)]! + 1e-6)),
    known.map((weight) => Math.min(1, weight / KNOWN)),
    n / 2,
    channels,
  );
  const carried = expand(coarse, n / 2, channels);
  return values.map((value, i) => weightOf(i) * value + (1 - weightOf(i)) * carried[i]!);
}
