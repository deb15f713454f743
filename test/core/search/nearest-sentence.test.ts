import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createLatent, type Latent} from '../../../src/core/latent/latent.js';
import {nearestSentence} from '../../../src/core/search/nearest-sentence.js';

/** A space in which a text lies in the direction of the first of these words that it has. */
const WORDS = ['open', 'dogs', 'cash'];
function embed(text: string): Latent | undefined {
  const at = WORDS.findIndex((word) => text.toLowerCase().includes(word));
  return at < 0
    ? undefined
    : createLatent(
        'words',
        [3],
        Float32Array.from(WORDS, (_, i) => +(i === at)),
      );
}
const TEXT = 'Open from 9.30 to five. Dogs are welcome! … Cash only.';
const nearest = (text: string, query: string) => {
  const range = nearestSentence(text, embed(query)!, embed);
  return range && text.slice(range.start, range.end).trim();
};

test('the nearest sentence is cut where it begins and ends', () => {
  assert.equal(nearest(TEXT, 'open'), 'Open from 9.30 to five.');
  assert.equal(nearest(TEXT, 'dogs'), 'Dogs are welcome!');
  assert.equal(nearest(TEXT, 'cash')?.endsWith('Cash only.'), true);
});

test('of a text of one sentence, or of none that says anything, there is none', () => {
  assert.equal(nearest('Dogs are welcome', 'dogs'), undefined);
  assert.equal(nearest('', 'dogs'), undefined);
  assert.equal(nearest('One. Two. Three.', 'dogs'), undefined);
});

test('a long text is looked through as far as a reader looks', () => {
  const filler = 'Cash only. '.repeat(400);
  assert.equal(nearest(`${filler}Dogs are welcome.`, 'dogs'), 'Cash only.');
  assert.equal(nearest(`Dogs are welcome. ${filler}`, 'dogs'), 'Dogs are welcome.');
});
