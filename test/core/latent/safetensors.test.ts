import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createLatent} from '../../../src/core/latent/latent.js';
import {randomNormal} from '../../../src/core/random/noise.js';
import {
  fromSafetensors,
  readMetadata,
  readTensors,
  toSafetensors,
} from '../../../src/core/latent/safetensors.js';
import {latent, throwsLatentError} from '../support.js';

const bytesOf = (...hex: readonly string[]) => Uint8Array.from(Buffer.from(hex.join(''), 'hex'));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** A file as the format's text says, put together without the code under test. */
function file(header: unknown, data = new Uint8Array(), length?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(json.length));
  return Uint8Array.from(Buffer.concat([size, json, data]));
}

const tensor = (dtype: string, shape: readonly unknown[], begin: unknown, end: unknown) => {
  return {dtype, shape, data_offsets: [begin, end]};
};
const readOne = (dtype: string, ...hex: readonly string[]) => {
  const data = bytesOf(...hex);
  const bytes = {F32: 4, F16: 2, BF16: 2, F64: 8, I8: 1, U8: 1}[dtype]!;
  const header = {x: tensor(dtype, [data.length / bytes], 0, data.length)};
  return [...readTensors(file(header, data)).get('x')!.data];
};

test('a latent is written byte for byte as the format says', () => {
  const written = toSafetensors(createLatent('s', [1, 2], Float32Array.of(1, -2)), {by: 'ada'});
  const json =
    '{"__metadata__":{"by":"ada","space:latent":"s"},' +
    '"latent":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  assert.notEqual(padded, json);
  assert.equal(Buffer.from(written).readBigUInt64LE(), BigInt(padded.length));
  assert.equal(textOf(written.subarray(8, 8 + padded.length)), padded);
  assert.deepEqual(written.slice(8 + padded.length), bytesOf('0000803f', '000000c0'));
});

test('latents come back as they were, each in its space', () => {
  const one = createLatent('photos-1', [2, 3, 4], randomNormal(1, 24));
  const latents = {'ein Bär 🐻': one, __proto__x: latent([-0, 1e-45, 3e38], 'avatars-1')};
  for (const given of [latents, new Map(Object.entries(latents))]) {
    const written = toSafetensors(given);
    assert.deepEqual(fromSafetensors(written), new Map(Object.entries(latents)));
    assert.deepEqual(fromSafetensors(written.buffer), new Map(Object.entries(latents)));
  }
  assert.deepEqual(fromSafetensors(toSafetensors(one)), new Map([['latent', one]]));
  assert.deepEqual(fromSafetensors(toSafetensors({})), new Map());
});

test('names that objects inherit are names like others', () => {
  const latents = new Map(['__proto__', 'constructor'].map((name) => [name, latent([1])]));
  assert.deepEqual(fromSafetensors(toSafetensors(latents)), latents);
});

test('the data begins at a multiple of eight bytes whatever the header', () => {
  for (const name of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'ü']) {
    assert.equal(Buffer.from(toSafetensors({[name]: latent([1])})).readBigUInt64LE() % 8n, 0n);
  }
});

test('metadata is kept', () => {
  const written = toSafetensors({a: latent([1])}, {license: 'MIT'});
  assert.deepEqual(
    readMetadata(written),
    new Map([
      ['license', 'MIT'],
      ['space:a', 'test'],
    ]),
  );
  assert.deepEqual(readMetadata(file({})), new Map());
});

test('what cannot be written is named', () => {
  throwsLatentError(() => toSafetensors({a: [1] as never}), 'bad-argument', /'a' is no latent/);
  throwsLatentError(() => toSafetensors({__metadata__: latent([1])}), 'bad-argument', /__meta/);
  throwsLatentError(
    () => toSafetensors({a: latent([1])}, {'space:a': 'b'}),
    'bad-argument',
    /'space:a' is reserved/,
  );
  throwsLatentError(() => toSafetensors({}, {n: 1 as never}), 'bad-argument', /'n'.*string/);
});

test('every type is converted, with its special values', () => {
  assert.deepEqual(readOne('F32', '0000803f', '000080ff', '01000000'), [1, -Infinity, 2 ** -149]);
  assert.deepEqual(readOne('F16', '003c', '00c0', 'ff7b', '0004'), [1, -2, 65504, 2 ** -14]);
  assert.deepEqual(readOne('F16', '0100', 'ff83', '0080'), [2 ** -24, -1023 * 2 ** -24, -0]);
  assert.deepEqual(readOne('F16', '007c', '00fc', '007e'), [Infinity, -Infinity, NaN]);
  assert.deepEqual(readOne('BF16', '803f', '00c0', '4940'), [1, -2, 3.140625]);
  assert.deepEqual(readOne('BF16', '807f', 'c07f', '0100'), [Infinity, NaN, 2 ** -133]);
  assert.deepEqual(readOne('F64', '000000000000f03f', '182d4454fb2109c0'), [
    1,
    Math.fround(-Math.PI),
  ]);
  assert.deepEqual(readOne('I8', '01', '80', 'ff'), [1, -128, -1]);
  assert.deepEqual(readOne('U8', '01', '80', 'ff'), [1, 128, 255]);
});

