import {splitPrompt} from '../../src/core/diffusion/prompt.js';

/** Between the phrases of a prompt, as `splitPrompt` has it; kept, so that the rest of a text stays as it is. */
const SEPARATOR = /([,;.!?\n\r|]+|\s(?:and|with|but|plus|&|\+)(?=\s)|\s(?=without\s))/iu;

/** The key of one phrase: the same for "no glasses", "No  glasses" and "without glasses". */
export function phraseKey(phrase: string): string {
  return JSON.stringify(
    splitPrompt(phrase).map(({text, polarity}) => [text.toLowerCase(), polarity]),
  );
}

/** The keys of all that a prompt asks for: one pass, after which any number of phrases can be looked up. */
export function phraseKeys(prompt: string): ReadonlySet<string> {
  return new Set(phrasesOf(prompt).map(({key}) => key));
}

/** The prompt with a phrase added at its end, in place of `others`, which cannot be true beside it. */
export function addPhrase(prompt: string, phrase: string, others: readonly string[] = []): string {
  const rest = trimSeparators(removePhrases(prompt, others));
  if (phraseKeys(rest).has(phraseKey(phrase))) return rest;
  return rest.trim() === '' ? phrase : `${rest}, ${phrase}`;
}

/** The prompt without a phrase, and without the separator that led to it; the rest stays as it was written. */
export function removePhrase(prompt: string, phrase: string): string {
  return removePhrases(prompt, [phrase]);
}

// By hand: /[\s,;]+$/ would begin anew at each of ten thousand blanks in the middle.
function trimSeparators(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s,;]/u.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function removePhrases(prompt: string, phrases: readonly string[]): string {
  const unwanted = new Set(phrases.map(phraseKey));
  const all = phrasesOf(prompt);
  const kept = all.filter(({key}) => !unwanted.has(key));
  if (kept.length === all.length) return prompt;
  // What comes first needs no separator.
  return kept
    .reduce(
      (text, {before, phrase}) =>
        text.trim() === '' ? phrase.trimStart() : text + before + phrase,
      '',
    )
    .trim();
}

/** The phrases of a prompt as they were written, each with the separator before it. */
function phrasesOf(prompt: string): {before: string; phrase: string; key: string}[] {
  const parts = prompt.split(SEPARATOR);
  return parts
    .filter((_, index) => index % 2 === 0)
    .map((phrase, index) => ({before: parts[2 * index - 1] ?? '', phrase, key: phraseKey(phrase)}));
}
