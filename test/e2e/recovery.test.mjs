// What fails is not the end: a script that was missing, a worker that was killed, a GPU that was lost.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {root} from '../../scripts/paths.mjs';
import {imageRoutes, noise, png, scenes} from './images.mjs';
import {assertGood, retry, shown} from './outcome.mjs';
import {html, openPage, pack, site} from './support.mjs';

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
/** The same, which are given no GPU at all, or none with the limits that its adapter promised. */
const WITHOUT = `
  import '/fragile.js';
  GPU.prototype.requestAdapter = () => Promise.resolve(null);`;
const REFUSED = `
  import '/fragile.js';
  GPUAdapter.prototype.requestDevice = () => Promise.reject(new TypeError('A limit is too high'));`;
/** The same, whose GPU has the limits that every GPU has and no feature. */
const MODEST = `
  import '/fragile.js';
  const {requestDevice} = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function () { return requestDevice.call(this); };`;
/** Whatever becomes of the GPU of that worker: what an element shows. */
const BROKEN = {
  stillborn: ['is lost while a model loads, each time', STILLBORN, 'device-lost'],
  without: ['is not there', WITHOUT, 'unsupported'],
  refused: ['lacks what its adapter promised', REFUSED, 'unsupported'],
};
const SCRIPTS = {
  modest: MODEST,
  ...Object.fromEntries(Object.entries(BROKEN).map(([name, [, script]]) => [name, script])),
};
const workerOf = (name, device) => html('', {settings: {device, workerUrl: `/${name}.js`}});
/** A picture as wide as a GPU paints at the least, and a wider one. */
const wide = {'/wide.png': png(8192, 4, noise(3)), '/wider.png': png(8200, 4, noise(4))};

