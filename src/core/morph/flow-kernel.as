// The flow's energy, its gradient and a step along it, in AssemblyScript (TypeScript that compiles to
// WebAssembly): `node scripts/assemble-kernel.mjs` makes kernel-bytes.ts of it, and flow-solver.ts runs
// it. All arithmetic is of 32-bit floats, which WebAssembly defines to the last bit, so that a flow
// comes out the same on every device; sums that are compared are of 64 bits.
//
// E = ½·mean(1 − s_light) + ¼·mean(1 − s_gradient) + 0.35·mean(d² / (d² + ½)) + 0.8·mean(foreground
// difference²) + smoothness + anchors, A read at p − v(p), B at p + v(p); d the distance of the
// normalised colours, s the contrast and structure of SSIM (Wang et al. 2004), without its brightness:
// s = (2·cov + c) / (var a + var b + c) over 5×5 windows, the edge repeated.

// What a misfit of each kind costs.
const LIGHT: f32 = 0.5;
const GRADIENT: f32 = 0.25;
const COLOUR: f32 = 0.35;
const FOREGROUND: f32 = 0.8;
const ANCHOR: f32 = 200;
/** Squared colour distance at which half of the cost of a colour is reached. */
const COLOUR_SCALE: f32 = 0.5;
/** Steadies the similarity where there is next to nothing to compare. */
const STEADY: f32 = 0.0015;
/** Windows are of 5×5 cells. */
const SHARE: f32 = 1.0 / 25.0;

// What stretching, bending, folding and turning cost.
const STRETCH: f32 = 0.3;
const BEND: f32 = 0.04 / 64.0;
const FOLD: f32 = 40;
const TURN: f32 = 2;
/** The area that a place is not to be squeezed below, as a share of what it was. */
const LEAST_AREA: f32 = 0.25;

// The descent: the share of the running mean that stays from step to step, of the gradient and of its
// square; the first step in cells, of which the last is 30 %; the longest step of one point, in steps.
const MOMENTUM: f32 = 0.8;
const SQUARE_DECAY: f32 = 0.9;
const STEP: f32 = 0.4;
const LONGEST: f32 = 3;

// Memory, for 128² cells, 33² points and 512 anchors at most. Of each cell of a picture two vectors: luminance, gradient, foreground, 0; the three colours, 0.
const featuresA: usize = memory.data(32 * 16384, 16);
const featuresB: usize = memory.data(32 * 16384, 16);
/** Of light and of gradient, per cell: a, b, a² + b², a·b; then what `gradient` sums over windows. */
const moments: usize = memory.data(2 * 16 * 16384, 16);
/** Of light and of gradient, per cell: the derivatives of a by x and y, and of b. */
const slopes: usize = memory.data(2 * 16 * 16384, 16);
/** What acts on a cell: x, y. */
const forces: usize = memory.data(8 * 16384, 16);
/** Per cell by what the energy changes with a window's sums; and such rows while they are added up. */
const windows: usize = memory.data(16 * 16384, 16);
const row: usize = memory.data(16 * 136, 16);
const flow: usize = memory.data(4 * 2178, 16);
const slope: usize = memory.data(4 * 2178, 16);
const momentum: usize = memory.data(4 * 2178, 16);
const line: usize = memory.data(4 * 64, 16);
/** Per anchor: x, y, dx, dy. */
const anchors: usize = memory.data(16 * 512, 16);
/** Per column or row of cells: the point before it, and the share of the next. */
const index: usize = memory.data(4 * 128, 16);
const share: usize = memory.data(4 * 128, 16);

let n: i32 = 0;
let m: i32 = 0;
let aspect: f32 = 1;
let drawn: f32 = 0;
let anchorCount: i32 = 0;
let square: f32 = 0;
let unbiased: f32 = 1;

/** Where the features go: n² cells of eight numbers, of the first or the second picture. */
export function featuresAt(second: bool): usize {
  return second ? featuresB : featuresA;
}

