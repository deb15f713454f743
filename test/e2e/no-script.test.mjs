// What those see for whom less is more: no JavaScript, no motion.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, site} from './support.mjs';

const slotted = `<latent-interpolator interpolation="lerp">
  <img src="/a.png" alt="A" id="a"><img src="/b.png" alt="B" id="b"></latent-interpolator>`;
const playing =
  '<latent-interpolator interpolation="lerp" autoplay loop from="/a.png" to="/b.png"></latent-interpolator>';

describe('less', () => {
  let home, browser;

  before(async () => {
    home = await site({
      pages: {'/': html(slotted), '/playing': html(playing)},
      routes: scenes,
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('without JavaScript the pictures inside are simply shown', async () => {
    const {page, context, requests} = await openPage(browser, home.url, {javaScriptEnabled: false});
    for (const id of ['a', 'b']) {
      const image = page.locator(`#${id}`);
      assert.ok(await image.isVisible());
      const {width, height} = await image.boundingBox();
      assert.deepEqual([width, height], [48, 32]);
    }
    assert.deepEqual(
      requests
        .map((url) => new URL(url).pathname)
        .filter((path) => path !== '/favicon.ico')
        .sort(),
      ['/', '/a.png', '/b.png'],
    );
    await context.close();
  });

  it('with it, one picture is seen: the morph of both', async () => {
    const {page, context} = await openPage(browser, home.url);
    await page.evaluate(async () => {
      await customElements.whenDefined('latent-interpolator');
      const el = document.querySelector('latent-interpolator');
      await el.ready;
      await el.updateComplete;
    });
    for (const id of ['a', 'b']) assert.equal(await page.locator(`#${id}`).isVisible(), false);
    assert.ok(await page.locator('latent-interpolator canvas').isVisible());
    await context.close();
  });

  for (const reducedMotion of ['no-preference', 'reduce']) {
    const moves = reducedMotion === 'no-preference';
    it(`autoplay ${moves ? 'plays' : 'does not start'} where motion has ${reducedMotion}`, async () => {
      const {page, context, faults} = await openPage(browser, `${home.url}/playing`, {
        reducedMotion,
      });
      const seen = await page.evaluate(async (plays) => {
        await customElements.whenDefined('latent-interpolator');
        const el = document.querySelector('latent-interpolator');
        await el.ready;
        // Ten frames: playing would have moved it, as the other half of this test shows.
        for (let i = 0; i < 10 || (plays && el.value === 0.5); i++) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        const {paused, value} = el;
        await el.play();
        return {paused, moved: value !== 0.5, asked: el.paused};
      }, moves);
      assert.deepEqual(seen, {paused: !moves, moved: moves, asked: false});
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
});