describe('recovery', () => {
  let home, browser, isThere, opened;

  before(async () => {
    home = await site({
      pages: {
        '/': html(''),
        '/late': html(morph, {settings: {workerUrl: WORKER}}),
        '/late-ort': html(morph, {settings: {wasmBase: '/late/'}}),
        '/gpu': workerOf('fragile', 'webgpu'),
        '/auto': workerOf('fragile', 'auto'),
        ...Object.fromEntries(
          Object.keys(SCRIPTS).flatMap((name) =>
            ['webgpu', 'auto'].map((device) => [`/${name}-${device}`, workerOf(name, device)]),
          ),
        ),
      },
      routes: {
        ...scenes,
        ...imageRoutes(wide),
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
        ...Object.fromEntries(
          Object.entries(SCRIPTS).map(([name, script]) => [
            `/${name}.js`,
            (_, response) => {
              response.writeHead(200, {'content-type': 'text/javascript'}).end(script);
            },
          ]),
        ),
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

  it('a GPU that is lost in a frame, an encode, or out of sight is replaced, in a fresh worker', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/gpu`));
    const seen = await page.evaluate(async (attributes) => {
      await customElements.whenDefined('latent-interpolator');
      // Recoveries that nobody asked for come one in a while.
      let clock = 0;
      performance.now = () => (clock += 60_000);
      const channel = new BroadcastChannel('gpu');
      const ask = async (order) => {
        const answer = tools.next(channel, 'message');
        channel.postMessage(order);
        return (await answer).data.counts;
      };
      const el = tools.element('latent-interpolator', attributes);
      await tools.outcome(el);
      const shows = async (value) => {
        const expected = await el.frameAt(value);
        for (let tries = 0; tries < 60; tries++) {
          const canvas = el.shadowRoot.querySelector('canvas');
          const seen = await tools.difference(await createImageBitmap(canvas), expected);
          if (seen <= 1) return true;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return false;
      };
      const hide = async (hidden) => {
        Object.defineProperty(document, 'visibilityState', {
          configurable: true,
          get: () => (hidden ? 'hidden' : 'visible'),
        });
        document.dispatchEvent(new Event('visibilitychange'));
        el.style.display = hidden ? 'none' : '';
        await new Promise((resolve) => setTimeout(resolve, 100));
      };
      const moments = {
        frame: async () => {
          await ask({at: 'submit', how: 'lose'});
          el.value = 0.75;
        },
        encode: async () => {
          await ask({at: 'submit', how: 'lose'});
          el.to = '/a.png?again';
        },
        hidden: async () => {
          await hide(true);
          await ask({how: 'lose'});
        },
      };
      const ends = {};
      for (const [moment, lose] of Object.entries(moments)) {
        const again = tools.next(el, 'latent-load');
        await lose();
        const {detail} = await again;
        const begun = await ask({count: true});
        await new Promise((resolve) => setTimeout(resolve, 200));
        const {submit} = await ask({count: true});
        await hide(false);
        const shown = await shows(el.value);
        const {state, errors} = await tools.outcome(el);
        ends[moment] = [
          detail.device,
          begun.requestDevice,
          submit - begun.submit,
          shown,
          state,
          ...errors,
        ];
      }
      const exact = (await tools.difference(await el.frameAt(0), '/a.png')) === 0;
      return {ends, exact, workers: tools.workers.length};
    }, given);
    // One device a worker, and nothing is asked of it while nothing is to be seen.
    const good = ['webgpu', 1, 0, true, 'ready'];
    assert.deepEqual(seen, {
      ends: {frame: good, encode: good, hidden: good},
      exact: true,
      workers: 4,
    });
    assert.deepEqual(faults, []);
  });

  it('a GPU that is lost twice gives way to WASM, and what was denoised on it is made again', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/auto`));
    const seen = await page.evaluate(async (model) => {
      Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', {get: () => false});
      await customElements.whenDefined('latent-generator');
      const channel = new BroadcastChannel('gpu');
      const el = tools.element('latent-generator', {model, seed: '7', loading: 'eager'});
      const other = tools.element('latent-generator', {
        model,
        seed: '8',
        device: 'wasm',
        loading: 'eager',
      });
      await Promise.all([el, other].map(tools.outcome));
      const devices = [];
      el.addEventListener('latent-load', ({detail}) => devices.push(detail.device));
      const lose = {at: 'submit', how: 'lose'};
      for (const seed of [6, 8]) {
        channel.postMessage(lose);
        await tools.next(channel, 'message');
        const ends = ['latent-load', 'latent-error'].map((type) => tools.next(el, type));
        el.seed = seed;
        await Promise.race(ends);
      }
      const [made, expected] = await Promise.all(
        [el, other].map(async (each) => createImageBitmap(await each.toBlob())),
      );
      const far = await tools.difference(made, expected);
      const {state, errors} = await tools.outcome(el);
      return {devices, far, state, errors};
    }, pack('blocks-plain'));
    assert.ok(seen.far <= 1, `${seen.far} of 255`);
    assert.deepEqual(
      {...seen, far: 0},
      {devices: ['webgpu', 'wasm'], far: 0, state: 'ready', errors: []},
    );
    assert.deepEqual(faults, []);
  });

  it('two devices on one page: each element has its own, what one goes leaves the other', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/gpu`));
    const seen = await page.evaluate(async (attributes) => {
      await customElements.whenDefined('latent-interpolator');
      const devices = ['webgpu', 'wasm'];
      const all = devices.map((device) =>
        tools.element('latent-interpolator', {...attributes, device}),
      );
      await Promise.all(all.map((el) => el.ready));
      const loaded = all.map((el) => el.events.find(({type}) => type === 'latent-load').device);
      const [a, b] = await Promise.all(all.map((el) => el.latentAt(0.25)));
      const far = a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0);
      // A latent of one device is decoded on the other.
      const images = devices.map((device) =>
        tools.element('latent-image', {device, loading: 'eager'}),
      );
      images[0].latent = b;
      images[1].latent = a;
      await Promise.all(images.map((el) => el.ready));
      const made = images.map(async (el) => createImageBitmap(await el.toBlob()));
      const apart = await tools.difference(...(await Promise.all(made)));
      const workers = tools.workers.length;
      for (const el of [all[0], images[0]]) el.remove();
      await new Promise((resolve) => setTimeout(resolve, 100));
      all[1].value = 0.75;
      await tools.next(all[1], 'latent-frame');
      const exact = (await tools.difference(await all[1].frameAt(1), '/b.png')) === 0;
      document.body.append(all[0]);
      await all[0].ready;
      const back = (await tools.difference(await all[0].frameAt(1), '/b.png')) === 0;
      return {loaded, far: far < 1e-5, apart: apart <= 1, workers, exact, back};
    }, given);
    assert.deepEqual(seen, {
      loaded: ['webgpu', 'wasm'],
      far: true,
      apart: true,
      workers: 2,
      exact: true,
      back: true,
    });
    assert.deepEqual(faults, []);
  });

  it('a picture wider than the GPU paints: unsupported after others, by the CPU where it is the first', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/gpu`));
    const seen = await page.evaluate(async () => {
      await customElements.whenDefined('latent-image');
      const given = {resolution: '9000', loading: 'eager'};
      const first = tools.element('latent-image', {...given, src: '/wider.png'});
      const other = tools.element('latent-image', {...given, src: '/wide.png'});
      const ends = [];
      const note = async (el, url) => {
        const {state, code, message} = await tools.outcome(el);
        const shown = async () => tools.difference(await createImageBitmap(await el.toBlob()), url);
        ends.push(state === 'ready' ? [state, await shown()] : [state, code, message]);
      };
      await note(first, '/wider.png');
      await note(other, '/wide.png');
      for (const src of ['/wider.png', '/a.png']) {
        other.src = src;
        await note(other, src);
      }
      return ends;
    });
    assert.match(seen[2][2], /8200×4.*8192.*smaller resolution.*device="wasm"/);
    assert.deepEqual(
      seen.map((end) => end.slice(0, 2)),
      [
        ['ready', 0],
        ['ready', 0],
        ['error', 'unsupported'],
        ['ready', 0],
      ],
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

  /** What becomes of an element whose worker runs one of SCRIPTS. */
  async function becomes(name, device) {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/${name}-${device}`));
    const seen = await page.evaluate(async (attributes) => {
      Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', {get: () => false});
      await customElements.whenDefined('latent-interpolator');
      let device;
      const el = tools.element('latent-interpolator', attributes);
      el.addEventListener('latent-load', ({detail}) => (device = detail.device));
      const {state, code} = await tools.outcome(el);
      return {state, ...(code && {code}), ...(state === 'ready' && {device})};
    }, given);
    assert.deepEqual(faults, []);
    await opened.context.close();
    return seen;
  }

  for (const [name, [what, , code]] of Object.entries(BROKEN)) {
    it(`a GPU that ${what}: ${code} on webgpu, WASM on auto`, async () => {
      assert.deepEqual(await becomes(name, 'webgpu'), {state: 'error', code});
      assert.deepEqual(await becomes(name, 'auto'), {state: 'ready', device: 'wasm'});
    });
  }

  it('a GPU with the least limits that there are: good enough', async () => {
    assert.deepEqual(await becomes('modest', 'webgpu'), {state: 'ready', device: 'webgpu'});
  });
});