/** Where the flow is, x components first, then y: m² points each; and, after `evaluate`, its gradient. */
export function flowAt(): usize {
  return flow;
}

export function gradientAt(): usize {
  return slope;
}

export function anchorsAt(): usize {
  return anchors;
}

/** Begins a descent of a flow of pointCount² points between features of cellCount² cells. */
export function begin(cellCount: i32, pointCount: i32, aspectRatio: f32, drawnness: f32, count: i32): void {
  n = cellCount;
  m = pointCount;
  aspect = aspectRatio;
  drawn = drawnness;
  anchorCount = count;
  square = 0;
  unbiased = 1;
  memory.fill(momentum, 0, 8 * m * m);
  for (let x = 0; x < n; x++) {
    const at = ((<f32>x + 0.5) / <f32>n) * <f32>(m - 1);
    const i = min(m - 2, <i32>at);
    store<i32>(index + 4 * x, i);
    store<f32>(share + 4 * x, at - <f32>i);
  }
}

/** The energy of the flow, and its gradient. */
export function evaluate(): f64 {
  memory.fill(slope, 0, 8 * m * m);
  let energy = warp();
  energy += compare(0, LIGHT);
  energy += compare(1, GRADIENT);
  scatter();
  return energy + smoothness() + areas() + pull();
}

/** Evaluates, and goes a step along the smoothed gradient over the root of its mean square. */
export function descend(i: i32, steps: i32): f64 {
  const energy = evaluate();
  const count = 2 * m * m;
  holdEdges();
  smooth();
  smooth();
  holdEdges();
  let sum: f64 = 0;
  for (let k = 0; k < count; k++) {
    const g: f32 = load<f32>(slope + 4 * k);
    sum += <f64>(g * g);
  }
  square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * <f32>(sum / <f64>count);
  unbiased *= SQUARE_DECAY;
  const scale: f32 = 1 / (sqrt<f32>(square / (1 - unbiased)) + 1e-9);
  const length: f32 = (STEP / <f32>n) * (1 - (0.7 * <f32>i) / <f32>steps);
  for (let k = 0; k < count; k++) {
    const o = 4 * k;
    const mean = MOMENTUM * load<f32>(momentum + o) + (1 - MOMENTUM) * load<f32>(slope + o);
    store<f32>(momentum + o, mean);
    const step = min<f32>(LONGEST, max<f32>(-LONGEST, mean * scale));
    store<f32>(flow + o, load<f32>(flow + o) - length * step);
  }
  return energy;
}

// The features of a picture at a place, and their derivatives, as `read` leaves them.
let first: v128 = f32x4.splat(0);
let second: v128 = f32x4.splat(0);
let firstX: v128 = f32x4.splat(0);
let firstY: v128 = f32x4.splat(0);
let secondX: v128 = f32x4.splat(0);
let secondY: v128 = f32x4.splat(0);

/** Reads a picture at (x, y), in cells, linearly; its derivatives are 0 where that is outside. */
// @ts-ignore: decorator
@inline
function read(picture: usize, x: f32, y: f32): void {
  const last = <f32>(n - 1);
  const cx = min<f32>(last, max<f32>(0, x));
  const cy = min<f32>(last, max<f32>(0, y));
  const inX = f32x4.splat(cx == x ? 1 : 0);
  const inY = f32x4.splat(cy == y ? 1 : 0);
  const x0 = min(n - 2, <i32>cx);
  const y0 = min(n - 2, <i32>cy);
  const fx = f32x4.splat(cx - <f32>x0);
  const fy = f32x4.splat(cy - <f32>y0);
  const o = picture + 32 * (y0 * n + x0);
  const below = o + 32 * n;
  let p = v128.load(o);
  let q = f32x4.sub(v128.load(o, 32), p);
  let r = v128.load(below);
  let s = f32x4.sub(v128.load(below, 32), r);
  let top = f32x4.add(p, f32x4.mul(q, fx));
  let down = f32x4.sub(f32x4.add(r, f32x4.mul(s, fx)), top);
  first = f32x4.add(top, f32x4.mul(down, fy));
  firstX = f32x4.mul(inX, f32x4.add(q, f32x4.mul(f32x4.sub(s, q), fy)));
  firstY = f32x4.mul(inY, down);
  p = v128.load(o, 16);
  q = f32x4.sub(v128.load(o, 48), p);
  r = v128.load(below, 16);
  s = f32x4.sub(v128.load(below, 48), r);
  top = f32x4.add(p, f32x4.mul(q, fx));
  down = f32x4.sub(f32x4.add(r, f32x4.mul(s, fx)), top);
  second = f32x4.add(top, f32x4.mul(down, fy));
  secondX = f32x4.mul(inX, f32x4.add(q, f32x4.mul(f32x4.sub(s, q), fy)));
  secondY = f32x4.mul(inY, down);
}

