import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LatentError} from '../../../src/core/errors.js';
import {VectorIndex} from '../../../src/core/search/vector-index.js';
import {latent, throwsLatentError} from '../support.js';
import {clustered} from './reference.js';

const model = {name: 'words', version: '1.0.0'};

function made(): VectorIndex {
  const index = new VectorIndex({metric: 'euclidean', model});
  clustered(3, 40, 9).forEach((data, i) => {
    index.add(`№ ${i}`, latent(data), i % 2 ? {title: `T ${i}`, href: `/x#${i}`} : undefined);
  });
  index.remove('№ 0');
  return index;
}

/** A file with its header changed, its lengths right. */
function withHeader(file: ArrayBuffer, change: (header: Record<string, unknown>) => unknown) {
  const length = new DataView(file).getUint32(12, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 24, length))) as Record<
    string,
    unknown
  >;
  const text = new TextEncoder().encode(JSON.stringify(change(header) ?? header));
  const first = (header.vectors as [number])[0];
  assert.ok(24 + text.length <= first, 'the header fits in its room');
  const bytes = new Uint8Array(file.slice(0));
  bytes.fill(0, 24, first);
  bytes.set(text, 24);
  new DataView(bytes.buffer).setUint32(12, text.length, true);
  return bytes;
}

const refused = (bytes: Uint8Array | ArrayBuffer, ...patterns: RegExp[]) =>
  throwsLatentError(() => VectorIndex.from(bytes), 'bad-index', /index/, ...patterns);

test('a file gives the index back: form, order, items, results', () => {
  const index = made();
  const again = VectorIndex.from(index.toBuffer());
  const form = ({space, shape, dimension, size, metric, model: by}: VectorIndex) => ({
    ...{space, shape, dimension, size, metric, by},
  });
  assert.deepEqual(form(again), form(index));
  assert.deepEqual([...again.ids()], [...index.ids()]);
  for (const id of index.ids()) {
    assert.deepEqual(again.get(id), index.get(id));
    assert.deepEqual(again.item(id), index.item(id));
  }
  const query = latent(clustered(5, 1, 9)[0]!);
  assert.deepEqual(again.search(query), index.search(query));
  assert.deepEqual(new Uint8Array(again.toBuffer()), new Uint8Array(index.toBuffer()));
});

test('numbers stay where they lie, until the index is changed', () => {
  const file = made().toBuffer();
  const before = file.slice(0);
  const index = VectorIndex.from(file);
  assert.equal(index.search(index.get('№ 5')!, 1)[0]?.id, '№ 5');
  // A view: what is written to the file is seen.
  const start = file.byteLength;
  const [offset] = headerOf(file).vectors;
  assert.equal(offset % 64, 0);
  new Float32Array(file, offset, 1)[0] = 77;
  assert.equal(index.get('№ 1')!.data[0], 77);
  new Uint8Array(file).set(new Uint8Array(before));
  index.update('№ 1', latent(new Float32Array(9).fill(1)));
  index.add('new', latent(new Float32Array(9).fill(2)));
  index.remove('№ 2');
  assert.equal(index.search(latent(new Float32Array(9).fill(2)), 1)[0]?.id, 'new');
  assert.equal(file.byteLength, start);
  assert.deepEqual(new Uint8Array(file), new Uint8Array(before));
});

test('a file in the middle of another buffer is read from where it is', () => {
  const file = new Uint8Array(made().toBuffer());
  for (const shift of [1, 4, 64]) {
    const around = new Uint8Array(file.length + 100);
    around.set(file, shift);
    const index = VectorIndex.from(around.subarray(shift, shift + file.length));
    assert.deepEqual(index.get('№ 7'), made().get('№ 7'));
  }
});

test('int8 is a quarter of the numbers, near to them, and the same ever after', () => {
  const index = new VectorIndex();
  const rows = clustered(7, 200, 64);
  index.add(rows.map((data, i) => ({id: String(i), latent: latent(data)})));
  index.add('zero', latent(new Float32Array(64)));
  const file = index.toBuffer({precision: 'int8'});
  assert.ok(file.byteLength < 0.35 * index.toBuffer().byteLength);
  const again = VectorIndex.from(file);
  for (const [i, row] of rows.entries()) {
    const {data} = again.get(String(i))!;
    const most = Math.max(...row.map(Math.abs));
    row.forEach((value, j) => {
      assert.ok(Math.abs(data[j]! - value) <= most / 253);
    });
    assert.equal(again.search(latent(row), 1)[0]?.id, String(i));
  }
  assert.deepEqual(again.get('zero'), index.get('zero'));
  assert.deepEqual(new Uint8Array(again.toBuffer({precision: 'int8'})), new Uint8Array(file));
});

test('an empty index with a form is a file too', () => {
  const again = VectorIndex.from(new VectorIndex({space: 's', shape: [4]}).toBuffer());
  assert.deepEqual([again.space, again.dimension, again.size], ['s', 4, 0]);
  throwsLatentError(() => new VectorIndex({space: 's'}).toBuffer(), 'bad-argument', /shape/);
  const index = new VectorIndex();
  index.add('a', latent([1]), {big: 1n});
  throwsLatentError(() => index.toBuffer(), 'bad-argument', /JSON/);
});

