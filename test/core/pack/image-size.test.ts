import assert from 'node:assert/strict';
import {test} from 'node:test';
import {assertLatentShape} from '../../../src/core/pack/space.js';
import {fitFrame, frameOfLatent} from '../../../src/core/pack/image-size.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import {throwsLatentError} from '../support.js';

const rule = {multiple: 8, pixels: 65_536, maxPixels: 1_048_576};
const size = (width: number, height: number) => ({width, height});

const part = {file: 'a.onnx', bytes: 1, sha256: '0'.repeat(64)};
const manifest = parsePack(
  {
    format: 1,
    name: 'test',
    version: '1',
    license: 'MIT',
    space: {id: 'test-1', shape: [4, 'height/8', 'width/8']},
    image: {size: rule},
    parts: {decoder: {...part, inputs: {latent: 'z'}, outputs: {image: 'x'}}},
  },
  'test',
);

test('an image below the working size is worked on and shown as it is, padded', () => {
  const frame = {...size(100, 37), work: size(100, 37), padded: size(104, 40)};
  assert.deepEqual(fitFrame(rule, size(100, 37)), frame);
  assert.deepEqual(fitFrame(rule, size(1, 1)).padded, size(8, 8));
});

test('a larger image is worked on at the working size and shown at up to twice that', () => {
  const frame = fitFrame(rule, size(512, 512));
  assert.deepEqual(frame, {...size(512, 512), work: size(256, 256), padded: size(256, 256)});
  assert.deepEqual(fitFrame(rule, size(4000, 4000)).width, 512);
  // Shape is kept.
  const wide = fitFrame(rule, size(4000, 1000));
  assert.deepEqual([wide.work, wide.width, wide.height], [size(512, 128), 1024, 256]);
});

test('resolution sets the longer side that is worked on, within maxPixels', () => {
  assert.deepEqual(fitFrame(rule, size(800, 600), 400).work, size(400, 300));
  assert.deepEqual(fitFrame(rule, size(800, 600), 5000).work, size(800, 600));
  const {work} = fitFrame(rule, size(4000, 4000), 4000);
  assert.deepEqual(work, size(1024, 1024));
});

test('a fixed size is itself', () => {
  const fixed = size(128, 128);
  assert.deepEqual(fitFrame(fixed, size(9, 2000)), {...fixed, work: fixed, padded: fixed});
});

test('an image without pixels is refused', () => {
  for (const empty of [size(0, 5), size(5, 0), size(NaN, 5)]) {
    throwsLatentError(() => fitFrame(rule, empty), 'bad-image', /nothing to show/);
  }
});

test('a latent tells its frame, and one of another shape is refused', () => {
  const frame = frameOfLatent(manifest, [4, 3, 5]);
  assert.deepEqual(frame, {...size(40, 24), work: size(40, 24), padded: size(40, 24)});
  assertLatentShape(manifest, [4, 3, 5]);
  for (const shape of [
    [4, 3],
    [3, 3, 5],
    [4, 0, 5],
  ]) {
    throwsLatentError(() => assertLatentShape(manifest, shape), 'bad-argument', /test-1/);
  }
});