/** The sum of the first three lanes. */
// @ts-ignore: decorator
@inline
function sum3(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2);
}

/** Stores what a similarity needs of a cell, from lane `c` of both ends. */
// @ts-ignore: decorator
@inline
function moment(to: usize, x: f32, y: f32): void {
  store<f32>(to, x);
  store<f32>(to, y, 4);
  store<f32>(to, x * x + y * y, 8);
  store<f32>(to, x * y, 12);
}

/** Reads both ends; the pointwise terms (colours, foreground) at once. */
function warp(): f64 {
  const scale = <f32>n;
  const points = 4 * m * m;
  const plane: usize = 16 * n * n;
  const weight: f32 = 1 / scale;
  let energy: f64 = 0;
  let i: usize = 0;
  for (let y = 0; y < n; y++) {
    const start = flow + 4 * m * load<i32>(index + 4 * y);
    const fy = load<f32>(share + 4 * y);
    for (let x = 0; x < n; x++, i++) {
      const o = start + 4 * load<i32>(index + 4 * x);
      const fx = load<f32>(share + 4 * x);
      const w11 = fx * fy;
      const w10 = fy - w11;
      const w01 = fx - w11;
      const w00: f32 = 1 - fx - w10;
      const below = o + 4 * m;
      const vx = scale * (w00 * load<f32>(o) + w01 * load<f32>(o, 4) + w10 * load<f32>(below) + w11 * load<f32>(below, 4));
      const p = o + points;
      const q = below + points;
      const vy = scale * (w00 * load<f32>(p) + w01 * load<f32>(p, 4) + w10 * load<f32>(q) + w11 * load<f32>(q, 4));
      read(featuresA, <f32>x - vx, <f32>y - vy);
      const a = first;
      const colourA = second;
      const ax = firstX;
      const ay = firstY;
      const colourAX = secondX;
      const colourAY = secondY;
      read(featuresB, <f32>x + vx, <f32>y + vy);
      const to: usize = 16 * i;
      moment(moments + to, f32x4.extract_lane(a, 0), f32x4.extract_lane(first, 0));
      moment(moments + plane + to, f32x4.extract_lane(a, 1), f32x4.extract_lane(first, 1));
      // The derivatives of a by x and y, and of b: lanes 0 of all, then lanes 1.
      const xs = v128.shuffle<f32>(ax, firstX, 0, 4, 1, 5);
      const ys = v128.shuffle<f32>(ay, firstY, 0, 4, 1, 5);
      v128.store(slopes + to, v128.shuffle<f32>(xs, ys, 0, 4, 1, 5));
      v128.store(slopes + plane + to, v128.shuffle<f32>(xs, ys, 2, 6, 3, 7));
      const d = f32x4.sub(colourA, second);
      const distance = sum3(f32x4.mul(d, d));
      const robust: f32 = 1 / (distance + COLOUR_SCALE);
      const f = f32x4.extract_lane(a, 2) - f32x4.extract_lane(first, 2);
      energy += <f64>(COLOUR * distance * robust + FOREGROUND * f * f);
      const byColour: f32 = -2 * COLOUR * COLOUR_SCALE * robust * robust * weight;
      const byFront: f32 = -2 * FOREGROUND * f * weight;
      store<f32>(forces + 8 * i,
        byColour * sum3(f32x4.mul(d, f32x4.add(colourAX, secondX))) +
        byFront * f32x4.extract_lane(f32x4.add(ax, firstX), 2));
      store<f32>(forces + 8 * i,
        byColour * sum3(f32x4.mul(d, f32x4.add(colourAY, secondY))) +
        byFront * f32x4.extract_lane(f32x4.add(ay, firstY), 2), 4);
    }
  }
  return energy / <f64>(n * n);
}

