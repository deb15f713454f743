// Pages that are put together in a way that nobody thinks of: a wrong base, two copies of the package, early
// properties, closed roots, <base href>, the way back, a service worker.
import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {dist} from '../../scripts/paths.mjs';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {assertGood, shown} from './outcome.mjs';
import {html, openPage, pack, site} from './support.mjs';

const CDN = '/dist/cdn/latent-elements.js';
const morph =
  '<latent-interpolator interpolation="lerp" from="/a.png" to="/b.png"></latent-interpolator>';

/** Keeps all that its page asks for, and answers from there without a network. */
const SERVICE_WORKER = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith((async () => {
    const cache = await caches.open('page');
    try {
      const response = await fetch(event.request);
      if (event.request.method === 'GET') await cache.put(event.request, response.clone());
      return response;
    } catch (error) {
      const kept = await cache.match(event.request);
      if (kept) return kept;
      throw error;
    }
  })()));`;

describe('unusual pages', () => {
  let home, strict, browser, opened;

  before(async () => {
    // Another origin, that lets nobody read.
    strict = await site({isolated: false});
    const withBase = (base) => html(morph, {settings: {base}});
    home = await site({
      isolated: false,
      root: {'/dist': dist, '/older': dist},
      pages: {
        '/': html(''),
        '/morph': html(morph),
        '/base-ok': withBase('/dist'),
        '/base-relative': withBase('dist/'),
        '/base-wrong': withBase('/nowhere/'),
        '/base-foreign': withBase(`${strict.url}/dist/`),
        '/two': `${html(morph)}<script type="module">
          globalThis.second = import('/older/cdn/latent-elements.js');</script>`,
        // What a page sets before the script is there.
        '/early': `<!doctype html><meta charset="utf-8"><title>Test</title><body>${morph}`,
        '/deep/base-href': html(morph.replaceAll('"/', '"')).replace(
          '<meta charset="utf-8">',
          '<meta charset="utf-8"><base href="/pictures/">',
        ),
        '/offline': html(morph),
      },
      routes: {
        ...scenes,
        '/pictures/a.png': scenes['/a.png'],
        '/pictures/b.png': scenes['/b.png'],
        '/sw.js': (_, response) =>
          response.writeHead(200, {'content-type': 'text/javascript'}).end(SERVICE_WORKER),
      },
    });
    browser = await launch({
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      // Without them, going back now and then never ends in Playwright's eyes where that cache is on.
      suggestions: true,
    });
  });

  afterEach(async () => {
    await opened?.context.close();
    opened = undefined;
  });

  after(async () => {
    await browser?.close();
    await Promise.all([home?.close(), strict?.close()]);
  });

  const open = async (path) => {
    opened = await openPage(browser, home.url + path);
    return opened;
  };

  for (const path of ['/base-ok', '/base-relative']) {
    it(`${path.slice(1)}: a base without its last slash, or relative to the page, is found`, async () => {
      const {page, faults} = await open(path);
      assertGood(await shown(page));
      assert.deepEqual(faults, []);
    });
  }

  for (const [path, named] of [
    ['/base-wrong', /\/nowhere\//],
    ['/base-foreign', /127\.0\.0\.1.*Access-Control-Allow-Origin/],
  ]) {
    it(`${path.slice(1)}: an error that names base, and how the files come there`, async () => {
      const {page, faults} = await open(path);
      const {state, code, message} = await shown(page);
      assert.equal(state, 'error');
      assert.equal(code, 'worker-crashed', message);
      assert.match(message, named);
      assert.match(message, /\bbase\b/);
      assert.match(message, /npx latent-elements copy/);
      assert.deepEqual(faults, []);
    });
  }

  it('two copies of the package: the first one defines, and the second brings nothing down', async () => {
    const {page, faults} = await open('/two');
    assertGood(await shown(page));
    const second = await page.evaluate(async () => {
      const {LatentImage, createEngine} = await globalThis.second;
      return {
        same: customElements.get('latent-image') === LatentImage,
        engine: typeof createEngine({model: undefined}).load,
      };
    });
    assert.deepEqual(second, {same: false, engine: 'function'});
    assert.deepEqual(faults, []);
  });

  it('properties that were set before the definition hold afterwards', async () => {
    const {page, faults} = await open('/early');
    const {state, value, width, own} = await page.evaluate(
      async ([src, model]) => {
        const el = document.querySelector('latent-interpolator');
        el.value = 0.25;
        el.model = model;
        el.device = 'wasm';
        const script = Object.assign(document.createElement('script'), {type: 'module', src});
        document.head.append(script);
        await customElements.whenDefined('latent-interpolator');
        await el.ready;
        return {
          state: el.state,
          value: el.value,
          width: (await el.frameAt(0.25)).width,
          // A property of its own would hide the element's.
          own: Object.keys(el).filter((name) => ['value', 'model', 'device'].includes(name)),
        };
      },
      [CDN, pack('blocks')],
    );
    assert.deepEqual({state, value, own}, {state: 'ready', value: 0.25, own: []});
    assert.ok(width > 0);
    assert.deepEqual(faults, []);
  });

  it('in a <template> nothing loads; what is cloned from it does, in a closed shadow root too', async () => {
    const {page, faults, requests} = await open('/');
    await page.evaluate(async (markup) => {
      await customElements.whenDefined('latent-interpolator');
      const template = document.createElement('template');
      template.innerHTML = markup;
      document.body.append(template);
      globalThis.template = template;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }, morph);
    assert.deepEqual(
      requests.filter((url) => url.endsWith('.png')),
      [],
    );
    const state = await page.evaluate(async () => {
      const host = document.createElement('div');
      document.body.append(host);
      const root = host.attachShadow({mode: 'closed'});
      root.append(globalThis.template.content.cloneNode(true));
      const el = root.querySelector('latent-interpolator');
      await el.ready;
      return el.state;
    });
    assert.equal(state, 'ready');
    assert.deepEqual(faults, []);
  });

  it('<base href>: pictures are relative to it, as everywhere in HTML, and workers are found', async () => {
    const {page, faults, requests} = await open('/deep/base-href');
    const {state, message} = await shown(page);
    assert.equal(state, 'ready', message);
    assert.ok(requests.includes(`${home.url}/pictures/a.png`));
    assert.deepEqual(faults, []);
  });

  it('back from another page: ready again, and a move still paints', async (t) => {
    const {page, faults} = await open('/morph');
    assertGood(await shown(page));
    await page.evaluate(() => {
      addEventListener('pageshow', ({persisted}) => (globalThis.persisted = persisted));
    });
    await page.goto(`${home.url}/`);
    await page.goBack();
    t.diagnostic(
      `kept by the browser: ${await page.evaluate(() => globalThis.persisted === true)}`,
    );
    assertGood(await shown(page));
    const painted = await page.evaluate(async () => {
      const el = document.querySelector('latent-interpolator');
      const frame = new Promise((resolve) => {
        el.addEventListener('latent-frame', () => resolve('painted'), {once: true});
      });
      el.value = 0.75;
      return frame;
    });
    assert.equal(painted, 'painted');
    assert.deepEqual(faults, []);
  });

  it('offline with a service worker that keeps the page: works, workers and model included', async () => {
    const {page, context, faults} = await open('/offline');
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js');
      await navigator.serviceWorker.ready;
    });
    // Once with the service worker in between, which then has all of it.
    await page.reload();
    assertGood(await shown(page));
    await context.setOffline(true);
    await page.reload();
    assertGood(await shown(page));
    assert.deepEqual(faults, []);
  });
});
