import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import type {PackManifest} from '../../../src/core/pack/pack.js';
import {isBlank} from '../../../src/core/text/clean.js';
import {fnv1a, StaticWords} from '../../../src/core/text/static-words.js';
import type {StaticWordsTokenizer} from '../../../src/core/text/pack-fields.js';
import {StaticTextEncoder} from '../../../src/core/text/static-text-encoder.js';
import {assertClose, throwsLatentError} from '../support.js';

const WORDS = [
  ...['cat', 'tag', 'city', 'get', 'element', 'by', 'id', 'iphone', 'u.s.', 'us', '1000', 'low'],
  ...['cost', 'do', 't', "don't", 'cafe', 'naive', '😀', '$', 'strasse', 'make', 'run', 'big'],
];
const BUCKETS = 64;
const OPTIONS: StaticWordsTokenizer = {
  type: 'static-words',
  file: 'vocabulary.txt',
  bytes: 1,
  sha256: '0'.repeat(64),
  words: WORDS.length,
  buckets: BUCKETS,
  ngrams: [3, 5],
  suffixes: [
    ['ies', 'y'],
    ['es', ''],
    ['s', ''],
    ['ing', ''],
    ['ing', 'e'],
    ['er', ''],
  ],
  maxCharacters: 2000,
  maxWords: 20,
  maxWordLength: 10,
};
const vocabulary = (words: readonly string[] = WORDS) => Buffer.from(words.join('\n') + '\n');
const words = new StaticWords(OPTIONS, vocabulary());

/** The words that a text is found as; `#` stands for n-grams, however many. */
function found(text: string): string {
  const names = words.pieces(text).map(({row}) => WORDS[row] ?? '#');
  return names.filter((name, i) => name !== '#' || names[i - 1] !== '#').join(' ');
}

const ngrams = (...texts: readonly string[]) =>
  texts.map((text) => WORDS.length + (fnv1a(Buffer.from(text)) % BUCKETS));

test('FNV-1a gives its published values', () => {
  // http://www.isthe.com/chongo/tech/comp/fnv/ lists them for 32 bits.
  assert.equal(fnv1a(Buffer.from('')), 0x811c9dc5);
  assert.equal(fnv1a(Buffer.from('a')), 0xe40c292c);
  assert.equal(fnv1a(Buffer.from('foobar')), 0xbf9cf968);
});

for (const [text, expected] of [
  ['Cat, CAT (cat)!', 'cat cat cat'],
  ['Café ＣＡＦＥ cafe\u0301 naïve', 'cafe cafe cafe naive'],
  ['Straße STRASSE', 'strasse strasse'],
  ['low\u2011cost low-cost low–cost', 'low cost low cost low cost'],
  ['don’t don\u02bct do’t', "don't don't do t"],
  ["the cat's", '# cat'],
  ['1,000 1000', '1000 1000'],
  ['U.S. u.s. U.S', 'u.s. u.s. u.s.'],
  ['g.e.t.', 'get'],
  ['getElementById iPhone', 'get element by id iphone'],
  ['cities tagging bigger making runs', 'city tag big make run'],
  ['😀😀 $ 👍🏽', '😀 😀 $ #'],
  ['<script>cat()</script>', '# cat #'],
  ['cat\u0000\u0007\u200bcat', 'cat cat'],
  ['cat\u00adcat', '#'],
  ['חתול \u202ecat', '# cat'],
] as const) {
  test(`${JSON.stringify(text)} is found as: ${expected}`, () => {
    assert.equal(found(text), expected);
  });
}

test('a word that is not known is found by its n-grams, each at an equal share', () => {
  const pieces = words.pieces('abcd');
  const grams = ['<ab', 'abc', 'bcd', 'cd>', '<abc', 'abcd', 'bcd>', '<abcd', 'abcd>', '<abcd>'];
  assert.deepEqual(
    pieces.map(({row}) => row),
    ngrams(...grams),
  );
  assert.ok(pieces.every(({factor}) => factor === 1 / grams.length));
});

test('n-grams are of code points, whatever their bytes', () => {
  const rows = words.pieces('é𐀀ж').map(({row}) => row);
  // The accent is gone before.
  const grams = ['<e𐀀', 'e𐀀ж', '𐀀ж>', '<e𐀀ж', 'e𐀀ж>', '<e𐀀ж>'];
  assert.deepEqual(rows, ngrams(...grams));
});

test('signs alone are a word; nothing visible is nothing', () => {
  assert.deepEqual(
    words.pieces(' ?! ').map(({row}) => row),
    ngrams('<?!', '?!>', '<?!>'),
  );
  for (const text of ['', ' \n\t', '\u200b\u200d', '\u0000\u0008', '\u0301', '\u00a8', '\ufe0f']) {
    assert.deepEqual(words.pieces(text), [], JSON.stringify(text));
    assert.ok(isBlank(text), JSON.stringify(text));
  }
  for (const text of ['?', ' x', '猫', '😀', '\ud800', '\u3164', '5']) {
    assert.ok(!isBlank(text) && words.pieces(text).length > 0, JSON.stringify(text));
  }
});

