import {expect, fixture, html, oneEvent} from '@open-wc/testing';
import type {LatentSearch} from '../../components/latent-search/latent-search.js';
import {VectorIndex} from '../../src/core/search/vector-index.js';
import type {SearchItem} from '../../src/search/types.js';
import {errorOf} from '../engine/support.js';
import {part, until} from './support.js';

const ITEMS: readonly SearchItem[] = [
  {id: 'fly', text: 'Cheap flights to Lisbon'},
  {id: 'violin', text: '<img src=x onerror="window.pwned=1">Learning to play the violin'},
  {id: 'dog', text: 'How to train a puppy'},
];

async function search(setup: Partial<LatentSearch>): Promise<LatentSearch> {
  const el = document.createElement('latent-search');
  Object.assign(el, {loading: 'eager', ...setup});
  return fixture<LatentSearch>(html`${el}`);
}

async function show(el: LatentSearch, query: string): Promise<HTMLElement[]> {
  await el.ready;
  el.query = query;
  await oneEvent(el, 'latent-results');
  await el.updateComplete;
  part(el, 'input')!.focus();
  await el.updateComplete;
  return [...el.shadowRoot!.querySelectorAll<HTMLElement>('[part=item]')];
}

describe('latent-search, in public', () => {
  it('takes no query for an empty one, whatever a script sets', async () => {
    const el = await search({items: ITEMS});
    expect((await show(el, 'violin')).length).to.equal(1);
    for (const nothing of [undefined, null]) {
      el.query = nothing as unknown as string;
      await el.updateComplete;
      expect([el.query, el.value, (part(el, 'input') as HTMLInputElement).value]).to.deep.equal([
        '',
        '',
        '',
      ]);
      await until(() => part(el, 'list') === null, 'the results are gone');
    }
    el.query = 7 as unknown as string;
    expect(el.query).to.equal('7');
  });

  it('is the input that it is', async () => {
    const form = await fixture<HTMLFormElement>(
      html`<form>
        <label for="field">Find</label>
        <latent-search id="field" name="q" query="a"></latent-search>
      </form>`,
    );
    const el = form.querySelector('latent-search')!;
    expect([el.value, el.defaultValue, el.name, el.form]).to.deep.equal(['a', 'a', 'q', form]);
    expect([...el.labels].map(({textContent}) => textContent)).to.deep.equal(['Find']);
    el.value = 'b';
    await el.updateComplete;
    expect(el.query).to.equal('b');
    expect(new FormData(form).get('q')).to.equal('b');
    expect([el.validity.valid, el.willValidate, el.checkValidity()]).to.deep.equal([
      true,
      true,
      true,
    ]);
    el.setCustomValidity('No.');
    expect([el.validationMessage, form.checkValidity()]).to.deep.equal(['No.', false]);
    form.reset();
    expect(el.value).to.equal('a');
    el.htmlFor = 'list';
    expect('for' in el).to.equal(false);
  });

  it('takes no query for an empty one', async () => {
    const el = await search({items: ITEMS});
    for (const nothing of [undefined, null] as unknown as string[]) {
      el.query = nothing;
      await el.updateComplete;
      expect([el.query, (part(el, 'input') as HTMLInputElement).value]).to.deep.equal(['', '']);
    }
    expect((await errorOf(el.search(undefined as unknown as string))).code).to.equal(
      'bad-argument',
    );
  });

  it('removes itself, or items, by names of their own', async () => {
    const el = await search({items: ITEMS});
    await el.removeItems(['dog']);
    expect(el.items?.map(({id}) => id)).to.deep.equal(['fly', 'violin']);
    expect(el.remove).to.equal(Element.prototype.remove);
  });

  it('finds what stands behind markup', async () => {
    const el = await search({items: ITEMS});
    expect((await el.search('musical instrument lessons'))?.[0]).to.deep.include({
      id: 'violin',
      confident: true,
    });
  });

  it('says of the nearest that they do not fit, and nothing where a threshold rules', async () => {
    const el = await search({items: ITEMS});
    await el.ready;
    const strange = [
      'quarterly tax audit',
      'a holiday in the sun',
      'orchestra',
      'kitchen sink',
      'gold',
    ];
    let shown = 0;
    for (const query of strange) {
      const results = (await el.search(query))!;
      const unsure = results.filter(({confident}) => !confident);
      expect([0, results.length], 'all of them or none').to.include(unsure.length);
      expect(unsure.length).to.be.at.most(3);
      if (unsure.length === 0) continue;
      shown++;
      await show(el, query);
      expect(part(el, 'unsure')?.textContent).to.equal('Nothing fits well. Nearest:');
      await expect(el).to.be.accessible();
    }
    expect(shown).to.be.above(0);
    el.threshold = 0.9;
    expect(await el.search(strange[0]!)).to.deep.equal([]);
  });

  it('finds no item that the page hides', async () => {
    const page = await fixture<HTMLElement>(
      html`<div>
        <latent-search for="hiding" loading="eager" threshold="-1"></latent-search>
        <ul id="hiding">
          <li id="a">A red boat</li>
          <li id="b" hidden>A red house</li>
          <li id="c" style="display: none">A red car</li>
          <li id="d">A tree <span hidden>red</span></li>
        </ul>
      </div>`,
    );
    const el = page.querySelector('latent-search')!;
    const found = (await el.search('red'))!;
    expect(found.map(({id}) => id).sort()).to.deep.equal(['a', 'd']);
    expect(found.find(({id}) => id === 'd')?.terms).to.deep.equal([]);
  });

  it('asks no other host for pictures than those that the page named', async () => {
    const data = new Float32Array(256);
    data[0] = 1;
    const latent = {space: 'words-2', shape: [256], data};
    const index = new VectorIndex({model: {name: 'words', version: '2.0.0'}});
    index.add('far', latent, {title: 'boat', image: 'https://elsewhere.example/spy.png'});
    index.add('near', latent, {title: 'boat', image: '/near.png'});
    const url = URL.createObjectURL(new Blob([index.toBuffer()]));
    const el = await search({index: url});
    const shown = await show(el, 'boat');
    const pictures = shown.map((option) => option.querySelector('img')?.getAttribute('src'));
    expect(pictures).to.have.members([undefined, '/near.png']);
  });
});
