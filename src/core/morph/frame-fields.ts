import {smoothstep} from './elementary.js';
import {CELLS, FLOW_POINTS, LOW_CELLS, type MorphPlan, PACE_STEPS, type Palette} from './plan.js';
import {expand, reduce} from './pyramid.js';

/** What one frame needs beside the plan: small grids and two colour maps. */
export interface FrameFields {
  /** The raw t of the frame, after `MorphPlan.pace`, 0..1. */
  readonly t: number;
  /** v(p(x)) at the frame's places x: FLOW_POINTS² points of (x, y), as `MorphPlan.flow`. */
  readonly flow: Float32Array;
  /** How much of the second picture shows, 0..1, over p: CELLS² cells. */
  readonly mask: Float32Array;
  /** What the lower bands add, premultiplied RGBA (−1..1), over p: CELLS² cells. */
  readonly residual: Float32Array;
  /** The colour maps at t, as `Palette.toB`, for either picture. */
  readonly paletteA: Float32Array;
  readonly paletteB: Float32Array;
}

/** Rounds of p ← x − (2t − 1)·v(p), which halve the error at least. */
const ROUNDS = 6;

/** How far apart, in t, the front is at its first and its last place. */
const FRONT_SPAN = 0.62;

/** How long a place takes to dissolve where both pictures agree, in t. */
const DISSOLVE_WIDTH = 0.9;

/**
 * The fields of the frame at `t` (0..1, clamped, at even pace), of which a painter makes every pixel
 * (see `composeFrame`); with `into`, in the arrays of an earlier frame. About 1 ms.
 *
 * With τ = pace(t), o the order, k the disagreement, w the front's width, s the smoothstep:
 * - flow: u(x) = v(p) with p = x − (2τ − 1)·v(p), by fixed-point rounds;
 * - mask: m = s((τ − ½ − 0.62·k·(o − ½)) / (w·k + 0.9·(1 − k)) + ½), and m_l its reductions to
 *   64², 32², 16²; what is finer than 64² is mixed by m itself;
 * - residual: r = Σ_l ((1 − c_l)·m_l + c_l·s(τ))·D_l + s(τ)·T − m·(T + Σ_l D_l), D_l the l-th band of
 *   the second picture less that of the first, T the tone less that of the first, all in the palette at
 *   τ, c_l = `dissolve`: the lower bands are mixed by softer masks (Burt & Adelson 1983), and the tone
 *   dissolves, so that the front switches pictures that have the colours of the moment already;
 * - palettes: the first picture's map is (1 − σ)·identity + σ·toB, σ = τ·strength, the second's
 *   (1 − σ)·identity + σ·toA with σ = (1 − τ)·strength.
 */
export function frameFields(plan: MorphPlan, t: number, into?: FrameFields): FrameFields {
  return fieldsAt(plan, paceAt(plan.pace, t), into);
}

/** The fields of the frame at the raw time `t`. */
export function fieldsAt(plan: MorphPlan, t: number, into?: FrameFields): FrameFields {
  const fields = fieldsWithoutResidual(plan, t, into);
  fillResidual(plan, t, fields);
  return fields;
}

/** The same but for the residual, which is left as it was. */
export function fieldsWithoutResidual(plan: MorphPlan, t: number, into?: FrameFields): FrameFields {
  const fields = {...(into ?? createFields()), t};
  mixPalette(plan.palette, plan.palette.toB, t, fields.paletteA);
  mixPalette(plan.palette, plan.palette.toA, 1 - t, fields.paletteB);
  invertFlow(plan.flow, 2 * t - 1, fields.flow);
  fillMask(plan, t, fields.mask);
  return fields;
}

function createFields(): Omit<FrameFields, 't'> {
  return {
    flow: new Float32Array(2 * FLOW_POINTS ** 2),
    mask: new Float32Array(CELLS ** 2),
    residual: new Float32Array(4 * CELLS ** 2),
    paletteA: new Float32Array(12),
    paletteB: new Float32Array(12),
  };
}

/** The raw t at even pace `t`. */
function paceAt(pace: Float32Array, t: number): number {
  const x = Math.min(1, Math.max(0, t)) * (PACE_STEPS - 1);
  const i = Math.min(PACE_STEPS - 2, Math.floor(x));
  return pace[i]! + (pace[i + 1]! - pace[i]!) * (x - i);
}

function mixPalette(
  {strength}: Palette,
  map: readonly number[],
  share: number,
  into: Float32Array,
): void {
  const s = share * strength;
  for (let i = 0; i < 12; i++) {
    const identity = i < 9 && i % 4 === 0 ? 1 : 0;
    into[i] = (1 - s) * identity + s * map[i]!;
  }
}

/** u(x) = v(p), p = x − s·v(p), at every point of the grid. */
function invertFlow(v: Float32Array, s: number, u: Float32Array): void {
  const last = FLOW_POINTS - 1;
  for (let y = 0, i = 0; y <= last; y++) {
    for (let x = 0; x <= last; x++, i += 2) {
      let ux = v[i]!;
      let uy = v[i + 1]!;
      for (let round = 0; round < ROUNDS; round++) {
        const px = Math.min(last, Math.max(0, x - s * ux * last));
        const py = Math.min(last, Math.max(0, y - s * uy * last));
        const x0 = Math.min(last - 1, Math.floor(px));
        const y0 = Math.min(last - 1, Math.floor(py));
        const fx = px - x0;
        const fy = py - y0;
        const o = 2 * (y0 * FLOW_POINTS + x0);
        const q = o + 2 * FLOW_POINTS;
        const wa = (1 - fx) * (1 - fy);
        const wb = fx * (1 - fy);
        const wc = (1 - fx) * fy;
        const wd = fx * fy;
        ux = wa * v[o]! + wb * v[o + 2]! + wc * v[q]! + wd * v[q + 2]!;
        uy = wa * v[o + 1]! + wb * v[o + 3]! + wc * v[q + 1]! + wd * v[q + 3]!;
      }
      u[i] = ux;
      u[i + 1] = uy;
    }
  }
}

