// Every snippet of the README, as a reader would use it: HTML pasted into a blank page with the script
// from another origin, JavaScript bundled from the npm package.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, afterEach, before, describe, it} from 'node:test';
import {build} from 'esbuild';
import {launch} from '../../scripts/browser.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {serve} from '../../scripts/serve.mjs';
import {openPage} from './support.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const snippets = (language) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);
const SCRIPT =
  '<script type="module" src="https://cdn.example/latent-elements/dist/cdn/latent-elements.js"></script>';
const BASE = "import {configure as set} from 'latent-elements'; set({base: '/latent-elements/'});";
const SECONDS = 180;

describe('README', () => {
  let cdn, browser, opened;
  const pages = new Map();
  let server;

  before(async () => {
    cdn = await serve({root: {'/latent-elements/dist': dist}, cors: true});
    server = await serve({
      root: {'/': join(root, 'stories/assets'), '/latent-elements': dist},
      routes: new Proxy(
        {},
        {
          getOwnPropertyDescriptor: (_, path) =>
            pages.has(path) ? {configurable: true, enumerable: true, value: true} : undefined,
          get: (_, path) => (__, response) => {
            const type = path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
            response.setHeader('content-type', type);
            response.end(pages.get(path));
          },
        },
      ),
    });
    browser = await launch();
  });

  /** Opens a page where the one before it was, as a visitor does who reads on: a tab of its own costs seconds. */
  async function open(path) {
    const url = server.url + path;
    if (opened) await opened.page.goto(url);
    else opened = await openPage(browser, url);
    return opened.page;
  }

  // Faults are those of the snippet that made them.
  afterEach(() => {
    assert.deepEqual(opened?.faults.splice(0) ?? [], []);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    await cdn?.close();
  });

  /** Every element of the page, ready. */
  async function allReady(page) {
    return page.evaluate(async (seconds) => {
      const late = new Promise((_, reject) => {
        setTimeout(() => {
          reject(new Error('not ready in time'));
        }, seconds * 1000);
      });
      const elements = [
        ...document.querySelectorAll(
          'latent-interpolator, latent-slider, latent-image, latent-search, latent-generator, latent-map',
        ),
      ];
      for (const element of elements) {
        element.loading = 'eager';
        await Promise.race([customElements.whenDefined(element.localName), late]);
        while (element.state === 'idle') await new Promise((next) => setTimeout(next, 50));
        await Promise.race([element.ready, late]);
      }
      return elements.map(({state}) => state);
    }, SECONDS);
  }

  snippets('html').forEach((code, i) => {
    it(`runs HTML snippet ${i + 1}: ${code.trim().split('\n').at(-1).slice(0, 60)}`, async () => {
      const whole = code.includes(SCRIPT) ? code : SCRIPT + code;
      const html = whole.replaceAll('https://cdn.example', cdn.url);
      pages.set(`/html-${i}`, `<!doctype html><meta charset="utf-8"><title>x</title><body>${html}`);
      const page = await open(`/html-${i}`);
      const states = await allReady(page);
      assert.ok(states.length > 0);
      assert.ok(
        states.every((state) => state === 'ready'),
        states.join(),
      );
    });
  });

  snippets('js').forEach((code, i) => {
    it(`runs JavaScript snippet ${i + 1}, bundled from the package`, async () => {
      const bundle = await build({
        // esbuild carries no files: test/apps has the tools that do.
        stdin: {contents: `${BASE}\n${code}\nglobalThis.done = true;`, resolveDir: root},
        bundle: true,
        format: 'esm',
        target: 'es2022',
        write: false,
        logLevel: 'silent',
      });
      pages.set(`/js-${i}.js`, bundle.outputFiles[0].text);
      pages.set(
        `/js-${i}`,
        `<!doctype html><meta charset="utf-8"><title>x</title>
        <latent-interpolator model="avatars" from="seed:1" to="seed:2"></latent-interpolator>
        <script type="module" src="/js-${i}.js"></script>`,
      );
      const page = await open(`/js-${i}`);
      await page.waitForFunction(() => globalThis.done, undefined, {timeout: SECONDS * 1000});
      if (code.includes('latent-elements/latent-interpolator')) {
        assert.deepEqual(await allReady(page), ['ready']);
      }
    });
  });

  it('has snippets to run, and names no host that a visitor would contact', () => {
    assert.ok(snippets('html').length >= 4 && snippets('js').length >= 2);
  });
});