/** weight·(1 − the mean of s) of light (0) or gradient (1); adds what it means for each cell. */
function compare(plane: i32, weight: f32): f64 {
  const from = moments + 16 * plane * n * n;
  const scale: f32 = (2 * weight) / <f32>(n * n);
  let similarity: f64 = 0;
  for (let y = 0; y < n; y++) {
    addRows(from, y);
    for (let x = 0; x < n; x++) {
      const sums = f32x4.mul(f32x4.splat(SHARE), window(x));
      const a = f32x4.extract_lane(sums, 0);
      const b = f32x4.extract_lane(sums, 1);
      const inverse: f32 = 1 / (f32x4.extract_lane(sums, 2) - a * a - b * b + STEADY);
      const s: f32 = (2 * (f32x4.extract_lane(sums, 3) - a * b) + STEADY) * inverse;
      similarity += <f64>s;
      const covariance = -scale * inverse;
      const variance = scale * s * inverse;
      const to = windows + 16 * (y * n + x);
      store<f32>(to, covariance);
      store<f32>(to, variance, 4);
      store<f32>(to, covariance * b + variance * a, 8);
      store<f32>(to, covariance * a + variance * b, 12);
    }
  }
  push(from, slopes + 16 * plane * n * n);
  return <f64>weight * (1 - similarity / <f64>(n * n));
}

/** Adds up five rows of vectors around y, the edge repeated, into `row`, and repeats its ends. */
function addRows(from: usize, y: i32): void {
  const stride = 16 * n;
  const r0 = from + max(0, y - 2) * stride;
  const r1 = from + max(0, y - 1) * stride;
  const r2 = from + y * stride;
  const r3 = from + min(n - 1, y + 1) * stride;
  const r4 = from + min(n - 1, y + 2) * stride;
  for (let o = 0; o < stride; o += 16) {
    const sum = f32x4.add(
      f32x4.add(f32x4.add(v128.load(r0 + o), v128.load(r1 + o)), v128.load(r2 + o)),
      f32x4.add(v128.load(r3 + o), v128.load(r4 + o)));
    v128.store(row + 32 + o, sum);
  }
  const start = v128.load(row, 32);
  v128.store(row, start);
  v128.store(row, start, 16);
  const end = v128.load(row + stride, 16);
  v128.store(row + stride, end, 32);
  v128.store(row + stride, end, 48);
}

/** The sum of five neighbours in `row`, around x. */
// @ts-ignore: decorator
@inline
function window(x: i32): v128 {
  const o = row + 16 * x;
  return f32x4.add(
    f32x4.add(f32x4.add(v128.load(o), v128.load(o, 16)), v128.load(o, 32)),
    f32x4.add(v128.load(o, 48), v128.load(o, 64)));
}

