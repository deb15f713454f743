import {LatentError} from '../errors.js';
import {type FrameFields, frameFields} from './frame-fields.js';
import {CELLS, FLOW_POINTS, type MorphPlan, type Pixels} from './plan.js';

/** The frame of a morph at the pictures' size: straight RGBA bytes, row by row. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/**
 * The frame at `t` (0..1, clamped) of the morph from `a` to `b`, which have one size, not
 * necessarily the one that the plan was made at; exactly `a` at 0 and `b` at 1. `bad-argument` where
 * the sizes differ or t is NaN. This is the reference for faster painters.
 *
 * With the fields of `frameFields`, for the pixel (i, j) of width·height, x = ((i + ½) / width,
 * (j + ½) / height):
 * - u = flow at x, p = x − (2τ − 1)·u; the first picture is read at x − 2τ·u, the second at
 *   x + 2(1 − τ)·u, so that each is exact at its end whatever the rounds of the flow left over;
 * - A, B: the pictures there, premultiplied, bicubic (Keys 1981, a = −½), clamped to the edge, rgb
 *   then mapped by the palettes: matrix·rgb + offset·alpha;
 * - frame = A + m·(B − A) + r with m = mask and r = residual, both read linearly at p; then alpha
 *   clamped to 0..1, rgb to 0..alpha, and divided by alpha.
 * Where m is 0 or 1 only one picture counts.
 *
 * @example
 * const frame = composeFrame(plan, a, b, 0.5);
 */
export function composeFrame(plan: MorphPlan, a: Pixels, b: Pixels, t: number): Frame {
  const {width, height} = a;
  if (b.width !== width || b.height !== height) {
    throw new LatentError(
      'bad-argument',
      `The pictures of a morph must have one size, got ${width}×${height} and ${b.width}×${b.height}.`,
    );
  }
  if (Number.isNaN(t)) {
    throw new LatentError('bad-argument', 't must be a number from 0 to 1, got NaN.');
  }
  const data = new Uint8ClampedArray(4 * width * height);
  if (t <= 0 || t >= 1) data.set(t <= 0 ? a.data : b.data);
  else paint(frameFields(plan, t), a, b, data);
  return {width, height, data};
}

function paint(fields: FrameFields, a: Pixels, b: Pixels, data: Uint8ClampedArray): void {
  const {t, flow, mask, residual, paletteA, paletteB} = fields;
  const {width, height} = a;
  const u = new Float64Array(2);
  const m = new Float64Array(1);
  const r = new Float64Array(4);
  const first = new Float64Array(4);
  const second = new Float64Array(4);
  for (let j = 0, i = 0; j < height; j++) {
    const y = (j + 0.5) / height;
    for (let k = 0; k < width; k++, i += 4) {
      const x = (k + 0.5) / width;
      readLinear(flow, FLOW_POINTS, 2, x * (FLOW_POINTS - 1), y * (FLOW_POINTS - 1), u);
      const px = (x - (2 * t - 1) * u[0]!) * CELLS - 0.5;
      const py = (y - (2 * t - 1) * u[1]!) * CELLS - 0.5;
      readLinear(mask, CELLS, 1, px, py, m);
      readLinear(residual, CELLS, 4, px, py, r);
      first.fill(0);
      second.fill(0);
      if (m[0]! < 1) readPicture(a, x - 2 * t * u[0]!, y - 2 * t * u[1]!, paletteA, first);
      const back = 2 * (1 - t);
      if (m[0]! > 0) readPicture(b, x + back * u[0]!, y + back * u[1]!, paletteB, second);
      for (let c = 0; c < 4; c++) {
        r[c] = r[c]! + (1 - m[0]!) * first[c]! + m[0]! * second[c]!;
      }
      const alpha = Math.min(1, Math.max(0, r[3]!));
      for (let c = 0; c < 3; c++) {
        const value = Math.min(alpha, Math.max(0, r[c]!));
        data[i + c] = alpha > 0 ? (255 * value) / alpha : 0;
      }
      data[i + 3] = 255 * alpha;
    }
  }
}

/** Reads an n² grid linearly at (x, y), in steps of the grid, clamped to its edge. */
function readLinear(
  grid: Float32Array,
  n: number,
  channels: number,
  x: number,
  y: number,
  into: Float64Array,
): void {
  const cx = Math.min(n - 1, Math.max(0, x));
  const cy = Math.min(n - 1, Math.max(0, y));
  const x0 = Math.min(n - 2, Math.floor(cx));
  const y0 = Math.min(n - 2, Math.floor(cy));
  const fx = cx - x0;
  const fy = cy - y0;
  const o = (y0 * n + x0) * channels;
  const below = o + n * channels;
  for (let c = 0; c < channels; c++) {
    const top = grid[o + c]! * (1 - fx) + grid[o + channels + c]! * fx;
    const bottom = grid[below + c]! * (1 - fx) + grid[below + channels + c]! * fx;
    into[c] = top * (1 - fy) + bottom * fy;
  }
}

/** Reads a picture bicubically at (x, y), in fractions of it, into a palette: premultiplied RGBA. */
function readPicture(
  {width, height, data}: Pixels,
  x: number,
  y: number,
  palette: Float32Array,
  into: Float64Array,
): void {
  const px = Math.min(width, Math.max(0, x * width)) - 0.5;
  const py = Math.min(height, Math.max(0, y * height)) - 0.5;
  const x0 = Math.floor(px);
  const y0 = Math.floor(py);
  let [r, g, b, a] = [0, 0, 0, 0];
  for (let dy = -1; dy <= 2; dy++) {
    const wy = keys(py - y0 - dy);
    const row = Math.min(height - 1, Math.max(0, y0 + dy)) * width;
    for (let dx = -1; dx <= 2; dx++) {
      const w = wy * keys(px - x0 - dx);
      const i = 4 * (row + Math.min(width - 1, Math.max(0, x0 + dx)));
      const alpha = (w * data[i + 3]!) / 255;
      r += alpha * data[i]!;
      g += alpha * data[i + 1]!;
      b += alpha * data[i + 2]!;
      a += alpha;
    }
  }
  for (let c = 0; c < 3; c++) {
    const m = 3 * c;
    const mapped = palette[m]! * r + palette[m + 1]! * g + palette[m + 2]! * b;
    into[c] = mapped / 255 + palette[9 + c]! * a;
  }
  into[3] = a;
}

/** The cubic convolution kernel of Keys 1981 with a = −½, for |x| ≤ 2. */
function keys(x: number): number {
  const d = Math.abs(x);
  return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2;
}
