import {expect} from '@open-wc/testing';
import {groupByPage, pageOf} from '../../src/controllers/live-search.js';
import type {SearchResult} from '../../src/search/types.js';

const result = (id: string, href?: unknown): SearchResult => ({
  id,
  score: 1,
  terms: [],
  confident: true,
  item: {id, href: href as string},
});

describe('groupByPage', () => {
  it('puts passages behind the best of their page, and leaves everything else in its order', () => {
    const results = [
      result('a1', '/a#one'),
      result('none'),
      result('b1', 'https://b.example/'),
      result('a2', '/a'),
      result('here', '#a'),
      result('b2', 'https://b.example/#two'),
      result('there', '#b'),
      result('a3', '/a?print#one'),
    ];
    const order = groupByPage(results).map(({id}) => id);
    expect(order).to.deep.equal(['a1', 'a2', 'none', 'b1', 'b2', 'here', 'there', 'a3']);
    expect(groupByPage([])).to.deep.equal([]);
  });

  it('knows no page of what leads nowhere', () => {
    for (const href of [undefined, null, 7, '', '#top'])
      expect(pageOf(result('x', href))).to.equal(undefined);
  });

  it('takes links into the page where it is shown for no passages of one', () => {
    const here = (id: string) => result(id, new URL(`#${id}`, location.href).href);
    expect([here('a'), here('b')].map(pageOf)).to.deep.equal([undefined, undefined]);
    const results = [here('a'), result('b', '/b#x'), here('c')];
    expect(groupByPage(results).map(({id}) => id)).to.deep.equal(['a', 'b', 'c']);
  });
});