/** Adds to the forces what the windows' sums, by the transpose of their adding up, mean for each cell. */
function push(from: usize, derivatives: usize): void {
  const stride = 16 * n;
  const scale = f32x4.splat(SHARE * <f32>n);
  const zero = f32x4.splat(0);
  v128.store(row, zero);
  v128.store(row, zero, 16);
  v128.store(row + stride, zero, 32);
  v128.store(row + stride, zero, 48);
  for (let y = 0; y < n; y++) {
    const r = windows + y * stride;
    const isEdge = y == 0 || y == n - 1;
    const inner = y == 0 ? r + stride : r - stride;
    for (let o = 0; o < stride; o += 16) {
      let sum = v128.load(r + o);
      if (y > 0) sum = f32x4.add(sum, v128.load(r + o - stride));
      if (y > 1) sum = f32x4.add(sum, v128.load(r + o - 2 * stride));
      if (y < n - 1) sum = f32x4.add(sum, v128.load(r + o + stride));
      if (y < n - 2) sum = f32x4.add(sum, v128.load(r + o + 2 * stride));
      // An edge stood in for what is outside: twice in its own window, once in its neighbour's.
      if (isEdge) {
        const own = v128.load(r + o);
        sum = f32x4.add(sum, f32x4.add(f32x4.add(own, own), v128.load(inner + o)));
      }
      v128.store(row + 32 + o, sum);
    }
    for (let x = 0; x < n; x++) {
      let sum = window(x);
      if (x == 0 || x == n - 1) {
        const own = v128.load(row + 16 * x, 32);
        const next = v128.load(x == 0 ? row + 48 : row + 16 * x + 16);
        sum = f32x4.add(sum, f32x4.add(f32x4.add(own, own), next));
      }
      sum = f32x4.mul(scale, sum);
      const i = y * n + x;
      const a = load<f32>(from + 16 * i);
      const b = load<f32>(from + 16 * i, 4);
      const covariance = f32x4.extract_lane(sum, 0);
      const variance = f32x4.extract_lane(sum, 1);
      const towardsA = b * covariance + a * variance - f32x4.extract_lane(sum, 2);
      const towardsB = a * covariance + b * variance - f32x4.extract_lane(sum, 3);
      const d = derivatives + 16 * i;
      const f = forces + 8 * i;
      store<f32>(f, load<f32>(f) + towardsB * load<f32>(d, 8) - towardsA * load<f32>(d));
      store<f32>(f, load<f32>(f, 4) + towardsB * load<f32>(d, 12) - towardsA * load<f32>(d, 4), 4);
    }
  }
}

// @ts-ignore: decorator
@inline
function add(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

/** Hands what acts on the cells on to the points around them. */
function scatter(): void {
  const points = 4 * m * m;
  for (let y = 0, i = 0; y < n; y++) {
    const start = slope + 4 * m * load<i32>(index + 4 * y);
    const fy = load<f32>(share + 4 * y);
    for (let x = 0; x < n; x++, i++) {
      const o = start + 4 * load<i32>(index + 4 * x);
      const fx = load<f32>(share + 4 * x);
      const w11 = fx * fy;
      const w10 = fy - w11;
      const w01 = fx - w11;
      const w00: f32 = 1 - fx - w10;
      const px = load<f32>(forces + 8 * i);
      const py = load<f32>(forces + 8 * i, 4);
      const below = o + 4 * m;
      add(o, w00 * px);
      add(o + 4, w01 * px);
      add(below, w10 * px);
      add(below + 4, w11 * px);
      add(o + points, w00 * py);
      add(o + points + 4, w01 * py);
      add(below + points, w10 * py);
      add(below + points + 4, w11 * py);
    }
  }
}

/**
 * 0.3·(1 + 2·drawn)·mean|∇v|² + 0.04/64·mean|D²v|², with lengths and derivatives measured in units in
 * which the picture has its aspect and the area 1.
 */
function smoothness(): f64 {
  const r = min<f32>(3, max<f32>(1.0 / 3.0, aspect));
  const inverse = <f32>(m - 1);
  const bend = (BEND * inverse * inverse * inverse * inverse) / <f32>(m * (m - 2));
  const stretch = (STRETCH * (1 + 2 * drawn) * inverse * inverse) / <f32>(m * (m - 1));
  const twist: f32 = (2 * BEND * inverse * inverse) * inverse * inverse / <f32>((m - 1) * (m - 1));
  let energy: f64 = 0;
  for (let plane = 0; plane < 2; plane++) {
    const o = 4 * plane * m * m;
    // Along x and along y: how much of a component changes per length, in the picture's aspect.
    const alongX: f32 = plane == 0 ? 1 : 1 / (r * r);
    const alongY: f32 = plane == 0 ? r * r : 1;
    const xx: f32 = plane == 0 ? 1 / r : 1 / (r * r * r);
    const xy: f32 = plane == 0 ? r : 1 / r;
    const yy: f32 = plane == 0 ? r * r * r : r;
    energy += differences(o, 4, 4 * m, stretch * alongX);
    energy += differences(o, 4 * m, 4, stretch * alongY);
    energy += bends(o, 4, 4 * m, bend * xx);
    energy += bends(o, 4 * m, 4, bend * yy);
    energy += twists(o, twist * xy);
  }
  return energy;
}

/** weight·Σ(v[i + step] − v[i])². */
function differences(start: i32, step: i32, lineStep: i32, weight: f32): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < m; k++) {
    let i = start + k * lineStep;
    for (let j = 0; j < m - 1; j++, i += step) {
      const d = load<f32>(flow + i + step) - load<f32>(flow + i);
      sum += <f64>(d * d);
      add(slope + i + step, 2 * weight * d);
      add(slope + i, -2 * weight * d);
    }
  }
  return <f64>weight * sum;
}

