import {highlightRanges, type TextRange} from '../../src/core/search/words.js';

/** A piece of text, and whether it answers to the query. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** Characters of a snippet: about two lines. */
const LENGTH = 160;
/** Characters before the first match, so that one sees where it stands. */
const LEAD = 40;

/** The text with the words marked that the item was found by. */
export function markTerms(text: string, terms: readonly string[]): Piece[] {
  return cut(text, highlightRanges(text, terms), 0, text.length);
}

/** As `markTerms`, of two lines around the first of them; without any, of the `passage`. */
export function markSnippet(text: string, terms: readonly string[], passage?: TextRange): Piece[] {
  const ranges = highlightRanges(text, terms);
  const from = text.length > LENGTH ? startOf(text, ranges[0], passage) : 0;
  const to = from + LENGTH < text.length ? wordEnd(text, from + LENGTH) : text.length;
  const pieces = cut(text, ranges, from, to);
  if (from > 0) pieces.unshift({text: '… ', marked: false});
  if (to < text.length) pieces.push({text: ' …', marked: false});
  return pieces;
}

function startOf(text: string, first?: TextRange, passage?: TextRange): number {
  if (!first) return passage?.start ?? 0;
  return first.start > LEAD ? wordStart(text, first.start - LEAD) : 0;
}

function cut(text: string, ranges: readonly TextRange[], from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  const push = (end: number, marked: boolean): void => {
    if (end > at) pieces.push({text: text.slice(at, end), marked});
    at = Math.max(at, end);
  };
  for (const {start, end} of ranges) {
    if (end <= from || start >= to) continue;
    push(Math.max(start, from), false);
    push(Math.min(end, to), true);
  }
  push(to, false);
  return pieces;
}

function wordStart(text: string, near: number): number {
  const space = text.indexOf(' ', near);
  return space < 0 || space > near + LEAD ? near : space + 1;
}

function wordEnd(text: string, near: number): number {
  const space = text.lastIndexOf(' ', near);
  return space < near - LEAD ? near : space;
}
