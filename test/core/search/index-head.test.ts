import assert from 'node:assert/strict';
import {test} from 'node:test';
import {announcedBytes, isHead} from '../../../src/core/search/index-file.js';
import {
  type IndexHead,
  openPart,
  partName,
  readHead,
  sealPart,
  writeHead,
} from '../../../src/core/search/index-head.js';
import {VectorIndex} from '../../../src/core/search/vector-index.js';
import {throwsLatentError} from '../support.js';

const BUILD = '0123456789abcdef';
const head: IndexHead = {
  space: 'test',
  shape: [3],
  metric: 'cosine',
  model: {name: 'words', version: '2.0.0'},
  build: BUILD,
  count: 5,
  cells: {
    counts: [2, 3],
    dimension: 3,
    centroids: Float32Array.of(1, 0, 0, 0, -1, 1),
    means: Float32Array.of(0.5, 0.25),
  },
  words: ['a', 'm'],
};
const refused = (bytes: Uint8Array, ...patterns: RegExp[]) => {
  throwsLatentError(() => readHead(bytes), 'bad-index', ...patterns);
};
/** The head with another header of the same length. */
function changed(from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length);
  const bytes = new Uint8Array(writeHead(head));
  const text = new TextDecoder('latin1').decode(bytes);
  const at = text.indexOf(from);
  assert.ok(at > 0, from);
  for (let i = 0; i < to.length; i++) bytes[at + i] = to.charCodeAt(i);
  return bytes;
}

test('a head says again what was written', () => {
  const bytes = new Uint8Array(writeHead(head));
  assert.deepEqual([isHead(bytes), announcedBytes(bytes)], [true, bytes.length]);
  const read = readHead(bytes);
  const {centroids, ...cells} = read.cells;
  const {centroids: given, ...others} = head.cells;
  assert.deepEqual({...read, cells}, {...head, cells: others});
  centroids.forEach((value, i) => assert.ok(Math.abs(value - given[i]!) < 1e-6));
});

test('a head that is none, cut short, or does not fit itself, is refused', () => {
  const bytes = new Uint8Array(writeHead(head));
  refused(bytes.subarray(0, -1), /cut short/);
  refused(new TextEncoder().encode('<!doctype html>'), /LATENTS/);
  refused(changed('"count":5', '"count":6'), /6 items/);
  refused(changed('"cells":[2,3]', '"cells":[5,0]'), /cells\.1/);
  refused(changed('"cells":[2,3]', '"cells":[ 5 ]'), /fill/);
  refused(changed(BUILD, '../../../../../x'), /build/);
  const infinite = bytes.slice();
  new DataView(infinite.buffer).setFloat32(bytes.length - 4, Infinity, true);
  refused(infinite, /finite/);
  refused(new Uint8Array(new VectorIndex({space: 's', shape: [4]}).toBuffer()), /version|head/);
});

test('a part is opened by the head of its own build only', () => {
  const sealed = sealPart(BUILD, Uint8Array.of(1, 2, 3));
  assert.deepEqual([...openPart(BUILD, sealed)], [1, 2, 3]);
  const other = BUILD.replace('f', 'e');
  for (const bytes of [
    sealPart(other, Uint8Array.of(1)),
    sealed.subarray(0, 7),
    new Uint8Array(0),
  ]) {
    throwsLatentError(() => openPart(BUILD, bytes), 'bad-index', /another build/);
  }
  assert.equal(partName(BUILD, 'lists', '2-1'), `${BUILD}-lists-2-1`);
});
