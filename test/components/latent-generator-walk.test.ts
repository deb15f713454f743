import {expect, oneEvent} from '@open-wc/testing';
import {emulateMedia, sendKeys, sendMouse, setViewport} from '@web/test-runner-commands';
import type {LatentGenerator} from '../../components/latent-generator/latent-generator.js';
import {difference} from '../engine/support.js';
import {frames, generator, part, pause, record, shown, still, until} from './support.js';

const SIZE = 200;

/** A generator that is walked in, of a known size. */
async function ready(attributes = 'live'): Promise<LatentGenerator> {
  const el = await generator(`style="inline-size: ${SIZE}px" ${attributes}`);
  await el.ready;
  await frames(3);
  return el;
}

const axes = (el: LatentGenerator) => [...part(el, 'pad')!.querySelectorAll('input')];

/** A place on the picture, by shares of its width and height. */
function at(el: LatentGenerator, x: number, y: number): [number, number] {
  const box = part(el, 'canvas')!.getBoundingClientRect();
  return [Math.round(box.left + x * box.width), Math.round(box.top + y * box.height)];
}

async function drag(el: LatentGenerator, ...places: [x: number, y: number][]): Promise<void> {
  await sendMouse({type: 'move', position: at(el, ...places[0]!)});
  await sendMouse({type: 'down'});
  for (const place of places.slice(1)) {
    await sendMouse({type: 'move', position: at(el, ...place)});
    await frames(2);
  }
  await sendMouse({type: 'up'});
}

