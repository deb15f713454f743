import {aTimeout, expect, fixture, html, oneEvent} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {LatentSearch, ResultsDetail} from '../../components/latent-search/latent-search.js';
import type {SearchItem} from '../../src/search/types.js';
import {errorOf, pack} from '../engine/support.js';
import {part, pause, record, until} from './support.js';

const ITEMS: readonly SearchItem[] = [
  {id: 'fly', text: 'Cheap flights to Lisbon', href: '#fly'},
  {id: 'soup', title: 'Tomato soup', text: 'A warm meal for cold evenings'},
  {id: 'dog', text: 'How to train a puppy'},
  {id: 'bank', text: 'Opening a savings account at the bank'},
  {id: 'script', text: '<script>alert(1)</script> & <b>bold</b>'},
];

const search = (attributes = '', items: readonly SearchItem[] | null = ITEMS) => {
  const element = document.createElement('div');
  element.innerHTML = `<latent-search loading="eager" ${attributes}></latent-search>`;
  const el = element.firstElementChild as LatentSearch;
  if (items) el.items = items;
  return fixture<LatentSearch>(html`${el}`);
};

const page = (attributes = '') =>
  fixture<HTMLElement>(`<div>
    <latent-search for="list" loading="eager" ${attributes}></latent-search>
    <ul id="list">
      <li id="fly"><a href="#fly">Cheap flights to <b>Lis</b>bon</a></li>
      <li id="soup">Tomato soup</li>
      <li data-id="dog">How to train a puppy</li>
      <li>Opening a savings account at the bank</li>
    </ul>
  </div>`);

const inputOf = (el: Element) => part(el, 'input') as HTMLInputElement;
const options = (el: Element) => [...el.shadowRoot!.querySelectorAll<HTMLElement>('[part=item]')];
const ids = (results: readonly {id: string}[] | undefined) => results?.map(({id}) => id);

async function type(el: LatentSearch, text: string): Promise<void> {
  inputOf(el).focus();
  await sendKeys({type: text});
}

/** Waits until the popup shows what a query finds. */
async function found(el: LatentSearch, query: string): Promise<void> {
  await until(() => {
    const input = inputOf(el);
    return input.value === query && el.state === 'ready' && options(el).length > 0;
  }, `there are results for ${query}`);
  await pause(100);
  await el.updateComplete;
}

/** Waits for the last results of a query that is set next. */
async function complete(el: LatentSearch, query: string): Promise<ResultsDetail> {
  for (;;) {
    const {detail}: CustomEvent<ResultsDetail> = await oneEvent(el, 'latent-results');
    if (detail.complete && detail.query === query) return detail;
  }
}

