import {LatentError} from '../errors.js';
import {clamp01, smoothstep} from './elementary.js';
import {evenPace} from './even-pace.js';
import {type Features, features} from './features.js';
import {mean, sample, structureSimilarity} from './filters.js';
import type {Anchor} from './flow-energy.js';
import {type Flow, foldedCells, refine} from './flow-grid.js';
import {SOLVED_POINTS, solveFlow} from './flow-solver.js';
import {foreground, FOREGROUND_CELLS} from './foreground.js';
import {disagreement, frontOrder} from './front.js';
import {paletteBetween} from './palette.js';
import {
  type MorphAlignment,
  CELLS,
  FLOW_POINTS,
  LOW_CELLS,
  type MorphPlan,
  PACE_STEPS,
  type Pixels,
  type PointPair,
} from './plan.js';
import {anchorFlow, anchorsOf, keepAnchors} from './point-pairs.js';
import {expand, fillIn, laplacianPyramid, reduce} from './pyramid.js';
import {halve, opponentColours, toWorkingPicture, type WorkingPicture} from './working-picture.js';

export interface PrepareMorphOptions {
  /** Points that the flow keeps, at most a few hundred; errors as `anchorsOf`. */
  readonly pairs?: readonly PointPair[] | undefined;
}

/** Levels of the pyramids of a plan. */
const BANDS = 3;
/** Structure similarity at which the fit of two pictures is 0, and how much more makes it 1. */
const UNLIKE = 0.62;
const FIT_RANGE = 0.2;

/** Share of the whole that each part of the preparation takes. */
const READ = 0.08;
const SOLVE = 0.75;

/**
 * Prepares the morph from `a` to `b`, which have one size, in slices: each `next()` does a few
 * milliseconds of work and gives how much is done (0..1); the last gives the plan. Whoever drives it
 * stops by not going on. The same pictures and pairs give the same plan, bit for bit, everywhere.
 * `bad-argument` for pictures of two sizes, without pixels, or for pairs that cannot be kept;
 * `unsupported` where there is no WebAssembly with SIMD.
 *
 * @example
 * const preparation = prepareMorph(a, b, {pairs});
 * let step = preparation.next();
 * while (!step.done) step = preparation.next();
 * const frame = composeFrame(step.value, a, b, 0.5);
 */
export function* prepareMorph(
  a: Pixels,
  b: Pixels,
  {pairs = []}: PrepareMorphOptions = {},
): Generator<number, MorphPlan, undefined> {
  assertPixels(a, b);
  const anchors = anchorsOf(pairs);
  yield 0;
  const levels = [yield* levelsOf(a, 0), yield* levelsOf(b, READ / 2)] as const;
  const swapped = isBefore(levels[1].at(-1)!, levels[0].at(-1)!);
  const plan = yield* planInOrder(
    ...(swapped ? ([levels[1], levels[0]] as const) : levels),
    a.width / a.height,
    swapped ? anchors.map(reversedAnchor) : anchors,
  );
  return swapped ? reversedPlan(plan) : plan;
}

/** Whether one picture comes before another in the order in which pictures are solved. */
function isBefore({rgba}: WorkingPicture, other: WorkingPicture): boolean {
  const i = rgba.findIndex((value, k) => value !== other.rgba[k]);
  return i >= 0 && rgba[i]! < other.rgba[i]!;
}

function reversedAnchor(anchor: Anchor): Anchor {
  return {...anchor, dx: -anchor.dx, dy: -anchor.dy};
}

/** The plan of the morph from the second picture to the first. */
function reversedPlan(plan: MorphPlan): MorphPlan {
  const {palette} = plan;
  return {
    ...plan,
    flow: plan.flow.map((value) => -value),
    order: plan.order.map((value) => 1 - value),
    toneA: plan.toneB,
    toneB: plan.toneA,
    lowA: plan.lowB,
    lowB: plan.lowA,
    palette: {...palette, toB: palette.toA, toA: palette.toB},
    pace: plan.pace.map((_, i) => 1 - plan.pace[PACE_STEPS - 1 - i]!),
  };
}

/**
 * The plan of pictures at 16, 32, 64 and 128 cells, the first of which comes first (`isBefore`), so
 * that a morph and its reverse are solved once and are mirrored exactly.
 */