function fillMask(
  {order, disagreement, frontWidth}: MorphPlan,
  t: number,
  mask: Float32Array,
): void {
  for (let i = 0; i < mask.length; i++) {
    const k = disagreement[i]!;
    const width = frontWidth * k + DISSOLVE_WIDTH * (1 - k);
    mask[i] = smoothstep((t - 0.5 - FRONT_SPAN * k * (order[i]! - 0.5)) / width + 0.5);
  }
}

function fillResidual(plan: MorphPlan, t: number, {mask, residual, ...fields}: FrameFields): void {
  const {lowA, lowB, dissolve} = plan;
  const even = smoothstep(t);
  const masks: Float32Array[] = [];
  for (let n = CELLS; masks.length < lowA.length; n /= 2) {
    masks.push(reduce(masks.at(-1) ?? mask, n, 1));
  }
  // What the bands mixed by their masks add up to, and what they add up to whole, in turn.
  let sums: Float32Array | undefined;
  for (let l = lowA.length - 1; l >= 0; l--) {
    const weights = masks[l]!;
    const band = difference(lowA[l]!, lowB[l]!, fields);
    const next = sums ? expand(sums, LOW_CELLS >> (l + 1), 8) : new Float32Array(2 * band.length);
    const share = dissolve[l]!;
    for (let i = 0, o = 0; i < weights.length; i++, o += 8) {
      const w = (1 - share) * weights[i]! + share * even;
      for (let c = 0; c < 4; c++) {
        const value = band[4 * i + c]!;
        next[o + c] = next[o + c]! + w * value;
        next[o + 4 + c] = next[o + 4 + c]! + value;
      }
    }
    sums = next;
  }
  addTone(plan, even, fields, sums!);
  spread(sums!, mask, residual);
}

/** Adds the difference of tones to the sums of mixed and whole bands: `share` of it to the mixed. */
function addTone(
  {toneA, toneB, alignment}: MorphPlan,
  share: number,
  palettes: Pick<FrameFields, 'paletteA' | 'paletteB'>,
  sums: Float32Array,
): void {
  // Photographs have none.
  if (alignment.drawn <= 0) return;
  const tone = difference(toneA, toneB, palettes);
  for (let i = 0, o = 0; i < tone.length; i += 4, o += 8) {
    for (let c = 0; c < 4; c++) {
      sums[o + c] = sums[o + c]! + share * tone[i + c]!;
      sums[o + 4 + c] = sums[o + 4 + c]! + tone[i + c]!;
    }
  }
}

/** The residual at CELLS² of the sums of mixed and whole bands at LOW_CELLS². */
function spread(sums: Float32Array, mask: Float32Array, residual: Float32Array): void {
  const n = LOW_CELLS;
  const row = new Float32Array(8 * n);
  for (let y = 0; y < CELLS; y++) {
    // Three quarters of the nearest row, one of the next nearest, the edge repeated; then along x.
    const near = 8 * n * (y >> 1);
    const far = 8 * n * Math.min(n - 1, Math.max(0, (y >> 1) + (y % 2 === 0 ? -1 : 1)));
    for (let i = 0; i < 8 * n; i++) row[i] = 0.75 * sums[near + i]! + 0.25 * sums[far + i]!;
    for (let x = 0, i = y * CELLS; x < CELLS; x++, i++) {
      const here = 8 * (x >> 1);
      const next = 8 * Math.min(n - 1, Math.max(0, (x >> 1) + (x % 2 === 0 ? -1 : 1)));
      const m = mask[i]!;
      for (let c = 0; c < 4; c++) {
        const mixed = 0.75 * row[here + c]! + 0.25 * row[next + c]!;
        const whole = 0.75 * row[here + 4 + c]! + 0.25 * row[next + 4 + c]!;
        residual[4 * i + c] = mixed - m * whole;
      }
    }
  }
}

/** The second picture's band less the first's, each in its palette at t. */
function difference(
  a: Float32Array,
  b: Float32Array,
  {paletteA, paletteB}: Pick<FrameFields, 'paletteA' | 'paletteB'>,
): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < a.length; i += 4) {
    for (let c = 0; c < 3; c++) {
      const m = 3 * c;
      // Colours are premultiplied, so that an offset counts as much as there is alpha.
      out[i + c] =
        paletteB[m]! * b[i]! +
        paletteB[m + 1]! * b[i + 1]! +
        paletteB[m + 2]! * b[i + 2]! +
        paletteB[9 + c]! * b[i + 3]! -
        paletteA[m]! * a[i]! -
        paletteA[m + 1]! * a[i + 1]! -
        paletteA[m + 2]! * a[i + 2]! -
        paletteA[9 + c]! * a[i + 3]!;
    }
    out[i + 3] = b[i + 3]! - a[i + 3]!;
  }
  return out;
}