describe('latent-search', () => {
  it('finds by meaning what shares no word', async () => {
    const el = await search();
    await el.ready;
    expect(el.state).to.equal('ready');
    const [first] = (await el.search('low-cost air travel'))!;
    expect(first!.id).to.equal('fly');
    expect(first!.item).to.equal(ITEMS[0]);
    expect(first!.score).to.be.within(0, 1);
    expect(first!.similarity).to.be.within(-1, 1);
    expect(first!.terms).to.deep.equal([]);
  });

  it('leaves out what only chance brings near, unless a threshold says how near', async () => {
    const el = await search();
    expect(ids(await el.search('cheap flights'))).to.deep.equal(['fly']);
    expect(await el.search('quantum chromodynamics')).to.deep.equal([]);
    const all = (await (await search('threshold="-1"')).search('cheap flights'))!;
    expect(all).to.have.length(5);
    expect(all[0]!.id).to.equal('fly');
    for (const {similarity} of all.slice(1)) expect(similarity).to.be.below(0.2);
    const far = await search('metric="dot"');
    expect(await far.search('cheap flights'), 'the scale of dot is its own').to.have.length(5);
  });

  it('finds by words before the model is there', async () => {
    const el = await search(`model="${pack('slow')}"`);
    await until(() => el.shadowRoot!.querySelector('input') !== null, 'it is drawn');
    const words = oneEvent(el, 'latent-results');
    await type(el, 'pupp');
    const {detail} = (await words) as CustomEvent<ResultsDetail>;
    expect(detail.complete).to.equal(false);
    expect(ids(detail.results)).to.deep.equal(['dog']);
    await el.updateComplete;
    expect(options(el)[0]!.querySelector('mark')!.textContent).to.equal('puppy');
    expect(el.shadowRoot!.querySelector('.note')!.textContent).to.contain('loading');
    await expect(el).to.be.accessible();
  });

  it('shows what the visitor types as a combobox with a listbox', async () => {
    const el = await search();
    await el.ready;
    const seen = record(el, 'input', 'latent-select');
    await type(el, 'soup');
    await found(el, 'soup');
    await el.updateComplete;
    const input = inputOf(el);
    expect(input.getAttribute('role')).to.equal('combobox');
    expect(input.getAttribute('aria-expanded')).to.equal('true');
    expect(options(el)[0]!.querySelector('.title mark')!.textContent).to.equal('soup');
    expect(seen).to.deep.equal(['input', 'input', 'input', 'input']);
    await expect(el).to.be.accessible();
    await sendKeys({press: 'ArrowDown'});
    await el.updateComplete;
    expect(input.getAttribute('aria-activedescendant')).to.equal(options(el)[0]!.id);
    expect(options(el)[0]!.getAttribute('aria-selected')).to.equal('true');
    await expect(el).to.be.accessible();
    const selected = oneEvent(el, 'latent-select');
    await sendKeys({press: 'Enter'});
    expect((await selected).detail).to.deep.equal({id: 'soup', item: ITEMS[1]});
    await el.updateComplete;
    expect(options(el)).to.have.length(0);
    await sendKeys({press: 'Escape'});
  });

  it('closes on Escape and opens again with the next key', async () => {
    const el = await search();
    await el.ready;
    await type(el, 'dog');
    await found(el, 'dog');
    await sendKeys({press: 'Escape'});
    await el.updateComplete;
    expect(options(el)).to.have.length(0);
    expect(el.query).to.equal('dog');
    await sendKeys({type: 's'});
    await found(el, 'dogs');
    await el.updateComplete;
    expect(options(el)).not.to.have.length(0);
  });

  it('leaves the page where it is when the choice is canceled, else follows its link', async () => {
    const el = await search();
    await el.ready;
    el.query = 'flights';
    await complete(el, 'flights');
    await el.updateComplete;
    el.addEventListener('latent-select', (event) => event.preventDefault(), {once: true});
    options(el)[0]!.click();
    expect(location.hash).to.equal('');
    el.query = 'cheap flights';
    await complete(el, 'cheap flights');
    inputOf(el).focus();
    await el.updateComplete;
    options(el)[0]!.click();
    expect(location.hash).to.equal('#fly');
    history.replaceState(null, '', location.pathname + location.search);
  });

  it('never follows a javascript: link', async () => {
    const el = await search('', [{id: 'a', text: 'bait', href: 'javascript:window.hit=1'}]);
    await el.ready;
    el.query = 'bait';
    await complete(el, 'bait');
    await el.updateComplete;
    options(el)[0]!.click();
    await aTimeout(20);
    expect('hit' in window).to.equal(false);
  });

  it('reads no item as HTML', async () => {
    const el = await search();
    await el.ready;
    el.query = 'script alert';
    await complete(el, 'script alert');
    await el.updateComplete;
    const option = options(el).find(({textContent}) => textContent.includes('alert'))!;
    expect(option.querySelector('script, b')).to.equal(null);
    expect(option.textContent).to.contain('<script>alert(1)</script> & <b>bold</b>');
  });

  it('fills a template of the page', async () => {
    const host = await fixture<HTMLElement>(html`<div></div>`);
    host.innerHTML = `<latent-search loading="eager"><template slot="result"
      ><strong data-field="title"></strong><em data-field="text"></em></template></latent-search>`;
    const el = host.firstElementChild as LatentSearch;
    el.items = ITEMS;
    await el.ready;
    el.query = 'soup';
    await complete(el, 'soup');
    await el.updateComplete;
    expect(options(el)[0]!.querySelector('strong')!.textContent).to.equal('Tomato soup');
    expect(options(el)[0]!.querySelector('em')!.textContent).to.contain('warm meal');
  });

  it('shows the sentence that fits where no word does', async () => {
    const opening = 'The inn has nine rooms, two of them with a view of the harbour. '.repeat(4);
    const text = `${opening}Dogs and cats are welcome. Breakfast is served from seven.`;
    const el = await search('', [{id: 'inn', text}, ITEMS[3]!]);
    const shown = complete(el, 'pets');
    el.query = 'pets';
    const [inn] = (await shown).results;
    expect(inn!.id).to.equal('inn');
    expect(text.slice(inn!.passage!.start, inn!.passage!.end)).to.equal(
      'Dogs and cats are welcome. ',
    );
    await el.updateComplete;
    expect(options(el)[0]!.textContent).to.contain('… Dogs and cats are welcome. Breakfast');
  });

  it('keeps passages of one page together, and the keys follow', async () => {
    const el = await search('', [
      {
        id: 'rooms',
        page: 'The inn',
        title: 'Rooms',
        text: 'Beds for tired travellers',
        href: '/inn#rooms',
      },
      {id: 'camp', page: 'Camping', title: 'Beds', text: 'Beds, in tents', href: '/camp'},
      {id: 'meals', page: 'The inn', title: 'Meals', text: 'Breakfast in beds', href: '/inn#meals'},
      {id: 'bed', title: 'Beds', text: 'Beds, for sale', href: '#bed'},
    ]);
    const shown = complete(el, 'beds');
    await type(el, 'beds');
    const order = ids((await shown).results)!;
    await el.updateComplete;
    expect(order).to.have.length(4);
    expect(Math.abs(order.indexOf('rooms') - order.indexOf('meals'))).to.equal(1);
    const scores = (await el.search('beds'))!.map(({score}) => score);
    expect(scores).to.deep.equal([...scores].sort((a, b) => b - a));
    const further = options(el).filter((each) => each.classList.contains('further'));
    expect(further).to.have.length(1);
    // Named all the same, for whoever does not see where it stands.
    expect(further[0]!.textContent).to.contain('The inn');
    const chosen = oneEvent(el, 'latent-select');
    el.addEventListener('latent-select', (event) => event.preventDefault());
    for (let i = 0; i <= order.indexOf('meals'); i++) await sendKeys({press: 'ArrowDown'});
    await sendKeys({press: 'Enter'});
    expect(((await chosen) as CustomEvent<{id: string}>).detail.id).to.equal('meals');
  });

  it('searches the list that it stands for, and its later changes', async () => {
    const list = await page();
    const el = list.querySelector('latent-search')!;
    await el.ready;
    const [first] = (await el.search('low-cost air travel'))!;
    expect(first!.id).to.equal('fly');
    expect(first!.item.text).to.equal('Cheap flights to Lisbon');
    expect(first!.item.href).to.equal(new URL('#fly', location.href).href);
    expect(ids(await el.search('dog training'))![0]).to.equal('dog');
    list
      .querySelector('ul')!
      .insertAdjacentHTML('beforeend', '<li id="boat">A red sailing boat</li>');
    const yachts = async () => ids(await el.search('yacht'))!;
    await until(async () => (await yachts())[0] === 'boat', 'the boat is found');
    list.querySelector('#boat')!.remove();
    await until(async () => !(await yachts()).includes('boat'), 'the boat is gone');
  });

  it('filters and orders the list in place, and puts it back', async () => {
    const list = await page('filter limit="2"');
    const el = list.querySelector('latent-search')!;
    await el.ready;
    const shown = () =>
      [...list.querySelectorAll('li')]
        .filter(({hidden}) => !hidden)
        .map(({textContent}) => textContent);
    const before = shown();
    el.query = 'soup';
    await complete(el, 'soup');
    await el.updateComplete;
    expect(shown()).to.have.length(2);
    expect(shown()[0]).to.equal('Tomato soup');
    expect(options(el)).to.have.length(0);
    expect(inputOf(el).getAttribute('role')).to.equal(null);
    await expect(list).to.be.accessible();
    el.query = 'quantum chromodynamics';
    await complete(el, 'quantum chromodynamics');
    await el.updateComplete;
    expect(shown()).to.have.length(0);
    expect(el.shadowRoot!.querySelector('.note')!.textContent).to.contain('Nothing found');
    await expect(list).to.be.accessible();
    el.query = '';
    await until(() => shown().length === before.length, 'the list is back');
    expect(shown()).to.deep.equal(before);
  });

  it('adds and removes items, and still leaves the document', async () => {
    const el = await search();
    await el.add([{id: 'boat', text: 'A red sailing boat'}]);
    expect(ids(await el.search('yacht'))![0]).to.equal('boat');
    expect(await errorOf(el.add([{id: 'boat', text: 'again'}]))).to.include({code: 'bad-argument'});
    await el.removeItems(['boat', 'nobody']);
    expect(ids(await el.search('yacht'))).not.to.include('boat');
    el.remove();
    expect(el.isConnected).to.equal(false);
    expect(await el.search('yacht')).to.equal(undefined);
  });

  it('knows what is alike, what is the same, and which label fits', async () => {
    const el = await search('', [
      ...ITEMS,
      {id: 'fly2', text: 'Cheap flights to Lisbon!'},
      {id: 'cat', text: 'How to train a kitten'},
    ]);
    const alike = (await el.similarTo('dog', {limit: 1}))!;
    expect(ids(alike)).to.deep.equal(['cat']);
    expect(await el.duplicates({threshold: 0.98})).to.deep.equal([['fly', 'fly2']]);
    const labels = (await el.classify('the guitarist played a song', ['money', 'sport', 'music']))!;
    expect(labels[0]!.label).to.equal('music');
    expect(labels.map(({score}) => score)).to.deep.equal(
      labels.map(({score}) => score).toSorted((a, b) => b - a),
    );
    expect(await errorOf(el.similarTo('nobody'))).to.include({code: 'bad-argument'});
  });

  it('gives its index away, and takes it up again', async () => {
    const el = await search();
    const url = URL.createObjectURL((await el.toIndex())!);
    const again = await search(`index="${url}"`, null);
    await again.ready;
    const [first] = (await again.search('low-cost air travel'))!;
    expect(first!.id).to.equal('fly');
    expect(first!.item.text).to.equal('Cheap flights to Lisbon');
    expect(ids(await again.search('soup'))![0]).to.equal('soup');
    URL.revokeObjectURL(url);
  });

  it('runs several searches at once', async () => {
    const el = await search('threshold="-1"');
    const found = await Promise.all(['yacht', 'dog', 'soup'].map((query) => el.search(query)));
    expect(found.map((results) => results!.length)).to.deep.equal([5, 5, 5]);
    expect(ids(found[2])![0]).to.equal('soup');
  });

  it('gives up what was typed before, and nobody hears of it', async () => {
    const el = await search();
    await el.ready;
    const unhandled: unknown[] = [];
    const note = ({reason}: PromiseRejectionEvent) => unhandled.push(reason);
    window.addEventListener('unhandledrejection', note);
    const results = record(el, 'latent-error');
    for (let i = 1; i <= 30; i++) {
      el.query = 'cheap flights to Lisbon'.slice(0, 1 + (i % 23));
      if (i % 3 === 0) await el.updateComplete;
      if (i % 5 === 0) await aTimeout(5);
    }
    el.query = 'savings bank';
    expect(ids((await complete(el, 'savings bank')).results)).to.deep.equal(['bank']);
    await aTimeout(50);
    window.removeEventListener('unhandledrejection', note);
    expect(unhandled).to.deep.equal([]);
    expect(results).to.deep.equal([]);
  });

  it('takes part in forms', async () => {
    const form = await fixture<HTMLFormElement>(
      '<form><latent-search name="q" query="soup"></latent-search></form>',
    );
    const el = form.querySelector('latent-search')!;
    await el.updateComplete;
    expect(new FormData(form).get('q')).to.equal('soup');
    el.query = 'dog';
    await el.updateComplete;
    expect(new FormData(form).get('q')).to.equal('dog');
    form.reset();
    await el.updateComplete;
    expect(inputOf(el).value).to.equal('soup');
    const submitted = oneEvent(form, 'submit');
    form.addEventListener('submit', (event) => event.preventDefault());
    inputOf(el).focus();
    await sendKeys({press: 'Enter'});
    await submitted;
  });

  it('is named by its label, and disabled by its fieldset', async () => {
    const form = await fixture<HTMLFormElement>(`<form><fieldset disabled>
      <label for="found">Find an <b>article</b></label>
      <latent-search id="found"></latent-search></fieldset></form>`);
    const el = form.querySelector('latent-search')!;
    await el.updateComplete;
    expect(inputOf(el).ariaLabel).to.equal('Find an article');
    expect(inputOf(el).disabled).to.equal(true);
    await expect(form).to.be.accessible();
    form.querySelector('fieldset')!.disabled = false;
    await el.updateComplete;
    expect(inputOf(el).disabled).to.equal(false);
    form.querySelector('label')!.click();
    expect(document.activeElement).to.equal(el);
  });

  it('keeps the list as it shows it when it moves, and gives it back when it goes', async () => {
    const list = await page('filter limit="1"');
    const el = list.querySelector('latent-search')!;
    await el.ready;
    el.query = 'puppy';
    await complete(el, 'puppy');
    await el.updateComplete;
    const shown = () => [...list.querySelectorAll('li')].filter(({hidden}) => !hidden).length;
    expect(shown()).to.equal(1);
    list.append(el);
    await aTimeout(100);
    expect(shown()).to.equal(1);
    el.remove();
    await until(() => shown() === 4, 'the list is back');
  });

  describe('given what makes no sense', () => {
    it('says that for names nothing, and finds it when it comes', async () => {
      const host = await fixture<HTMLElement>(
        '<div><latent-search for="later" loading="eager"></latent-search></div>',
      );
      const el = host.querySelector('latent-search')!;
      expect(await errorOf(el.ready)).to.include({code: 'bad-argument'});
      await el.updateComplete;
      expect(part(el, 'error')!.textContent).to.contain('later');
      await expect(el).to.be.accessible();
      host.insertAdjacentHTML('beforeend', '<ol id="later"><li>A red boat</li></ol>');
      await until(() => el.state === 'ready', 'the list is there');
      expect(await el.search('ship')).to.have.length(1);
    });

    it('refuses ids that come twice, and recovers', async () => {
      const el = await search('', [
        {id: 'a', text: 'one'},
        {id: 'a', text: 'two'},
      ]);
      expect(await errorOf(el.ready)).to.include({code: 'bad-argument'});
      el.items = ITEMS;
      await until(() => el.state === 'ready', 'it has read the others');
    });

    it('takes an empty list, blank queries, and any text', async () => {
      const el = await search('threshold="-1"', []);
      await el.ready;
      expect(await el.search('anything')).to.deep.equal([]);
      el.items = ITEMS;
      for (const blank of ['', '  ', '\u0000\u0007', '\u200b']) {
        expect(await el.search(blank), JSON.stringify(blank)).to.deep.equal([]);
      }
      for (const text of [
        '🦊🦊',
        'שלום עולם',
        '<script>x</script>',
        'a\u0001b',
        'x '.repeat(50_000),
      ]) {
        expect(await el.search(text), text.slice(0, 20)).to.have.length(5);
      }
    });

    it('checks limits', async () => {
      const el = await search('threshold="-1"');
      expect(await el.search('dog', {limit: 2})).to.have.length(2);
      expect(await el.search('dog', {limit: 0})).to.deep.equal([]);
      expect(await el.search('dog', {limit: 1e9})).to.have.length(5);
      for (const limit of [-1, 1.5, Number.NaN]) {
        expect(await errorOf(el.search('dog', {limit}))).to.include({code: 'bad-argument'});
      }
    });

    it('finds the others where one says nothing', async () => {
      const el = await search('threshold="-1"', [
        ...ITEMS,
        {id: 'mute', text: '  '},
        {id: 'blind'},
      ]);
      await el.ready;
      expect(await el.search('dog')).to.have.length(5);
      el.query = 'dog';
      await complete(el, 'dog');
      await el.updateComplete;
      expect(el.shadowRoot!.querySelector('.note')!.textContent).to.contain('2 items');
    });

    it('stops when it is told to', async () => {
      const el = await search('threshold="-1"');
      await el.ready;
      const abort = new AbortController();
      const found = el.search('dog', {signal: abort.signal});
      abort.abort();
      expect(await errorOf(found)).to.include({code: 'aborted', name: 'AbortError'});
      expect(await el.search('dog')).to.have.length(5);
    });

    it('refuses a broken index', async () => {
      const url = URL.createObjectURL(new Blob(['no index at all']));
      const el = await search(`index="${url}"`, null);
      expect(await errorOf(el.ready)).to.include({code: 'bad-index'});
    });
  });
});