function* planInOrder(
  levelsA: readonly WorkingPicture[],
  levelsB: readonly WorkingPicture[],
  aspect: number,
  anchors: readonly Anchor[],
): Generator<number, MorphPlan, undefined> {
  const kept = anchors.length > 0 ? anchorFlow(anchors, FLOW_POINTS) : undefined;
  const [first, second] = [levelsA.at(-1)!, levelsB.at(-1)!];
  const drawn = (drawnness(first) + drawnness(second)) / 2;
  const frontA = foreground(levelsA[2]!);
  yield READ;
  const frontB = foreground(levelsB[2]!);
  const featuresA: Features[] = [];
  const featuresB: Features[] = [];
  for (let l = 0; l < levelsA.length; l++) {
    yield READ;
    featuresA.push(features(levelsA[l]!, frontA));
    yield READ;
    featuresB.push(features(levelsB[l]!, frontB));
  }
  const options = {aspect, drawn, anchors};
  const solved = yield* scaled(READ, SOLVE, solveFlow(featuresA, featuresB, options));
  const flow = finish(solved, anchors, kept);
  yield READ + SOLVE;
  const alignedA = aligned(first, flow, -1);
  yield READ + SOLVE;
  const alignedB = aligned(second, flow, 1);
  yield READ + SOLVE;
  const alignment = measure(first, second, alignedA, alignedB, drawn, flow);
  yield READ + SOLVE;
  const shared = sharedForeground(frontA, frontB, flow);
  yield READ + SOLVE;
  const order = yield* during(READ + SOLVE, frontOrder(alignedA, alignedB, shared));
  yield READ + SOLVE;
  const differing = yield* during(READ + SOLVE, disagreement(alignedA, alignedB, drawn));
  yield READ + SOLVE;
  const agreement = reduce(differing, CELLS, 1).map((k) => (1 - k) ** 2);
  const [lowA, toneA] = lowBands(alignedA, agreement, drawn);
  yield READ + SOLVE;
  const [lowB, toneB] = lowBands(alignedB, agreement, drawn);
  yield READ + SOLVE;
  const {fit} = alignment;
  const plan: MorphPlan = {
    version: 1,
    flow: interleaved(flow),
    order,
    disagreement: differing,
    toneA,
    toneB,
    lowA,
    lowB,
    dissolve: Array.from({length: BANDS}, (_, l) => dissolveShare(l, fit)),
    frontWidth: (0.08 + 0.04 * fit) * (1 - drawn) + 0.05 * drawn,
    palette: paletteBetween(first, second, 0.8 * (1 - fit)),
    pace: new Float32Array(PACE_STEPS).map((_, i) => i / (PACE_STEPS - 1)),
    alignment,
  };
  yield READ + SOLVE;
  const rest = evenPace(plan, first, second);
  return {...plan, pace: yield* scaled(READ + SOLVE, 1 - READ - SOLVE, rest)};
}

/**
 * The pyramid of an aligned picture, whose bands the front switches softly, and its tone, which dissolves
 * (see `MorphPlan`). Photographs have no tone, since what agrees around them says little of them;
 * drawings no bands, since soft ones are halos in flat colours.
 */
function lowBands(
  picture: WorkingPicture,
  agreement: Float32Array,
  drawn: number,
): [bands: Float32Array[], tone: Float32Array] {
  const whole = reduce(picture.rgba, CELLS, 4);
  if (drawn <= 0) {
    return [laplacianPyramid(whole, LOW_CELLS, BANDS, 4), new Float32Array(whole.length)];
  }
  const tone = fillIn(whole, agreement, LOW_CELLS, 4).map((value) => drawn * value);
  const rest = whole.map((value, i) => (1 - drawn) * (value - tone[i]!));
  return [laplacianPyramid(rest, LOW_CELLS, BANDS, 4), tone];
}

/** The share of a level of the pyramid that dissolves: the more, the lower it is and the better they fit. */
function dissolveShare(level: number, fit: number): number {
  return ((0.1 + 0.5 * fit) * (level + 2)) / (BANDS + 1);
}

function assertPixels(a: Pixels, b: Pixels): void {
  for (const {width, height, data} of [a, b]) {
    if (width > 0 && height > 0 && data.length === 4 * width * height) continue;
    throw new LatentError(
      'bad-argument',
      `A picture of ${width}×${height} pixels has ${4 * width * height} bytes, got ${data.length}.`,
    );
  }
  if (a.width === b.width && a.height === b.height) return;
  throw new LatentError(
    'bad-argument',
    `The pictures of a morph must have one size, got ${a.width}×${a.height} and ${b.width}×${b.height}.`,
  );
}

/** A part of the progress, stretched to its place in the whole. */
function* scaled<T>(
  start: number,
  share: number,
  part: Generator<number, T, undefined>,
): Generator<number, T, undefined> {
  let step = part.next();
  while (!step.done) {
    yield start + share * step.value;
    step = part.next();
  }
  return step.value;
}

/** A part that says nothing of its progress, in which that of the whole stands still. */
function* during<T>(
  progress: number,
  part: Generator<undefined, T, undefined>,
): Generator<number, T, undefined> {
  let step = part.next();
  while (!step.done) {
    yield progress;
    step = part.next();
  }
  return step.value;
}

