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

/** Characters that are looked at: of what follows, no encoder reads anything. */
const MAX_READABLE = 100_000;
/**
 * What stands in texts for machines: comments and tags (the last may be cut off), references to
 * characters, addresses, attributes, and numbers by which things are told apart.
 */
const UNREADABLE = /* @__PURE__ */ unreadable();

function unreadable(): RegExp {
  return new RegExp(
    [
      '<!--[^>]*>?',
      String.raw`</?[a-z][\w:-]{0,40}(?:\s[^<>]*)?/?(?:>|$)`,
      String.raw`&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});`,
      String.raw`\b(?:https?|ftp|file|data|mailto):[^\s<>"']+`,
      String.raw`\bwww\.[^\s<>"']+`,
      String.raw`\b[\w:-]{1,40}=(?:"[^"]{0,400}"|'[^']{0,400}')`,
      String.raw`\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b`,
      String.raw`\b(?=[a-f]{0,40}\d)(?=\d{0,40}[a-f])[\da-f]{12,}\b`,
    ].join('|'),
    'gi',
  );
}

/**
 * What a person reads of a text: without markup, addresses, attributes and ids, whose words would
 * outweigh those that the text is about. Empty where nothing else is in it.
 */
export function readableText(text: string): string {
  return text.slice(0, MAX_READABLE).replace(UNREADABLE, ' ').replace(/\s+/g, ' ').trim();
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
