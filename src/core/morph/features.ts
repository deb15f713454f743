import {blur, mean, sample} from './filters.js';
import {FOREGROUND_CELLS} from './foreground.js';
import {opponentColours, type WorkingPicture} from './working-picture.js';

/** Numbers per cell of `Features.data`: two vectors of four for the kernel. */
export const CHANNELS = 8;
/** Where in a cell the foreground is. */
export const FOREGROUND = 2;

/** What pictures are matched by: n² cells of CHANNELS numbers. */
export interface Features {
  readonly n: number;
  /**
   * Per cell: luminance 0..1; gradient magnitude over its mean, ·0.15, at most 1; foreground 0..1; 0;
   * luminance and two opponent colours less their mean, over their deviation, ·½; 0.
   */
  readonly data: Float32Array;
}

/** The features of a picture at its size, with its foreground at 64². */
export function features(picture: WorkingPicture, front: Float32Array): Features {
  const {n} = picture;
  const planes = opponentColours(picture);
  const gradient = gradientPlane(planes[0], n);
  const data = new Float32Array(CHANNELS * n * n);
  const normal = planes.map(normalised);
  const scale = FOREGROUND_CELLS / n;
  for (let y = 0, i = 0; y < n; y++) {
    for (let x = 0; x < n; x++, i++) {
      const o = CHANNELS * i;
      data[o] = planes[0][i]!;
      data[o + 1] = Math.min(1, gradient[i]!);
      for (let c = 0; c < 3; c++) data[o + 4 + c] = normal[c]![i]! / 2;
      const fx = (x + 0.5) * scale - 0.5;
      const fy = (y + 0.5) * scale - 0.5;
      data[o + FOREGROUND] = sample(front, FOREGROUND_CELLS, fx, fy);
    }
  }
  return {n, data};
}

function gradientPlane(light: Float32Array, n: number): Float32Array {
  const magnitude = new Float32Array(n * n);
  for (let y = 0, i = 0; y < n; y++) {
    for (let x = 0; x < n; x++, i++) {
      const dx = x > 0 && x < n - 1 ? light[i + 1]! - light[i - 1]! : 0;
      const dy = y > 0 && y < n - 1 ? light[i + n]! - light[i - n]! : 0;
      magnitude[i] = Math.sqrt(dx * dx + dy * dy + 1e-5);
    }
  }
  const scale = 0.15 / (mean(magnitude) + 0.02);
  return blur(
    magnitude.map((value) => value * scale),
    n,
    0.7,
  );
}

function normalised(plane: Float32Array): Float32Array {
  const centre = mean(plane);
  const deviation = Math.sqrt(mean(plane.map((value) => (value - centre) ** 2)));
  return plane.map((value) => (value - centre) / (deviation + 0.05));
}
