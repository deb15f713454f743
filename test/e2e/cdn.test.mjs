// A blank page and one script tag of another origin: that is all it takes.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {openPage, site} from './support.mjs';

const blank = (cdn, attributes) => `<!doctype html>
  <script type="module" src="${cdn}/dist/cdn/latent-elements.js"></script>
  <latent-interpolator interpolation="lerp" from="a.png" to="b.png" ${attributes}></latent-interpolator>`;

/** The pixels of the canvas as they are on screen. */
const onScreen = async (page) => {
  const shot = await page.locator('latent-interpolator').screenshot({animations: 'disabled'});
  return `data:image/png;base64,${shot.toString('base64')}`;
};

for (const isolated of [false, true]) {
  describe(`from another origin, on ${isolated ? 'an isolated' : 'an ordinary'} page`, () => {
    let cdn, home, browser, opened;

    before(async () => {
      cdn = await site({cors: true, isolated: false});
      home = await site({
        isolated,
        routes: scenes,
        pages: {'/': blank(cdn.url, 'value="0" style="--latent-radius: 0"')},
      });
      browser = await launch();
      opened = await openPage(browser, home.url);
    });

    after(async () => {
      await browser?.close();
      await home?.close();
      await cdn?.close();
    });

    it('morphs two pictures of the page with the default model', async () => {
      const {page} = opened;
      const seen = await page.evaluate(async () => {
        await customElements.whenDefined('latent-interpolator');
        const el = document.querySelector('latent-interpolator');
        await el.ready;
        const frame = async (t) => tools.pixels(await el.frameAt(t));
        return {
          isolated: crossOriginIsolated,
          start: await tools.difference(await el.frameAt(0), 'a.png'),
          end: await tools.difference(await el.frameAt(1), 'b.png'),
          middle: [(await frame(0.5)).width, (await frame(0.5)).height],
          fromStart: await tools.difference(await el.frameAt(0.5), 'a.png'),
          fromEnd: await tools.difference(await el.frameAt(0.5), 'b.png'),
          space: (await el.latentAt(0.5)).space,
          workers: tools.workers.length,
        };
      });
      assert.equal(seen.isolated, isolated);
      assert.deepEqual([seen.start, seen.end], [0, 0], 'exact at its ends');
      assert.deepEqual(seen.middle, [48, 32]);
      assert.ok(seen.fromStart > 8 && seen.fromEnd > 8, 'the middle is neither of them');
      assert.equal(seen.workers, 1);
    });

    it('shows on screen what it says', async () => {
      const {page} = opened;
      const compare = async (shot, source) =>
        page.evaluate(([...pair]) => tools.difference(...pair), [shot, source]);
      assert.equal(await compare(await onScreen(page), 'a.png'), 0);
      const middle = await page.evaluate(async () => {
        const el = document.querySelector('latent-interpolator');
        const painted = tools.next(el, 'latent-frame');
        el.value = 0.5;
        await painted;
        const canvas = new OffscreenCanvas(48, 32);
        canvas.getContext('2d').drawImage(await el.frameAt(0.5), 0, 0);
        return URL.createObjectURL(await canvas.convertToBlob());
      });
      assert.equal(await compare(await onScreen(page), middle), 0);
    });

    it('asks the page for its pictures, the CDN for the rest, and nobody else', () => {
      const {requests} = opened;
      const http = requests.filter((url) => !/^(blob|data):/.test(url)).map((url) => new URL(url));
      const hosts = new Set(http.map(({origin}) => origin));
      assert.deepEqual(hosts, new Set([home.url, cdn.url]));
      const paths = http.filter(({origin}) => origin === cdn.url).map(({pathname}) => pathname);
      // The worker's own requests are among them, else this would prove nothing.
      for (const path of [
        '/dist/workers/inference.worker.js',
        '/dist/models/photos/decoder.onnx',
      ]) {
        assert.ok(paths.includes(path), path);
      }
      assert.ok(paths.some((path) => path.startsWith('/dist/ort/') && path.endsWith('.wasm')));
      const own = http.filter(({origin}) => origin === home.url).map(({pathname}) => pathname);
      assert.deepEqual(
        new Set(own.filter((path) => path !== '/favicon.ico')),
        new Set(['/', '/a.png', '/b.png']),
      );
    });

    it('registers every element and exports what the main entry does', async () => {
      const {page} = opened;
      const found = await page.evaluate(async (url) => {
        const {createEngine, lerp, configure, ...rest} = await import(url);
        const {LatentInterpolator, LatentImage} = rest;
        const at = (value) => ({space: 's', shape: [1], data: Float32Array.of(value)});
        return {
          elements: [
            customElements.get('latent-interpolator') === LatentInterpolator,
            customElements.get('latent-image') === LatentImage,
          ],
          half: [...lerp(at(0), at(4), 0.5).data],
          types: [typeof createEngine, typeof configure],
        };
      }, `${cdn.url}/dist/cdn/latent-elements.js`);
      assert.deepEqual(found, {
        elements: [true, true],
        half: [2],
        types: ['function', 'function'],
      });
    });

    it('raises nothing in the page', () => assert.deepEqual(opened.faults, []));
  });
}