describe('a walk in latent-generator', () => {
  before(() => setViewport({width: 800, height: 600}));

  it('goes where the mouse drags, paints at once, and tells of it', async () => {
    const el = await ready();
    const start = el.latent!;
    const before = await shown(el);
    const seen = record(document, 'input', 'change');
    const images = record(el, 'latent-image');
    await drag(el, [0.5, 0.5], [0.6, 0.5], [0.75, 0.25]);
    const quarter = Math.PI / 2;
    expect(el.position[0]).to.be.closeTo(0.25 * quarter, 0.02);
    expect(el.position[1]).to.be.closeTo(0.25 * quarter, 0.02);
    expect(seen.filter((type) => type === 'change')).to.have.length(1);
    expect(seen.at(-1)).to.equal('change');
    await until(() => images.length > 1, 'it is painted');
    await frames(3);
    expect(el.latent).to.not.deep.equal(start);
    expect(el.state, 'nothing is loaded').to.equal('ready');
    const there = await shown(el);
    expect(difference(there, before)).to.be.above(0);

    // The way back leads back.
    await drag(el, [0.75, 0.25], [0.5, 0.5]);
    expect(Math.hypot(...el.position)).to.be.below(0.01);
    // A position is an image: another element shows the same.
    const other = await ready('');
    el.position = [0.3, 0.2];
    other.position = [0.3, 0.2];
    expect(difference(await shown(other), await shown(el))).to.equal(0);
  });

  it('is nothing to a click, and nothing where it is not live or disabled', async () => {
    const el = await ready();
    const seen = record(document, 'input', 'change');
    await drag(el, [0.5, 0.5], [0.5, 0.5]);
    el.disabled = true;
    await el.updateComplete;
    await drag(el, [0.5, 0.5], [0.8, 0.5]);
    el.disabled = false;
    el.live = false;
    await el.updateComplete;
    await drag(el, [0.5, 0.5], [0.8, 0.5]);
    expect(part(el, 'pad')).to.equal(null);
    expect(el.position).to.deep.equal([0, 0]);
    expect(seen).to.deep.equal([]);
  });

  it('goes by the arrows as well, also after a click', async () => {
    const el = await ready();
    el.focus();
    expect(el.shadowRoot!.activeElement).to.equal(axes(el)[0]);
    const seen = record(document, 'input', 'change');
    await sendKeys({press: 'ArrowRight'});
    await sendKeys({press: 'Shift+ArrowUp'});
    const degrees = el.position.map((angle) => Math.round((angle * 180) / Math.PI));
    expect(degrees).to.deep.equal([5, 20]);
    expect(seen).to.deep.equal(['input', 'change', 'input', 'change']);
    await el.updateComplete;
    expect(axes(el).map((axis) => axis.getAttribute('aria-valuetext'))).to.deep.equal([
      '5°',
      '20°',
    ]);
    (el.shadowRoot!.activeElement as HTMLElement).blur();
    await drag(el, [0.5, 0.5], [0.5, 0.5]);
    expect(el.shadowRoot!.activeElement, 'a click gives it the keys').to.equal(axes(el)[0]);
    await sendKeys({press: 'ArrowLeft'});
    expect(Math.abs(el.position[0])).to.be.below(1e-9);
  });

  it('can be set by assistive technology, one axis at a time', async () => {
    const el = await ready();
    const [, up] = axes(el);
    const seen = record(el, 'input', 'change');
    up!.value = '90';
    up!.dispatchEvent(new Event('input', {bubbles: true, composed: true}));
    up!.dispatchEvent(new Event('change', {bubbles: true}));
    expect(el.position[0]).to.equal(0);
    expect(el.position[1]).to.be.closeTo(Math.PI / 2, 1e-9);
    expect(seen).to.deep.equal(['input', 'change']);
  });

  const resets: [how: string, reset: (el: LatentGenerator) => unknown][] = [
    ['Escape', () => sendKeys({press: 'Escape'})],
    ['a double click', (el) => part(el, 'pad')!.dispatchEvent(new MouseEvent('dblclick'))],
  ];
  for (const [how, reset] of resets) {
    it(`is led back by ${how}, from variations too`, async () => {
      const el = await ready();
      const origin = await shown(el);
      await el.vary({seed: 1});
      el.focus();
      await sendKeys({press: 'ArrowRight'});
      expect(el.variations).to.have.length(1);
      await reset(el);
      expect(el.position).to.deep.equal([0, 0]);
      expect(el.variations).to.deep.equal([]);
      await el.ready;
      expect(difference(await shown(el), origin)).to.equal(0);
      const seen = record(el, 'input', 'change');
      await sendKeys({press: 'Escape'});
      expect(seen, 'there is nowhere to go').to.deep.equal([]);
    });
  }

  it('keeps only the newest frame', async () => {
    const el = await ready('live steps="50"');
    const images = record(el, 'latent-image');
    for (let i = 1; i <= 200; i++) el.position = [i / 200, 0];
    await until(() => images.length > 0, 'it is painted');
    await pause(300);
    expect(images.length).to.be.below(4);
    const other = await ready('steps="50"');
    other.position = [1, 0];
    expect(difference(await shown(other), await shown(el))).to.equal(0);
  });

  it('is forgotten by a new seed, and goes on with a new prompt', async () => {
    const el = await ready();
    el.position = [0.5, 0.5];
    el.prompt = 'cat';
    await el.ready;
    expect(el.position).to.deep.equal([0.5, 0.5]);
    const there = await shown(el);
    const other = await ready('prompt="cat"');
    other.position = [0.5, 0.5];
    expect(difference(await shown(other), there)).to.be.below(2);
    el.seed = 9;
    await el.ready;
    expect(el.position).to.deep.equal([0, 0]);
  });

  it('to nowhere is an error that another position mends', async () => {
    const el = await ready();
    el.position = [Number.NaN, 0];
    await until(() => el.state === 'error', 'it is said');
    expect(el.error!.code).to.equal('bad-argument');
    expect(el.error!.message).to.contain('position');
    el.position = [0.1, 0];
    await until(() => el.state === 'ready', 'it is mended');
  });

  describe('by itself', () => {
    afterEach(() => emulateMedia({reducedMotion: 'no-preference'}));

    it('goes on and on', async () => {
      const el = await ready('autoplay controls');
      const seen = record(document, 'input', 'change');
      const images = record(el, 'latent-image');
      await until(() => images.length > 3, 'it walks');
      const [across, up] = el.position;
      expect(across).to.be.above(0);
      expect(up / across).to.be.closeTo(0.618, 0.01);
      expect(seen, 'nobody did anything').to.deep.equal([]);
      expect(el.paused).to.equal(false);
      part(el, 'play-button')!.click();
      await el.updateComplete;
      expect(el.paused).to.equal(true);
      expect(part(el, 'play-button')!.getAttribute('aria-label')).to.equal('Play');
      const stop = el.position;
      await pause(100);
      expect(el.position).to.deep.equal(stop);
    });

    it('is as fast as it is told', async () => {
      const el = await ready('autoplay speed="2"');
      const slow = await ready('autoplay speed="1"');
      const distances = () => [el, slow].map(({position}) => Math.hypot(...position));
      // Both walk in the same frames of the screen.
      await until(() => distances()[1]! > 0, 'both walk');
      const from = distances();
      await until(() => distances()[1]! > from[1]! + 0.3, 'both are on their way');
      const [fast, usual] = distances().map((distance, i) => distance - from[i]!);
      expect(fast! / usual!).to.be.closeTo(2, 0.01);
    });

    it('does not for visitors who want no motion, unless they ask', async () => {
      await emulateMedia({reducedMotion: 'reduce'});
      const el = await ready('autoplay controls');
      await pause(100);
      expect(el.position).to.deep.equal([0, 0]);
      await el.play();
      await until(() => el.position[0] > 0, 'it walks');
      el.pause();
    });

    it('rests where nobody sees it', async () => {
      const el = await ready('autoplay');
      await until(() => el.position[0] > 0, 'it walks');
      el.style.cssText += 'position: absolute; top: 5000px';
      await still(() => el.position);
      expect(el.paused, 'it still means to').to.equal(false);
      el.style.cssText = '';
      const {position} = el;
      await until(() => el.position !== position, 'it goes on');
    });

    it('stops when the visitor takes over', async () => {
      const el = await ready('autoplay live');
      await until(() => el.position[0] > 0, 'it walks');
      el.focus();
      await sendKeys({press: 'ArrowUp'});
      expect(el.paused).to.equal(true);
    });

    it('waits for the image that a new prompt makes, and goes on', async () => {
      const el = await ready('autoplay');
      el.prompt = 'cat';
      await oneEvent(el, 'latent-load');
      const {position} = el;
      await until(() => el.position !== position, 'it goes on');
      el.pause();
    });
  });
});
