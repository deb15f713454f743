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
