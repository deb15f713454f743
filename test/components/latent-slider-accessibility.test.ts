import {expect} from '@open-wc/testing';
import {emulateMedia} from '@web/test-runner-commands';
import type {LatentSlider} from '../../components/latent-slider/latent-slider.js';
import {errorOf, pack} from '../engine/support.js';
import {lighter, part, scene, slider, sliderOf, until, urlOf} from './support.js';

describe('the accessibility of a slider', () => {
  let src: string;

  before(async () => {
    src = await urlOf(scene(1));
  });

  const ready = async (markup: string): Promise<LatentSlider> => {
    const el = await slider(markup);
    el.direction = lighter(10, 'Light');
    await el.ready;
    await el.updateComplete;
    return el;
  };

  it('is there while nothing is', async () => {
    await expect(await slider('<latent-slider label="Light"></latent-slider>')).to.be.accessible();
  });

  it('is there while it loads', async () => {
    const el = await slider(
      `<latent-slider src="${src}" label="Light" model="${pack('slow')}?axe"></latent-slider>`,
    );
    await until(() => el.state === 'loading', 'it loads');
    await expect(el).to.be.accessible();
    await el.ready;
  });

  it('is there when it is ready, with its strip', async () => {
    const el = await ready(`<latent-slider src="${src}" value="1.5"></latent-slider>`);
    await until(() => !!part(el, 'strip')?.querySelector('canvas'), 'there is a strip');
    await expect(el).to.be.accessible();
    expect(sliderOf(el).getAttribute('aria-label')).to.equal('Light');
    expect(sliderOf(el).getAttribute('aria-valuetext')).to.equal('+1.5');
    expect(part(el, 'canvas')!.getAttribute('aria-label')).to.equal('Light +1.5');
  });

  it('is there with labels of the page, and when disabled', async () => {
    for (const attributes of ['', 'disabled']) {
      const el = await ready(
        `<label for="s">How light?</label>
          <latent-slider id="s" src="${src}" ${attributes}></latent-slider>`,
      );
      await expect(el.parentElement!).to.be.accessible();
    }
    const spoken = await ready(`<latent-slider src="${src}" aria-label="Light"></latent-slider>`);
    await expect(spoken).to.be.accessible();
  });

  it('is there with examples, and with a hint', async () => {
    const el = await slider(
      `<latent-slider src="${src}" label="Light">
        ${['positive', 'positive', 'negative', 'negative']
          .map((slot, i) => `<img slot="${slot}" src="SRC${i}" alt="Example ${i}">`)
          .join('')
          .replaceAll(/SRC\d/g, src)}
      </latent-slider>`,
    );
    await errorOf(el.ready);
    await el.updateComplete;
    await expect(el).to.be.accessible();
    const aimless = await slider(`<latent-slider src="${src}" label="Light"></latent-slider>`);
    await aimless.ready;
    await aimless.updateComplete;
    await expect(aimless).to.be.accessible();
  });

  it('is there when it failed, with a picture or without', async () => {
    for (const attributes of [`src="/nowhere.png"`, `for="nothing"`]) {
      const el = await slider(`<latent-slider ${attributes} label="Light"></latent-slider>`);
      await errorOf(el.ready);
      await el.updateComplete;
      expect(part(el, 'error')!.getAttribute('role')).to.equal('alert');
      await expect(el).to.be.accessible();
    }
  });

  it('is there for several on one image', async () => {
    const el = await ready(
      `<latent-image id="face" src="${src}" label="A face"></latent-image>
        <latent-slider for="face" label="Light" strip="5"></latent-slider>`,
    );
    await expect(el.parentElement!).to.be.accessible();
  });

  it('is there on dark pages', async () => {
    await emulateMedia({colorScheme: 'dark'});
    const root = document.documentElement;
    root.style.colorScheme = 'dark';
    root.style.background = '#16161a';
    root.style.color = '#ecebe6';
    try {
      const el = await ready(`<latent-slider src="${src}"></latent-slider>`);
      await expect(el).to.be.accessible();
    } finally {
      root.removeAttribute('style');
      await emulateMedia({colorScheme: 'light'});
    }
  });

  it('leaves vertical scrolling to the page', async () => {
    const el = await slider('<latent-slider label="Light"></latent-slider>');
    expect(getComputedStyle(sliderOf(el)).touchAction).to.equal('pan-y');
  });
});
