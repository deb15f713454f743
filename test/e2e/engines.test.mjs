// The main things that the package does, in the engines beside Chromium. The whole browser suite runs
// there by `npm run test:browsers`.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, afterEach, before, beforeEach, describe, it} from 'node:test';
import {setTimeout as wait} from 'node:timers/promises';
import {launchEngine} from '../../scripts/engines.mjs';
import {missing} from '../../scripts/ensure-engines.mjs';
import {root} from '../../scripts/paths.mjs';
import {scene, scenes, imageRoutes} from './images.mjs';
import {html, site} from './support.mjs';
import {pageTools} from './page-tools.mjs';

// In the page itself: not every driver can run a script before a page's own.
const page = (markup, settings) =>
  html(markup, {settings}).replace('<meta', `<script>(${pageTools})()</script><meta`);
const pages = {
  '/': page(''),
  '/form': page(`<form action="/sent"><label for="s">Brightness</label>
    <latent-slider id="s" name="brightness" model="photos" src="/a.png" direction="brightness"
      strip="0"></latent-slider><button>Send</button></form>`),
  '/search':
    page(`<form action="/sent"><latent-search for="articles" name="q"></latent-search></form>
    <ul id="articles">
      <li><a href="#lisbon">Cheap flights to Lisbon</a></li>
      <li><a href="#soup">A warm soup for cold evenings</a></li>
      <li><a href="#puppy">How to train a puppy</a></li>
    </ul>`),
  '/sent': page('sent'),
};
const faces = JSON.parse(
  readFileSync(join(root, 'test/models/avatars-diffusion.reference.json'), 'utf8'),
);

