import {LatentError} from '../errors.js';
import {cosineSimilarity} from '../latent/arithmetic.js';
import type {Latent} from '../latent/latent.js';
import {cleanText} from '../text/clean.js';

/** A word of a text: where it stands, and the form by which it is compared. */
export interface Word {
  /** UTF-16 offsets of the text, `end` after the last. */
  readonly start: number;
  readonly end: number;
  /** Lower case, without accents; at most 64 long. */
  readonly term: string;
}

/** Longer words are compared by this much of them: no word of a language is longer. */
const MAX_TERM = 64;
// A letter or digit and what continues it (marks, soft hyphens, apostrophes between letters); or an
// emoji with all that is joined to it; or a flag.
const LETTERS = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}\u00AD]*`;
const EMOJI = String.raw`\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*`;
const WORD = new RegExp(
  `${LETTERS}(?:['’]${LETTERS})*|${EMOJI}(?:\\u200D${EMOJI})*|\\p{RI}{2}`,
  'gu',
);
/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/u;

let segmenter: Intl.Segmenter | undefined;

/** The words of a text in order; punctuation, blanks and control characters are none. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const {0: found, index} of text.matchAll(WORD)) {
    for (const part of UNSPACED.test(found) ? segment(found) : [{segment: found, index: 0}]) {
      const start = index + part.index;
      const end = start + part.segment.length;
      words.push({start, end, term: foldWord(part.segment)});
    }
  }
  return words;
}

/** The form by which words are compared: case, accents and skin tones make no difference. */
export function foldWord(text: string): string {
  const cut = text.slice(0, MAX_TERM).toLowerCase();
  // Most words by far need no more.
  return /^[ -~]*$/.test(cut) ? cut : cleanText(cut).replaceAll('\u00AD', '');
}

function segment(text: string): Iterable<{readonly segment: string; readonly index: number}> {
  // Old engines have none: there, such a run is one word.
  if (!('Segmenter' in Intl)) return [{segment: text, index: 0}];
  segmenter ??= new Intl.Segmenter(undefined, {granularity: 'word'});
  return segmenter.segment(text);
}

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
  if (typeof text !== 'string') {
    throw new LatentError('bad-argument', `text must be a string, got ${typeof text}.`);
  }
  const wanted = new Set(Array.from(terms, foldWord));
  if (wanted.size === 0) return [];
  return wordsOf(text)
    .filter(({term}) => wanted.has(term))
    .map(({start, end}) => ({start, end}));
}

/** Characters of a text that are looked through: some ten paragraphs. */
const MAX_CHARACTERS = 4000;
/** Made once: twenty results of each key press are cut by it. */
let sentences: Intl.Segmenter | undefined;

/**
 * Where the sentence of a text lies that is nearest to a query by its meaning, in UTF-16 units; undefined
 * for a text of one sentence, and where the engine cannot tell sentences apart. `embed` gives the unit
 * vector of a sentence, undefined for one that says nothing.
 *
 * @example
 * ```ts
 * const text = 'Open from nine to five. Dogs are welcome. Cash only.';
 * const {start, end} = nearestSentence(text, encoder.embed('pets'), (s) => encoder.embedDocument({text: s}))!;
 * text.slice(start, end); // 'Dogs are welcome. '
 * ```
 */
export function nearestSentence(
  text: string,
  query: Latent,
  embed: (sentence: string) => Latent | undefined,
): TextRange | undefined {
  // Firefox before 125 has no Intl.Segmenter.
  if (!('Segmenter' in Intl)) return undefined;
  sentences ??= new Intl.Segmenter(undefined, {granularity: 'sentence'});
  const all = [...sentences.segment(text.slice(0, MAX_CHARACTERS))];
  if (all.length < 2) return undefined;
  let best: TextRange | undefined;
  let most = -Infinity;
  for (const {segment, index} of all) {
    const latent = embed(segment);
    const score = latent ? cosineSimilarity(query, latent) : -Infinity;
    if (score <= most) continue;
    most = score;
    best = {start: index, end: index + segment.length};
  }
  return best;
}

/**
 * English words that say nothing of what a text is about: articles, pronouns, prepositions,
 * auxiliaries. Whoever asks for "something for my feet" does not look for "for" and "my".
 */
const FUNCTION_WORDS = new Set(
  (
    'a an the this that these those here there of for to in on at by with from as into about over under than then ' +
    'and or but nor so if not no is am are was were be been being do does did done have has had can could will would ' +
    'shall should may might must i me my mine we us our ours you your yours he him his she her hers it its they them ' +
    'their theirs who whom whose which what when where why how some any all each just very too also'
  ).split(' '),
);

/** Whether a term says something of what a text is about. */
export function saysSomething(term: string): boolean {
  return !FUNCTION_WORDS.has(term);
}

/** The terms of a query that say something; all of them where none does ("the who"). */
export function sayingTerms(terms: readonly string[]): readonly string[] {
  const saying = terms.filter(saysSomething);
  return saying.length > 0 ? saying : terms;
}

/** Endings of English words and what stood there before them, as `flies` and `fly`. */
const ENDINGS: readonly (readonly [ending: string, before: string])[] = [
  ['ies', 'y'],
  ['es', 'e'],
  ['es', ''],
  ['s', ''],
  ['ied', 'y'],
  ['ed', 'e'],
  ['ed', ''],
  ['ing', 'e'],
  ['ing', ''],
];
/** A stem has as many letters at least: `as`, `bed` and `king` have no ending. */
const SHORTEST_STEM = 3;
/** Before an ending, the last letter of such a stem is doubled: stop, run. */
const DOUBLING = /^[a-z]*[^aeiou][aeiou][^aeiouwxy]$/;

/**
 * What may be other forms of the same English word, without itself: plurals, `-ed` and `-ing`. Some of
 * them are no words at all, which finds nothing.
 */
export function inflections(term: string): string[] {
  if (!/^[a-z]+$/.test(term) || term.length < SHORTEST_STEM) return [];
  const stems = new Set([term]);
  for (const [ending, before] of ENDINGS) {
    if (!term.endsWith(ending)) continue;
    const stem = term.slice(0, -ending.length) + before;
    if (stem.length < SHORTEST_STEM) continue;
    stems.add(stem);
    // running, stopped
    if (ending !== 's' && stem.at(-1) === stem.at(-2)) stems.add(stem.slice(0, -1));
  }
  const forms = new Set<string>();
  for (const stem of stems) {
    const open = stem.replace(/e$/, '');
    forms.add(stem).add(`${stem}s`).add(`${stem}es`).add(`${open}ed`).add(`${open}ing`);
    if (DOUBLING.test(stem)) forms.add(`${stem}${stem.at(-1)!}ed`).add(`${stem}${stem.at(-1)!}ing`);
    if (stem.endsWith('y')) forms.add(`${stem.slice(0, -1)}ies`).add(`${stem.slice(0, -1)}ied`);
  }
  forms.delete(term);
  return [...forms];
}
