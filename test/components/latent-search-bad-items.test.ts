import {expect, fixture, html, oneEvent} from '@open-wc/testing';
import type {LatentSearch, ResultsDetail} from '../../components/latent-search/latent-search.js';
import type {SearchItem} from '../../src/search/types.js';
import {errorOf} from '../engine/support.js';
import {until} from './support.js';

/** Items as one finds them in the wild, each to be found by a word of its own. */
const ITEMS: readonly SearchItem[] = [
  {id: 'long', text: `needle ${'straw '.repeat(20_000)}`},
  {id: 'emoji', text: '🦊🌲🌙'},
  {id: 'hebrew', text: 'שלום עולם, ספינה אדומה'},
  {id: 'script', text: '<script>window.hit = 1</script><img src=x onerror="window.hit = 2">'},
  {id: 'control', text: 'bell\u0007null\u0000escape\u001b[31m'},
  {id: 'surrogate', text: 'broken \ud800 pair'},
  {id: '__proto__', text: 'prototype'},
  {id: 'spaces in\nan id', text: 'identity'},
  {id: 'blank', text: ' \u200b\n'},
  {id: 'image', image: 'data:image/png;base64,bm9uZQ=='},
];

async function search(items: readonly SearchItem[], attributes = ''): Promise<LatentSearch> {
  const host = document.createElement('div');
  host.innerHTML = `<latent-search loading="eager" ${attributes}></latent-search>`;
  const el = host.firstElementChild as LatentSearch;
  el.items = items;
  await fixture(html`${el}`);
  return el;
}

const ids = (results: readonly {id: string}[] | undefined) => results?.map(({id}) => id);
const options = (el: Element) => [...el.shadowRoot!.querySelectorAll<HTMLElement>('[part=item]')];

async function shown(el: LatentSearch, query: string): Promise<string[]> {
  el.query = query;
  for (;;) {
    const {detail}: CustomEvent<ResultsDetail> = await oneEvent(el, 'latent-results');
    if (detail.query !== query || !detail.complete) continue;
    await el.updateComplete;
    return ids(detail.results)!;
  }
}

describe('latent-search over items of any kind', () => {
  it('finds each of them, and reads none as HTML', async () => {
    const el = await search(ITEMS);
    await el.ready;
    for (const [query, id] of [
      ['needle', 'long'],
      ['🦊', 'emoji'],
      ['שלום', 'hebrew'],
      ['onerror', 'script'],
      ['bell', 'control'],
      ['broken pair', 'surrogate'],
      ['prototype', '__proto__'],
      ['identity', 'spaces in\nan id'],
    ] as const) {
      expect((await shown(el, query))[0], query).to.equal(id);
      expect(options(el)[0]!.querySelectorAll('script, img')).to.have.length(0);
      expect(options(el)[0]!.innerText.length, query).to.be.below(400);
    }
    expect('hit' in window).to.equal(false);
    expect(el.shadowRoot!.querySelector('.note')!.textContent).to.contain('2 items');
    await expect(el).to.be.accessible();
  });

  it('says the same of what a visitor types, and reads none of it as HTML', async () => {
    const el = await search(ITEMS);
    await el.ready;
    for (const query of [
      '<img src=x onerror="window.hit = 3">',
      'x'.repeat(100_000),
      '🦊🦊🦊',
      'עולם',
      '\u0007\u001b[2J bell',
      '\ud800',
      '__proto__',
      '%s ${query} {{query}}',
    ]) {
      await shown(el, query);
      expect(el.shadowRoot!.querySelectorAll('.popup script, .popup img')).to.have.length(0);
      const said = el.shadowRoot!.querySelector<HTMLElement>('.popup')!.innerText;
      expect(said.length, query.slice(0, 40)).to.be.below(4000);
    }
    expect('hit' in window).to.equal(false);
  });

  it('takes limits that are none for ten', async () => {
    const many = Array.from({length: 30}, (_, i) => ({id: String(i), text: `boat number ${i}`}));
    const el = await search(many);
    await el.ready;
    for (const [limit, count] of [
      ['0', 10],
      ['-3', 10],
      ['2.5', 10],
      ['many', 10],
      ['', 10],
      ['1e9', 30],
      ['3', 3],
    ] as const) {
      el.setAttribute('limit', limit);
      expect(await el.search('boat'), limit).to.have.length(count);
    }
    for (const threshold of ['much', '']) {
      el.setAttribute('threshold', threshold);
      expect(await el.search('boat', {limit: 5}), threshold).to.have.length(5);
    }
    el.setAttribute('metric', 'manhattan');
    expect(await errorOf(el.ready)).to.include({code: 'bad-argument'});
  });

  it('counts the first of a list’s ids that come twice, and finds both', async () => {
    const page = await fixture<HTMLElement>(`<div>
      <latent-search for="twice" loading="eager"></latent-search>
      <ul id="twice"><li data-id="a">red boat</li><li data-id="a">red ship</li>
        <li></li><li hidden>red canoe</li><script>red</script></ul>
    </div>`);
    const found = (await page.querySelector('latent-search')!.search('red'))!;
    expect(found.map(({item}) => item.text)).to.have.members(['red boat', 'red ship']);
    expect(found.filter(({id}) => id === 'a')).to.have.length(1);
  });

  it('is searched while it is indexed', async () => {
    const many = Array.from({length: 600}, (_, i) => ({id: String(i), text: `boat number ${i}`}));
    const el = await search(many);
    const early = el.search('number 599', {limit: 1});
    el.query = 'number 7';
    const words = oneEvent(el, 'latent-results');
    const {detail} = (await words) as CustomEvent<ResultsDetail>;
    expect(ids(detail.results)![0]).to.equal('7');
    el.items = [...many, {id: 'more', text: 'a lighthouse'}];
    expect(ids(await early)).to.deep.equal(['599']);
    expect(ids(await el.search('lighthouse', {limit: 1}))).to.deep.equal(['more']);
    el.items = [];
    await until(() => el.items?.length === 0, 'they are gone');
    expect(await el.search('lighthouse')).to.deep.equal([]);
    expect(await el.duplicates()).to.deep.equal([]);
    await el.removeItems(['nobody']);
  });

  it('refuses what cannot be classified, and classifies nothing into nothing', async () => {
    const el = await search([]);
    expect(await errorOf(el.classify(' ', ['a', 'b']))).to.include({code: 'bad-argument'});
    expect(await errorOf(el.classify('boat', ['a', ' ']))).to.include({code: 'bad-argument'});
    expect(await el.classify('boat', [])).to.deep.equal([]);
    expect(await el.classify('boat', ['ship', 'ship'])).to.have.length(2);
  });
});
