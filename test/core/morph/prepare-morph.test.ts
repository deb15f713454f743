import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {
  composeFrame,
  frameFields,
  type MorphPlan,
  prepareMorph,
} from '../../../src/core/morph/index.js';
import {assertClose, throwsLatentError} from '../support.js';
import {picture, planOf, scene} from './pictures.js';

const a = scene(64);
const b = scene(64, {phase: 1.5, disc: [0.62, 0.4], light: 15});
const plan = planOf(a, b);

function hash({flow, order, disagreement, lowA, lowB, pace}: MorphPlan): string {
  const digest = createHash('sha256');
  for (const array of [flow, order, disagreement, ...lowA, ...lowB, pace]) {
    digest.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return digest.digest('hex').slice(0, 16);
}

function assertFinite({flow, order, disagreement, pace, palette, alignment}: MorphPlan): void {
  for (const array of [flow, order, disagreement, pace, palette.toA, palette.toB]) {
    assert.ok([...array].every(Number.isFinite));
  }
  assert.ok(Object.values(alignment).every(Number.isFinite));
}

/** A picture of bytes that no engine's Math had a part in. */
function integers(seed: number) {
  return picture(96, 64, (x, y) => {
    const [i, j] = [Math.floor(96 * x), Math.floor(64 * y)];
    return [(i * i + seed * j) % 256, (i * j) % 251, (3 * i + 5 * j * seed) % 256, 255];
  });
}

test('a plan comes out the same, bit for bit, on every engine', () => {
  assert.equal(hash(planOf(integers(1), integers(7))), '67999177533cf94a');
});

test('a plan asks nothing of Math that engines round differently', () => {
  const spoiled = ['exp', 'pow', 'log', 'cos', 'sin', 'tanh', 'atan2', 'hypot', 'cbrt'] as const;
  const kept = spoiled.map((name) => Math[name]);
  const expected = hash(plan);
  try {
    for (const name of spoiled) (Math as unknown as Record<string, () => number>)[name] = () => NaN;
    assert.equal(hash(planOf(a, b)), expected);
  } finally {
    spoiled.forEach((name, i) => Object.assign(Math, {[name]: kept[i]}));
  }
});

test('a plan can be posted', () => {
  assert.deepEqual(structuredClone(plan), plan);
});

test('both ends are the pictures, bit for bit, at any size', () => {
  for (const size of [64, 96]) {
    const [x, y] = [scene(size), scene(size, {phase: 1.5, disc: [0.62, 0.4], light: 15})];
    assert.deepEqual(composeFrame(plan, x, y, 0).data, x.data);
    assert.deepEqual(composeFrame(plan, x, y, 1).data, y.data);
    assert.deepEqual(composeFrame(plan, x, y, 2).data, y.data);
  }
});

test('frames approach the ends without a jump', () => {
  const near = composeFrame(plan, a, b, 1e-4).data;
  assertClose(near, a.data, 3);
  assertClose(composeFrame(plan, a, b, 1 - 1e-4).data, b.data, 3);
});

test('equal steps change the frame about equally', () => {
  const steps: number[] = [];
  let previous = composeFrame(plan, a, b, 0).data;
  for (let i = 1; i <= 24; i++) {
    const {data} = composeFrame(plan, a, b, i / 24);
    steps.push(Math.sqrt(data.reduce((sum, value, k) => sum + (value - previous[k]!) ** 2, 0)));
    previous = data;
  }
  const sorted = [...steps].sort((x, y) => x - y);
  assert.ok(sorted[23]! < 2 * sorted[12]!, `${sorted[23]! / sorted[12]!}`);
});

test('the pace of drawings counts their tone', () => {
  const drawing = (at: number[], shape: number[], ground: number[]) =>
    picture(96, 96, (x, y) => ((x - at[0]!) ** 2 + (y - at[1]!) ** 2 < 0.02 ? shape : ground));
  const [x, y] = [
    drawing([0.3, 0.35], [200, 90, 60, 255], [20, 40, 90, 255]),
    drawing([0.72, 0.7], [255, 255, 255, 255], [250, 220, 210, 255]),
  ];
  const made = planOf(x, y);
  assert.equal(made.alignment.drawn, 1);
  const steps: number[] = [];
  let previous = x.data as Uint8ClampedArray;
  for (let i = 1; i <= 24; i++) {
    const {data} = composeFrame(made, x, y, i / 24);
    steps.push(Math.sqrt(data.reduce((sum, value, k) => sum + (value - previous[k]!) ** 2, 0)));
    previous = data;
  }
  const sorted = [...steps].sort((p, q) => p - q);
  assert.ok(sorted[23]! < 1.15 * sorted[12]!, `${sorted[23]! / sorted[12]!}`);
});

test('the reversed pictures give the mirrored morph', () => {
  const back = planOf(b, a);
  for (const t of [0.2, 0.5, 0.7]) {
    assertClose(composeFrame(back, b, a, 1 - t).data, composeFrame(plan, a, b, t).data, 1);
  }
});

test('the fields of a frame may be used again', () => {
  const fields = frameFields(plan, 0.3);
  const again = frameFields(plan, 0.7, fields);
  assert.equal(again.flow, fields.flow);
  assert.deepEqual(again, frameFields(plan, 0.7));
});

test('identical pictures stay where they are', () => {
  const still = planOf(a, a);
  assert.ok(still.flow.every((value) => Math.abs(value) < 1e-6));
  assertClose(composeFrame(still, a, a, 0.5).data, a.data, 1);
});

test('a flat picture, a pixel and a long strip give a plan without NaN', () => {
  const flat = picture(64, 64, () => [90, 120, 40, 255]);
  const dot = picture(1, 1, () => [10, 200, 30, 255]);
  const strip = picture(200, 20, (x, y) => [255 * x, 255 * y, 128, 255]);
  const mirrored = picture(200, 20, (x, y) => [255 - 255 * x, 255 * y, 90, 255]);
  for (const [x, y] of [
    [a, flat],
    [dot, picture(1, 1, () => [200, 10, 3, 255])],
    [strip, mirrored],
  ] as const) {
    const made = planOf(x, y);
    assertFinite(made);
    const {data} = composeFrame(made, x, y, 0.5);
    assert.equal(data.length, x.data.length);
    assert.ok(data.every((value, i) => i % 4 < 3 || value === 255));
  }
});

test('transparency travels, and nothing shows through where both are empty', () => {
  const disc = (cx: number) =>
    picture(64, 64, (x, y) =>
      (x - cx) ** 2 + (y - 0.5) ** 2 < 0.04 ? [220, 60 + 100 * x, 20, 255] : [0, 0, 0, 0],
    );
  const [x, y] = [disc(0.4), disc(0.6)];
  const {data} = composeFrame(planOf(x, y), x, y, 0.5);
  assert.ok(data[4 * (32 * 64 + 32) + 3]! > 250);
  assert.equal(data[3], 0);
  assert.ok(data[4 * (32 * 64 + 32)]! > 180);
});

test('a drawing with the same outlines in other colours changes evenly, without a glow', () => {
  const drawing = (shape: number[], ground: number[]) =>
    picture(96, 96, (x, y) => ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.06 ? shape : ground));
  const [x, y] = [
    drawing([250, 210, 170, 255], [190, 70, 40, 255]),
    drawing([100, 60, 50, 255], [230, 180, 190, 255]),
  ];
  const {data} = composeFrame(planOf(x, y), x, y, 0.5);
  const greens = (inside: boolean): number[] =>
    [...data.keys()]
      .filter((i) => i % 4 === 1)
      .filter((i) => {
        const [px, py] = [((i >> 2) % 96) / 96 - 0.5, Math.floor((i >> 2) / 96) / 96 - 0.5];
        const square = px * px + py * py;
        return inside ? square < 0.045 : square > 0.08;
      })
      .map((i) => data[i]!);
  for (const inside of [true, false]) {
    const values = greens(inside);
    const spread = Math.max(...values) - Math.min(...values);
    assert.ok(spread < 12, `${inside ? 'shape' : 'ground'}: ${spread}`);
  }
});

