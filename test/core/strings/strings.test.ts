// The words of the interface: which table an element's language takes, what is filled in, and that the
// languages of the package are whole.
import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import {describe, it} from 'node:test';
import {de} from '../../../src/core/strings/de.js';
import {fr} from '../../../src/core/strings/fr.js';
import * as words from '../../../src/core/strings/strings.js';
import {readStrings, type Strings, Wording} from '../../../src/core/strings/strings.js';
import type {LatentError} from '../../../src/core/errors.js';

/** What all elements say. */
const english = {
  ...words.sharedWords,
  ...words.morphWords,
  ...words.sliderWords,
  ...words.generatorWords,
  ...words.searchWords,
  ...words.mapWords,
  ...words.errorWords,
};

const retry = (lang: string | undefined, tables: readonly Strings[]): string =>
  new Wording(lang, tables, english).term('retry', {});

describe('the words of an element', () => {
  it('are those of its language, of a region too, and English where there are none', () => {
    assert.equal(retry('de', [fr, de]), 'Noch einmal');
    assert.equal(retry('DE-at', [fr, de]), 'Noch einmal');
    assert.equal(retry('fr-CH', [fr, de]), 'Réessayer');
    assert.equal(retry('it', [fr, de]), 'Retry');
    assert.equal(retry('den', [de]), 'Retry', 'not the language whose tag only begins so');
    assert.equal(retry('no such tag!', [de]), 'Retry');
  });

  it('are those of the first table where the page says nothing of its language', () => {
    assert.equal(retry(undefined, [fr, de]), 'Réessayer');
    assert.equal(retry('', [de]), 'Noch einmal');
    assert.equal(retry(undefined, []), 'Retry');
  });

  it('come from the nearest table first: region, language, any, English', () => {
    const tables: Strings[] = [
      {lang: 'de-AT', retry: 'Nocheinmal'},
      de,
      {retry: 'Again', image: 'Picture', loading: 'Wait'},
    ];
    const austrian = new Wording('de-AT', tables, english);
    assert.equal(austrian.term('retry', {}), 'Nocheinmal');
    assert.equal(austrian.term('image', {}), 'Bild');
    assert.equal(new Wording('en', tables, english).term('retry', {}), 'Again');
    assert.equal(new Wording('it', tables, english).term('image', {}), 'Picture');
    assert.equal(new Wording('en', [{image: 'Picture'}], english).term('retry', {}), 'Retry');
  });

  it('count as the language counts', () => {
    const polish: Strings = {
      lang: 'pl',
      'result-count': {one: '{count} wynik', few: '{count} wyniki', other: '{count} wyników'},
    };
    const count = (lang: string, n: number): string =>
      new Wording(lang, [de, fr, polish], english).term('result-count', {count: n});
    assert.deepEqual(
      [1, 2, 5, 22, 25].map((n) => count('pl', n)),
      ['1 wynik', '2 wyniki', '5 wyników', '22 wyniki', '25 wyników'],
    );
    assert.deepEqual(
      [0, 1, 2].map((n) => count('en', n)),
      ['0 results.', '1 result.', '2 results.'],
    );
    assert.deepEqual(
      [0, 1, 2].map((n) => count('fr', n)),
      ['0 résultat.', '1 résultat.', '2 résultats.'],
    );
    assert.equal(count('de', 12_345), '12.345 Treffer.');
  });

  it('take values as they are, braces and dollars included', () => {
    const wording = new Wording('en', [], english);
    assert.equal(
      wording.term('nothing-found-for', {query: '{query} $& $1'}),
      'Nothing found for “{query} $& $1”.',
    );
    assert.equal(
      wording.term('no-words', {share: ''}),
      'No such words; search by meaning is loading …',
    );
    assert.equal(wording.term('found-of', {count: 3, total: 1234}), '3 of 1,234 found.');
  });

  it('write numbers as the language of the place does, whatever the words are in', () => {
    const half = {style: 'percent'} as const;
    const swiss = new Intl.NumberFormat('de-CH').format(1234.5);
    assert.notEqual(swiss, new Intl.NumberFormat('de').format(1234.5));
    assert.equal(new Wording('de-CH', [de], english).number(1234.5), swiss);
    assert.equal(new Wording('it', [], english).number(1.5), '1,5');
    assert.match(new Wording('de', [], english).number(0.5, half), /^50\s%$/);
    assert.equal(typeof new Wording('no such tag!', [], english).number(1), 'string');
  });
});

describe('strings of a page', () => {
  it('are a table, or several', () => {
    assert.deepEqual(readStrings(de), [de]);
    assert.deepEqual(readStrings([de, fr]), [de, fr]);
    assert.deepEqual(readStrings([]), []);
  });

  const bad: readonly [unknown, RegExp][] = [
    ['de', /a table must not be "de"\. Give tables of texts/],
    [null, /a table must not be null/],
    [[de, 7], /a table must not be 7/],
    [[[[de]]], /0 must not be/],
    [{retry: 7}, /retry must not be 7/],
    [{retry: () => 'x'}, /retry must not be/],
    [{'result-count': {one: '1'}}, /result-count must not be \{"one":"1"\}/],
    [{'result-count': {other: 7}}, /result-count/],
    [{'result-count': {one: 7, other: 'x'}}, /result-count/],
    [{lang: 'no such tag!'}, /lang must not be "no such tag!".*language tag/],
    [{lang: ''}, /lang must not be ""/],
    [{lang: 7}, /lang must not be 7/],
    [{lang: ['de']}, /lang must not be/],
  ];
  for (const [strings, message] of bad) {
    it(`are refused: ${String(message)}`, () => {
      assert.throws(
        () => readStrings(strings),
        (error: LatentError) => error.code === 'bad-argument' && message.test(error.message),
      );
    });
  }
});

describe('a language of the package', () => {
  const tables: Readonly<Record<string, Strings>> = {de, fr};

  it('is tried here', () => {
    const files = readdirSync(new URL('../../../src/core/strings/', import.meta.url));
    const languages = files
      .map((file) => file.replace('.ts', ''))
      .filter((name) => name !== 'strings');
    assert.deepEqual(languages.sort(), Object.keys(tables).sort());
  });

  const names = (text: unknown): string[] =>
    [...new Set(JSON.stringify(text).match(/\{\w+\}/g))].sort();

  for (const [lang, table] of Object.entries(tables)) {
    it(`${lang} says all that English says, with the same values`, () => {
      assert.equal(table.lang, lang);
      const texts = Object.fromEntries(Object.entries(table).filter(([term]) => term !== 'lang'));
      assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
      for (const [term, text] of Object.entries(texts)) {
        assert.deepEqual(names(text), names(english[term as keyof typeof english]), term);
        assert.doesNotMatch(JSON.stringify(text), / {2}|'/, term);
      }
    });

    it(`${lang} has every plural that it counts by`, () => {
      const {pluralCategories} = new Intl.PluralRules(lang).resolvedOptions();
      for (const [term, text] of Object.entries(table)) {
        if (typeof text === 'string') continue;
        // French counts "many" from a million on, which none of these reach.
        const missing = pluralCategories.filter((each) => each !== 'many' && !(each in text));
        assert.deepEqual(missing, [], term);
      }
    });
  }
});
