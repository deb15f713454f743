import {CELLS, type Pixels} from './plan.js';

/** A picture as the solver sees it: n² cells of premultiplied RGBA, 0..1. */
export interface WorkingPicture {
  readonly n: number;
  readonly rgba: Float32Array;
}

/** Rows that one slice adds up, of 1024 pixels each: about 2 ms. */
const SLICE = 1 << 18;

/**
 * The picture averaged over the areas of CELLS² cells, whatever its aspect: a cell is as wide and as
 * high as its share of the picture. In slices.
 */
export function* toWorkingPicture({
  width,
  height,
  data,
}: Pixels): Generator<undefined, WorkingPicture, undefined> {
  const n = CELLS;
  const rgba = new Float64Array(4 * n * n);
  const columns = spans(width);
  let done = 0;
  for (const [y, cellsY] of spans(height).entries()) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x);
      const alpha = data[i + 3]! / 255;
      const r = (data[i]! * alpha) / 255;
      const g = (data[i + 1]! * alpha) / 255;
      const b = (data[i + 2]! * alpha) / 255;
      for (const [cy, wy] of cellsY) {
        for (const [cx, wx] of columns[x]!) {
          const o = 4 * (cy * n + cx);
          const w = wx * wy;
          rgba[o] = rgba[o]! + w * r;
          rgba[o + 1] = rgba[o + 1]! + w * g;
          rgba[o + 2] = rgba[o + 2]! + w * b;
          rgba[o + 3] = rgba[o + 3]! + w * alpha;
        }
      }
    }
    done += width;
    if (done >= SLICE / 4) {
      done = 0;
      yield;
    }
  }
  return {n, rgba: Float32Array.from(rgba)};
}

/** For each of `count` pixels, the cells that it covers, and the share of each cell. */
function spans(count: number): [cell: number, share: number][][] {
  return Array.from({length: count}, (_, i) => {
    const [start, end] = [(i * CELLS) / count, ((i + 1) * CELLS) / count];
    const cells: [number, number][] = [];
    for (let cell = Math.floor(start); cell < Math.min(CELLS, end); cell++) {
      const share = Math.min(end, cell + 1) - Math.max(start, cell);
      if (share > 1e-9) cells.push([cell, share]);
    }
    return cells;
  });
}

/** Half as many cells along each side: the means of 2×2. */
export function halve({n, rgba}: WorkingPicture): WorkingPicture {
  const half = n / 2;
  const out = new Float32Array(4 * half * half);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      for (let c = 0; c < 4; c++) {
        const i = 4 * (2 * y * n + 2 * x) + c;
        const below = i + 4 * n;
        out[4 * (y * half + x) + c] =
          (rgba[i]! + rgba[i + 4]! + rgba[below]! + rgba[below + 4]!) / 4;
      }
    }
  }
  return {n: half, rgba: out};
}

/**
 * Luminance and two opponent colours (red−green, yellow−blue; −½..½) as three n² planes; what is
 * transparent lies on middle grey.
 */
export function opponentColours({
  n,
  rgba,
}: WorkingPicture): [Float32Array, Float32Array, Float32Array] {
  const planes = [0, 1, 2].map(() => new Float32Array(n * n)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let i = 0; i < n * n; i++) {
    const ground = (1 - rgba[4 * i + 3]!) / 2;
    const r = rgba[4 * i]! + ground;
    const g = rgba[4 * i + 1]! + ground;
    const b = rgba[4 * i + 2]! + ground;
    planes[0][i] = 0.299 * r + 0.587 * g + 0.114 * b;
    planes[1][i] = (r - g) / 2;
    planes[2][i] = ((r + g) / 2 - b) / 2;
  }
  return planes;
}
