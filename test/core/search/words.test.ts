import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createLatent, type Latent} from '../../../src/core/latent/latent.js';
import {
  highlightRanges,
  inflections,
  nearestSentence,
  wordsOf,
} from '../../../src/core/search/words.js';

const marked = (text: string, ...terms: string[]) =>
  highlightRanges(text, terms).map(({start, end}) => text.slice(start, end));
const terms = (text: string) => wordsOf(text).map(({term}) => term);

test('whole words, as they stand in the text', () => {
  assert.deepEqual(marked('Cheap flights; flightless birds. FLIGHTS!', 'flights'), [
    'flights',
    'FLIGHTS',
  ]);
  assert.deepEqual(highlightRanges('a b a', ['a']), [
    {start: 0, end: 1},
    {start: 4, end: 5},
  ]);
  assert.deepEqual(marked('nothing', 'thing'), []);
  assert.deepEqual(marked('anything'), []);
  assert.deepEqual(marked('', 'a'), []);
});

test('case and accents make no difference, composed or not', () => {
  assert.deepEqual(marked('Cafe\u0301 CAFÉ cafe', 'café'), ['Cafe\u0301', 'CAFÉ', 'cafe']);
  assert.deepEqual(marked('İstanbul, istanbul', 'istanbul'), ['İstanbul', 'istanbul']);
  assert.deepEqual(marked('ﬁre and ＷＩＤＥ', 'fire', 'wide'), ['ﬁre', 'ＷＩＤＥ']);
  assert.deepEqual(marked("don’t don't", "don't"), ['don’t', "don't"]);
  assert.deepEqual(marked('co\u00ADoperate', 'cooperate'), ['co\u00ADoperate']);
});

test('offsets hold after characters of two units, and never cut one', () => {
  const text = '𝒳 👩🏽‍🚀 rocket 👩‍🚀';
  assert.deepEqual(marked(text, 'rocket'), ['rocket']);
  assert.deepEqual(marked(text, '👩‍🚀'), ['👩🏽‍🚀', '👩‍🚀']);
  assert.deepEqual(marked('🇫🇷🇩🇪 x', '🇩🇪'), ['🇩🇪']);
});

test('texts of every direction and script', () => {
  assert.deepEqual(marked('شقة قريبة من البحر', 'البحر'), ['البحر']);
  assert.deepEqual(marked('東京で安い航空券を買う', '航空', '航空券').length > 0, true);
  assert.deepEqual(terms('हिन्दी में'), ['हिन्दी', 'में']);
});

test('what is no word is none', () => {
  assert.deepEqual(terms(' \u0000\u0007\u200B—…<>&"\'“” ́'), []);
  assert.deepEqual(terms('<script>alert(1)</script>'), ['script', 'alert', '1', 'script']);
  assert.deepEqual(terms("rock 'n' roll's low-cost"), ['rock', 'n', "roll's", 'low', 'cost']);
  assert.deepEqual(terms('x\uD800y'), ['x', 'y']);
});

test('a word without end is compared by its beginning, in good time', () => {
  const text = 'a'.repeat(100_000);
  assert.equal(wordsOf(text)[0]?.term.length, 64);
  assert.deepEqual(highlightRanges(text, [text]), [{start: 0, end: 100_000}]);
});

test('a word has other forms, and short words and other scripts have none', () => {
  const has = (term: string, ...forms: string[]) => {
    const found = inflections(term);
    for (const form of forms) assert.ok(found.includes(form), `${term}: ${form}`);
    assert.ok(!found.includes(term));
    assert.equal(new Set(found).size, found.length);
  };
  has('cookie', 'cookies');
  has('cookies', 'cookie');
  has('boxes', 'box');
  has('box', 'boxes');
  has('city', 'cities');
  has('cities', 'city');
  has('running', 'run', 'runs');
  has('stop', 'stopped', 'stopping');
  has('hosting', 'host', 'hosted');
  has('cache', 'cached', 'caching');
  has('caching', 'cache', 'caches');
  for (const term of ['as', '東京', 'café', 'mp3', ''])
    assert.deepEqual(inflections(term), [], term);
  assert.ok(!inflections('king').includes('k'));
});

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
