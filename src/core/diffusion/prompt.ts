import {assertArgument} from '../errors.js';

/** One thing that a prompt asks for, or asks to leave out. */
export interface Phrase {
  readonly text: string;
  /** 1 for wanted, −1 for negated. */
  readonly polarity: 1 | -1;
}

/** More phrases than anyone writes by hand: what comes after is dropped. */
const MAX_PHRASES = 64;
/** Characters of a prompt that are looked at. */
const MAX_LENGTH = 10_000;

const SEPARATORS = /[,;.!?\n\r|]+|\s(?:and|with|but|plus|&|\+)\s/giu;
/** Left over where two separators meet. */
const LEADING = /^(?:and|with|but|plus|&|\+)(?:\s+|$)/iu;
const NEGATION = /^(?:no|not|without|never|non)(?:\s+|-|$)/iu;
/**
 * Ends a phrase and begins a negated one, but for "not without". Tried at the beginning of a word
 * only: from each of its characters the time would grow with the square of its length.
 */
const WITHOUT = /(?<!\S)(\S+)\s+(?=without\s)/giu;
/** Between things that share a negation: "no glasses or beard". */
const ALTERNATIVES = /\s(?:or|nor)\s/giu;

/**
 * The phrases of a prompt: split at commas, semicolons, line and sentence ends, "and" and "with";
 * "no", "not" and "without" negate the phrase they begin. Case and order stay; what is empty is
 * dropped, and so is what comes after 64 phrases.
 */
export function splitPrompt(prompt: string): Phrase[] {
  assertArgument(typeof prompt === 'string', 'prompt', 'a string', prompt);
  const phrases: Phrase[] = [];
  const cut = prompt
    .slice(0, MAX_LENGTH)
    .replace(WITHOUT, (whole, word: string) => (/^not$/iu.test(word) ? whole : `${word}, `))
    // Twice, so that separators side by side each have their own.
    .replace(/[^\S\n\r]+/gu, '  ');
  for (const part of ` ${cut} `.split(SEPARATORS)) {
    phrases.push(...toPhrases(part.replace(/\s+/gu, ' ').trim()));
    if (phrases.length >= MAX_PHRASES) break;
  }
  return phrases.slice(0, MAX_PHRASES);
}

/** The same phrases, each meaning the opposite: what a negative prompt asks for. */
export function negate(phrases: readonly Phrase[]): Phrase[] {
  return phrases.map(({text, polarity}) => ({text, polarity: polarity === 1 ? -1 : 1}));
}

function toPhrases(part: string): Phrase[] {
  let text = part;
  let polarity: Phrase['polarity'] = 1;
  for (;;) {
    const leading = LEADING.exec(text);
    const negation = NEGATION.exec(text);
    const match = leading ?? negation;
    if (!match) break;
    if (negation) polarity = polarity === 1 ? -1 : 1;
    text = text.slice(match[0].length);
  }
  return text
    .split(ALTERNATIVES)
    .filter((each) => /[\p{L}\p{N}]/u.test(each))
    .map((each) => ({text: each.trim(), polarity}));
}