test('tensors are read in the order of their data, from unaligned places too', () => {
  // An odd header length, in a buffer of which the file is only a part.
  const header = {
    b: tensor('F32', [], 1, 5),
    a: tensor('U8', [1], 0, 1),
    e: tensor('F32', [0], 5, 5),
  };
  const bytes = file(`${JSON.stringify(header)}   `, bytesOf('07', '0000803f'));
  const inside = new Uint8Array(bytes.length + 3);
  inside.set(bytes, 3);
  const tensors = readTensors(inside.subarray(3));
  assert.deepEqual([...tensors.keys()], ['a', 'b', 'e']);
  assert.deepEqual(tensors.get('b'), {dtype: 'F32', shape: [], data: Float32Array.of(1)});
  assert.equal(tensors.get('e')?.data.length, 0);
});

test('an empty tensor may share its place with the next', () => {
  const header = {x: tensor('U8', [1], 0, 1), empty: tensor('F32', [0], 0, 0)};
  assert.deepEqual([...readTensors(file(header, bytesOf('07'))).keys()], ['empty', 'x']);
});

test('every broken file is refused with its tensor and fault', () => {
  const eight = new Uint8Array(8);
  const x = (entry: unknown) => ({x: entry});
  const cases: readonly (readonly [bytes: Uint8Array, ...patterns: readonly RegExp[]])[] = [
    [new Uint8Array(0), /0 bytes/],
    [new Uint8Array(7), /7 bytes/],
    [file('{}', eight, 100_000_001n), /100000001 bytes is over 100000000/],
    [file('{}', eight, 2n ** 64n - 1n), /18446744073709551615/],
    [file('{}', new Uint8Array(), 3n), /after the file/],
    [file('', new Uint8Array()), /'\{'/],
    [file('[]'), /'\{'/],
    [file(' {}'), /'\{'/],
    [file('<!doctype html>'), /'\{'/],
    [file('{"x":'), /JSON/],
    [file({}, eight), /8 bytes at its end/],
    [file({__metadata__: null}), /__metadata__/],
    [file({__metadata__: {n: 1}}), /'n' is not a string/],
    [file(x(null)), /'x' is not an object/],
    [file(x([])), /'x' is not an object/],
    [file(x({shape: [], data_offsets: [0, 0]})), /'x' has no dtype/],
    [file(x(tensor('Q4', [2], 0, 8)), eight), /'x' has the type 'Q4'/],
    [file(x(tensor('constructor', [2], 0, 8)), eight), /'x' has the type 'constructor'/],
    [file(x({dtype: 'F32', data_offsets: [0, 8]}), eight), /shape of tensor 'x'/],
    [file(x(tensor('F32', [-2, -1], 0, 8)), eight), /shape of tensor 'x'/],
    [file(x(tensor('F32', [0.5, 4], 0, 8)), eight), /shape of tensor 'x'/],
    [file(x(tensor('F32', ['2'], 0, 8)), eight), /shape of tensor 'x'/],
    [file(x(tensor('F32', [2], 0, '8')), eight), /data_offsets of tensor 'x'/],
    [file(x({dtype: 'F32', shape: [2], data_offsets: [0]}), eight), /data_offsets of tensor 'x'/],
    [file(x({dtype: 'F32', shape: [2]}), eight), /data_offsets of tensor 'x'/],
    [file(x(tensor('F32', [2], 8, 0)), eight), /'x' ends before it begins/],
    [file(x(tensor('F32', [1], 4, 8)), eight), /hole before the data of tensor 'x'/],
    [file(x(tensor('F32', [4], 0, 16)), eight), /'x' ends after the file/],
    [file(x(tensor('F32', [3], 0, 8)), eight), /'x' \(F32 \[3\]\) needs 12 bytes/, /give 8/],
    [file(x(tensor('F32', [2 ** 52, 2 ** 52], 0, 8)), eight), /'x'.*needs/],
    [
      file({x: tensor('F32', [1], 0, 4), y: tensor('F32', [2], 0, 8)}, eight),
      /'y' overlaps another/,
    ],
  ];
  for (const [bytes, ...patterns] of cases) {
    throwsLatentError(() => readTensors(bytes), 'bad-argument', /safetensors/, ...patterns);
  }
});

test('invalid UTF-8 in the header is refused', () => {
  const bytes = file('{"x":1}');
  bytes[10] = 0xff;
  throwsLatentError(() => readTensors(bytes), 'bad-argument', /UTF-8/);
});

test('a tensor that is no latent is named', () => {
  const four = new Uint8Array(4);
  const metadata = {'space:x': 's'};
  throwsLatentError(
    () => fromSafetensors(file({x: tensor('F32', [1], 0, 4)}, four)),
    'bad-argument',
    /'x' has no space/,
    /readTensors/,
  );
  throwsLatentError(
    () => fromSafetensors(file({__metadata__: metadata, x: tensor('F32', [0], 0, 0)})),
    'bad-argument',
    /'x'/,
    /shape/,
  );
  const nan = bytesOf('0000c07f');
  throwsLatentError(
    () => fromSafetensors(file({__metadata__: metadata, x: tensor('F32', [1], 0, 4)}, nan)),
    'bad-argument',
    /'x'/,
    /NaN/,
  );
});

test('a file cut anywhere is refused, a flipped byte never crashes', () => {
  const whole = toSafetensors({a: latent([1, 2]), b: latent([3], 'other')});
  for (let length = 0; length < whole.length; length++) {
    throwsLatentError(() => fromSafetensors(whole.slice(0, length)), 'bad-argument');
  }
  for (let i = 0; i < whole.length; i++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const bytes = whole.slice();
      bytes[i]! ^= flip;
      try {
        fromSafetensors(bytes);
      } catch (error) {
        assert.equal((error as {code?: unknown}).code, 'bad-argument', String(error));
      }
    }
  }
});
