import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LexicalIndex} from '../../../workers/search/lexical-index.js';
import {processorTime} from '../support.js';

function indexOf(...texts: readonly string[]): LexicalIndex {
  const index = new LexicalIndex();
  index.add(texts.map((text, i) => ({id: String(i), text})));
  return index;
}

const idsOf = (index: LexicalIndex, query: string, count = 10) =>
  index.search(query, count).map(({id}) => id);

test('finds words, the last by its beginning, long ones misspelt', () => {
  const index = indexOf('Cheap flights to Rome', 'A flight of stairs', 'Crème brûlée', 'cat');
  assert.deepEqual(idsOf(index, 'rome'), ['0']);
  assert.deepEqual(idsOf(index, 'fli').sort(), ['0', '1']);
  assert.deepEqual(idsOf(index, 'fli rome'), ['0'], 'only the last may be begun');
  assert.deepEqual(idsOf(index, 'steirs'), ['1']);
  assert.deepEqual(idsOf(index, 'cot'), [], 'short words are meant');
  assert.deepEqual(idsOf(index, 'CREME BRULEE'), ['2']);
  assert.deepEqual(idsOf(index, 'something about rome or dogs'), ['0']);
});

test('words that say nothing find nothing, unless there are no others', () => {
  const index = indexOf('Something for my feet', 'The Who, live', 'Tents for two');
  assert.deepEqual(idsOf(index, 'warm for my feet'), ['0']);
  assert.deepEqual(idsOf(index, 'The who'), ['1']);
  assert.deepEqual(idsOf(index, 'for').sort(), ['0', '2']);
});

test('tells the words of the item that answer', () => {
  const index = indexOf('Cheap flights to Rome', 'Flights');
  const found = index.search('rome fligh', 1);
  assert.deepEqual(
    found.map(({id, terms}) => [id, terms.toSorted()]),
    [['0', ['flights', 'rome']]],
  );
});

test('tells how much of the query an item answers, rare words for more', () => {
  const texts = ['red boat', 'red car', 'red', 'boating', 'a steady raft', 'empty'];
  const found = new Map(
    indexOf(...texts)
      .search('red boat', 9)
      .map(({id, coverage}) => [id, coverage!]),
  );
  // BM25's weights: three of six have the first word, two the second or what begins as it.
  const [red, boat] = [3, 2].map((n) => Math.log(1 + (6 - n + 0.5) / (n + 0.5))) as [
    number,
    number,
  ];
  const close = (id: string, expected: number) => {
    assert.ok(Math.abs(found.get(id)! - expected) < 1e-12, `${id}: ${String(found.get(id))}`);
  };
  close('0', 1);
  close('1', red / (red + boat));
  close('3', (0.8 * boat) / (red + boat));
  const [misspelt] = indexOf(...texts).search('steedy raft', 1);
  assert.ok(misspelt!.coverage! > 0.7 && misspelt!.coverage! < 1);
  const [unknown] = indexOf(...texts).search('zebra raft', 1);
  assert.ok(unknown!.coverage! < 0.5, 'half of the query is answered by nobody');
});

test('finds a word in its other forms, and says which stood there', () => {
  const index = indexOf('A sleeping bag', 'Bags, sacks', 'Flies stopped buzzing', 'Bagel');
  assert.deepEqual(idsOf(index, 'bags sleep'), ['0', '1']);
  assert.deepEqual(index.search('bags tent', 1)[0]?.terms, ['bags']);
  assert.deepEqual(index.search('flying', 9)[0]?.terms, ['flies']);
  for (const query of ['stop it', 'stops it', 'stopping it', 'buzzes loudly', 'fly off']) {
    assert.deepEqual(idsOf(index, query), ['2'], query);
  }
  assert.deepEqual(idsOf(index, 'bag tent').sort(), ['0', '1']);
  assert.deepEqual(idsOf(indexOf('boats', 'boat'), 'boat tent'), ['1', '0'], 'itself first');
});

test('a title counts for more, and what is searched more often for less', () => {
  const index = new LexicalIndex();
  index.add([
    {id: 'text', text: 'about boats'},
    {id: 'title', text: 'about', title: 'boats'},
  ]);
  assert.deepEqual(idsOf(index, 'boats'), ['title', 'text']);
});

test('items change and go', () => {
  const index = indexOf('red boat', 'blue boat');
  index.add([{id: '0', text: 'green tree'}]);
  assert.deepEqual(idsOf(index, 'red'), []);
  assert.deepEqual(idsOf(index, 'tree'), ['0']);
  index.remove(['1', 'unknown']);
  assert.deepEqual(idsOf(index, 'boat'), []);
  index.add([{id: '1', text: 'boat'}]);
  assert.deepEqual(idsOf(index, 'boat'), ['1']);
  assert.deepEqual(idsOf(index, 'boat', 0), []);
});

test('what is no word finds nothing, and nothing is an operator', () => {
  const index = indexOf('a <b>bold</b> word', '👩‍🚀 in space', '*', '__proto__ constructor');
  for (const query of ['', '   ', '*', '\u0000', '()"~^:', '.*']) {
    assert.deepEqual(idsOf(index, query), [], query);
  }
  assert.deepEqual(idsOf(index, '👩🏽‍🚀'), ['1']);
  assert.deepEqual(idsOf(index, 'constructor'), ['3']);
  assert.deepEqual(idsOf(index, '<script>bold'), ['0']);
});

test('a book as a query, and a book as an item, take no longer than they should', () => {
  const book = Array.from({length: 20_000}, (_, i) => `word${i % 5000}`).join(' ');
  const index = indexOf(book, 'word1 alone', 'x'.repeat(100_000));
  const spent = processorTime(() => {
    assert.deepEqual(idsOf(index, book).length, 2);
    assert.deepEqual(idsOf(index, 'x'.repeat(100_000)), ['2']);
  });
  assert.ok(spent < 5000, `${spent} ms`);
});
