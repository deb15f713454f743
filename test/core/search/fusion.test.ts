import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fuseScores, rankHits, type TermHit} from '../../../src/core/search/fusion.js';
import {assertClose, throwsLatentError} from '../support.js';

const hit = (id: string, score: number) => ({id, score});
const word = (id: string, score: number) => ({id, score, terms: [id]});
const ids = (hits: readonly {readonly id: string}[]) => hits.map(({id}) => id).join('');

test('adds the share of the best score by words and three quarters of the cosine', () => {
  const fused = fuseScores([hit('a', 8), hit('b', 2)], [hit('c', 0.9), hit('b', 0.6)]);
  assert.equal(ids(fused), 'abc');
  assertClose(
    fused.map(({score}) => score),
    [1 / 1.75, (0.25 + 0.75 * 0.6) / 1.75, (0.75 * 0.9) / 1.75],
    1e-15,
  );
});

test('half of the words is how much of the query is answered, a third of the meaning how well its words are', () => {
  const words = [{...hit('a', 8), coverage: 0.3}];
  const near = [{...hit('a', 0.9), match: 0.6}];
  const [fused] = fuseScores(words, near, {weight: 1});
  assertClose([fused!.score], [((1 + 0.3) / 2 + (2 * 0.9 + 0.6) / 3) / 2], 1e-15);
  // Found by one common word of many, it is not what was asked for.
  const means = [hit('means', 0.7), hit('has', 0.2)];
  assert.equal(fuseScores([hit('has', 9)], means)[0]?.id, 'has');
  assert.equal(fuseScores([{...hit('has', 9), coverage: 0.1}], means)[0]?.id, 'has');
  assert.equal(
    fuseScores([{...hit('has', 9), coverage: 0.1}], [hit('means', 0.95)])[0]?.id,
    'means',
  );
});

test('a weak list does not outvote a strong one', () => {
  // By reciprocal ranks 1 : 1, what is second in both lists came before the one exact answer.
  const words = [hit('exact', 20), hit('b', 2)];
  const near = [hit('c', 0.4), hit('b', 0.39)];
  assert.equal(fuseScores(words, near)[0]?.id, 'exact');
});

test('weight 0 leaves the order of words, and equal scores the order in which they came', () => {
  assert.equal(ids(fuseScores([hit('a', 2), hit('b', 1)], [hit('b', 1)], {weight: 0})), 'ab');
  assert.equal(ids(fuseScores([hit('x', 1), hit('y', 1)], [hit('z', 4 / 3)])), 'xyz');
});

test('odd lists', () => {
  assert.deepEqual(fuseScores([], []), []);
  assert.equal(ids(fuseScores([hit('a', 0)], [])), 'a');
  assert.equal(ids(fuseScores([hit('a', 1), hit('a', 1)], [hit('a', 1), hit('a', 1)])), 'a');
  assert.equal(
    ids(fuseScores([hit('__proto__', 1)], [hit('constructor', 1)])),
    '__proto__constructor',
  );
  for (const weight of [-1, NaN, Infinity]) {
    throwsLatentError(() => fuseScores([], [], {weight}), 'bad-argument', /weight/);
  }
});

const near = [hit('c', 0.6), hit('b', 0.3), hit('d', 0.25), hit('a', 0.1), hit('e', 0.05)];

test('one list of two, with what each knows', () => {
  const [first, second] = rankHits([word('a', 4), word('b', 4)], near, {limit: 2});
  assert.deepEqual(
    [first?.id, first?.similarity, first?.terms, first?.confident],
    ['b', 0.3, ['b'], true],
  );
  assert.deepEqual([second?.id, second?.similarity], ['a', 0.1]);
  assert.equal(ids(rankHits([word('a', 2), word('b', 1)], undefined, {limit: 9})), 'ab');
  assert.deepEqual(
    rankHits(undefined, near, {limit: 1}).map(({id, score}) => [id, score]),
    [['c', 0.6]],
  );
});

test('the best of two lists are matched word by word, and no others', () => {
  const many = Array.from({length: 60}, (_, i) => hit(String(i), 0.9 - i / 100));
  const asked: string[] = [];
  const match = (id: string): number => {
    asked.push(id);
    return id === '19' ? 1 : 0.5;
  };
  const ranked = rankHits([], many, {limit: 10, match});
  assert.deepEqual(
    asked,
    many.slice(0, 20).map(({id}) => id),
  );
  assert.deepEqual(
    ranked.slice(0, 2).map(({id}) => id),
    ['19', '0'],
  );
  assert.equal(ranked[0]!.similarity, 0.9 - 0.19, 'what is said of it stays the cosine');
  assert.equal(rankHits([], many, {limit: 40, match}).length, 40);
  assert.equal(rankHits(undefined, many, {limit: 1, match})[0]!.id, '0', 'one list is not matched');
});

test('noise is left out, and everybody else stays in their place', () => {
  const words = [word('a', 4), word('b', 2)];
  assert.equal(ids(rankHits(words, near, {limit: 9})), 'abcde');
  assert.equal(ids(rankHits(words, near, {limit: 9, noise: 0.2})), 'abcd', 'words are no chance');
  assert.equal(ids(rankHits(words, near, {limit: 3, noise: 0.9})), 'ab');
});

test('where nothing is clear of chance, the nearest few are shown as what they are', () => {
  const told = (scores: readonly number[], noise: number, limit = 9, words: TermHit[] = []) => {
    const list = scores.map((score, i) => hit(String(i), score));
    const found = rankHits(words, list, {limit, noise});
    assert.ok(found.every(({confident}) => confident === found[0]!.confident));
    return `${ids(found)} ${found[0]?.confident ? 'sure' : 'unsure'}`;
  };
  assert.equal(told([0.31, 0.2, 0.19], 0.2), '01 sure', 'one that is clear of it makes it sure');
  assert.equal(told([0.29, 0.2, 0.19], 0.2), '012 unsure', 'nearer, and not clearly');
  assert.equal(told([0.1, 0.07, 0.05], 0.2), '01 unsure', 'three tenths of it are the least');
  assert.equal(told([0.19, 0.18, 0.17, 0.16, 0.15, 0.14], 0.2), '01234 unsure', 'at most five');
  assert.equal(told([0.19, 0.18, 0.17], 0.2, 2), '01 unsure');
  assert.equal(told([0.19, 0.18], 0.2, 9, [word('1', 1)]), '1 sure', 'a word is sure');
  assert.deepEqual(rankHits([], [hit('far', 0.05)], {limit: 9, noise: 0.2}), []);
  assert.equal(
    told([0.1, -0.2, -0.5], -0.3),
    '01 sure',
    'of a space where strangers are opposites',
  );
});
