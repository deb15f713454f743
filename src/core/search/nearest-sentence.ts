import {cosineSimilarity} from '../latent/arithmetic.js';
import type {Latent} from '../latent/latent.js';
import type {TextRange} from './words.js';

/** Characters of a text that are looked through: some ten paragraphs. */
const MAX_CHARACTERS = 4000;
/** Made once: twenty results of each key press are cut by it. */
let segmenter: Intl.Segmenter | undefined;

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
  segmenter ??= new Intl.Segmenter(undefined, {granularity: 'sentence'});
  const sentences = [...segmenter.segment(text.slice(0, MAX_CHARACTERS))];
  if (sentences.length < 2) return undefined;
  let best: TextRange | undefined;
  let most = -Infinity;
  for (const {segment, index} of sentences) {
    const latent = embed(segment);
    const score = latent ? cosineSimilarity(query, latent) : -Infinity;
    if (score <= most) continue;
    most = score;
    best = {start: index, end: index + segment.length};
  }
  return best;
}
