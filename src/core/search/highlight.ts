import {foldWord, wordsOf} from './words.js';

/** A part of a text, in UTF-16 offsets; `end` after the last. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the words of a text are that compare equal to one of `terms` (case and accents make no
 * difference): whole words, in order, never inside of a character.
 */
export function highlightRanges(text: string, terms: Iterable<string>): TextRange[] {
  const wanted = new Set(Array.from(terms, foldWord));
  if (wanted.size === 0) return [];
  return wordsOf(text)
    .filter(({term}) => wanted.has(term))
    .map(({start, end}) => ({start, end}));
}
