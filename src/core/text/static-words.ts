import {LatentError} from '../errors.js';
import {decodeUtf8} from './utf8.js';
import {cleanText, visiblePart} from './clean.js';
import {ngramHashes} from './ngrams.js';
import type {StaticWordsTokenizer} from './pack-fields.js';
import {foldToken, splitTokens} from './split.js';

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
    const {maxCharacters, maxWords} = this.#options;
    const cleaned = cleanText(text.slice(0, maxCharacters));
    const tokens = splitTokens(cleaned, maxWords);
    if (tokens.length > 0) return tokens.flatMap((token) => this.look(token));
    const rest = visiblePart(cleaned).toLowerCase();
    return rest === '' ? [] : this.#ngrams(rest);
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
