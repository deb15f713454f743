// Pictures and plans of known numbers, for painters: no solver is needed to paint.
import {
  CELLS,
  FLOW_POINTS,
  type MorphPlan,
  PACE_STEPS,
  type Pixels,
} from '../../../src/core/morph/plan.js';

/** A small generator of numbers 0..1 (mulberry32), so that every run sees the same. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Waves of colour with some grain, opaque or with holes. */
export function syntheticPicture(
  width: number,
  height: number,
  seed: number,
  alpha: boolean,
): Pixels {
  const next = random(seed);
  const phases = Array.from({length: 8}, () => 6 * next());
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      for (let c = 0; c < 3; c++) {
        const wave =
          Math.sin((9 * x) / width + phases[c]!) * Math.cos((7 * y) / height + phases[c + 3]!);
        data[i + c] = 128 + 90 * wave + 40 * (next() - 0.5);
      }
      data[i + 3] = alpha ? 255 * Math.max(0, Math.sin((5 * (x + y)) / width + phases[6]!)) : 255;
    }
  }
  return {width, height, data};
}

/** A plan with a swirling flow, a front from left to right, and every band in use. */
export function syntheticPlan(): MorphPlan {
  const next = random(99);
  const flow = new Float32Array(2 * FLOW_POINTS ** 2);
  for (let y = 0, i = 0; y < FLOW_POINTS; y++) {
    for (let x = 0; x < FLOW_POINTS; x++, i += 2) {
      const [px, py] = [x / (FLOW_POINTS - 1), y / (FLOW_POINTS - 1)];
      flow[i] = 0.06 * Math.sin(Math.PI * px) * Math.cos(5 * py);
      flow[i + 1] = 0.05 * Math.sin(Math.PI * py) * Math.sin(4 * px);
    }
  }
  const cells = (make: (x: number, y: number) => number): Float32Array =>
    Float32Array.from({length: CELLS ** 2}, (_, i) => make(i % CELLS, Math.floor(i / CELLS)));
  const band = (n: number): Float32Array =>
    Float32Array.from({length: 4 * n * n}, (_, i) => (i % 4 === 3 ? 0 : 0.1 * (next() - 0.5)));
  const levels = [CELLS / 2, CELLS / 4, CELLS / 8];
  return {
    version: 1,
    flow,
    order: cells((x) => x / (CELLS - 1)),
    disagreement: cells((x, y) => (Math.hypot(x - 64, y - 64) < 40 ? 1 : 0.2)),
    toneA: band(CELLS / 2),
    toneB: band(CELLS / 2),
    lowA: levels.map(band),
    lowB: levels.map(band),
    dissolve: [0.1, 0.2, 0.3],
    frontWidth: 0.1,
    palette: {
      toB: [0.9, 0.1, 0, 0, 1.1, 0, 0.05, 0, 0.8, 0.02, -0.03, 0.1],
      toA: [1.1, -0.1, 0, 0, 0.9, 0, -0.05, 0, 1.2, -0.02, 0.03, -0.1],
      strength: 0.8,
    },
    pace: Float32Array.from({length: PACE_STEPS}, (_, i) => (i / (PACE_STEPS - 1)) ** 1.2),
    alignment: {before: 0.2, after: 0.5, fit: 0.3, drawn: 0.5, travel: 0.1},
  };
}
