import {expect, oneEvent} from '@open-wc/testing';
import {sendKeys} from '@web/test-runner-commands';
import type {LatentGenerator} from '../../components/latent-generator/latent-generator.js';
import type {Model} from '../../src/engine/types.js';
import {difference, disposeEngines, pack, pixelsOf, testEngine} from '../engine/support.js';
import {closings, FLOW, frames, generator, part, pause, record, shown, until} from './support.js';

const input = (el: LatentGenerator, name: string) => part(el, name) as HTMLInputElement;
const button = (el: LatentGenerator, name: string) => part(el, name) as HTMLButtonElement;
const chips = (el: LatentGenerator) => [
  ...el.shadowRoot!.querySelectorAll<HTMLButtonElement>('[part="chip"]'),
];
const pressed = (el: LatentGenerator) =>
  chips(el).map((chip) => chip.getAttribute('aria-pressed') === 'true');
const variants = (el: LatentGenerator) => [
  ...part(el, 'variants')!.querySelectorAll<HTMLButtonElement>('button'),
];
const imageOf = (variant: Element) =>
  variant.querySelector('canvas')!.getContext('2d')!.getImageData(0, 0, 64, 64);

/** A generator whose controls know what the model can do. */
async function ready(attributes = '', model = FLOW): Promise<LatentGenerator> {
  const el = await generator(`controls ${attributes}`, model);
  await el.ready;
  // Until it is seen.
  await frames(2);
  return el;
}

