import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  createDirection,
  detailLeft,
  isDirection,
  moveAlong,
  neededBy,
  planEdits,
} from '../../../src/core/direction/direction.js';
import {createLatent, type Latent} from '../../../src/core/latent/latent.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {assertClose, latent, throwsLatentError} from '../support.js';
import {partBytes} from '../../../src/core/pack/pack.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';

const start = createLatent('a', [2, 2, 2], Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7));
const quality = {separation: 1, effect: 3, chance: 0.1, verdict: 'clear'} as const;

test('moveAlong adds k steps and leaves its inputs alone', () => {
  const step = createDirection('a', [2, 2, 2], Float32Array.of(1, 0, 0, 0, 0, 0, 0, -2));
  const moved = moveAlong(start, step, 1.5);
  assertClose(moved.data, [1.5, 1, 2, 3, 4, 5, 6, 4], 0);
  assert.deepEqual([moved.space, moved.shape], ['a', [2, 2, 2]]);
  assertClose(moveAlong(start, step, -1).data, [-1, 1, 2, 3, 4, 5, 6, 9], 0);
  assertClose(start.data, [0, 1, 2, 3, 4, 5, 6, 7], 0);
});

test('a direction of one number a channel moves every position, whatever the size', () => {
  const step = createDirection('a', [2, 1, 1], Float32Array.of(10, -1));
  assertClose(moveAlong(start, step, 2).data, [20, 21, 22, 23, 2, 3, 4, 5], 0);
  const wide = createLatent('a', [2, 1, 3], new Float32Array(6));
  assertClose(moveAlong(wide, step, 1).data, [10, 10, 10, -1, -1, -1], 0);
  const dot = createLatent('a', [2, 1, 1], new Float32Array(2));
  assertClose(moveAlong(dot, step, 1).data, [10, -1], 0);
});

test('k = 0 gives the latent back, to the bit, in a new array', () => {
  const step = createDirection('a', [4], Float32Array.of(1, 2, 3, 4));
  const from = latent([-0, 0.1, 1e-45, 3e38], 'a');
  const moved = moveAlong(from, step, 0);
  assert.deepEqual(moved, from);
  assert.notEqual(moved.data, from.data);
});

test('going there and back, in parts, and in any order leads to the same place', () => {
  const from = latent(randomNormal(1, 500), 'a');
  const [p, q] = [2, 3].map((seed) => createDirection('a', [500], randomNormal(seed, 500)));
  for (const k of [-3, 0.25, 2]) {
    assertClose(moveAlong(moveAlong(from, p!, k), p!, -k).data, from.data, 1e-5);
    const whole = moveAlong(from, p!, k).data;
    assertClose(moveAlong(moveAlong(from, p!, k / 2), p!, k / 2).data, whole, 1e-5);
    const pq = moveAlong(moveAlong(from, p!, k), q!, 1);
    const qp = moveAlong(moveAlong(from, q!, 1), p!, k);
    assertClose(pq.data, qp.data, 1e-5);
  }
});

test('moveAlong names what does not fit', () => {
  const step = createDirection('a', [8], new Float32Array(8).fill(1));
  throwsLatentError(
    () => moveAlong(start, step, 1),
    'bad-argument',
    /\[8\]/,
    /\[2, 2, 2\]/,
    /pool/,
  );
  const stranger: Latent = latent(new Float32Array(8), 'b');
  throwsLatentError(() => moveAlong<string>(stranger, step, 1), 'space-mismatch', /'a'/, /'b'/);
  for (const [shape, count] of [
    [[1, 1, 1], 1],
    [[2, 2, 1], 4],
    [[2, 1], 2],
  ] as const) {
    const other = createDirection('a', shape, new Float32Array(count).fill(1));
    throwsLatentError(() => moveAlong(start, other, 1), 'bad-argument', /does not fit/);
  }
  for (const k of [NaN, Infinity, '1' as never]) {
    throwsLatentError(() => moveAlong(start, step, k), 'bad-argument', /\bk\b/);
  }
});

