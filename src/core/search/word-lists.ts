import * as v from 'valibot';
import {encodeUtf8} from '../text/utf8.js';
import {badIndex, count, parseJson} from './index-file.js';

// Search by words in an index that is read in parts, after Pagefind: the words of a site lie in order in
// dictionaries, each of whole first letters, so that a word, its beginnings and most misspellings of it are
// found in one; and for each word there is a list of the items that have it, several lists to a file. A list
// holds scores, not counts (as impact-ordered indexes have them: Anh and Moffat 2006): what is ready needs
// no statistics of other parts.

/** Words from which on a new first letter begins a new dictionary. */
const DICTIONARY_WORDS = 500;
/** Bytes from which on lists begin a new file. */
const FILE_BYTES = 4096;
/** A score is kept as the power of 1.05 next to it, above .01: a byte is right by 2.5 %. */
const [SCORE_STEP, SCORE_FLOOR] = [1.05, 0.01];
const BYTE_MAX = 255;

/** An item that has a word, and what that counts. */
export interface Posting {
  /** The number of the item. */
  readonly row: number;
  readonly score: number;
}

/** A word with its list. */
export interface WordList {
  readonly word: string;
  /** In the order of rows. */
  readonly postings: readonly Posting[];
}

/** Where the list of a word lies. */
export interface ListPlace {
  /** The file of its dictionary. */
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

/** A dictionary, and the files of its lists. */
export interface DictionaryParts {
  /** The character that its words begin with, or come after. */
  readonly first: string;
  readonly dictionary: Uint8Array;
  readonly files: readonly Uint8Array[];
}

const Dictionary = v.object({
  /** In order. */
  words: v.array(v.pipe(v.string(), v.minLength(1))),
  /** Bytes of each word's list. */
  bytes: v.array(count),
  /** Lists of each file. */
  files: v.array(count),
});

/** Lists by words as dictionaries. */
export function writeDictionaries(lists: readonly WordList[]): DictionaryParts[] {
  const sorted = [...lists].sort((a, b) => compare(a.word, b.word));
  const groups: WordList[][] = [];
  for (const list of sorted) {
    const group = groups.at(-1);
    const isNew = group && firstOf(group.at(-1)!.word) !== firstOf(list.word);
    if (!group || (isNew && group.length >= DICTIONARY_WORDS)) groups.push([list]);
    else group.push(list);
  }
  return groups.map(writeDictionary);
}

function writeDictionary(lists: readonly WordList[]): DictionaryParts {
  const encoded = lists.map(({postings}) => encodeList(postings));
  const files: number[][][] = [];
  let length = Infinity;
  for (const list of encoded) {
    if (length >= FILE_BYTES) {
      files.push([]);
      length = 0;
    }
    files.at(-1)!.push(list);
    length += list.length;
  }
  const dictionary: v.InferOutput<typeof Dictionary> = {
    words: lists.map(({word}) => word),
    bytes: encoded.map((list) => list.length),
    files: files.map((file) => file.length),
  };
  return {
    first: firstOf(lists[0]!.word),
    dictionary: encodeUtf8(JSON.stringify(dictionary)),
    files: files.map((file) => Uint8Array.from(file.flat())),
  };
}

/** The number of the dictionary that a word would be in, by the `first` of each; −1 for none. */
export function dictionaryOf(word: string, firsts: readonly string[]): number {
  return firsts.findLastIndex((first) => compare(first, word) <= 0);
}

/** Where the lists of a dictionary's words lie; `bad-index` for what is none. */
export function readDictionary(bytes: Uint8Array): Map<string, ListPlace> {
  const {words, bytes: sizes, files} = parseJson(Dictionary, bytes, 'dictionary');
  const sum = files.reduce((all, lists) => all + lists, 0);
  if (words.length !== sizes.length || sum !== words.length) {
    throw badIndex('the lists of its dictionary are of different lengths');
  }
  const places = new Map<string, ListPlace>();
  let at = 0;
  for (const [file, lists] of files.entries()) {
    let start = 0;
    for (const end = at + lists; at < end; at++) {
      places.set(words[at]!, {file, start, end: start + sizes[at]!});
      start += sizes[at]!;
    }
  }
  return places;
}

// How many, then the steps from row to row in bytes of seven bits, the lowest first, then the scores.
function encodeList(postings: readonly Posting[]): number[] {
  const bytes: number[] = [];
  const put = (number: number): void => {
    let rest = number;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  };
  put(postings.length);
  let next = 0;
  for (const {row} of postings) {
    put(row - next);
    next = row + 1;
  }
  for (const {score} of postings) {
    const code = Math.round(Math.log(score / SCORE_FLOOR) / Math.log(SCORE_STEP));
    bytes.push(Math.max(0, Math.min(BYTE_MAX, code)));
  }
  return bytes;
}

/** The list of a word in a file of lists; `bad-index` for what is none, or names an item of `rows` or more. */
export function readList(file: Uint8Array, {start, end}: ListPlace, rows: number): Posting[] {
  if (end > file.length) throw badIndex('a file of lists is shorter than its dictionary says');
  let at = start;
  const take = (): number => {
    let [value, unit] = [0, 1];
    for (; at < end; unit *= 128) {
      const byte = file[at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
      if (value > rows) break;
    }
    throw badIndex('a list of items is cut short');
  };
  const length = take();
  if (length > end - at) throw badIndex('a list of items is cut short');
  const numbers: number[] = [];
  let next = 0;
  for (let i = 0; i < length; i++) {
    next += take() + 1;
    numbers.push(next - 1);
  }
  if (next > rows) throw badIndex(`a list names the item ${next - 1}, and there are ${rows}`);
  if (end - at !== length) throw badIndex('a list has not as many scores as items');
  return numbers.map((row, i) => ({row, score: SCORE_FLOOR * SCORE_STEP ** file[at + i]!}));
}

function firstOf(word: string): string {
  return String.fromCodePoint(word.codePointAt(0)!);
}

// By UTF-16 units, which no machine sees otherwise.
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
