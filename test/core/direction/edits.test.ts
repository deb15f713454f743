import assert from 'node:assert/strict';
import {test} from 'node:test';
import {neededBy, planEdits} from '../../../src/core/direction/edits.js';
import {partBytes} from '../../../src/core/pack/part-assets.js';
import {parsePack} from '../../../src/core/pack/pack.js';
import {throwsLatentError} from '../support.js';

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
