import type {MorphPlan, Pixels, PointPair} from '../../../src/core/morph/index.js';
import {prepareMorph} from '../../../src/core/morph/index.js';

/** A picture of the given size, `paint` giving RGBA (0..255) of places in fractions. */
export function picture(
  width: number,
  height: number,
  paint: (x: number, y: number) => readonly number[],
): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      data.set(paint((x + 0.5) / width, (y + 0.5) / height), i);
    }
  }
  return {width, height, data};
}

/** A scene with texture everywhere and a disc; `shift` moves and `light` brightens it. */
export function scene(
  size: number,
  {phase = 0, disc = [0.5, 0.5], light = 0}: {phase?: number; disc?: number[]; light?: number} = {},
): Pixels {
  return picture(size, size, (x, y) => {
    const inside = (x - disc[0]!) ** 2 + (y - disc[1]!) ** 2 < 0.04;
    const wave = Math.sin(17 * x + 5 * y + phase) * Math.cos(13 * y - 7 * x + 2 * phase);
    const fine = Math.sin(61 * x * y + 31 * x + phase);
    const value = light + (inside ? 190 + 30 * fine : 90 + 50 * wave + 15 * fine);
    return [value, value * 0.8 + 20 * x, inside ? 40 : 120 * y + 60, 255];
  });
}

/** The plan of two pictures, at once. */
export function planOf(a: Pixels, b: Pixels, pairs: readonly PointPair[] = []): MorphPlan {
  const preparation = prepareMorph(a, b, {pairs});
  let step = preparation.next();
  while (!step.done) step = preparation.next();
  return step.value;
}

/** v(p), linearly. */
export function flowAt({flow}: MorphPlan, x: number, y: number): [number, number] {
  const m = Math.sqrt(flow.length / 2);
  const [gx, gy] = [x * (m - 1), y * (m - 1)];
  const [x0, y0] = [Math.min(m - 2, Math.floor(gx)), Math.min(m - 2, Math.floor(gy))];
  const [u, v] = [gx - x0, gy - y0];
  const read = (c: number): number => {
    const at = (dx: number, dy: number): number => flow[2 * ((y0 + dy) * m + x0 + dx) + c]!;
    return (at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v;
  };
  return [read(0), read(1)];
}
