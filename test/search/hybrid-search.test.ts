import {expect} from '@open-wc/testing';
import type {Corpus} from '../../src/search/corpus.js';
import {rank} from '../../src/search/hybrid-search.js';

const corpus = {
  items: (ids: readonly string[]) =>
    Promise.resolve(ids.map((id) => (id === 'gone' ? undefined : {id, text: id}))),
} as unknown as Corpus;

const words = ['a', 'b'].map((id) => ({id, terms: [id]}));
const near = [
  {id: 'c', score: 0.6},
  {id: 'b', score: 0.3},
  {id: 'd', score: 0.25},
  {id: 'gone', score: 0.24},
  {id: 'a', score: 0.1},
  {id: 'e', score: 0.05},
];
const ids = (results: readonly {id: string}[]) => results.map(({id}) => id);

describe('rank', () => {
  it('makes one list of two, with what each knows', async () => {
    const [first, second] = await rank(corpus, words, near, {limit: 2});
    expect(first).to.deep.include({id: 'b', similarity: 0.3, terms: ['b']});
    expect(first!.score).to.be.closeTo((61 / 62 + 61 / 62) / 2, 1e-12);
    expect(second).to.deep.include({id: 'a', similarity: 0.1, item: {id: 'a', text: 'a'}});
    expect(ids(await rank(corpus, words, undefined, {limit: 9}))).to.deep.equal(['a', 'b']);
    expect(ids(await rank(corpus, undefined, near, {limit: 2}))).to.deep.equal(['c', 'b']);
  });

  it('leaves noise out, and everybody else in their place', async () => {
    const all = ids(await rank(corpus, words, near, {limit: 9}));
    const some = ids(await rank(corpus, words, near, {limit: 9, noise: 0.2}));
    expect(all).to.deep.equal(['b', 'a', 'c', 'd', 'e']);
    expect(some, 'words are no chance').to.deep.equal(['b', 'a', 'c', 'd']);
    expect(ids(await rank(corpus, words, near, {limit: 3, noise: 0.9}))).to.deep.equal(['b', 'a']);
  });
});