test('a text is used up to the limits of the pack', () => {
  assert.equal(words.pieces('cat '.repeat(50)).length, OPTIONS.maxWords);
  assert.deepEqual(words.pieces(`${' '.repeat(OPTIONS.maxCharacters)}cat`), []);
  assert.deepEqual(words.pieces('x'.repeat(11)), words.pieces('x'.repeat(500)));
});

test('a vocabulary that is not what the manifest says is refused', () => {
  const refused = (bytes: Uint8Array, pattern: RegExp) => {
    throwsLatentError(
      () => new StaticWords(OPTIONS, bytes),
      'bad-pack',
      /vocabulary\.txt/,
      pattern,
    );
  };
  refused(vocabulary(WORDS.slice(1)), /23 lines.*24/);
  refused(vocabulary([...WORDS.slice(1), 'cat', 'cat']), /25 lines, 24 of them different/);
  refused(vocabulary().subarray(0, -1), /no end/);
  refused(Uint8Array.of(0xff, 0x0a), /UTF-8/);
});

/** A table of `dimensions` numbers a row, in the layout that the format describes. */
function table(
  rows: readonly (readonly number[])[],
  scales: readonly number[],
  dtype = 'I8',
): Uint8Array {
  const dimensions = rows[0]!.length;
  const split = rows.length * dimensions;
  const header = Buffer.from(
    JSON.stringify({
      rows: {dtype, shape: [rows.length, dimensions], data_offsets: [0, split]},
      scales: {dtype: 'F32', shape: [rows.length], data_offsets: [split, split + 4 * rows.length]},
    }),
  );
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  const floats = Buffer.from(Float32Array.from(scales).buffer);
  return Uint8Array.from(Buffer.concat([size, header, Buffer.from(rows.flat()), floats]));
}

const asset = (file: string) => ({file, bytes: 1, sha256: '0'.repeat(64)});
const COUNT = WORDS.length + BUCKETS;

function manifest(
  change: (json: Record<string, never>) => unknown = () => undefined,
): PackManifest {
  const json = {
    format: 1,
    name: 'tiny',
    version: '1',
    license: 'CC0-1.0',
    space: {id: 'tiny-1', shape: [2]},
    parts: {},
    tokenizer: {...OPTIONS},
    embedding: {type: 'static', ...asset('table.safetensors')},
  };
  change(json as never);
  return parsePack(json, 'pack.json');
}

test('a text is the sum of its rows at unit length', () => {
  const rows = Array.from({length: COUNT}, (_, i) => [i === 0 ? 3 : -100, i === 1 ? 4 : 1]);
  const scales = Array.from({length: COUNT}, (_, i) => (i === 1 ? 2 : 1));
  const files = {tokenizer: vocabulary(), table: table(rows, scales)};
  const encoder = new StaticTextEncoder(manifest(), files);
  // cat: (3, 1); tag: 2 · (−100, 4).
  const [x, y] = [3 - 200, 1 + 8];
  const {space, shape, data} = encoder.embed('cat tag');
  assert.deepEqual([space, shape, encoder.dimensions], ['tiny-1', [2], 2]);
  assertClose(data, [x / Math.hypot(x, y), y / Math.hypot(x, y)], 1e-7);
  assert.deepEqual(encoder.embed('TAG: cat!').data, data);
  throwsLatentError(() => encoder.embed(' \u200b '), 'bad-argument', /visible/);
});

test('rows of four bits are read as two numbers a byte', () => {
  const rows = Array.from({length: COUNT}, (_, i) => (i === 0 ? [-8, 7] : [i % 8, -(i % 9)]));
  const ones = new Array(COUNT).fill(1) as number[];
  const bytes = rows.map(([low, high]) => [low! + 8 + ((high! + 8) << 4)]);
  const packed = new StaticTextEncoder(manifest(), {
    tokenizer: vocabulary(),
    table: table(bytes, ones, 'U8'),
  });
  const plain = new StaticTextEncoder(manifest(), {
    tokenizer: vocabulary(),
    table: table(rows, ones),
  });
  assertClose(packed.embed('cat').data, [-8 / Math.hypot(8, 7), 7 / Math.hypot(8, 7)], 1e-7);
  for (const text of ['cat tag', 'city', 'unknown']) {
    assert.deepEqual(packed.embed(text).data, plain.embed(text).data, text);
  }
  throwsLatentError(
    () =>
      new StaticTextEncoder(manifest(), {tokenizer: vocabulary(), table: table(rows, ones, 'U8')}),
    'bad-pack',
    /U8 \[88, 2\].*U8 \[88, 1\]/,
  );
});