/** weight·Σ(v[i − step] − 2v[i] + v[i + step])². */
function bends(start: i32, step: i32, lineStep: i32, weight: f32): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < m; k++) {
    let i = start + k * lineStep + step;
    for (let j = 0; j < m - 2; j++, i += step) {
      const d = load<f32>(flow + i - step) - 2 * load<f32>(flow + i) + load<f32>(flow + i + step);
      sum += <f64>(d * d);
      const g: f32 = 2 * weight * d;
      add(slope + i - step, g);
      add(slope + i, -2 * g);
      add(slope + i + step, g);
    }
  }
  return <f64>weight * sum;
}

/** weight·Σ of the squared mixed differences. */
function twists(start: i32, weight: f32): f64 {
  const below = 4 * m;
  let sum: f64 = 0;
  for (let y = 0; y < m - 1; y++) {
    let i = start + y * below;
    for (let x = 0; x < m - 1; x++, i += 4) {
      const at = flow + i;
      const d = load<f32>(at + below, 4) - load<f32>(at + below) - load<f32>(at, 4) + load<f32>(at);
      sum += <f64>(d * d);
      const g: f32 = 2 * weight * d;
      add(slope + i + below + 4, g);
      add(slope + i + below, -g);
      add(slope + i + 4, -g);
      add(slope + i, g);
    }
  }
  return <f64>weight * sum;
}

/** 40·Σ± mean max(0, ¼ − det(I ± ∇v))² + 2·drawn·mean(∂x v_y − ∂y v_x)²: folding; turning of drawings. */
function areas(): f64 {
  const cells = 4 * m * m;
  const below = 4 * m;
  const inverse = <f32>(m - 1);
  const fold: f32 = FOLD / (inverse * inverse);
  const turn: f32 = (TURN * drawn) / (inverse * inverse);
  const r = min<f32>(3, max<f32>(1.0 / 3.0, aspect));
  let energy: f64 = 0;
  for (let y = 0; y < m - 1; y++) {
    let i = y * below;
    for (let x = 0; x < m - 1; x++, i += 4) {
      const vx = flow + i;
      const vy = vx + cells;
      const xx = (load<f32>(vx, 4) - load<f32>(vx)) * inverse;
      const xy = (load<f32>(vx + below) - load<f32>(vx)) * inverse;
      const yx = (load<f32>(vy, 4) - load<f32>(vy)) * inverse;
      const yy = (load<f32>(vy + below) - load<f32>(vy)) * inverse;
      let gxx: f32 = 0;
      let gxy: f32 = 0;
      let gyx: f32 = 0;
      let gyy: f32 = 0;
      for (let sign: f32 = -1; sign <= 1; sign += 2) {
        const lack = LEAST_AREA - ((1 + sign * xx) * (1 + sign * yy) - xy * yx);
        if (lack <= 0) continue;
        energy += <f64>(fold * lack * lack);
        const g: f32 = -2 * fold * lack;
        gxx += g * sign * (1 + sign * yy);
        gyy += g * sign * (1 + sign * xx);
        gxy -= g * yx;
        gyx -= g * xy;
      }
      if (turn > 0) {
        const curl = yx / r - xy * r;
        energy += <f64>(turn * curl * curl);
        gyx += (2 * turn * curl) / r;
        gxy -= 2 * turn * curl * r;
      }
      const gx = slope + i;
      const gy = gx + cells;
      add(gx + 4, inverse * gxx);
      add(gx + below, inverse * gxy);
      add(gx, -inverse * (gxx + gxy));
      add(gy + 4, inverse * gyx);
      add(gy + below, inverse * gyy);
      add(gy, -inverse * (gyx + gyy));
    }
  }
  return energy;
}