test('createDirection keeps what it is given and refuses what leads nowhere', () => {
  const data = Float32Array.of(1, -2);
  const made = createDirection('a', [2], data, {label: 'Smile', quality});
  assert.deepEqual(made, {space: 'a', shape: [2], data, label: 'Smile', quality});
  assert.equal(made.data, data);
  assert.deepEqual(Object.keys(createDirection('a', [2], data)), ['space', 'shape', 'data']);
  throwsLatentError(() => createDirection('a', [2], Float32Array.of(0, -0)), 'bad-argument', /0/);
  throwsLatentError(() => createDirection('', [2], data), 'bad-argument', /space/);
  throwsLatentError(() => createDirection('a', [3], data), 'bad-argument', /\[3\]/);
  throwsLatentError(
    () => createDirection('a', [2], Float32Array.of(1, NaN)),
    'bad-argument',
    /NaN/,
  );
});

test('isDirection tells directions from other things', () => {
  const data = Float32Array.of(1, 2);
  const given = {space: 'a', shape: [2], data};
  assert.ok(isDirection(createDirection('a', [2], data, {label: 'x', quality})));
  assert.ok(isDirection(given));
  for (const other of [
    undefined,
    null,
    'smile',
    {},
    {...given, shape: [3]},
    {...given, data: [1, 2]},
    {...given, label: 1},
  ]) {
    assert.ok(!isDirection(other), JSON.stringify(other));
  }
});

const hash = '0'.repeat(64);
const part = (bytes: number) => ({
  file: 'part.onnx',
  bytes,
  sha256: hash,
  inputs: {latent: 'w', amounts: 'k'},
  outputs: {latent: 'v'},
});
const manifest = {
  format: 1,
  name: 'faces',
  version: '1',
  license: 'MIT',
  space: {id: 'faces-1', shape: [2]},
  parts: {editor: part(100)},
  directions: {
    light: {vector: 'light', range: [-2, 2]},
    beard: {label: 'Beard', editor: 1},
    smile: {editor: 0},
    warmth: {vector: 'warm'},
  },
  directionVectors: {file: 'directions.safetensors', bytes: 7, sha256: hash},
};
type Json = Record<string, unknown>;
const parse = (change: (json: typeof manifest & Json) => void = () => undefined) => {
  const json = structuredClone(manifest) as typeof manifest & Json;
  change(json);
  return parsePack(json, 'pack.json');
};
const pack = parse();

test('edits are put into the order of the pack, those of the editor into one list', () => {
  const plan = planEdits(pack, {warmth: -1, smile: 2, light: 0.5, beard: 0});
  assert.deepEqual(plan.amounts, Float32Array.of(2, 0));
  assert.deepEqual(plan.vectors, [
    {name: 'light', tensor: 'light', amount: 0.5},
    {name: 'warmth', tensor: 'warm', amount: -1},
  ]);
  assert.deepEqual(planEdits(pack, {light: 0.5, smile: 2, warmth: -1}), plan);
});

test('what is 0 is not there', () => {
  const nothing: Record<string, number>[] = [{}, {smile: 0}, {light: 0, beard: -0}];
  for (const edits of nothing) {
    assert.deepEqual(planEdits(pack, edits), {amounts: undefined, vectors: []});
  }
  assert.deepEqual(planEdits(pack, {beard: -3}).amounts, Float32Array.of(0, -3));
});

test('unknown directions and bad amounts are named, with those that are known', () => {
  for (const name of ['frown', 'constructor', '__proto__', 'toString', '']) {
    const edits = JSON.parse(`{${JSON.stringify(name)}: 1}`) as Record<string, number>;
    throwsLatentError(
      () => planEdits(pack, edits),
      'bad-argument',
      new RegExp(`faces has no direction "${name}"`),
      /"light", "beard", "smile", "warmth"/,
    );
    throwsLatentError(() => neededBy(pack, [name]), 'bad-argument', /"smile"/);
  }
  throwsLatentError(() => planEdits({name: 'bare'}, {smile: 1}), 'bad-argument', /has none/);
  for (const amount of [NaN, Infinity, '1' as never, undefined as never]) {
    throwsLatentError(() => planEdits(pack, {smile: amount}), 'bad-argument', /"smile"/);
  }
});

