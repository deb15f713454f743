import {LatentError} from '../errors.js';
import {decodeUtf8, encodeUtf8} from './utf8.js';
import {cleanText, visiblePart} from './clean.js';
import type {StaticWordsTokenizer} from './pack-fields.js';

/** Rows of the table that make up a text, and how much each counts. */
export interface Piece {
  readonly row: number;
  readonly factor: number;
}

const NUMBER = /^[0-9]+(?:[.,][0-9]+)+$/u;
const ABBREVIATION = /^\p{L}(?:\.\p{L})+\.?$/u;
const CAMEL = /(?<=\p{Ll})(?=\p{Lu})/u;
/** A stem that an ending was taken from has at least as many letters. */
const SHORTEST_STEM = 3;
/** Endings before which a last letter may have been doubled: tagging, stopped, bigger. */
const DOUBLING = ['ed', 'ing', 'er'];

/** The tokenizer `static-words`, as models/words/TOKENIZER.md defines it: a text → rows of a table. */
export class StaticWords {
  readonly #options: StaticWordsTokenizer;
  readonly #rows = new Map<string, number>();

  /** `vocabulary` is the file that the manifest names; `bad-pack` when its lines are not as said. */
  constructor(options: StaticWordsTokenizer, vocabulary: Uint8Array) {
    this.#options = options;
    const lines = decode(vocabulary, options.file).split('\n');
    if (lines.pop() !== '') throw badVocabulary(options.file, 'its last line has no end');
    lines.forEach((word, row) => this.#rows.set(word, row));
    if (this.#rows.size === options.words && lines.length === options.words) return;
    throw badVocabulary(
      options.file,
      `it has ${String(lines.length)} lines, ${String(this.#rows.size)} of them different, where ` +
        `tokenizer.words is ${String(options.words)}`,
    );
  }

  /** The pieces of a text in their order; none where nothing of it is visible. */
  pieces(text: string): Piece[] {
    const tokens = this.tokens(text);
    if (tokens.length > 0) return tokens.flatMap((token) => this.look(token));
    const rest = visiblePart(this.#clean(text)).toLowerCase();
    return rest === '' ? [] : this.#ngrams(rest);
  }

  /** The tokens of a text in their order, as `look` takes them; at most `most`. */
  tokens(text: string, most = this.#options.maxWords): string[] {
    return splitTokens(this.#clean(text), most);
  }

  #clean(text: string): string {
    return cleanText(text.slice(0, this.#options.maxCharacters));
  }

  /** The pieces of one token. */
  look(token: string): Piece[] {
    const word = foldToken(token);
    if (word === '') return [];
    const known = this.#entry(word);
    if (known) return known;
    if (NUMBER.test(token)) {
      const plain = word.replaceAll(',', '');
      return (plain === word ? undefined : this.#entry(plain)) ?? this.#ngrams(plain);
    }
    if (ABBREVIATION.test(token)) {
      const letters = token.replaceAll('.', '');
      const dotted = Array.from(foldToken(letters), (letter) => `${letter}.`).join('');
      return this.#entry(dotted) ?? this.look(letters);
    }
    if (token.includes("'")) {
      return word.endsWith("'s") ? this.look(token.slice(0, -2)) : this.#lookAll(token.split("'"));
    }
    if (token.includes('-')) return this.#lookAll(token.split('-'));
    const humps = token.split(CAMEL);
    if (humps.length > 1) return this.#lookAll(humps);
    return this.#stem(word) ?? this.#ngrams(word);
  }

  #lookAll(parts: readonly string[]): Piece[] {
    return parts.flatMap((part) => (part === '' ? [] : this.look(part)));
  }

  #entry(word: string): Piece[] | undefined {
    const row = this.#rows.get(word);
    return row === undefined ? undefined : [{row, factor: 1}];
  }

  #stem(word: string): Piece[] | undefined {
    if (!/^[a-z]+$/.test(word)) return undefined;
    for (const [ending, replacement] of this.#options.suffixes) {
      if (!word.endsWith(ending)) continue;
      const stem = word.slice(0, -ending.length) + replacement;
      const known = stem.length >= SHORTEST_STEM ? this.#entry(stem) : undefined;
      if (known) return known;
      const doubled = stem.length > SHORTEST_STEM && stem.at(-1) === stem.at(-2);
      if (!doubled || replacement !== '' || !DOUBLING.includes(ending)) continue;
      const single = this.#entry(stem.slice(0, -1));
      if (single) return single;
    }
    return undefined;
  }

  #ngrams(word: string): Piece[] {
    const {buckets, maxWordLength, ngrams, words} = this.#options;
    const hashes = ngramHashes(word, ngrams, maxWordLength);
    return hashes.map((hash) => ({row: words + (hash % buckets), factor: 1 / hashes.length}));
  }
}

function decode(vocabulary: Uint8Array, file: string): string {
  try {
    return decodeUtf8(vocabulary);
  } catch (cause) {
    throw badVocabulary(file, 'it is not UTF-8', cause);
  }
}

function badVocabulary(file: string, fault: string, cause?: unknown): LatentError {
  return new LatentError(
    'bad-pack',
    `The vocabulary ${file} does not fit its manifest: ${fault}.`,
    {
      cause,
    },
  );
}

const W = '[\\p{L}\\p{M}\\p{N}]';
const TOKEN = new RegExp(
  [
    '[0-9]+(?:[.,][0-9]+)+', // number with separators: 1,000  3.5  1.2.3
    `\\p{L}(?:\\.\\p{L})+(?!${W})\\.?`, // abbreviation: U.S.  e.g.  p.m.
    `${W}+(?:['-]${W}+)*`, // word: cat  don't  low-cost  mp3  2013
    '[\\u{1f1e6}-\\u{1f1ff}]{2}', // flag
    '[%&@#]|(?![<=>^`|~])\\p{S}', // symbol, one code point: emoji, $, €, +
  ].join('|'),
  'gu',
);

/** The words, numbers and symbols of a cleaned text, the first `most` of them, case kept. */
export function splitTokens(cleaned: string, most: number): string[] {
  const tokens: string[] = [];
  for (const [token] of cleaned.matchAll(TOKEN)) {
    if (tokens.length === most) break;
    tokens.push(token);
  }
  return tokens;
}

/** A token in lower case, with the letters that carry no accent to strip in plain ones. */
export function foldToken(token: string): string {
  return token
    .toLowerCase()
    .replace(/[ßæœøđðłþıħ]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/[\u0300-\u036f]/g, '');
}

const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
};

const OFFSET_BASIS = 2166136261;
const PRIME = 16777619;

/** FNV-1a of 32 bits over bytes `from` to `to`. */
export function fnv1a(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = OFFSET_BASIS;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME);
  return hash >>> 0;
}

/**
 * The hashes of a word's n-grams: of its first `most` code points between `<` and `>`, all runs of
 * `shortest` to `longest` code points, short ones first, and the whole where it is longer.
 */
export function ngramHashes(
  word: string,
  [shortest, longest]: readonly [number, number],
  most: number,
): number[] {
  const points = ['<', ...Array.from(word).slice(0, most), '>'];
  const bytes = encodeUtf8(points.join(''));
  const ends = new Uint32Array(points.length + 1);
  points.forEach((point, i) => (ends[i + 1] = ends[i]! + utf8Length(point)));
  const hashes: number[] = [];
  for (let n = shortest; n <= longest; n++) {
    for (let start = 0; start + n <= points.length; start++) {
      hashes.push(fnv1a(bytes, ends[start], ends[start + n]));
    }
  }
  if (points.length > longest) hashes.push(fnv1a(bytes));
  return hashes;
}

// Words are cleaned: there are no lone surrogates.
function utf8Length(point: string): number {
  const code = point.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