test('a label is drawn towards the words around it, n-grams and rows of nothing left out', () => {
  const rows = Array.from({length: COUNT}, (_, i) => {
    if (i === 0) return [10, 0];
    return i === 1 ? [3, 4] : i < WORDS.length ? [0, 0] : [0, 100];
  });
  const files = {tokenizer: vocabulary(), table: table(rows, new Array(COUNT).fill(1) as number[])};
  const encoder = new StaticTextEncoder(manifest(), files);
  // Itself, once more itself by its row, and "tag" by its cosine, whatever the lengths of rows.
  const [x, y] = [1 + 1 + 0.6 * 0.6, 0.6 * 0.8];
  const {space, data} = encoder.embedLabel('cat');
  assert.equal(space, 'tiny-1');
  assertClose(data, [x / Math.hypot(x, y), y / Math.hypot(x, y)], 1e-7);
  throwsLatentError(() => encoder.embedLabel(' '), 'bad-argument', /visible/);
});

test('a document is matched word by word, by the nearest of its words and what each says', () => {
  // cat: (3, 4) of length 5; tag: (−4, 3) · 2 of length 10, at right angles; city: (0, 1).
  const rows = Array.from(
    {length: COUNT},
    (_, i) =>
      [
        [3, 4],
        [-4, 3],
        [0, 1],
      ][i] ?? [0, 0],
  );
  const scales = Array.from({length: COUNT}, (_, i) => (i === 1 ? 2 : 1));
  const files = {tokenizer: vocabulary(), table: table(rows, scales)};
  const encoder = new StaticTextEncoder(manifest(), files);
  const match = encoder.matcher('Cat, tag!');
  const close = (actual: number, expected: number) => {
    assertClose([actual], [expected], 1e-6);
  };
  close(match({text: 'tag <b>cat</b>'}), 1);
  close(match({title: 'CATS', text: 'get'}), 5 / 15);
  // city · cat = 0.8, city · tag = 0.6.
  close(match({text: 'city'}), (5 * 0.8 + 10 * 0.6) / 15);
  close(match({title: 'city', text: 'cat'}), (5 * 1 + 10 * 0.6) / 15);
  for (const nothing of [{}, {text: ''}, {title: '?!'}, {text: 'get'}]) close(match(nothing), 0);
  for (const query of ['', ' ?! ', 'get']) close(encoder.matcher(query)({text: 'cat'}), 0);
});

test('pieces that cancel out leave the first of them', () => {
  const rows = Array.from({length: COUNT}, (_, i) => (i === 1 ? [-3, -4] : [3, 4]));
  const files = {tokenizer: vocabulary(), table: table(rows, new Array(COUNT).fill(1) as number[])};
  const encoder = new StaticTextEncoder(manifest(), files);
  assertClose(encoder.embed('tag cat').data, [-0.6, -0.8], 1e-7);
});

test('a table that is not what the manifest says is refused', () => {
  const rows = Array.from({length: COUNT}, () => [1, 2]);
  const ones = new Array(COUNT).fill(1) as number[];
  const refused = (bytes: Uint8Array, pattern: RegExp, given = manifest()) => {
    const files = {tokenizer: vocabulary(), table: bytes};
    throwsLatentError(() => new StaticTextEncoder(given, files), 'bad-pack', pattern);
  };
  refused(table(rows.slice(1), ones.slice(1)), /rows.*I8 \[87, 2\].*I8 \[88, 2\]/);
  refused(
    table(
      rows.map(() => [1, 2, 3]),
      ones,
    ),
    /I8 \[88, 3\]/,
  );
  const renamed = manifest((json) => Object.assign(json.embedding!, {rows: 'weights'}));
  refused(table(rows, ones), /no tensor "weights"/, renamed);
  assert.throws(
    () => new StaticTextEncoder(manifest(), {tokenizer: vocabulary(), table: Uint8Array.of(1)}),
  );
});

test('a manifest whose fields do not fit together is refused, naming the field', () => {
  const refused = (pattern: RegExp, change: (json: Record<string, never>) => unknown) => {
    throwsLatentError(() => manifest(change), 'bad-pack', pattern);
  };
  refused(/tokenizer\.type must be static-words/, (json) => delete json.tokenizer);
  refused(/tokenizer\.ngrams/, (json) => Object.assign(json.tokenizer!, {ngrams: [5, 3]}));
  refused(/embedding\.space is missing/, (json) =>
    Object.assign(json.space!, {shape: [4, 'width/8']}),
  );
  refused(/parts must name at least one/, (json) => delete json.embedding);
  refused(/embedding\.noise/, (json) => Object.assign(json.embedding!, {noise: 2}));
  refused(/embedding\.type/, (json) => Object.assign(json.embedding!, {type: 'magic'}));
  refused(/no textEncoder and no imageEncoder/, (json) => {
    const part = {...asset('x.onnx'), inputs: {latent: 'a'}, outputs: {edited: 'b'}};
    Object.assign(json, {parts: {denoiser: part}, embedding: {pooling: 'cls'}});
  });
});
