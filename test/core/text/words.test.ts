// The pack `words` against vectors that its training code computed with Python from the same files.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import {cosineSimilarity} from '../../../src/core/latent/arithmetic.js';
import {isBlank, readableText} from '../../../src/core/text/clean.js';
import type {StaticWordsTokenizer} from '../../../src/core/text/pack-fields.js';
import {StaticTextEncoder} from '../../../src/core/text/static-text-encoder.js';
import {StaticWords} from '../../../src/core/text/static-words.js';
import {assertClose, processorTime, throwsLatentError} from '../support.js';

interface Known {
  readonly text?: string;
  readonly repeat?: readonly [string, number];
  /** How many pieces the text has, and the first of them: [row, factor]. */
  readonly count: number;
  readonly pieces: readonly (readonly [number, number])[];
  /** The first numbers of the vector, and Σ vector[i] · cos(i). */
  readonly first: readonly number[];
  readonly checksum: number;
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url));
const json = (path: string) => JSON.parse(read(path).toString()) as unknown;

const reference = json('../../models/words.reference.json') as {
  readonly blank: readonly string[];
  readonly texts: readonly Known[];
};
const manifest = parsePack(json('../../../models/words/pack.json'), 'words');
const tokenizer = read('../../../models/words/vocabulary.txt');
const table = read('../../../models/words/table.safetensors');
const encoder = new StaticTextEncoder(manifest, {tokenizer, table});
const words = new StaticWords(manifest.tokenizer as StaticWordsTokenizer, tokenizer);

const textOf = ({text, repeat}: Known) => text ?? repeat![0].repeat(repeat![1]);
const checksumOf = (data: Float32Array) =>
  data.reduce((sum, value, i) => sum + value * Math.cos(i), 0);

test('every reference text has the pieces and the vector that Python found', () => {
  assert.ok(reference.texts.length > 50);
  for (const known of reference.texts) {
    const text = textOf(known);
    const pieces = words.pieces(text);
    const name = JSON.stringify(text.slice(0, 40));
    assert.equal(pieces.length, known.count, name);
    known.pieces.forEach(([row, factor], i) => {
      assert.equal(pieces[i]!.row, row, `${name}, piece ${i}`);
      assert.ok(Math.abs(pieces[i]!.factor - factor) < 1e-6, `${name}, piece ${i}`);
    });
    const {data} = encoder.embed(text);
    assertClose(data.subarray(0, known.first.length), known.first, 1e-6);
    assertClose([checksumOf(data)], [known.checksum], 2e-6);
    assertClose([Math.hypot(...data)], [1], 1e-6);
  }
});

test('blank texts have no vector', () => {
  for (const text of reference.blank) {
    assert.ok(isBlank(text), JSON.stringify(text));
    throwsLatentError(() => encoder.embed(text), 'bad-argument');
  }
});

test('no text holds up the page', () => {
  for (const known of reference.texts.filter(({repeat}) => repeat)) {
    const spent = Math.min(...[1, 2].map(() => processorTime(() => encoder.embed(textOf(known)))));
    assert.ok(spent < 500, `${spent} ms for ${known.repeat!.join(' × ')}`);
  }
});

test('an item is embedded as what a person reads of it', () => {
  const cosine = (item: {title?: string; text?: string}, query: string): number =>
    cosineSimilarity(encoder.embedDocument(item)!, encoder.embed(query));
  const plain = cosine({text: 'Learning to play the violin'}, 'musical instrument lessons');
  for (const noise of [
    '<img src=x onerror="window.pwned=1">',
    '<!-- header -->&nbsp;<b class="x">',
    'https://example.org/a/b?c=d ',
    '3f2504e0-4f89-11d3-9a0c-0305e82c3301 ',
    'data-test-id="item-17" ',
  ]) {
    const text = `${noise}Learning to play the violin`;
    assert.equal(cosine({text}, 'musical instrument lessons'), plain, noise);
  }
  assert.ok(plain > 0.4, `${plain}`);
  assert.equal(encoder.embedDocument({text: '<img src=x>', title: ' '}), undefined);
  assert.equal(readableText('a < b and c > d'), 'a < b and c > d');
  assert.equal(readableText('Cut off <img src="x.jp'), 'Cut off');
});

test('reading a text of any length takes its time in proportion', () => {
  for (const piece of ['<a ', 'a-', '<!--', 'a=', 'deadbeef0', '&amp', 'http:']) {
    const spent = processorTime(() => readableText(piece.repeat(200_000)));
    assert.ok(spent < 1000, `${spent} ms for ${piece}`);
  }
});

test('a title counts twice', () => {
  const item = {title: 'Wool jumper', text: 'Made in Norway since the seventies by a family'};
  const title = cosineSimilarity(encoder.embedDocument(item)!, encoder.embed(item.title));
  const text = cosineSimilarity(encoder.embedDocument(item)!, encoder.embed(item.text));
  assert.ok(title > text, `${title} > ${text}`);
  assert.deepEqual(encoder.embedDocument({title: 'Wool jumper'}), encoder.embed('Wool jumper'));
});

test('what is no text is refused', () => {
  throwsLatentError(() => encoder.embed(5 as unknown as string), 'bad-argument', /text/);
});
