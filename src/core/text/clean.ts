// Accents of Latin, Greek and Cyrillic letters, what joins words unseen, and what only varies the
// look of the sign before it: variation selectors, the keycap, skin tones.
const DROPPED =
  /[\u0300-\u036f]|[\u00ad\u2060\ufeff]|[\ufe00-\ufe0f]|\u20e3|[\u{1f3fb}-\u{1f3ff}]/gu;
const UNSEEN = /[\p{Z}\p{Cc}\p{Cf}]/gu;

/**
 * A text in the one form in which words are looked up: compatibility forms resolved, accents gone,
 * apostrophes and hyphens plain. Case stays.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .normalize('NFKD')
    .replace(DROPPED, '')
    .normalize('NFC')
    .replace(/[\u2018\u2019\u02bc]/gu, "'")
    .replace(/[\u2010\u2011]/gu, '-');
}

/** What is visible of a cleaned text, without the spaces. */
export function visiblePart(cleaned: string): string {
  return cleaned.replace(UNSEEN, '');
}

/** Whether there is nothing to embed: only blanks, control characters and stray accents. */
export function isBlank(text: string): boolean {
  // Nearly every text says so with its first character; cleaning a long one takes its time.
  if (/[!-~\p{Ll}\p{Lu}\p{Lo}\p{Nd}]/u.test(text)) return false;
  return visiblePart(cleanText(text)) === '';
}