test('what one drawing has alone leaves no halo of its ground in that of the other', () => {
  const drawing = (at: number[], shape: number[], ground: number[]) =>
    picture(96, 96, (x, y) => ((x - at[0]!) ** 2 + (y - at[1]!) ** 2 < 0.02 ? shape : ground));
  const [x, y] = [
    drawing([0.3, 0.35], [200, 90, 60, 255], [130, 200, 240, 255]),
    drawing([0.72, 0.7], [255, 255, 255, 255], [250, 170, 110, 255]),
  ];
  const made = planOf(x, y);
  for (const t of [0.35, 0.5, 0.65]) {
    const {data} = composeFrame(made, x, y, t);
    const ground = data.subarray(0, 3);
    let most = 0;
    for (let j = 0, i = 0; j < 96; j++) {
      for (let k = 0; k < 96; k++, i += 4) {
        const off = ([u, v]: number[]) => (k / 96 - u!) ** 2 + (j / 96 - v!) ** 2;
        // Around the shapes, and not between them, where they travel.
        if (off([0.3, 0.35]) < 0.035 || off([0.72, 0.7]) < 0.035) continue;
        if (Math.min(off([0.3, 0.35]), off([0.72, 0.7])) > 0.07) continue;
        for (let c = 0; c < 3; c++) most = Math.max(most, Math.abs(data[i + c]! - ground[c]!));
      }
    }
    assert.ok(most < 12, `${most} of 255 off the ground at ${t}`);
  }
});

