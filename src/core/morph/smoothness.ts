export interface SmoothnessOptions {
  /** Width over height of the picture: distances are compared as they look. */
  readonly aspect: number;
  /** How drawn the pictures are, 0..1: drawings are kept from turning. */
  readonly drawn: number;
}

/** What stretching, bending, folding and turning cost. */
const WEIGHT = {stretch: 0.3, bend: 0.04 / 64, fold: 40, turn: 2};
/** The area that a place is not to be squeezed below, as a share of what it was. */
const LEAST_AREA = 0.25;

/**
 * The smoothness of a flow of m² points (x components, then y), its gradient added to `gradient`:
 *
 * 0.3·(1 + 2·drawn)·mean|∇v|² + 0.04/64·mean|D²v|² + 40·Σ± mean max(0, ¼ − det(I ± ∇v))² +
 * 2·drawn·mean(∂x v_y − ∂y v_x)², with lengths and derivatives measured in units in
 * which the picture has its aspect and the area 1.
 */
export function addSmoothness(
  v: Float32Array,
  m: number,
  {aspect, drawn}: SmoothnessOptions,
  gradient: Float32Array,
): number {
  const r = Math.min(3, Math.max(1 / 3, aspect));
  const h = 1 / (m - 1);
  const count = m * (m - 1);
  const bendCount = m * (m - 2);
  const bend = WEIGHT.bend / h ** 4;
  let energy = 0;
  for (let plane = 0; plane < 2; plane++) {
    const o = plane * m * m;
    // Along x and along y: how much of a component changes per length, in the picture's aspect.
    const [alongX, alongY] = plane === 0 ? [1, r * r] : [1 / (r * r), 1];
    const [xx, xy, yy] = plane === 0 ? [1 / r, r, r ** 3] : [r ** -3, 1 / r, r];
    const stretch = (WEIGHT.stretch * (1 + 2 * drawn)) / (h * h * count);
    energy += differences(v, gradient, o, m, 1, m, m - 1, stretch * alongX);
    energy += differences(v, gradient, o, m, m, 1, m - 1, stretch * alongY);
    energy += bends(v, gradient, o, m, 1, m, (bend * xx) / bendCount);
    energy += bends(v, gradient, o, m, m, 1, (bend * yy) / bendCount);
    energy += twists(v, gradient, o, m, (2 * bend * xy) / (m - 1) ** 2);
  }
  return energy + areas(v, gradient, m, r, drawn);
}

/** weight·Σ(v[i + step] − v[i])². */
function differences(
  v: Float32Array,
  gradient: Float32Array,
  start: number,
  lines: number,
  step: number,
  lineStep: number,
  length: number,
  weight: number,
): number {
  let sum = 0;
  for (let line = 0; line < lines; line++) {
    let i = start + line * lineStep;
    for (let k = 0; k < length; k++, i += step) {
      const d = v[i + step]! - v[i]!;
      sum += d * d;
      gradient[i + step] = gradient[i + step]! + 2 * weight * d;
      gradient[i] = gradient[i]! - 2 * weight * d;
    }
  }
  return weight * sum;
}

/** weight·Σ(v[i − step] − 2v[i] + v[i + step])². */
function bends(
  v: Float32Array,
  gradient: Float32Array,
  start: number,
  m: number,
  step: number,
  lineStep: number,
  weight: number,
): number {
  let sum = 0;
  for (let line = 0; line < m; line++) {
    let i = start + line * lineStep + step;
    for (let k = 0; k < m - 2; k++, i += step) {
      const d = v[i - step]! - 2 * v[i]! + v[i + step]!;
      sum += d * d;
      const g = 2 * weight * d;
      gradient[i - step] = gradient[i - step]! + g;
      gradient[i] = gradient[i]! - 2 * g;
      gradient[i + step] = gradient[i + step]! + g;
    }
  }
  return weight * sum;
}

/** weight·Σ of the squared mixed differences. */
function twists(
  v: Float32Array,
  gradient: Float32Array,
  start: number,
  m: number,
  weight: number,
): number {
  let sum = 0;
  for (let y = 0; y < m - 1; y++) {
    for (let x = 0; x < m - 1; x++) {
      const i = start + y * m + x;
      const d = v[i + m + 1]! - v[i + m]! - v[i + 1]! + v[i]!;
      sum += d * d;
      const g = 2 * weight * d;
      gradient[i + m + 1] = gradient[i + m + 1]! + g;
      gradient[i + m] = gradient[i + m]! - g;
      gradient[i + 1] = gradient[i + 1]! - g;
      gradient[i] = gradient[i]! + g;
    }
  }
  return weight * sum;
}

/** Folding, and for drawings turning. */
function areas(
  v: Float32Array,
  gradient: Float32Array,
  m: number,
  aspect: number,
  drawn: number,
): number {
  const cells = m * m;
  const inverse = m - 1;
  const count = inverse * inverse;
  const fold = WEIGHT.fold / count;
  const turn = (WEIGHT.turn * drawn) / count;
  let energy = 0;
  for (let y = 0; y < m - 1; y++) {
    for (let x = 0; x < m - 1; x++) {
      const i = y * m + x;
      const j = i + cells;
      const xx = (v[i + 1]! - v[i]!) * inverse;
      const xy = (v[i + m]! - v[i]!) * inverse;
      const yx = (v[j + 1]! - v[j]!) * inverse;
      const yy = (v[j + m]! - v[j]!) * inverse;
      let [gxx, gxy, gyx, gyy] = [0, 0, 0, 0];
      for (let sign = -1; sign <= 1; sign += 2) {
        const lack = LEAST_AREA - ((1 + sign * xx) * (1 + sign * yy) - xy * yx);
        if (lack <= 0) continue;
        energy += fold * lack * lack;
        const g = -2 * fold * lack;
        gxx += g * sign * (1 + sign * yy);
        gyy += g * sign * (1 + sign * xx);
        gxy -= g * yx;
        gyx -= g * xy;
      }
      if (turn > 0) {
        const curl = yx / aspect - xy * aspect;
        energy += turn * curl * curl;
        gyx += (2 * turn * curl) / aspect;
        gxy -= 2 * turn * curl * aspect;
      }
      if (gxx === 0 && gxy === 0 && gyx === 0 && gyy === 0) continue;
      gradient[i + 1] = gradient[i + 1]! + inverse * gxx;
      gradient[i + m] = gradient[i + m]! + inverse * gxy;
      gradient[i] = gradient[i]! - inverse * (gxx + gxy);
      gradient[j + 1] = gradient[j + 1]! + inverse * gyx;
      gradient[j + m] = gradient[j + m]! + inverse * gyy;
      gradient[j] = gradient[j]! - inverse * (gyx + gyy);
    }
  }
  return energy;
}
