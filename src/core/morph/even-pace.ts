import {fieldsAt, fieldsWithoutResidual, type FrameFields} from './frame-fields.js';
import {CELLS, FLOW_POINTS, type MorphPlan, PACE_STEPS} from './plan.js';
import type {WorkingPicture} from './working-picture.js';

/** Steps of raw t whose frames are compared, and cells along each side of these frames. */
const STEPS = 32;
const SIZE = 64;
/** The slowest and the fastest that the pace makes of raw t. */
const SLOWEST = 1 / 3;

/**
 * The raw t at even steps of t (see `MorphPlan.pace`), so that equal steps of t change the frame
 * equally (as DiffMorpher, Zhang et al. 2024, §3.6); of a plan that has none yet, and the pictures. In slices.
 */
export function* evenPace(
  plan: MorphPlan,
  a: WorkingPicture,
  b: WorkingPicture,
): Generator<number, Float32Array, undefined> {
  let previous: Float32Array | undefined;
  let fields: FrameFields | undefined;
  const lengths: number[] = [];
  for (let i = 0; i <= STEPS; i++) {
    // Soft bands take little part in the pace, and much time; the tone of drawings is most of it.
    const make = plan.alignment.drawn > 0 ? fieldsAt : fieldsWithoutResidual;
    fields = make(plan, i / STEPS, fields);
    const frame = smallFrame(fields, a, b);
    if (previous) {
      let square = 0;
      for (let k = 0; k < frame.length; k++) square += (frame[k]! - previous[k]!) ** 2;
      lengths.push(Math.sqrt(square));
    }
    previous = frame;
    yield i / STEPS;
  }
  const whole = lengths.reduce((x, y) => x + y);
  const pace = new Float32Array(PACE_STEPS);
  const total = lengths.map((length) => paced(length, whole)).reduce((x, y) => x + y);
  let [step, passed] = [0, 0];
  for (let k = 0; k < PACE_STEPS; k++) {
    const wanted = (k / (PACE_STEPS - 1)) * total;
    while (step < STEPS - 1 && passed + paced(lengths[step]!, whole) < wanted) {
      passed += paced(lengths[step]!, whole);
      step++;
    }
    const within = (wanted - passed) / paced(lengths[step]!, whole);
    pace[k] = (step + Math.min(1, Math.max(0, within))) / STEPS;
  }
  pace[0] = 0;
  pace[PACE_STEPS - 1] = 1;
  return pace;
}

/** How long a step counts: never so little that it were jumped over. */
function paced(length: number, whole: number): number {
  return whole > 0 ? Math.max(length / whole, SLOWEST / STEPS) : 1 / STEPS;
}

/** The frame of some fields at 64² of working pictures, with the residual as it stands: premultiplied RGBA. */
function smallFrame(fields: FrameFields, a: WorkingPicture, b: WorkingPicture): Float32Array {
  const {t, flow, mask, residual, paletteA, paletteB} = fields;
  const out = new Float32Array(4 * SIZE * SIZE);
  const [colourA, colourB] = [new Float64Array(4), new Float64Array(4)];
  for (let y = 0, i = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++, i += 4) {
      // The nearest values of all grids do: only how frames differ is asked.
      const o = 2 * (y * FLOW_POINTS + x);
      const ux = flow[o]!;
      const uy = flow[o + 1]!;
      const fx = (x + 0.5) / SIZE;
      const fy = (y + 0.5) / SIZE;
      const cell = cellAt(fx - (2 * t - 1) * ux, fy - (2 * t - 1) * uy);
      const first = 4 * cellAt(fx - 2 * t * ux, fy - 2 * t * uy);
      const second = 4 * cellAt(fx + 2 * (1 - t) * ux, fy + 2 * (1 - t) * uy);
      mapped(a.rgba, first, paletteA, colourA);
      mapped(b.rgba, second, paletteB, colourB);
      const m = mask[cell]!;
      for (let c = 0; c < 4; c++) {
        out[i + c] = (1 - m) * colourA[c]! + m * colourB[c]! + residual[4 * cell + c]!;
      }
    }
  }
  return out;
}

function cellAt(x: number, y: number): number {
  const column = Math.min(CELLS - 1, Math.max(0, Math.floor(x * CELLS)));
  const row = Math.min(CELLS - 1, Math.max(0, Math.floor(y * CELLS)));
  return row * CELLS + column;
}

function mapped(rgba: Float32Array, i: number, palette: Float32Array, into: Float64Array): void {
  for (let c = 0; c < 3; c++) {
    const m = 3 * c;
    into[c] =
      palette[m]! * rgba[i]! +
      palette[m + 1]! * rgba[i + 1]! +
      palette[m + 2]! * rgba[i + 2]! +
      palette[9 + c]! * rgba[i + 3]!;
  }
  into[3] = rgba[i + 3]!;
}