/** The picture at 16, 32, 64 and 128 cells. */
function* levelsOf(
  picture: Pixels,
  progress: number,
): Generator<number, WorkingPicture[], undefined> {
  const levels = [yield* during(progress, toWorkingPicture(picture))];
  while (levels[0]!.n > 16) levels.unshift(halve(levels[0]!));
  return levels;
}

/** How drawn a picture is, 0..1: by the share of cells without any gradient. */
function drawnness(picture: WorkingPicture): number {
  const {n} = picture;
  const light = opponentColours(picture)[0];
  let flat = 0;
  for (let y = 0; y < n - 1; y++) {
    for (let x = 0; x < n - 1; x++) {
      const i = y * n + x;
      const change = Math.abs(light[i + 1]! - light[i]!) + Math.abs(light[i + n]! - light[i]!);
      if (change < 0.004) flat++;
    }
  }
  return smoothstep((flat / (n - 1) ** 2 - 0.45) / 0.25);
}

/** The solved flow at FLOW_POINTS², keeping the anchors and folding nowhere. */
function finish(solved: Flow, anchors: readonly Anchor[], kept: Flow | undefined): Flow {
  const fine = refine(solved, SOLVED_POINTS);
  if (!kept) return fine;
  keepAnchors(fine, FLOW_POINTS, anchors);
  // Any mixture of two flows that keep the anchors keeps them, and one of them does not fold.
  for (let share = 1; share > 0.05; share -= 0.1) {
    const mixed = fine.map((value, i) => kept[i]! + share * (value - kept[i]!));
    if (foldedCells(mixed, FLOW_POINTS).length === 0) return mixed;
  }
  return kept;
}

/** A picture brought to the halfway domain: read at p + sign·v(p). */
function aligned({n, rgba}: WorkingPicture, v: Flow, sign: number): WorkingPicture {
  const out = new Float32Array(4 * n * n);
  forEachPlace(n, v, sign, (i, x, y) => {
    const cx = Math.min(n - 1, Math.max(0, x));
    const cy = Math.min(n - 1, Math.max(0, y));
    const x0 = Math.min(n - 2, Math.floor(cx));
    const y0 = Math.min(n - 2, Math.floor(cy));
    const fx = cx - x0;
    const fy = cy - y0;
    const o = 4 * (y0 * n + x0);
    const below = o + 4 * n;
    for (let c = 0; c < 4; c++) {
      const top = rgba[o + c]! * (1 - fx) + rgba[o + 4 + c]! * fx;
      const bottom = rgba[below + c]! * (1 - fx) + rgba[below + 4 + c]! * fx;
      out[4 * i + c] = top * (1 - fy) + bottom * fy;
    }
  });
  return {n, rgba: out};
}

/** Calls back with each of n² cells and where p + sign·v(p) is, in cells. */
function forEachPlace(
  n: number,
  v: Flow,
  sign: number,
  visit: (i: number, x: number, y: number) => void,
): void {
  const m = FLOW_POINTS;
  const [vx, vy] = [v.subarray(0, m * m), v.subarray(m * m)];
  for (let y = 0, i = 0; y < n; y++) {
    for (let x = 0; x < n; x++, i++) {
      const gx = ((x + 0.5) / n) * (m - 1);
      const gy = ((y + 0.5) / n) * (m - 1);
      visit(i, x + sign * n * sample(vx, m, gx, gy), y + sign * n * sample(vy, m, gx, gy));
    }
  }
}

function sharedForeground(frontA: Float32Array, frontB: Float32Array, v: Flow): Float32Array {
  const n = FOREGROUND_CELLS;
  const shared = new Float32Array(n * n);
  forEachPlace(n, v, -1, (i, x, y) => {
    shared[i] = sample(frontA, n, x, y);
  });
  forEachPlace(n, v, 1, (i, x, y) => {
    shared[i] = shared[i]! * sample(frontB, n, x, y);
  });
  return expand(shared, n, 1);
}

function measure(
  a: WorkingPicture,
  b: WorkingPicture,
  alignedA: WorkingPicture,
  alignedB: WorkingPicture,
  drawn: number,
  v: Flow,
): MorphAlignment {
  const similarity = (p: WorkingPicture, q: WorkingPicture): number =>
    mean(structureSimilarity(opponentColours(p)[0], opponentColours(q)[0], p.n));
  const before = similarity(a, b);
  const after = similarity(alignedA, alignedB);
  const half = v.length / 2;
  let longest = 0;
  for (let i = 0; i < half; i++) longest = Math.max(longest, v[i]! ** 2 + v[half + i]! ** 2);
  return {
    before,
    after,
    fit: clamp01((after - UNLIKE) / FIT_RANGE),
    drawn,
    travel: 2 * Math.sqrt(longest),
  };
}

function interleaved(v: Flow): Float32Array {
  const half = v.length / 2;
  return Float32Array.from(v, (_, i) => v[(i & 1) * half + (i >> 1)]!);
}
