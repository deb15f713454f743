// Elements come and go, move, and are told to stop, in the middle of it.
import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const given = {from: '/a.png', to: '/b.png', loading: 'eager'};

describe('the life of an element', () => {
  let home, browser, page, faults, requests;

  before(async () => {
    home = await site({
      pages: {
        '/': html('<div id="here"></div><div id="there"></div>'),
      },
      routes: {
        ...scenes,
      },
    });
    browser = await launch();
    ({page, faults, requests} = await openPage(browser, home.url));
    await page.evaluate(() => customElements.whenDefined('latent-interpolator'));
  });

  afterEach(() => page.evaluate(() => document.querySelector('latent-interpolator')?.remove()));

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('removed while it loads, it gives up without an error, and loads when it comes back', async () => {
    const seen = await page.evaluate(
      async (attributes) => {
        const el = tools.element('latent-interpolator', attributes);
        const frame = el.frameAt(0).catch(({name, code}) => `${name} ${code}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const during = el.state;
        el.remove();
        const gaveUp = [await frame, el.state, await el.frameAt(0)];
        document.body.append(el);
        const {state, errors} = await tools.outcome(el);
        const exact = (await tools.difference(await el.frameAt(0), '/a.png')) === 0;
        return {during, gaveUp, state, errors, exact};
      },
      {...given, model: pack('slow')},
    );
    assert.deepEqual(seen, {
      during: 'loading',
      gaveUp: ['AbortError aborted', 'idle', undefined],
      state: 'ready',
      errors: [],
      exact: true,
    });
  });

  it('moved while it loads, it loads once', async () => {
    requests.length = 0;
    const seen = await page.evaluate(
      async (attributes) => {
        // Kept files would be no download.
        for (const name of await caches.keys()) await caches.delete(name);
        const el = tools.element('latent-interpolator', attributes);
        const [here, there] = ['here', 'there'].map((id) => document.getElementById(id));
        for (let i = 0; i < 5; i++) {
          (i % 2 === 0 ? here : there).append(el);
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        const during = el.state;
        await el.ready;
        const exact = (await tools.difference(await el.frameAt(1), '/b.png')) === 0;
        return {during, events: el.events.map(({type}) => type), exact};
      },
      {...given, model: `${pack('slow')}?moved`},
    );
    assert.equal(seen.during, 'loading');
    assert.deepEqual(
      seen.events.filter((type) => type !== 'latent-frame'),
      ['latent-load'],
    );
    assert.ok(seen.exact);
    const files = requests
      .map((url) => url.split('/').at(-1))
      .filter((file) => /onnx|json/.test(file));
    assert.deepEqual(files.sort(), ['decoder.onnx', 'encoder.onnx', 'pack.json?moved']);
  });

  it('calls that are aborted reject as such, early or late, and later ones work', async () => {
    const seen = await page.evaluate(async (attributes) => {
      const el = tools.element('latent-interpolator', attributes);
      const name = (promise) =>
        promise.then(
          () => 'done',
          (error) => `${error.name} ${error.code}`,
        );
      const stop = new AbortController();
      const early = [AbortSignal.abort(), stop.signal].map((signal) =>
        name(el.frameAt(0.5, {signal})),
      );
      stop.abort();
      await el.ready;
      const late = ['image/png', 'image/gif', 'video/webm'].map((type) => {
        const stopLate = new AbortController();
        queueMicrotask(() => stopLate.abort());
        return name(el.toBlob({type, signal: stopLate.signal}));
      });
      const names = await Promise.all([...early, ...late]);
      const {type} = await el.toBlob({type: 'image/webp'});
      return {names, type, state: el.state, errors: el.events.filter(({code}) => code).length};
    }, given);
    assert.deepEqual(seen.names, Array(5).fill('AbortError aborted'));
    assert.deepEqual(
      {...seen, names: 0},
      {names: 0, type: 'image/webp', state: 'ready', errors: 0},
    );
  });

  it('raises nothing in the page', () => assert.deepEqual(faults, []));
});
