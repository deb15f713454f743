// Elements that left the page are collected while the worker that they shared lives: on the built CDN
// file, because a minifier may put into a closure what the source kept out of it.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const COUNT = 10;
const kinds = {
  'latent-interpolator': {from: '/a.png', to: '/b.png', controls: ''},
  'latent-image': {src: '/a.png'},
  'latent-slider': {src: '/a.png', direction: 'light', model: pack('blocks-directions')},
  'latent-generator': {model: pack('blocks-flow'), controls: ''},
  'latent-map': {
    model: pack('tiny-words'),
    items: [
      {id: 'boat', text: 'a tiny red boat'},
      {id: 'tree', text: 'an old tree'},
    ],
  },
  'latent-search': {
    model: pack('tiny-words'),
    items: [
      {id: 'boat', text: 'a tiny red boat'},
      {id: 'tree', text: 'an old tree'},
    ],
    query: 'boat',
  },
};

describe('removed elements of the CDN file', () => {
  let home, browser, page;

  before(async () => {
    home = await site({
      pages: {'/': html('<latent-image id="stays" src="/a.png"></latent-image>')},
      routes: {...scenes},
    });
    browser = await launch();
    ({page} = await openPage(browser, home.url));
    await page.evaluate(() => customElements.whenDefined('latent-image'));
    await page.evaluate(() => document.getElementById('stays').ready);
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  for (const [tag, given] of Object.entries(kinds)) {
    it(`collects ${COUNT} of ${COUNT} <${tag}>`, async () => {
      await page.evaluate(
        async ({name, attributes, count}) => {
          globalThis.removed = [];
          for (let i = 0; i < count; i++) {
            const el = tools.element(name, {...attributes, loading: 'eager'});
            await el.ready;
            el.remove();
            removed.push(new WeakRef(el));
          }
        },
        {name: tag, attributes: given, count: COUNT},
      );
      // In a call of its own, so that no stack holds the last one.
      const kept = await page.evaluate(async () => {
        // Past the delay after which an element counts as removed.
        await new Promise((resolve) => setTimeout(resolve, 500));
        for (let i = 0; i < 3; i++) await gc({execution: 'async'});
        return removed.flatMap((each, i) => (each.deref() ? i : []));
      });
      assert.deepEqual(kept, []);
    });
  }

  it('and the worker still lives', async () => {
    assert.equal(await page.evaluate(() => tools.workers.length > 0), true);
    assert.equal(await page.evaluate(() => document.getElementById('stays').state), 'ready');
  });
});