test('a direction of one way may leave less of the detail, and amounts below 0 leave all of it', () => {
  const painted = parse((json) => {
    json.directions.smile = {editor: 0, detail: 0.25, range: [0, 3]} as never;
    json.directions.light = {vector: 'light', detail: 0.5, range: [0, 2]} as never;
  });
  assert.equal(detailLeft(painted, {}), 1);
  assert.equal(detailLeft(painted, {smile: 1}), 0.25);
  assert.equal(detailLeft(painted, {smile: 0.5, light: 2, beard: 3}), 0.125);
  assert.equal(detailLeft(painted, {smile: -2, light: 0}), 1);
  assert.equal(detailLeft(pack, {smile: 3, light: 2}), 1);
  assert.equal(detailLeft({}, {smile: 3}), 1);
});

test('a direction of two ways may strengthen the detail, and takes it back below 0', () => {
  const sharpened = parse((json) => {
    json.directions.smile = {editor: 0, detail: 2, range: [-2, 3]} as never;
    json.directions.light = {vector: 'light', detail: 0.5, range: [0, 2]} as never;
  });
  assert.equal(detailLeft(sharpened, {smile: 2}), 4);
  assert.equal(detailLeft(sharpened, {smile: -1}), 0.5);
  assert.equal(detailLeft(sharpened, {smile: -7}), 0.25, 'no further than the range');
  assert.equal(detailLeft(sharpened, {smile: 7}), 8, 'no further than the range');
  assert.equal(detailLeft(sharpened, {smile: 1, light: 1}), 1);
});

test('directions tell what they need, and what that weighs', () => {
  assert.deepEqual(neededBy(pack, []), []);
  assert.deepEqual(neededBy(pack, ['smile', 'beard']), ['editor']);
  assert.deepEqual(neededBy(pack, ['light', 'smile', 'warmth']), ['directionVectors', 'editor']);
  assert.equal(partBytes(pack, ['editor', 'directionVectors']), 107);
  assert.equal(partBytes(pack, ['decoder']), 0);
});

test('a pack may have directions without images; what they leave out has defaults', () => {
  assert.deepEqual(pack.directions!.smile, {range: [-3, 3], editor: 0});
  assert.deepEqual(pack.directions!.light!.range, [-2, 2]);
  assert.deepEqual(Object.keys(pack.directions!), ['light', 'beard', 'smile', 'warmth']);
  assert.equal(
    parse((json) => {
      delete (json as Json).directions;
      delete (json as Json).directionVectors;
    }).directions,
    undefined,
  );
});

test('directions that do not fit their pack are refused, naming the field', () => {
  const direction = (value: unknown) => (json: typeof manifest) => {
    json.directions.smile = value as never;
  };
  const cases: readonly (readonly [(json: typeof manifest & Json) => void, RegExp])[] = [
    [direction({}), /directions\.smile.*exactly one/],
    [direction({vector: 'smile', editor: 0}), /directions\.smile.*exactly one/],
    [direction({editor: 1}), /directions\.smile\.editor is 1, as is that of beard/],
    [direction({editor: 2}), /directions use 2 editor indexes, but none is 0/],
    [direction({editor: -1}), /directions\.smile\.editor/],
    [direction({editor: 0.5}), /directions\.smile\.editor/],
    [direction({vector: ''}), /directions\.smile\.vector/],
    [direction({editor: 0, range: [3, -3]}), /directions\.smile\.range/],
    [direction({editor: 0, range: [1, 1]}), /directions\.smile\.range/],
    [direction({editor: 0, range: [0]}), /directions\.smile\.range/],
    ...[0, -0.5, 4.01, '1'].map(
      (detail) => [direction({editor: 0, detail}), /directions\.smile\.detail/] as const,
    ),
    [direction({editor: 0, label: ''}), /directions\.smile\.label/],
    [direction('smile'), /directions\.smile/],
    [
      (json) => ((json as Json).parts = {textEncoder: json.parts.editor}),
      /parts\.editor is missing.*directions\.beard/,
    ],
    [
      (json) => delete (json as Json).directionVectors,
      /directionVectors is missing.*directions\.light.*"light"/,
    ],
    [(json) => delete (json.parts.editor.inputs as Json).amounts, /editor\.inputs\.amounts/],
    [(json) => delete (json.parts.editor.outputs as Json).latent, /editor\.outputs\.latent/],
    [(json) => (json.directionVectors.file = '../secret'), /directionVectors\.file/],
  ];
  for (const [change, pattern] of cases) {
    throwsLatentError(() => parse(change), 'bad-pack', pattern);
  }
});
