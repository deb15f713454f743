/** A flow of m² points is 2·m² numbers: x components row by row, then y, in fractions of the picture. */
export type Flow = Float32Array;

/** The area that a place keeps at least, as a share of what it was, for a flow to count as unfolded. */
export const LEAST_AREA = 0.04;

/** Keeps the edges of the picture on themselves: no x component left and right, no y above and below. */
export function holdEdges(v: Flow, m: number): void {
  const cells = m * m;
  for (let i = 0; i < m; i++) {
    v[i * m] = v[i * m + m - 1] = 0;
    v[cells + i] = v[2 * cells - m + i] = 0;
  }
}

/** The flow at twice as many points less one, linearly between them. */
export function refine(v: Flow, m: number): Flow {
  const fine = 2 * m - 1;
  const out = new Float32Array(2 * fine * fine);
  for (let plane = 0; plane < 2; plane++) {
    const o = plane * m * m;
    const to = plane * fine * fine;
    for (let y = 0; y < fine; y++) {
      const y0 = y >> 1;
      const y1 = (y + 1) >> 1;
      for (let x = 0; x < fine; x++) {
        const x0 = x >> 1;
        const x1 = (x + 1) >> 1;
        const top = v[o + y0 * m + x0]! + v[o + y0 * m + x1]!;
        const bottom = v[o + y1 * m + x0]! + v[o + y1 * m + x1]!;
        out[to + y * fine + x] = (top + bottom) / 4;
      }
    }
  }
  return out;
}

/** Blurs both components with [1 2 1]/4 along each axis, so many times; edges repeated. */
export function smooth(v: Flow, m: number, rounds: number): void {
  const line = new Float32Array(m);
  for (let round = 0; round < rounds; round++) {
    for (let plane = 0; plane < 2; plane++) {
      for (const [step, lineStep] of [
        [1, m],
        [m, 1],
      ] as const) {
        for (let k = 0; k < m; k++) {
          const o = plane * m * m + k * lineStep;
          for (let i = 0; i < m; i++) line[i] = v[o + i * step]!;
          for (let i = 0; i < m; i++) {
            const before = line[i > 0 ? i - 1 : 0]!;
            const after = line[i < m - 1 ? i + 1 : i]!;
            v[o + i * step] = (before + 2 * line[i]! + after) / 4;
          }
        }
      }
    }
  }
}

/**
 * The points of the cells in which the flow folds: where det(I + s·∇v) is below LEAST_AREA at a
 * corner of a cell, for s = ±1 and ±½. A bilinear cell is one-to-one where its corners are.
 */
export function foldedCells(v: Flow, m: number, leastArea = LEAST_AREA): number[] {
  const cells = m * m;
  const scale = m - 1;
  const folded: number[] = [];
  for (let y = 0; y < m - 1; y++) {
    for (let x = 0; x < m - 1; x++) {
      const o = y * m + x;
      let least = 1;
      for (let corner = 0; corner < 4; corner++) {
        const row = o + (corner >> 1) * m;
        const column = o + (corner & 1);
        const xx = (v[row + 1]! - v[row]!) * scale;
        const xy = (v[column + m]! - v[column]!) * scale;
        const yx = (v[cells + row + 1]! - v[cells + row]!) * scale;
        const yy = (v[cells + column + m]! - v[cells + column]!) * scale;
        for (const s of [-1, -0.5, 0.5, 1]) {
          least = Math.min(least, (1 + s * xx) * (1 + s * yy) - s * s * xy * yx);
        }
      }
      if (least < leastArea) folded.push(o);
    }
  }
  return folded;
}

/** Rounds of local smoothing before the whole flow is weakened. */
const ROUNDS = 60;

/** Smooths a flow where it folds, in place, then weakens it, until it folds nowhere. */
export function unfold(v: Flow, m: number): void {
  for (let round = 0; ; round++) {
    const folded = foldedCells(v, m);
    if (folded.length === 0) return;
    if (round < ROUNDS) {
      const calm = v.slice();
      smooth(calm, m, 1 + (round >> 3));
      holdEdges(calm, m);
      const reach = 2 + (round >> 4);
      for (const cell of folded) {
        const [cx, cy] = [cell % m, Math.floor(cell / m)];
        for (let y = Math.max(0, cy - reach); y <= Math.min(m - 1, cy + 1 + reach); y++) {
          for (let x = Math.max(0, cx - reach); x <= Math.min(m - 1, cx + 1 + reach); x++) {
            for (const i of [y * m + x, m * m + y * m + x]) v[i] = calm[i]!;
          }
        }
      }
    } else {
      for (let i = 0; i < v.length; i++) v[i] = 0.9 * v[i]!;
    }
  }
}
