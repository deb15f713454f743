import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createDirection, type Direction} from '../../../src/core/direction/direction.js';
import {fromDirectionFile, toDirectionFile} from '../../../src/core/direction/direction-file.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {readMetadata, readTensors, toSafetensors} from '../../../src/core/latent/safetensors.js';
import {latent, throwsLatentError} from '../support.js';

const quality = {separation: 0.9375, effect: 2.1, chance: 0.03, verdict: 'clear'} as const;
const smile = createDirection('avatars-1', [4], Float32Array.of(1, -2, 0.1, 3e38), {
  label: 'Lächeln 🙂',
  quality,
});
const FORMATS = ['safetensors', 'json'] as const;
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text));
const jsonOf = (value: unknown) => bytesOf(JSON.stringify(value));
const whole = {kind: 'direction', space: 'a', shape: [2], data: [1, 2]};

for (const format of FORMATS) {
  test(`${format}: directions come back bit for bit`, () => {
    const others: Direction[] = [
      smile,
      createDirection('photos-1', [3, 1, 1], Float32Array.of(-0, 1e-45, -3.4028235e38)),
      createDirection('photos-1', [2, 5, 7], randomNormal(3, 70), {label: ''}),
    ];
    for (const direction of others) {
      const file = toDirectionFile(direction, format);
      assert.deepEqual(fromDirectionFile(file), direction);
      assert.deepEqual(fromDirectionFile(file.buffer), direction);
      // As a part of a larger buffer.
      const inside = new Uint8Array(file.length + 5);
      inside.set(file, 3);
      assert.deepEqual(fromDirectionFile(inside.subarray(3, 3 + file.length)), direction);
    }
  });

  test(`${format}: a file cut anywhere is refused, a flipped byte never crashes`, () => {
    const file = toDirectionFile(smile, format);
    for (let length = 0; length < file.length - 1; length++) {
      throwsLatentError(() => fromDirectionFile(file.slice(0, length)), 'bad-argument');
    }
    for (let i = 0; i < file.length; i++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        const bytes = file.slice();
        bytes[i]! ^= flip;
        try {
          fromDirectionFile(bytes);
        } catch (error) {
          assert.equal((error as {code?: unknown}).code, 'bad-argument', String(error));
        }
      }
    }
  });
}

test('the files are what the documentation says', () => {
  const file = toDirectionFile(smile);
  const metadata = readMetadata(file);
  assert.equal(metadata.get('kind'), 'direction');
  assert.equal(metadata.get('space'), 'avatars-1');
  assert.equal(metadata.get('label'), 'Lächeln 🙂');
  assert.deepEqual([...readTensors(file).keys()], ['direction']);
  assert.deepEqual(JSON.parse(textOf(toDirectionFile(smile, 'json'))), {
    kind: 'direction',
    space: 'avatars-1',
    label: 'Lächeln 🙂',
    quality,
    shape: [4],
    // Nine digits: enough for every float32.
    data: [1, -2, 0.100000001, 3.00000001e38],
  });
});

test('files of other tools are read: another type, no more than what is needed', () => {
  const header =
    '{"__metadata__":{"kind":"direction","space":"a"},' +
    '"direction":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}';
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  const file = Buffer.concat([size, Buffer.from(header), Buffer.from('003c00c0', 'hex')]);
  const expected = createDirection('a', [2], Float32Array.of(1, -2));
  assert.deepEqual(fromDirectionFile(Uint8Array.from(file)), expected);
  assert.deepEqual(fromDirectionFile(bytesOf(`\n ${JSON.stringify(whole)}`)).data[1], 2);
  assert.deepEqual(fromDirectionFile(jsonOf({...whole, by: 'ada'})).shape, [2]);
});

