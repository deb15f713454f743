// Nothing on a page moves when an element's picture comes: what follows each of them stays where it was.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {join} from 'node:path';
import {launch} from '../../scripts/browser.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {serve} from '../../scripts/serve.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const from = 'from="/a.png" to="/b.png"';
const ELEMENTS = {
  'latent-image': '<latent-image src="/a.png" width="48" height="32"></latent-image>',
  'latent-interpolator': `<latent-interpolator ${from} controls width="48" height="32"></latent-interpolator>`,
  'latent-interpolator with pictures inside':
    '<latent-interpolator controls><img src="/a.png" alt="" width="48" height="32"><img src="/b.png" alt=""></latent-interpolator>',
  'latent-slider': `<latent-slider src="/a.png" model="${pack('blocks-directions')}" direction="light" width="48" height="32"></latent-slider>`,
  'latent-generator': `<latent-generator model="${pack('blocks-flow')}" seed="3" width="16" height="16"></latent-generator>`,
  'latent-generator of faces, with controls':
    '<latent-generator model="avatars" seed="3" controls></latent-generator>',
  'latent-search':
    '<latent-search for="list" loading="eager"></latent-search><ul id="list"><li>A red boat</li></ul>',
  'latent-map': '<latent-map id="map" model="avatars"></latent-map>',
};

/** Holds the place before the script is there, as the documentation says. */
const STYLE = `<style>
  latent-image:not(:defined), latent-slider:not(:defined), latent-interpolator:not(:defined),
  latent-generator:not(:defined), latent-search:not(:defined), latent-map:not(:defined) { display: none }
</style>`;

/** Adds up how far what is seen has moved, from the time an element was there on. */
const settle = async () => {
  const el = document.querySelector('#subject').firstElementChild;
  await customElements.whenDefined(el.localName);
  if (el.id === 'map') {
    el.items = [1, 2, 3].map((seed) => ({id: `face ${seed}`, image: `seed:${seed}`}));
  }
  await el.updateComplete;
  // What the first rendering moved is painted.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const after = document.querySelector('#after');
  const place = after.getBoundingClientRect().top;
  let shift = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += entry.value;
  });
  observer.observe({type: 'layout-shift'});
  await el.ready;
  await el.updateComplete;
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const entry of observer.takeRecords()) shift += entry.value;
  return {state: el.state, shift, moved: after.getBoundingClientRect().top - place};
};

describe('layout', () => {
  let home, browser;

  before(async () => {
    const pages = Object.entries(ELEMENTS).map(([, markup], i) => [
      `/${i}`,
      html(`${STYLE}<div id="subject">${markup}</div><p id="after">What follows</p>`),
    ]);
    // A picture of 3 : 2 in a square, on a white page.
    const box = html(`<style>
      body { background: white; --latent-placeholder: transparent }
      latent-image { inline-size: 200px; block-size: 200px }
    </style><latent-image src="/a.png"></latent-image>`);
    home = await site({pages: {...Object.fromEntries(pages), '/box': box}, routes: scenes});
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  for (const [i, name] of Object.keys(ELEMENTS).entries()) {
    it(`${name}: what follows it stays where it is`, async () => {
      const {page, context, faults} = await openPage(browser, `${home.url}/${i}`);
      const {state, shift, moved} = await page.evaluate(settle);
      assert.equal(state, 'ready');
      assert.equal(moved, 0);
      // Browsers round places: what is reported as no shift has some millionths.
      assert.ok(shift < 0.0005, `${shift}`);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }

  it('in a box of another shape the picture is whole, or fills it by object-fit: cover', async () => {
    const {page, context, faults} = await openPage(browser, `${home.url}/box`);
    await page.evaluate(async () => {
      await customElements.whenDefined('latent-image');
      await document.querySelector('latent-image').ready;
    });
    /** The size of the box on the screen, and its colour 20 pixels of 200 below the top. */
    const look = async () => {
      const png = (await page.locator('latent-image').screenshot()).toString('base64');
      return page.evaluate(async (base64) => {
        const image = await createImageBitmap(await (await fetch(`data:;base64,${base64}`)).blob());
        const context = new OffscreenCanvas(200, 200).getContext('2d');
        context.drawImage(image, 0, 0);
        const [red, green, blue] = context.getImageData(100, 20, 1, 1).data;
        return {size: [image.width, image.height], white: red + green + blue === 3 * 255};
      }, png);
    };
    for (const display of ['inline-flex', 'block', 'grid']) {
      for (const fit of ['contain', 'cover']) {
        await page.addStyleTag({
          content: `latent-image { display: ${display}; --latent-object-fit: ${fit} }`,
        });
        const expected = {size: [200, 200], white: fit === 'contain'};
        assert.deepEqual(await look(), expected, `${display}, ${fit}`);
      }
    }
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('the demo page: nothing moves while one reads it, or hangs over into the text beside it', async () => {
    const demo = await serve({
      root: {
        '/': join(root, 'stories/demo'),
        '/assets': join(root, 'stories/assets'),
        '/dist': dist,
      },
    });
    try {
      for (const viewport of [
        {width: 1280, height: 900},
        {width: 390, height: 844},
      ]) {
        const {page, context} = await openPage(browser, `${demo.url}/`, {
          viewport,
          reducedMotion: 'reduce',
        });
        await page.evaluate(() => {
          globalThis.shifts = [];
          new PerformanceObserver((list) => {
            for (const {value, sources} of list.getEntries()) {
              const nodes = sources.map(({node}) => node?.localName ?? '#text');
              globalThis.shifts.push(`${value.toFixed(4)} ${nodes.join()} at ${scrollY}`);
            }
          }).observe({type: 'layout-shift', buffered: true});
        });
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        for (let y = 0; y < height; y += 500) {
          await page.evaluate((top) => scrollTo(0, top), y);
          await page.waitForTimeout(400);
        }
        const shifts = await page.evaluate(() => globalThis.shifts);
        // The list that a search orders by meaning is the one thing that moves, as it should.
        const sum = shifts
          .filter((each) => !each.includes('ul'))
          .reduce((all, each) => all + Number.parseFloat(each), 0);
        assert.ok(sum < 0.02, `${viewport.width}: ${sum}\n${shifts.join('\n')}`);
        const tooWide = await page.evaluate(() =>
          [...document.querySelectorAll('.show > div')]
            .filter(({scrollWidth, clientWidth}) => scrollWidth > clientWidth + 1)
            .map(({parentElement}) => parentElement.getAttribute('aria-labelledby')),
        );
        assert.deepEqual(tooWide, [], `${viewport.width}`);
        await context.close();
      }
    } finally {
      await demo.close();
    }
  });
});
