// What fails is not the end: a script that was missing, a worker that was killed, a GPU that was lost.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {root} from '../../scripts/paths.mjs';
import {scenes} from './images.mjs';
import {assertGood, retry, shown} from './outcome.mjs';
import {html, openPage, site} from './support.mjs';

const WORKER = '/late/worker.js';
const ORT = 'ort-wasm-simd-threaded.mjs';
const morph =
  '<latent-interpolator interpolation="lerp" from="/a.png" to="/b.png"></latent-interpolator>';
const given = {from: '/a.png', to: '/b.png', loading: 'eager'};

/** The inference worker, whose GPU breaks when a test says so. */
const FRAGILE = join(root, 'test/fixtures/watched-gpu.worker.js');
/** The same, whose GPU is lost as soon as there is one. */
const STILLBORN = `
  import '/fragile.js';
  new BroadcastChannel('gpu').postMessage({at: 'requestDevice', how: 'lose'});`;

describe('recovery', {timeout: 120_000}, () => {
  let home, browser, isThere, opened;

  before(async () => {
    home = await site({
      pages: {
        '/': html(''),
        '/late': html(morph, {settings: {workerUrl: WORKER}}),
        '/late-ort': html(morph, {settings: {wasmBase: '/late/'}}),
        '/gpu': html('', {settings: {device: 'webgpu', workerUrl: '/fragile.js'}}),
        '/auto': html('', {settings: {device: 'auto', workerUrl: '/fragile.js'}}),
        '/lost-gpu': html('', {settings: {device: 'webgpu', workerUrl: '/stillborn.js'}}),
        '/lost-auto': html('', {settings: {device: 'auto', workerUrl: '/stillborn.js'}}),
      },
      routes: {
        ...scenes,
        [WORKER]: (_, response) => {
          response.writeHead(isThere ? 200 : 404, {'content-type': 'text/javascript'});
          response.end("import '/dist/workers/inference.worker.js';");
        },
        [`/late/${ORT}`]: (_, response) => {
          response.writeHead(isThere ? 302 : 404, {location: `/dist/ort/${ORT}`}).end();
        },
        '/late/ort-wasm-simd-threaded.wasm': (_, response) => {
          response.writeHead(302, {location: '/dist/ort/ort-wasm-simd-threaded.wasm'}).end();
        },
        '/fragile.js': (_, response) => {
          response.writeHead(200, {'content-type': 'text/javascript'}).end(readFileSync(FRAGILE));
        },
        '/stillborn.js': (_, response) => {
          response.writeHead(200, {'content-type': 'text/javascript'}).end(STILLBORN);
        },
      },
    });
    browser = await launch({webgpu: 'canvases'});
  });

  afterEach(async () => {
    await opened?.context.close();
    opened = undefined;
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('a worker script that is missing: worker-crashed, and Retry works once it is there', async () => {
    isThere = false;
    const {page, faults} = (opened = await openPage(browser, `${home.url}/late`));
    const failed = await shown(page);
    assert.equal(failed.state, 'error');
    assert.equal(failed.code, 'worker-crashed');
    assert.match(
      failed.alert,
      new RegExp(`${WORKER}.*configure\\(\\{base\\}\\).*latent-elements copy`),
    );
    isThere = true;
    await retry(page);
    assertGood(await shown(page));
    assert.deepEqual(faults, []);
  });

  it("ONNX Runtime's files missing: unsupported, and the next attempt finds them", async () => {
    isThere = false;
    const {page, faults} = (opened = await openPage(browser, `${home.url}/late-ort`));
    const failed = await shown(page);
    assert.equal(failed.code, 'unsupported');
    assert.match(failed.alert, /wasmBase/);
    isThere = true;
    await page.evaluate(() =>
      document.querySelector('latent-interpolator').setAttribute('model', ''),
    );
    assertGood(await shown(page));
    assert.deepEqual(faults, []);
  });

  it('a worker killed in the middle of frames is replaced by one, for all who shared it', async () => {
    const {page, faults} = (opened = await openPage(browser, home.url));
    const seen = await page.evaluate(async (attributes) => {
      await customElements.whenDefined('latent-interpolator');
      const all = [1, 2, 3].map(() => tools.element('latent-interpolator', attributes));
      await Promise.all(all.map((el) => el.ready));
      const before = tools.workers.length;
      const loaded = all.map((el) => tools.next(el, 'latent-load'));
      const open = all.map((el) =>
        el.frameAt(0.5).then(
          () => 'done',
          ({code}) => code,
        ),
      );
      tools.workers.at(-1).terminate();
      await Promise.all(loaded);
      const painted = all.map((el) => tools.next(el, 'latent-frame'));
      for (const el of all) el.value = 0.25;
      await Promise.all(painted);
      const exact = await Promise.all(
        all.map(async (el) => tools.difference(await el.frameAt(1), '/b.png')),
      );
      const errors = all.flatMap((el) => el.events.filter(({type}) => type === 'latent-error'));
      const more = tools.workers.length - before;
      const states = all.map((el) => el.state);
      for (const el of all) el.remove();
      return {open: [...new Set(await Promise.all(open))], exact, errors, more, states};
    }, given);
    assert.ok(
      seen.open.every((end) => ['done', 'worker-crashed'].includes(end)),
      seen.open.join(),
    );
    assert.deepEqual(
      {...seen, open: 0},
      {open: 0, exact: [0, 0, 0], errors: [], more: 1, states: Array(3).fill('ready')},
    );
    assert.deepEqual(faults, []);
  });

  it('a GPU that is lost is replaced, in a fresh worker', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/gpu`));
    const seen = await page.evaluate(async (attributes) => {
      await customElements.whenDefined('latent-interpolator');
      const channel = new BroadcastChannel('gpu');
      const el = tools.element('latent-interpolator', attributes);
      const first = await tools.outcome(el);
      const again = tools.next(el, 'latent-load');
      const devices = async (order) => {
        const answer = tools.next(channel, 'message');
        channel.postMessage(order);
        return (await answer).data.counts.requestDevice;
      };
      const made = [await devices({at: 'submit', how: 'lose'})];
      el.value = 0.75;
      const {detail} = await again;
      made.push(await devices({count: true}));
      const exact = (await tools.difference(await el.frameAt(0), '/a.png')) === 0;
      const middle = await tools.pixels(await el.frameAt(0.5));
      const {state, errors} = await tools.outcome(el);
      const workers = tools.workers.length;
      const {width} = middle;
      return {first, device: detail.device, exact, width, state, errors, workers, made};
    }, given);
    assert.equal(seen.first.state, 'ready', seen.first.message);
    assert.deepEqual(
      {...seen, first: 0},
      {
        first: 0,
        device: 'webgpu',
        exact: true,
        width: 48,
        state: 'ready',
        errors: [],
        workers: 2,
        made: [1, 1],
      },
    );
    assert.deepEqual(faults, []);
  });

  it('a GPU that is out of memory gives way to WASM, which paints the same frame', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/auto`));
    const seen = await page.evaluate(async (attributes) => {
      // The adapter is a software one here, which counts as none.
      Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', {get: () => false});
      await customElements.whenDefined('latent-interpolator');
      const channel = new BroadcastChannel('gpu');
      const el = tools.element('latent-interpolator', {...attributes, value: '0.25'});
      const first = tools.next(el, 'latent-load');
      const before = (await first).detail.device;
      const shown = await tools.pixels(await el.frameAt(0.75));
      const again = tools.next(el, 'latent-load');
      const painted = tools.next(el, 'latent-frame');
      channel.postMessage({at: 'submit', how: 'fill'});
      await tools.next(channel, 'message');
      el.value = 0.75;
      const after = (await again).detail.device;
      await painted;
      const same = await tools.pixels(await el.frameAt(0.75));
      const far = shown.data.reduce((most, v, i) => Math.max(most, Math.abs(v - same.data[i])), 0);
      const {state, errors} = await tools.outcome(el);
      return {devices: [before, after], far, value: el.value, state, errors};
    }, given);
    assert.ok(seen.far <= 1, `${seen.far} of 255`);
    assert.deepEqual(
      {...seen, far: 0},
      {devices: ['webgpu', 'wasm'], far: 0, value: 0.75, state: 'ready', errors: []},
    );
    assert.deepEqual(faults, []);
  });

  for (const [address, expected] of [
    ['/lost-gpu', {state: 'error', code: 'device-lost'}],
    ['/lost-auto', {state: 'ready', device: 'wasm'}],
  ]) {
    it(`a GPU that is lost while a model loads, each time: ${Object.values(expected).join(', ')}`, async () => {
      const {page, faults} = (opened = await openPage(browser, `${home.url}${address}`));
      const seen = await page.evaluate(async (attributes) => {
        Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', {get: () => false});
        await customElements.whenDefined('latent-interpolator');
        let device;
        const el = tools.element('latent-interpolator', attributes);
        el.addEventListener('latent-load', ({detail}) => (device = detail.device));
        const {state, code} = await tools.outcome(el);
        return {state, ...(code && {code}), ...(state === 'ready' && {device})};
      }, given);
      assert.deepEqual(seen, expected);
      assert.deepEqual(faults, []);
    });
  }
});
