// What elements say in the language of their place in the page.
import {expect, fixture} from '@open-wc/testing';
import type {LatentInterpolator} from '../../components/latent-interpolator/latent-interpolator.js';
import {de} from '../../src/core/strings/de.js';
import {fr} from '../../src/core/strings/fr.js';
import {configure} from '../../src/engine/config.js';
import type {PageOptions} from '../../src/engine/types.js';
import {errorOf, pack} from '../engine/support.js';
import {
  generator,
  interpolator,
  part,
  playButtonOf,
  scene,
  slider,
  sliderOf,
  until,
  urlOf,
} from '../components/support.js';

describe('the language of an element', () => {
  let morph: string;

  before(async () => {
    const [from, to] = [await urlOf(scene(1)), await urlOf(scene(2))];
    morph = `<latent-interpolator from="${from}" to="${to}" controls loading="intent"></latent-interpolator>`;
  });

  beforeEach(() => configure({strings: [de, fr]}));
  afterEach(() => {
    configure({strings: []});
    document.documentElement.removeAttribute('lang');
  });

  const playLabel = (el: Element) => playButtonOf(el).getAttribute('aria-label');
  const inside = async (markup: string): Promise<LatentInterpolator> => {
    const root = await fixture<HTMLElement>(markup);
    const el =
      root.closest<LatentInterpolator>('latent-interpolator') ??
      root.querySelector('latent-interpolator')!;
    await el.updateComplete;
    return el;
  };

  it('is that of the nearest lang, its own included', async () => {
    const french = await inside(`<div lang="de"><p lang="fr-CA">${morph}</p></div>`);
    expect(playLabel(french)).to.equal('Lecture');
    const own = await inside(
      `<div lang="fr">${morph.replace('controls', 'controls lang="de"')}</div>`,
    );
    expect(playLabel(own)).to.equal('Abspielen');
    const other = await inside(`<div lang="it">${morph}</div>`);
    expect(playLabel(other)).to.equal('Play');
  });

  it('is found out of a shadow root', async () => {
    const host = await fixture<HTMLElement>('<div lang="fr"><section></section></div>');
    const root = host.querySelector('section')!.attachShadow({mode: 'closed'});
    root.innerHTML = morph;
    const el = root.querySelector('latent-interpolator')!;
    await el.updateComplete;
    expect(playLabel(el)).to.equal('Lecture');
  });

  it('changes with the attribute, with its place, and with the words of the page', async () => {
    const root = await fixture<HTMLElement>(
      `<div><div lang="de">${morph}</div><div lang="fr"></div></div>`,
    );
    const [german, french] = [...root.children] as HTMLElement[];
    const el = root.querySelector('latent-interpolator')!;
    await el.updateComplete;
    expect(playLabel(el)).to.equal('Abspielen');
    german!.lang = 'en';
    await until(() => playLabel(el) === 'Play', 'it is English');
    french!.append(el);
    await until(() => playLabel(el) === 'Lecture', 'it is French');
    configure({strings: {play: 'Go'}});
    await until(() => playLabel(el) === 'Go', 'it has the words that came last');
    el.remove();
    configure({strings: [de, fr]});
    document.documentElement.lang = 'de';
    root.append(el);
    await until(() => playLabel(el) === 'Abspielen', 'it hears of what it missed');
  });

  it('is that of the first table on a page that says nothing of its language', async () => {
    expect(playLabel(await inside(morph))).to.equal('Abspielen');
  });

  it('writes numbers: percent, values, megabytes', async () => {
    const el = await inside(`<div lang="de">${morph}</div>`);
    expect(sliderOf(el).getAttribute('aria-valuetext')).to.match(/^50\s%$/);
    const range = await slider('<latent-slider lang="de" value="1.5"></latent-slider>');
    expect(part(range, 'value')!.textContent).to.equal('+1,5');
    const made = await generator('controls consent="ask" lang="de"');
    await until(() => part(made, 'consent-button') !== null, 'it asks');
    expect(part(made, 'consent-button')!.textContent.trim()).to.equal('14 MB laden');
    expect(part(made, 'generate-button')!.textContent.trim()).to.equal('Erzeugen');
  });

  it('says what failed in a few words, and what exactly under them', async () => {
    const el = await interpolator(
      `<latent-interpolator lang="de" from="/nowhere.png" to="seed:1" model="${pack('blocks')}"></latent-interpolator>`,
    );
    const error = await errorOf(el.ready);
    await el.updateComplete;
    const box = part(el, 'error')!;
    expect(box.innerText.trim()).to.match(/^Etwas, das hierher gehört, fehlt\.\s+Noch einmal$/);
    box.querySelector('summary')!.click();
    await until(() => box.innerText.includes(error.message), 'the message is shown');
    await expect(el).to.be.accessible();
  });

  it('bad strings are refused, and what was there stays', async () => {
    const el = await inside(`<div lang="fr">${morph}</div>`);
    const bad = {strings: {lang: 'fr', play: 7}} as unknown as PageOptions;
    expect(() => configure(bad))
      .to.throw()
      .with.property('code', 'bad-argument');
    el.requestUpdate();
    await el.updateComplete;
    expect(playLabel(el)).to.equal('Lecture');
  });
});
