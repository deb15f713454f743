import {expect, oneEvent} from '@open-wc/testing';
import {sendKeys, sendMouse} from '@web/test-runner-commands';
import type {FrameDetail} from '../../components/latent-interpolator/latent-interpolator.js';
import {LatentError} from '../../src/core/errors.js';
import {difference, errorOf, pixelsOf} from '../engine/support.js';
import {
  canvasOf,
  frames,
  interpolator,
  part,
  pause,
  playButtonOf,
  record,
  scene,
  sliderOf,
  until,
  urlOf,
} from './support.js';

const ada = scene(1);
const grace = scene(2);
let from: string;
let to: string;

const morph = (attributes = '') =>
  interpolator(
    `<latent-interpolator from="${from}" to="${to}" ${attributes}></latent-interpolator>`,
  );

describe('latent-interpolator', () => {
  before(async () => {
    from = await urlOf(ada);
    to = await urlOf(grace);
  });

  it('shows a morph from two URLs, as large as the first image', async () => {
    const el = await morph();
    const loaded = oneEvent(el, 'latent-load');
    await el.ready;
    expect(el.state).to.equal('ready');
    expect(el.matches(':state(ready)')).to.equal(true);
    expect((await loaded).detail).to.include({
      model: 'blocks',
      space: 'blocks-1',
      device: 'wasm',
    });
    await el.updateComplete;
    const canvas = canvasOf(el).getBoundingClientRect();
    expect([canvas.width, canvas.height]).to.deep.equal([ada.width, ada.height]);
    expect(part(el, 'slider')).to.equal(null);
    expect(part(el, 'play-button')).to.equal(null);
  });

  it('is exact at its ends, and between them neither', async () => {
    const el = await morph();
    expect(difference(pixelsOf((await el.frameAt(0))!), ada)).to.equal(0);
    expect(difference(pixelsOf((await el.frameAt(1))!), grace)).to.equal(0);
    const middle = pixelsOf((await el.frameAt(0.5))!);
    expect(difference(middle, ada)).to.be.above(10);
    expect(difference(middle, grace)).to.be.above(10);
  });

  it('shows pure decodes with reconstruct', async () => {
    const el = await morph('reconstruct');
    expect(difference(pixelsOf((await el.frameAt(0))!), ada)).to.be.above(10);
  });

  it('gives the latents of its path', async () => {
    const el = await morph();
    const [a, b, middle] = await Promise.all([el.latentAt(0), el.latentAt(1), el.latentAt(0.5)]);
    expect(middle!.space).to.equal('blocks-1');
    expect(middle!.shape).to.deep.equal([3, 4, 6]);
    middle!.data.forEach((value, i) => {
      expect(value).to.be.closeTo((a!.data[i]! + b!.data[i]!) / 2, 1e-5);
    });
  });

  it('clamps its value, and ignores what is no number', async () => {
    const el = await morph('value="0.25"');
    expect(el.value).to.equal(0.25);
    el.value = Number.NaN;
    expect(el.value).to.equal(0.25);
    el.value = -1;
    expect(el.value).to.equal(0);
    el.value = 2;
    expect(el.value).to.equal(1);
    el.setAttribute('value', 'much');
    expect(el.value).to.equal(1);
    el.removeAttribute('value');
    expect(el.value).to.equal(0.5);
    const frame = await oneEvent<CustomEvent<FrameDetail>>(el, 'latent-frame');
    expect(frame.detail.value).to.equal(0.5);
  });

  it('tells of a frame once it is on screen, and of nothing else when it is set', async () => {
    const el = await morph('controls');
    await el.ready;
    await frames(3);
    const seen = record(el, 'input', 'change', 'latent-frame');
    el.value = 0.75;
    const event = await oneEvent<CustomEvent<FrameDetail>>(el, 'latent-frame');
    expect(event.detail.value).to.equal(0.75);
    expect(event.detail.milliseconds).to.be.above(0);
    expect(event.bubbles).to.equal(false);
    expect(seen).to.deep.equal(['latent-frame']);
    expect(sliderOf(el).valueAsNumber).to.equal(0.75);
  });

  it('paints the newest value only, and that one always', async () => {
    const el = await morph();
    await el.ready;
    await frames(3);
    const values: number[] = [];
    el.addEventListener('latent-frame', (event) => {
      values.push(event.detail.value);
    });
    for (let i = 0; i <= 100; i++) {
      el.value = i / 100;
      if (i % 10 === 0) await el.updateComplete;
    }
    await until(() => values.at(-1) === 1, 'the last value is on screen');
    expect(values.length).to.be.below(12);
  });

  it('shows the source itself on screen at an end', async () => {
    const el = await morph('value="1"');
    await oneEvent(el, 'latent-frame');
    const copy = new OffscreenCanvas(grace.width, grace.height).getContext('2d')!;
    // What the worker painted reaches a page that reads the canvas a moment after it was painted.
    await until(() => {
      copy.drawImage(canvasOf(el), 0, 0);
      const shown = copy.getImageData(0, 0, grace.width, grace.height);
      return difference(shown, grace) <= 1;
    }, 'the source is on screen');
  });

  describe('controls', () => {
    it('moves by the keyboard, and tells of it as a native range does', async () => {
      const el = await morph('controls');
      await el.ready;
      const seen = record(document, 'input', 'change');
      sliderOf(el).focus();
      await sendKeys({press: 'ArrowRight'});
      expect(el.value).to.be.closeTo(0.51, 1e-9);
      expect(seen).to.deep.equal(['input', 'change']);
      await sendKeys({press: 'PageDown'});
      expect(el.value).to.be.closeTo(0.41, 1e-9);
      await sendKeys({press: 'End'});
      expect(el.value).to.equal(1);
      await sendKeys({press: 'ArrowUp'});
      expect(seen, 'nothing moved').to.have.length(6);
      await sendKeys({press: 'Home'});
      expect(el.value).to.equal(0);
      await el.updateComplete;
      expect(sliderOf(el).getAttribute('aria-valuetext')).to.equal('0%');
    });

    it('turns round with the writing direction', async () => {
      const el = await morph('controls dir="rtl"');
      await el.ready;
      sliderOf(el).focus();
      await sendKeys({press: 'ArrowLeft'});
      expect(el.value).to.be.closeTo(0.51, 1e-9);
      await sendKeys({press: 'ArrowRight'});
      expect(el.value).to.be.closeTo(0.5, 1e-9);
    });

    it('moves by the mouse: input while it moves, change at the end, and stops playing', async () => {
      const el = await morph('controls loop');
      await el.play();
      const box = sliderOf(el).getBoundingClientRect();
      const at = (share: number): [number, number] => [
        Math.round(box.left + share * box.width),
        Math.round(box.top + box.height / 2),
      ];
      const seen = record(el, 'input', 'change');
      await sendMouse({type: 'move', position: at(0.25)});
      await sendMouse({type: 'down'});
      expect(el.paused).to.equal(true);
      await sendMouse({type: 'move', position: at(0.8)});
      await sendMouse({type: 'up'});
      expect(el.value).to.be.closeTo(0.8, 0.08);
      expect(seen.filter((type) => type === 'change')).to.have.length(1);
      expect(seen[0]).to.equal('input');
      expect(seen.at(-1)).to.equal('change');
    });

    it('can be used while it loads', async () => {
      const el = await morph('controls');
      sliderOf(el).focus();
      await sendKeys({press: 'Home'});
      expect(el.value).to.equal(0);
      await el.ready;
      expect(el.value).to.equal(0);
    });

    it('takes no input when disabled', async () => {
      const el = await morph('controls disabled');
      await el.ready;
      expect(sliderOf(el).disabled).to.equal(true);
      expect(playButtonOf(el).disabled).to.equal(true);
      el.value = 0.2;
      await oneEvent(el, 'latent-frame');
      expect(el.state).to.equal('ready');
    });
  });

  it('is busy while a method is at work', async () => {
    const el = await morph();
    await el.ready;
    const blob = el.toBlob({type: 'image/gif', frames: 3});
    await pause(0);
    await until(() => el.state === 'busy', 'it is busy');
    expect(el.matches(':state(busy)')).to.equal(true);
    await blob;
    expect(el.state).to.equal('ready');
  });

  it('gives up when asked to', async () => {
    const el = await morph();
    const error = await errorOf(el.frameAt(0.5, {signal: AbortSignal.abort()}));
    expect(error.name).to.equal('AbortError');
    const controller = new AbortController();
    const blob = el.toBlob({type: 'image/gif', frames: 60, signal: controller.signal});
    setTimeout(() => {
      controller.abort();
    }, 50);
    expect((await errorOf(blob)).name).to.equal('AbortError');
    expect(el.state).to.not.equal('error');
  });

  it('does nothing outside of the document', async () => {
    const el = document.createElement('latent-interpolator');
    el.interpolation = 'lerp';
    el.from = from;
    el.to = to;
    expect(await el.frameAt(0)).to.equal(undefined);
    expect(await el.latentAt(0)).to.equal(undefined);
    expect(await el.toBlob()).to.equal(undefined);
    await el.play();
    el.pause();
    expect(el.paused).to.equal(true);
  });

  it('has errors of one kind', async () => {
    const el = await morph();
    expect(await errorOf(el.frameAt(Number.NaN))).to.be.instanceOf(LatentError);
    expect((await errorOf(el.toBlob({type: 'image/bmp'}))).code).to.equal('bad-argument');
    expect((await errorOf(el.toBlob({type: 'image/gif', frames: 1}))).code).to.equal(
      'bad-argument',
    );
  });
});