/** The anchors' squared misses. */
function pull(): f64 {
  if (anchorCount == 0) return 0;
  const weight = ANCHOR / max<f32>(1, sqrt<f32>(<f32>anchorCount));
  const last = <f32>(m - 1);
  let energy: f64 = 0;
  for (let k = 0; k < anchorCount; k++) {
    const anchor = anchors + 16 * k;
    const x = load<f32>(anchor) * last;
    const y = load<f32>(anchor, 4) * last;
    const x0 = min(m - 2, <i32>x);
    const y0 = min(m - 2, <i32>y);
    const fx = x - <f32>x0;
    const fy = y - <f32>y0;
    const w00: f32 = (1 - fx) * (1 - fy);
    const w01: f32 = fx * (1 - fy);
    const w10: f32 = (1 - fx) * fy;
    const w11: f32 = fx * fy;
    for (let plane = 0; plane < 2; plane++) {
      const o = 4 * (plane * m * m + y0 * m + x0);
      const at = flow + o;
      const below = at + 4 * m;
      const miss =
        w00 * load<f32>(at) + w01 * load<f32>(at, 4) + w10 * load<f32>(below) + w11 * load<f32>(below, 4) -
        load<f32>(anchor + 4 * plane, 8);
      energy += <f64>(weight * miss * miss);
      const g: f32 = 2 * weight * miss;
      const to = slope + o;
      add(to, g * w00);
      add(to + 4, g * w01);
      add(to + 4 * m, g * w10);
      add(to + 4 * m + 4, g * w11);
    }
  }
  return energy;
}

/** Keeps the edges of the picture on themselves: no x component left and right, no y above and below. */
function holdEdges(): void {
  const cells = 4 * m * m;
  for (let i = 0; i < m; i++) {
    store<f32>(slope + 4 * i * m, 0);
    store<f32>(slope + 4 * (i * m + m - 1), 0);
    store<f32>(slope + cells + 4 * i, 0);
    store<f32>(slope + 2 * cells - 4 * m + 4 * i, 0);
  }
}

/** Blurs both components of the gradient with [1 2 1]/4 along each axis, the edge repeated. */
function smooth(): void {
  for (let plane = 0; plane < 2; plane++) {
    for (let axis = 0; axis < 2; axis++) {
      const step = axis == 0 ? 4 : 4 * m;
      const lineStep = axis == 0 ? 4 * m : 4;
      for (let k = 0; k < m; k++) {
        const o = slope + 4 * plane * m * m + k * lineStep;
        for (let i = 0; i < m; i++) store<f32>(line + 4 * i, load<f32>(o + i * step));
        for (let i = 0; i < m; i++) {
          const before = load<f32>(line + 4 * max(0, i - 1));
          const after = load<f32>(line + 4 * min(m - 1, i + 1));
          store<f32>(o + i * step, (before + 2 * load<f32>(line + 4 * i) + after) / 4);
        }
      }
    }
  }
}
