import {CELLS, type Pixels} from './plan.js';

/** A picture as the solver sees it: n² cells of premultiplied RGBA, 0..1. */
export interface WorkingPicture {
  readonly n: number;
  readonly rgba: Float32Array;
}

/** Pixels that one slice adds up: about 2 ms. */
const SLICE = 1 << 16;

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
  const row = new Float64Array(4 * n);
  for (let y = 0, pixels = 0; y < height; y++) {
    addPixels(data, 4 * y * width, width, row);
    const start = (y * n) / height;
    const end = ((y + 1) * n) / height;
    for (let c = Math.floor(start); c < end && c < n; c++) {
      const w = (Math.min(end, c + 1) - Math.max(start, c)) / 255;
      for (let k = 0, o = 4 * n * c; k < 4 * n; k++, o++) rgba[o] = rgba[o]! + w * row[k]!;
    }
    pixels += width;
    if (pixels >= SLICE) {
      pixels = 0;
      yield;
    }
  }
  return {n, rgba: Float32Array.from(rgba)};
}

/** The sums of a row of pixels over the widths of CELLS cells: premultiplied RGBA, 0..255. */
function addPixels(data: Pixels['data'], from: number, width: number, row: Float64Array): void {
  row.fill(0);
  for (let x = 0, i = from; x < width; x++, i += 4) {
    const alpha = data[i + 3]! / 255;
    const start = (x * CELLS) / width;
    const end = ((x + 1) * CELLS) / width;
    for (let c = Math.floor(start); c < end && c < CELLS; c++) {
      const w = (Math.min(end, c + 1) - Math.max(start, c)) * alpha;
      row[4 * c] = row[4 * c]! + w * data[i]!;
      row[4 * c + 1] = row[4 * c + 1]! + w * data[i + 1]!;
      row[4 * c + 2] = row[4 * c + 2]! + w * data[i + 2]!;
      row[4 * c + 3] = row[4 * c + 3]! + w * 255;
    }
  }
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
