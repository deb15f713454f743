// Many elements on a page cost little more than one, and a drag costs no more than what is seen of it.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {imageRoutes, scene} from './images.mjs';
import {html, openPage, site} from './support.mjs';

const ELEMENTS = 5;
const VALUES = 100;
// The pack's own size, so that nothing is scaled.
const faces = imageRoutes({'/a.png': scene(1, 128, 128), '/b.png': scene(2, 128, 128)});
const many =
  `<latent-interpolator interpolation="lerp" from="/a.png" to="/b.png"></latent-interpolator>
  <latent-image src="/a.png"></latent-image>`.repeat(ELEMENTS);

describe('ten elements on a page', () => {
  let home, browser, opened;

  before(async () => {
    home = await site({pages: {'/': html(many, {settings: {model: 'avatars'}})}, routes: faces});
    browser = await launch();
    opened = await openPage(browser, home.url);
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('share one worker and one download of each file', async () => {
    const {page, requests} = opened;
    const workers = await page.evaluate(async () => {
      await customElements.whenDefined('latent-interpolator');
      const elements = [...document.body.children];
      for (const el of elements) el.loading = 'eager';
      await Promise.all(elements.map((el) => el.ready));
      return tools.workers.length;
    });
    assert.equal(workers, 1);
    const heavy = requests.filter((url) => /\/(models|ort|workers)\//.test(url));
    assert.ok(heavy.some((url) => url.endsWith('/avatars/decoder.onnx')));
    assert.deepEqual(heavy, [...new Set(heavy)]);
  });

  it('are independent: nine may go', async () => {
    const seen = await opened.page.evaluate(async () => {
      const [first, ...rest] = document.body.children;
      for (const el of rest) el.remove();
      const removed = rest.map((el) => el.state);
      const painted = tools.next(first, 'latent-frame');
      first.value = 0.25;
      await painted;
      // A beat after they went, the nine give back what they held.
      while (rest.some((el) => el.state !== 'idle')) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      const exact = (await tools.difference(await first.frameAt(1), '/b.png')) === 0;
      return {removed: removed.length, exact, state: first.state, workers: tools.workers.length};
    });
    assert.deepEqual(seen, {removed: 2 * ELEMENTS - 1, exact: true, state: 'ready', workers: 1});
  });

  it('paint a hundred values of one task in two frames: the first, and the newest', async () => {
    const seen = await opened.page.evaluate(async (count) => {
      const [el] = document.body.children;
      const paints = () => tools.workers[0].calls.filter(({name}) => name === 'paint');
      const before = paints().length;
      const frames = [];
      el.addEventListener('latent-frame', ({detail}) => frames.push(detail.value));
      for (let i = 1; i <= count; i++) {
        el.value = i / count - 0.005;
        await el.updateComplete;
      }
      while (frames.at(-1) !== el.value) await tools.next(el, 'latent-frame');
      return {value: el.value, paints: paints().length - before, frames};
    }, VALUES);
    assert.equal(seen.frames.at(-1), seen.value);
    assert.equal(seen.value, 0.995);
    assert.equal(seen.paints, 2);
  });

  it('keep up with the hand: never two frames under way, and the newest shown', async () => {
    const {page} = opened;
    await page.evaluate(() => {
      const [el] = document.body.children;
      el.controls = true;
      tools.workers[0].calls.length = 0;
      return el.updateComplete;
    });
    const slider = await page.locator('latent-interpolator input').boundingBox();
    const y = slider.y + slider.height / 2;
    await page.mouse.move(slider.x + 4, y);
    await page.mouse.down();
    await page.mouse.move(slider.x + slider.width / 4, y, {steps: VALUES});
    await page.mouse.up();
    const seen = await page.evaluate(async () => {
      const [el] = document.body.children;
      // A frame of the drag may still be on its way; the last one to come must be this.
      const shown = [];
      el.addEventListener('latent-frame', ({detail}) => shown.push(detail.value));
      el.value += 0.01;
      while (shown.at(-1) !== el.value) await tools.next(el, 'latent-frame');
      const paints = tools.workers[0].calls.filter(({name}) => name === 'paint');
      const open = [...tools.workers[0].open.values()].filter((name) => name === 'paint');
      return {
        open: open.length,
        paints: paints.length,
        atOnce: Math.max(...paints.map(({atOnce}) => atOnce)),
      };
    });
    assert.ok(seen.paints > 1, 'the drag painted');
    assert.deepEqual({...seen, paints: 0}, {open: 0, paints: 0, atOnce: 1});
  });

  it('raise nothing in the page', () => assert.deepEqual(opened.faults, []));
});
