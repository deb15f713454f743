import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  dictionaryOf,
  readDictionary,
  readList,
  type WordList,
  writeDictionaries,
} from '../../../src/core/search/word-lists.js';
import {throwsLatentError} from '../support.js';

const ROWS = 100_000;
const letters = 'abcdefghijklmnopqrstuvwxyz';
/** 26 letters with 300 words each, some in many items, and a few of other scripts. */
const lists: WordList[] = [
  ...Array.from({length: 26 * 300}, (_, i) => {
    const word = `${letters[i % 26]!}${String(i)}`;
    const count = i % 97 === 0 ? 1000 : 1 + (i % 3);
    const postings = Array.from({length: count}, (_, at) => ({
      row: at * 90 + (i % 90),
      score: 0.05 + (at % 20),
    }));
    return {word, postings};
  }),
  ...['über', '猫', '🍎', '42'].map((word, i) => ({word, postings: [{row: i, score: 3}]})),
];

test('every word is found in the dictionary of its first letter, with its items and scores', () => {
  const parts = writeDictionaries(lists);
  assert.ok(parts.length > 10 && parts.length < 20, String(parts.length));
  const firsts = parts.map(({first}) => first);
  const read = parts.map(({dictionary}) => readDictionary(dictionary));
  for (const {word, postings} of lists) {
    const number = dictionaryOf(word, firsts);
    const place = read[number]!.get(word)!;
    const found = readList(parts[number]!.files[place.file]!, place, ROWS);
    assert.deepEqual(
      found.map(({row}) => row),
      postings.map(({row}) => row),
      word,
    );
    found.forEach(({score}, i) => {
      assert.ok(Math.abs(score / postings[i]!.score - 1) < 0.026, `${word}: ${score}`);
    });
  }
  const files = parts.flatMap(({files: each}) => each.map(({length}) => length));
  assert.ok(Math.max(...files) < 4096 + 2 * 1100, 'one list more than a file has room for');
});

test('words of one first letter are in one dictionary, and what is before all is in none', () => {
  const parts = writeDictionaries(lists);
  const firsts = parts.map(({first}) => first);
  const letterOf = (number: number) =>
    new Set(Array.from(readDictionary(parts[number]!.dictionary).keys(), ([first]) => first));
  const all = parts.flatMap((_, i) => [...letterOf(i)]);
  assert.equal(new Set(all).size, all.length);
  assert.equal(dictionaryOf('aardvark', firsts), dictionaryOf('a0', firsts));
  assert.equal(dictionaryOf('!', firsts), -1);
  assert.equal(dictionaryOf('a', []), -1);
});

test('a dictionary or list that was tampered with is refused', () => {
  const [{dictionary, files}] = writeDictionaries([
    {word: 'a', postings: [{row: 3, score: 1}]},
    {word: 'b', postings: [3, 400, 70_000].map((row) => ({row, score: 1}))},
  ]) as [ReturnType<typeof writeDictionaries>[0]];
  const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const bad = (run: () => unknown, pattern: RegExp) => {
    throwsLatentError(run, 'bad-index', pattern);
  };
  const own = JSON.parse(new TextDecoder().decode(dictionary)) as object;
  for (const [change, pattern] of [
    [{words: ['a']}, /different lengths/],
    [{files: [1]}, /different lengths/],
    [{bytes: [1, -1]}, /bytes\.1/],
    [{words: ['a', 2]}, /words\.1/],
  ] as const) {
    bad(() => readDictionary(bytesOf({...own, ...change})), pattern);
  }
  bad(() => readDictionary(dictionary.subarray(1)), /JSON/);
  const place = readDictionary(dictionary).get('b')!;
  const file = files[0]!;
  assert.equal(readList(file, place, 70_001).length, 3);
  bad(() => readList(file, place, 70_000), /item 70000/);
  bad(() => readList(file, {...place, end: file.length + 1}, ROWS), /shorter/);
  bad(() => readList(file.subarray(0, -1), place, ROWS), /shorter/);
  bad(() => readList(file, {...place, end: place.end - 1}, ROWS), /scores|short/);
  bad(() => readList(file, {...place, end: place.start}, ROWS), /short/);
  bad(() => readList(new Uint8Array(40).fill(255), {file: 0, start: 0, end: 40}, ROWS), /short/);
});
