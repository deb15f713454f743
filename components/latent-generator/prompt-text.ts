import {splitPrompt} from '../../src/core/diffusion/prompt.js';

/** Between the phrases of a prompt, as `splitPrompt` has it; kept, so that the rest of a text stays as it is. */
const SEPARATOR = /([,;.!?\n\r|]+|\s(?:and|with|but|plus|&|\+)(?=\s)|\s(?=without\s))/iu;

/** Whether a prompt asks for just this, among other things. */
export function hasPhrase(prompt: string, phrase: string): boolean {
  const key = keyOf(phrase);
  return prompt.split(SEPARATOR).some((piece) => keyOf(piece) === key);
}

/** The prompt with a phrase added at its end, in place of `others`, which cannot be true beside it. */
export function addPhrase(prompt: string, phrase: string, others: readonly string[] = []): string {
  const rest = others.reduce(removePhrase, prompt).replace(/[\s,;]+$/u, '');
  if (hasPhrase(rest, phrase)) return rest;
  return rest.trim() === '' ? phrase : `${rest}, ${phrase}`;
}

/** The prompt without a phrase, and without the separator that led to it; the rest stays as it was written. */
export function removePhrase(prompt: string, phrase: string): string {
  if (!hasPhrase(prompt, phrase)) return prompt;
  const key = keyOf(phrase);
  const parts = prompt.split(SEPARATOR);
  let kept = '';
  for (let i = 0; i < parts.length; i += 2) {
    if (keyOf(parts[i]!) === key) continue;
    // Nothing before it: neither its separator.
    kept += kept.trim() === '' ? parts[i]!.trimStart() : (parts[i - 1] ?? '') + parts[i]!;
  }
  return kept.trim();
}

// "No glasses" and "without glasses" are one.
function keyOf(text: string): string {
  return JSON.stringify(
    splitPrompt(text).map(({text: words, polarity}) => [words.toLowerCase(), polarity]),
  );
}