describe('the controls of latent-generator', () => {
  let model: Model;

  before(async () => {
    model = await testEngine().load(FLOW);
  });

  after(disposeEngines);

  const shows = async (el: LatentGenerator, options: object) =>
    difference(await shown(el), pixelsOf(await model.generate(options))) === 0;

  it('are not there unless they are asked for', async () => {
    const el = await generator();
    await el.ready;
    expect(el.shadowRoot!.querySelector('form')).to.equal(null);
    el.controls = true;
    await el.updateComplete;
    expect(el.shadowRoot!.querySelector('form')).to.not.equal(null);
  });

  it('offer nothing that the model cannot do', async () => {
    const el = await ready('', pack('blocks-plain'));
    for (const name of ['prompt', 'chips', 'strength', 'play-button']) {
      expect(part(el, name), name).to.equal(null);
    }
    for (const name of ['seed', 'seed-button', 'vary-button', 'generate-button']) {
      expect(part(el, name), name).to.not.equal(null);
    }
  });

  describe('the prompt', () => {
    it('makes the image on Enter, not before', async () => {
      const el = await ready();
      const seen = record(document, 'input', 'change');
      const images = record(el, 'latent-image');
      input(el, 'prompt').focus();
      await sendKeys({type: 'cat'});
      await pause(100);
      expect(el.prompt).to.equal('');
      expect(images).to.deep.equal([]);
      expect(seen).to.deep.equal(['input', 'input', 'input']);
      // Heard from before: the keys go by way of the test server, and the image may be there first.
      const made = oneEvent(el, 'latent-image');
      await sendKeys({press: 'Enter'});
      await made;
      expect(el.prompt).to.equal('cat');
      expect(seen.slice(3)).to.deep.equal(['change']);
      expect(await shows(el, {prompt: 'cat'})).to.equal(true);
      expect(el.shadowRoot!.activeElement).to.equal(input(el, 'prompt'));
    });

    it('is followed while it is typed where the element is live', async () => {
      const el = await ready('live');
      input(el, 'prompt').focus();
      await sendKeys({type: 'dog'});
      await el.ready;
      expect(el.prompt).to.equal('dog');
      expect(await shows(el, {prompt: 'dog'})).to.equal(true);
    });

    it('is what the page sets, without an event', async () => {
      const el = await ready();
      const seen = record(document, 'input', 'change');
      el.prompt = 'cat';
      el.seed = 3;
      await el.ready;
      await el.updateComplete;
      expect(input(el, 'prompt').value).to.equal('cat');
      expect(input(el, 'seed').value).to.equal('3');
      expect(pressed(el)).to.deep.equal([true, false]);
      expect(seen).to.deep.equal([]);
    });

    it('is in the field before the model is there', async () => {
      const el = await generator('controls prompt="cat"', '/nowhere/pack.json');
      expect(input(el, 'prompt').value).to.equal('cat');
    });
  });

  describe('the chips', () => {
    it('say what the model knows, and put it into the prompt', async () => {
      const el = await ready('prompt="a small one"');
      expect(chips(el).map(({textContent}) => textContent.trim())).to.deep.equal(['cat', 'dog']);
      const seen = record(document, 'input', 'change');
      chips(el)[0]!.click();
      expect(el.prompt).to.equal('a small one, cat');
      await el.ready;
      await el.updateComplete;
      expect(pressed(el)).to.deep.equal([true, false]);
      expect(input(el, 'prompt').value).to.equal('a small one, cat');
      chips(el)[1]!.click();
      expect(el.prompt, 'one of them at a time').to.equal('a small one, dog');
      await el.updateComplete;
      chips(el)[1]!.click();
      expect(el.prompt).to.equal('a small one');
      expect(seen).to.deep.equal(['input', 'change', 'input', 'change', 'input', 'change']);
      await el.ready;
    });

    it('add to what is in the field, also where it was not sent yet', async () => {
      const el = await ready();
      input(el, 'prompt').focus();
      await sendKeys({type: 'red'});
      chips(el)[0]!.click();
      expect(el.prompt).to.equal('red, cat');
      await el.ready;
    });

    it('are one stop for Tab, and arrows go through them', async () => {
      const el = await ready();
      input(el, 'prompt').focus();
      await sendKeys({press: 'Tab'});
      expect(el.shadowRoot!.activeElement).to.equal(button(el, 'generate-button'));
      await sendKeys({press: 'Tab'});
      expect(el.shadowRoot!.activeElement).to.equal(chips(el)[0]);
      await sendKeys({press: 'ArrowRight'});
      expect(el.shadowRoot!.activeElement).to.equal(chips(el)[1]);
      await sendKeys({press: 'Space'});
      expect(el.prompt).to.equal('dog');
      await el.updateComplete;
      await sendKeys({press: 'Tab'});
      expect(el.shadowRoot!.activeElement).to.equal(input(el, 'seed'));
      await sendKeys({press: 'Shift+Tab'});
      expect(el.shadowRoot!.activeElement, 'where one left them').to.equal(chips(el)[1]);
      await el.ready;
    });
  });

  it('parse a prompt when it changes, not once a chip a frame', async () => {
    const el = await ready();
    const prompt = `a long  one ${'x'.repeat(100)}`;
    let parses = 0;
    const {split} = String.prototype;
    String.prototype.split = function (this: string, ...given: [never, never]) {
      if (this === prompt) parses++;
      return split.apply(this, given);
    };
    try {
      el.prompt = prompt;
      for (let i = 0; i < 5; i++) {
        el.requestUpdate();
        await el.updateComplete;
      }
    } finally {
      String.prototype.split = split;
    }
    expect(parses).to.equal(1);
    await el.ready;
  });

  describe('the seed', () => {
    it('is typed, or drawn', async () => {
      const el = await ready();
      const seen = record(document, 'change');
      input(el, 'seed').select();
      await sendKeys({type: '42'});
      await sendKeys({press: 'Enter'});
      expect(el.seed).to.equal(42);
      await el.ready;
      expect(await shows(el, {seed: 42})).to.equal(true);
      button(el, 'seed-button').click();
      await el.ready;
      await el.updateComplete;
      expect(el.seed).to.not.equal(42);
      expect(input(el, 'seed').value).to.equal(String(el.seed));
      expect(await shows(el, {seed: el.seed})).to.equal(true);
      expect(seen).to.deep.equal(['change', 'change']);
    });

    it('is mended where it is none', async () => {
      const el = await ready('seed="7"');
      for (const [typed, seed] of [
        ['-5', 0],
        ['2.6', 3],
        ['', 3],
      ] as const) {
        input(el, 'seed').value = typed;
        input(el, 'seed').dispatchEvent(new Event('change'));
        expect(el.seed, typed).to.equal(seed);
        expect(input(el, 'seed').value).to.equal(String(seed));
      }
      await el.ready;
    });
  });

  describe('the strength', () => {
    it('is there with an image to begin with', async () => {
      const el = await ready('src="seed:3" strength="0.2"');
      const slider = input(el, 'strength');
      expect(slider.valueAsNumber).to.equal(0.2);
      const seen = record(el, 'input', 'change');
      slider.focus();
      await sendKeys({press: 'End'});
      expect(el.strength).to.equal(1);
      expect(seen).to.deep.equal(['input', 'change']);
      await el.ready;
      expect(await shows(el, {image: 'seed:3', strength: 1})).to.equal(true);
    });
  });

  describe('the variations', () => {
    const open = async (el: LatentGenerator) => {
      button(el, 'vary-button').click();
      await until(
        () => !!part(el, 'variants') && variants(el).every(({disabled}) => !disabled),
        'they are drawn',
      );
    };

    it('are drawn when they are asked for, and a click takes one and shows others', async () => {
      const el = await ready('seed="2"');
      const toggle = button(el, 'vary-button');
      expect(toggle.getAttribute('aria-expanded')).to.equal('false');
      await open(el);
      expect(toggle.getAttribute('aria-expanded')).to.equal('true');
      const small = imageOf(variants(el)[2]!);
      const seen = record(document, 'input', 'change');
      variants(el)[2]!.click();
      expect(el.variations).to.have.length(1);
      await el.ready;
      expect(difference(await shown(el), small), 'what was promised').to.equal(0);
      expect(seen).to.deep.equal(['input', 'change']);
      await until(
        () => difference(imageOf(variants(el)[2]!), small) > 0,
        'there are others to choose from',
      );
      toggle.click();
      await el.updateComplete;
      expect(part(el, 'variants')).to.equal(null);
    });

    it('hold no bitmap once they are drawn', async () => {
      const el = await ready();
      const closed = closings();
      await open(el);
      expect(closed()).to.equal(6);
    });

    it('follow the prompt', async () => {
      const el = await ready();
      await open(el);
      const before = imageOf(variants(el)[5]!);
      el.prompt = 'cat';
      await until(() => difference(imageOf(variants(el)[5]!), before) > 0, 'they are drawn again');
    });
  });

  describe('the button', () => {
    it('makes the image anew', async () => {
      const el = await ready('prompt="cat"');
      const images = record(el, 'latent-image');
      button(el, 'generate-button').click();
      await until(() => images.length === 1, 'it is made');
    });

    it('gives up what takes long, and keeps the focus', async () => {
      const el = await ready('seed="1"');
      const before = await shown(el);
      const main = button(el, 'generate-button');
      main.focus();
      // Fast ones never show it.
      await el.generate();
      expect(main.textContent.trim()).to.equal('Generate');
      el.model = pack('slow-flow');
      await until(() => main.textContent.trim() === 'Cancel', 'one can give up');
      const errors = record(el, 'latent-error');
      main.click();
      expect(el.state).to.equal('idle');
      await el.updateComplete;
      expect(main.textContent.trim()).to.equal('Generate');
      expect(el.shadowRoot!.activeElement).to.equal(main);
      expect(errors).to.deep.equal([]);
      el.model = FLOW;
      await el.ready;
      expect(difference(await shown(el), before)).to.equal(0);
    });
  });

  it('take nothing where the element is disabled', async () => {
    const el = await ready('disabled live src="seed:1"');
    button(el, 'vary-button').click();
    await el.updateComplete;
    const all = [...el.shadowRoot!.querySelectorAll<HTMLInputElement>('input, button')];
    expect(all.length).to.be.above(8);
    expect(all.every(({disabled}) => disabled)).to.equal(true);
    el.prompt = 'cat';
    await el.ready;
    expect(el.state).to.equal('ready');
  });

  it('lead with Enter where a model takes no prompt, too', async () => {
    const el = await ready('', pack('blocks-plain'));
    const images = record(el, 'latent-image');
    input(el, 'seed').focus();
    await sendKeys({press: 'Enter'});
    await until(() => images.length > 0, 'it is made');
  });
});
