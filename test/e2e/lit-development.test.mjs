// Lit's development build warns of what costs an app twice: an update that an update has scheduled, a class
// field over a property. None of our elements gives it a reason.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {build} from 'esbuild';
import {launch} from '../../scripts/browser.mjs';
import {data, openPage, pack, site} from './support.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {scenes} from './images.mjs';

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
  <script type="module">
    import {configure} from '/dev/config.js';
    configure({model: '${pack('blocks')}', device: 'wasm', threads: 1, base: '/dist/'});
    await import('/dev/all.js');
  </script>
  <latent-interpolator from="/a.png" to="/b.png" controls autoplay loop></latent-interpolator>
  <latent-interpolator interpolation="lerp" controls><img src="/a.png" alt="A"><img src="/b.png" alt="B"></latent-interpolator>
  <latent-slider src="/a.png" model="${pack('blocks-directions')}" direction="light"></latent-slider>
  <latent-image id="image" src="/a.png" model="${pack('blocks-directions')}"></latent-image>
  <latent-slider for="image" direction="light" value="1"></latent-slider>
  <latent-generator model="${pack('blocks-flow')}" seed="3" controls live></latent-generator>
  <latent-search id="search" for="list" model="${pack('tiny-words')}" query="red" loading="eager"></latent-search>
  <ul id="list"><li>A red boat</li><li>A red kite</li></ul>
  <latent-map for="search"></latent-map>
  <latent-image src="/nowhere.png"></latent-image>`;

describe("Lit's development build", () => {
  let home, browser, folder;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lit-development-'));
    await build({
      entryPoints: {
        all: join(dist, 'components/all.js'),
        config: join(dist, 'src/engine/config.js'),
      },
      outdir: folder,
      bundle: true,
      splitting: true,
      format: 'esm',
      conditions: ['development', 'browser'],
      absWorkingDir: root,
      logLevel: 'error',
    });
    home = await site({
      root: {'/dist': dist, '/dev': folder, '/data': data},
      pages: {'/': PAGE},
      routes: scenes,
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
    rmSync(folder, {recursive: true, force: true});
  });

  it('has nothing to say of any element, from the first rendering to a drag and an error', async () => {
    const {page, context} = await openPage(browser, 'about:blank');
    const said = [];
    page.on('console', (message) => {
      if (message.type() === 'warning') said.push(message.text());
    });
    await page.goto(home.url);
    await page.waitForFunction(() => customElements.get('latent-map'));
    const states = await page.evaluate(async () => {
      const all = [...document.querySelectorAll('*')].filter(({localName}) =>
        /^latent-/.test(localName),
      );
      for (const el of all) {
        el.scrollIntoView();
        await el.ready.catch(() => undefined);
      }
      for (const el of all) {
        if ('value' in el && typeof el.value === 'number') el.value = 0.3;
        el.label = 'Another name';
        el.disabled = true;
        await el.updateComplete;
        el.disabled = false;
        await el.updateComplete;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const el of all) el.remove();
      return all.map(({error}) => error?.code);
    });
    assert.deepEqual(states.slice(0, -1).filter(Boolean), []);
    assert.ok(
      said.some((text) => /Lit is in dev mode/.test(text)),
      'this is the development build',
    );
    const rest = said.filter(
      (text) => /lit\.dev\/msg/.test(text) && !/dev-mode|Lit is in dev mode/.test(text),
    );
    assert.deepEqual(rest, []);
    await context.close();
  });
});