for (const engine of ['firefox', 'webkit']) {
  describe(`in ${engine}`, {skip: missing(engine)}, () => {
    let home, browser, tab;

    before(async () => {
      home = await site({
        pages,
        routes: {...scenes, ...imageRoutes({'/face.png': scene(2, 128, 128)})},
      });
      browser = await launchEngine(engine);
      console.log(`${browser.name} ${browser.version}`);
    });

    // Each as another visitor: WebKit's canvases stay empty after some pages of one process.
    beforeEach(async () => {
      tab = await browser.newPage();
    });

    after(async () => {
      await browser?.close();
      await home?.close();
    });

    const open = async (path = '/') => {
      await tab.goto(`${home.url}${path}`);
      await tab.evaluate(() => customElements.whenDefined('latent-generator').then(() => true));
    };
    const until = async (path) => {
      const end = Date.now() + 10_000;
      while (!(await tab.url()).includes(path)) {
        assert.ok(Date.now() < end, await tab.url());
        await wait(50);
      }
    };

    afterEach(async () => {
      const faults = await tab.evaluate(() => tools.faults);
      await tab.close();
      assert.deepEqual(faults, []);
    });

    it('an interpolator morphs without a model, both ends exact, and follows the keyboard', async () => {
      await open();
      const seen = await tab.evaluate(async () => {
        const el = tools.element('latent-interpolator', {
          interpolation: 'morph',
          from: '/a.png',
          to: '/b.png',
          value: 0.2,
          controls: true,
        });
        await el.ready;
        el.inputs = 0;
        el.addEventListener('input', () => el.inputs++);
        el.shadowRoot.querySelector('input').focus();
        const frames = [await el.frameAt(0), await el.frameAt(0.5), await el.frameAt(1)];
        const difference = (i, file) => tools.difference(frames[i], file);
        return {
          device: el.events.find(({type}) => type === 'latent-load').device,
          ends: [await difference(0, '/a.png'), await difference(2, '/b.png')],
          middle: [await difference(1, '/a.png'), await difference(1, '/b.png')],
          workers: tools.workers.length,
        };
      });
      assert.match(seen.device, /^(webgl|wasm)$/);
      assert.deepEqual([seen.ends, seen.workers], [[0, 0], 1]);
      assert.ok(Math.min(...seen.middle) > 20, seen.middle.join());
      for (const key of ['ArrowRight', 'ArrowRight', 'End']) await tab.keyboard.press(key);
      const moved = await tab.evaluate(async () => {
        const el = document.querySelector('latent-interpolator');
        const {value, inputs} = el;
        // What is on the screen at the end is the picture itself.
        await el.updateComplete;
        const canvas = el.shadowRoot.querySelector('canvas');
        let shown;
        for (let tries = 0; tries < 100 && shown !== 0; tries++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          shown = await tools.difference(await createImageBitmap(canvas), '/b.png');
        }
        return {value, inputs, shown};
      });
      assert.deepEqual(moved, {value: 1, inputs: 3, shown: 0});
    });

    it('photos: encodes and decodes in the worker; stills and animations are files of their type', async () => {
      await open();
      const seen = await tab.evaluate(async () => {
        const el = tools.element('latent-interpolator', {
          model: 'photos',
          from: '/a.png',
          to: '/b.png',
        });
        await el.ready;
        const files = [];
        for (const type of ['image/png', 'image/gif']) {
          const blob = await el.toBlob({type, frames: 4});
          const bytes = new Uint8Array(await blob.arrayBuffer());
          files.push([blob.type, String.fromCharCode(...bytes.subarray(0, 4)), bytes.length > 500]);
        }
        const webp = await el.toBlob({type: 'image/webp'}).then(
          ({type}) => type,
          ({code}) => code,
        );
        const {shape} = await el.latentAt(0.5);
        return {
          files,
          webp,
          shape: Array.from(shape),
          ends: await tools.difference(await el.frameAt(0), '/a.png'),
          middle: await tools.difference(await el.frameAt(0.5), '/a.png'),
        };
      });
      assert.deepEqual(seen.files, [
        ['image/png', '\x89PNG', true],
        ['image/gif', 'GIF8', true],
      ]);
      assert.equal(seen.webp, engine === 'webkit' ? 'unsupported' : 'image/webp');
      assert.equal(seen.shape.length, 3);
      assert.equal(seen.ends, 0);
      assert.ok(seen.middle > 20, String(seen.middle));
    });

    it('a slider edits an image by its direction, and shows the source at 0', async () => {
      await open();
      const differences = await tab.evaluate(async () => {
        const image = tools.element('latent-image', {
          model: 'avatars',
          src: '/face.png',
          id: 'face',
        });
        const slider = tools.element('latent-slider', {for: 'face', direction: 'smile'});
        await slider.ready;
        const shown = async (value) => {
          slider.value = value;
          await slider.updateComplete;
          return tools.difference(await createImageBitmap(await image.toBlob()), '/face.png');
        };
        return [await shown(0), await shown(2), await shown(0)];
      });
      assert.equal(differences[0], 0);
      assert.ok(differences[1] > 5, differences.join());
      assert.equal(differences[2], 0);
    });

    it('a generator makes the face that every engine makes of a seed', async () => {
      await open();
      const seen = await tab.evaluate(async ({noise, cases}) => {
        const el = tools.element('latent-generator', {model: 'avatars', seed: '7'});
        await el.ready;
        const {width} = await el.generate();
        const {createEngine} = await import('/dist/cdn/latent-elements.js');
        const engine = createEngine({device: 'wasm', threads: 1});
        const model = await engine.load('avatars');
        const {options, latent} = cases.find((each) => each.options.strength === undefined);
        const {data} = await model.generateLatent({
          ...options,
          noise: {space: model.space, shape: [noise.length], data: Float32Array.from(noise)},
        });
        await engine.dispose();
        const off = data.reduce((sum, x, i) => sum + Math.abs(x - latent[i]), 0) / data.length;
        return {width, state: el.state, space: el.latent.space, off};
      }, faces);
      assert.deepEqual([seen.width, seen.state], [128, 'ready']);
      assert.match(seen.space, /^avatars-/);
      assert.ok(seen.off < 1e-3, String(seen.off));
    });

    it('search finds by meaning, is a combobox by keyboard, and submits', async () => {
      await open('/search');
      await tab.evaluate(async () => {
        const el = document.querySelector('latent-search');
        await el.ready;
        el.settled = new Promise((resolve) => {
          el.addEventListener('latent-results', ({detail}) => {
            if (detail.complete && detail.query.endsWith('travel')) resolve();
          });
        });
        el.focus();
      });
      await tab.keyboard.type('low-cost air travel');
      const found = await tab.evaluate(async () => {
        const el = document.querySelector('latent-search');
        await el.settled;
        await el.updateComplete;
        return [...el.shadowRoot.querySelectorAll('[role=option]')].map((item) =>
          item.innerText.trim(),
        );
      });
      assert.deepEqual(found, ['Cheap flights to Lisbon']);
      await tab.keyboard.press('ArrowDown');
      await tab.keyboard.press('Enter');
      await until('#lisbon');
      await tab.keyboard.press('Enter');
      await until('/sent?q=low-cost');
    });

    it('a slider is submitted with its form', async () => {
      await open('/form');
      await tab.evaluate(async () => {
        await document.querySelector('latent-slider').ready;
        document.querySelector('latent-slider').focus();
      });
      await tab.keyboard.press('End');
      const validity = await tab.evaluate(() => {
        const el = document.querySelector('latent-slider');
        const labels = Array.from(el.labels, ({textContent}) => textContent);
        document.querySelector('button').click();
        return [labels, el.form === document.querySelector('form'), el.validity.valid];
      });
      assert.deepEqual(validity, [['Brightness'], true, true]);
      await until('/sent?brightness=3');
    });
  });
}