test('other files are refused, saying what is wrong', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /0 bytes/],
    [bytesOf('<!doctype html><title>404</title>'), /HTML page/],
    [bytesOf('hello, world'), /neither JSON nor/],
    [bytesOf('{"kind":"direction"'), /neither JSON nor/],
    [jsonOf([]), /./],
    [jsonOf(null), /./],
    [jsonOf({...whole, kind: 'latent'}), /kind/],
    [jsonOf({...whole, kind: undefined}), /kind/],
    [jsonOf({...whole, space: ''}), /space/],
    [jsonOf({...whole, space: 7}), /space/],
    [jsonOf({...whole, shape: [3]}), /\[3\] holds 3 numbers, data holds 2/],
    [jsonOf({...whole, shape: [1e9, 1e9]}), /holds 1000000000000000000 numbers/],
    [jsonOf({...whole, shape: [-2]}), /shape/],
    [jsonOf({...whole, shape: 2}), /shape/],
    [jsonOf({...whole, data: [1, null]}), /data\.1/],
    [jsonOf({...whole, data: {0: 1, 1: 2, length: 2}}), /data/],
    [jsonOf({...whole, data: [0, 0]}), /0/],
    [bytesOf(JSON.stringify(whole).replace('[1,2]', '[1,1e999]')), /data|Infinity/],
    [bytesOf(JSON.stringify(whole).replace('[1,2]', '[1,1e300]')), /Infinity/],
    [bytesOf(JSON.stringify(whole).replace('[1,2]', deep)), /data/],
    [bytesOf(`{"a":${deep}}`), /kind/],
    [jsonOf({...whole, label: {toString: 1}}), /label/],
    [jsonOf({...whole, quality: {...quality, separation: 2}}), /quality\.separation/],
    [jsonOf({...whole, quality: {...quality, verdict: 'superb'}}), /quality\.verdict/],
    [Uint8Array.of(0x7b, 0xff, 0xfe, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d), /./],
    [toSafetensors(latent([1, 2])), /kind/],
    [toSafetensors({direction: latent([1, 2])}, {kind: 'alignment', space: 'a'}), /kind/],
    [toSafetensors({other: latent([1, 2])}, {kind: 'direction', space: 'a'}), /no tensor/],
    [toSafetensors({direction: latent([1, 2])}, {kind: 'direction'}), /space/],
    [
      toSafetensors({direction: latent([1, 2])}, {kind: 'direction', space: 'a', quality: '{'}),
      /JSON/,
    ],
  ];
  for (const [bytes, pattern] of cases) {
    throwsLatentError(() => fromDirectionFile(bytes), 'bad-argument', /no direction file/, pattern);
  }
});

test('a header that promises too much and numbers that are none are refused', () => {
  const giant = new Uint8Array(16);
  new DataView(giant.buffer).setBigUint64(0, 2n ** 40n, true);
  throwsLatentError(() => fromDirectionFile(giant), 'bad-argument', /1099511627776/);
  const file = toDirectionFile(createDirection('a', [2], Float32Array.of(1, 2)));
  new DataView(file.buffer).setFloat32(file.length - 4, NaN, true);
  throwsLatentError(() => fromDirectionFile(file), 'bad-argument', /NaN/);
});

test('keys of prototypes change nothing', () => {
  const text = JSON.stringify(whole).replace('{', '{"__proto__":{"label":"x"},"constructor":1,');
  const read = fromDirectionFile(bytesOf(text));
  assert.deepEqual(Object.keys(read), ['space', 'shape', 'data']);
  assert.equal(read.label, undefined);
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  const inherited = bytesOf(
    '{"__proto__":{"kind":"direction","space":"a","shape":[1],"data":[1]}}',
  );
  throwsLatentError(() => fromDirectionFile(inherited), 'bad-argument', /kind/);
});

test('only directions are written', () => {
  for (const other of [undefined, {}, {space: 'a', shape: [1], data: [1]}] as never[]) {
    throwsLatentError(() => toDirectionFile(other), 'bad-argument', /no direction/);
  }
});