test('another space or model than expected is refused, and named', () => {
  const file = made().toBuffer();
  assert.ok(VectorIndex.from(file, {space: 'test', model}));
  throwsLatentError(
    () => VectorIndex.from(file, {space: 'words-1'}),
    'space-mismatch',
    /'words-1'.*'test'/,
  );
  for (const other of [
    {...model, version: '1.1.0'},
    {...model, name: 'mini'},
  ]) {
    throwsLatentError(
      () => VectorIndex.from(file, {model: other}),
      'space-mismatch',
      /words 1\.0\.0/,
      new RegExp(`${other.name} ${other.version}`),
    );
  }
});

test('what is no index, or of a newer version, is refused', () => {
  const file = made().toBuffer();
  const newer = file.slice(0);
  new DataView(newer).setUint32(8, 3, true);
  refused(newer, /version 3/, /update/);
  new DataView(newer).setUint32(8, 2, true);
  refused(newer, /head of an index in parts/, /--split never/);
  refused(new Uint8Array(0));
  refused(new TextEncoder().encode('<!doctype html><title>404</title>'), /LATENTS/);
  refused(new TextEncoder().encode('LATENTS\n'), /cut short/);
});

test('hostile headers are refused before anything is allocated', () => {
  const file = made().toBuffer();
  const {records, vectors} = headerOf(file);
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{count: 1e12}, /vectors/],
    [{count: 40}, /vectors/],
    [{count: -1}, /count/],
    [{count: 1.5}, /count/],
    [{shape: [2 ** 40]}, /vectors/],
    [{shape: []}, /shape/],
    [{shape: [0]}, /shape/],
    [{shape: [2 ** 30, 2 ** 30, 2 ** 30], count: 1e9}, /vectors/],
    [{vectors: [vectors[0], 2 ** 40]}, /vectors/],
    [{vectors: [vectors[0] + 4, vectors[1]]}, /place/],
    [{vectors: [0, vectors[1]]}, /place/],
    [{vectors: [2 ** 40, vectors[1]]}, /place/],
    [{records: [records[0], records[1] + 1]}, /fill/],
    [{records: [vectors[0], records[1]]}, /place/],
    [{precision: 'int8'}, /vectors|scales/],
    [{precision: 'float16'}, /precision/],
    [{scales: [records[0], 4]}, /scales/],
    [{metric: 'l1'}, /metric/],
    [{space: ''}, /space/],
  ];
  for (const [change, pattern] of cases) {
    const begin = process.memoryUsage().arrayBuffers;
    refused(
      withHeader(file, (header) => ({...header, ...change})),
      pattern,
    );
    assert.ok(process.memoryUsage().arrayBuffers - begin < 1e7);
  }
  const long = new Uint8Array(file.slice(0));
  new DataView(long.buffer).setUint32(12, 0xffffffff, true);
  refused(long, /header/);
});

test('ids and items are checked', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{"ids": ["a", "a"], "items": [null, null]}', /twice/],
    ['{"ids": ["a"], "items": [null, null]}', /2 vectors, 1 ids/],
    ['{"ids": ["a", 3], "items": [null, null]}', /ids\.1/],
    ['{"ids": ["a", ""], "items": [null, null]}', /ids\.1/],
    ['{"ids": ["a", "b"], "items": [null, 4]}', /items\.1/],
    ['{"ids": ["a", "b"]', /JSON/],
  ];
  const index = new VectorIndex({space: 's'});
  index.addBatch({space: 's', ids: ['a', 'b'], data: Float32Array.of(1, 2)});
  const file = index.toBuffer();
  for (const [text, pattern] of cases) refused(withRecords(file, text), pattern);
  const sneaky = withRecords(file, '{"ids": ["a", "b"], "items": [{"__proto__": {"x": 1}}, null]}');
  const item = VectorIndex.from(sneaky).item('a')! as {x?: number};
  assert.equal(item.x, undefined);
});

test('numbers that are not finite are refused', () => {
  const file = made().toBuffer();
  const [offset] = headerOf(file).vectors;
  new Float32Array(file, offset, 1)[0] = NaN;
  refused(file, /'№ 1'.*finite/);
});

test('a file cut anywhere is refused, a flipped byte never crashes', () => {
  const index = new VectorIndex();
  index.add('a', latent([1, 2]), {title: 'x'});
  index.add('b', latent([3, 4]));
  for (const precision of ['float32', 'int8'] as const) {
    const file = new Uint8Array(index.toBuffer({precision}));
    for (let length = 0; length < file.length; length++) refused(file.slice(0, length));
    refused(Uint8Array.of(...file, 0), /says/);
    for (let i = 0; i < file.length; i++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const bytes = file.slice();
        bytes[i]! ^= flip;
        try {
          VectorIndex.from(bytes);
        } catch (error) {
          assert.ok(error instanceof LatentError, String(error));
          assert.equal(error.code, 'bad-index');
        }
      }
    }
  }
});

interface Places {
  readonly vectors: readonly [number, number];
  readonly records: readonly [number, number];
}

function headerOf(file: ArrayBuffer): Places {
  const length = new DataView(file).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(file, 24, length))) as Places;
}

/** A file with other records, its lengths right. */
function withRecords(file: ArrayBuffer, text: string): Uint8Array {
  const {records} = headerOf(file);
  const tail = new TextEncoder().encode(text);
  const changed = withHeader(file, (header) => ({...header, records: [records[0], tail.length]}));
  const bytes = new Uint8Array(records[0] + tail.length);
  bytes.set(changed.subarray(0, records[0]));
  bytes.set(tail, records[0]);
  new DataView(bytes.buffer).setFloat64(16, bytes.length, true);
  return bytes;
}