test('an empty picture fades', () => {
  const empty = picture(64, 64, () => [0, 0, 0, 0]);
  const made = planOf(a, empty);
  assertFinite(made);
  assert.ok(composeFrame(made, a, empty, 0.9).data[3]! < 255);
});

test('the work comes in slices that say how much is done', () => {
  const preparation = prepareMorph(a, b);
  const progress: number[] = [];
  const slices: number[] = [];
  for (;;) {
    const start = performance.now();
    const step = preparation.next();
    slices.push(performance.now() - start);
    if (step.done) break;
    progress.push(step.value);
  }
  assert.ok(
    progress.every((value, i) => value >= 0 && value <= 1 && value >= (progress[i - 1] ?? 0)),
  );
  assert.ok(slices.length > 300, `${slices.length}`);
  // A machine that is shared makes single slices long, whatever they do: four of five are a small part of the whole.
  const whole = slices.reduce((sum, slice) => sum + slice);
  slices.sort((x, y) => x - y);
  assert.ok(slices[Math.floor(0.8 * slices.length)]! < whole / 100, `${slices.at(-1)} of ${whole}`);
});

test('an abandoned preparation ends', () => {
  const preparation = prepareMorph(a, b);
  preparation.next();
  assert.equal(preparation.return(plan).done, true);
  assert.equal(preparation.next().done, true);
});

test('a flow needs WebAssembly, and says so where there is none', () => {
  const kept = WebAssembly.Instance;
  try {
    Object.assign(WebAssembly, {
      Instance: function refuse() {
        throw new WebAssembly.CompileError('refused');
      },
    });
    throwsLatentError(() => planOf(a, b), 'unsupported', /WebAssembly/);
  } finally {
    Object.assign(WebAssembly, {Instance: kept});
  }
});

test('bad pictures are named', () => {
  const short = {width: 8, height: 8, data: new Uint8Array(10)};
  throwsLatentError(() => planOf(short, short), 'bad-argument', /8×8/, /got 10/);
  throwsLatentError(() => planOf(a, scene(32)), 'bad-argument', /64×64 and 32×32/);
  throwsLatentError(() => planOf({...a, width: 0}, a), 'bad-argument', /0×64/);
  throwsLatentError(() => composeFrame(plan, a, scene(32), 0.5), 'bad-argument', /one size/);
  throwsLatentError(() => composeFrame(plan, a, b, NaN), 'bad-argument', /NaN/);
});
