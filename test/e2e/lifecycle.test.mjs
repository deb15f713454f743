// Elements come and go, move, are told to stop, and lose their worker or its GPU in the middle of it.
import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../tools/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

/** A worker whose GPU is lost when the page says so. */
const FRAGILE = `
  import '/dist/workers/inference.worker.js';
  const request = GPUAdapter.prototype.requestDevice;
  const channel = new BroadcastChannel('gpu');
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await request.apply(this, given);
    channel.onmessage = () => device.destroy();
    channel.postMessage('made');
    return device;
  };`;

const given = {from: '/a.png', to: '/b.png', loading: 'eager'};

describe('the life of an element', {timeout: 150_000}, () => {
  let home, browser, page, faults, requests;

  before(async () => {
    home = await site({
      pages: {
        '/': html('<div id="here"></div><div id="there"></div>'),
        '/gpu': html('', {settings: {device: 'webgpu', workerUrl: '/fragile.js'}}),
      },
      routes: {
        ...scenes,
        '/fragile.js': (_, response) => {
          response.writeHead(200, {'content-type': 'text/javascript'}).end(FRAGILE);
        },
      },
    });
    browser = await launch({webgpu: true});
    ({page, faults, requests} = await openPage(browser, home.url));
    await page.evaluate(() => customElements.whenDefined('latent-interpolator'));
  });

  afterEach(() => page.evaluate(() => document.querySelector('latent-interpolator')?.remove()));

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('removed while it loads, it gives up without an error, and loads when it comes back', async () => {
    const seen = await page.evaluate(async (attributes) => {
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
    }, {...given, model: pack('slow')});
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
    const seen = await page.evaluate(async (attributes) => {
      const el = tools.element('latent-interpolator', attributes);
      const [here, there] = ['here', 'there'].map((id) => document.getElementById(id));
      for (let i = 0; i < 5; i++) {
        (i % 2 === 0 ? here : there).append(el);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      await el.ready;
      const calls = tools.workers[0].calls.map(({name}) => name);
      const exact = (await tools.difference(await el.frameAt(1), '/b.png')) === 0;
      return {events: el.events.map(({type}) => type), exact, calls};
    }, {...given, model: `${pack('slow')}?moved`});
    assert.deepEqual(seen.events.filter((type) => type !== 'latent-frame'), ['latent-load']);
    assert.ok(seen.exact);
    const heavy = requests.filter((url) => url.endsWith('.onnx'));
    assert.deepEqual(heavy, [...new Set(heavy)]);
    assert.equal(requests.filter((url) => url.endsWith('pack.json?moved')).length, 1);
  });

  it('calls that are aborted reject as such, early or late, and later ones work', async () => {
    const seen = await page.evaluate(async (attributes) => {
      const el = tools.element('latent-interpolator', attributes);
      const name = (promise) => promise.then(() => 'done', (error) => `${error.name} ${error.code}`);
      const stop = new AbortController();
      const early = [el.frameAt(0.5, {signal: AbortSignal.abort()}), el.frameAt(0.5, {signal: stop.signal})];
      stop.abort();
      await el.ready;
      const late = ['image/png', 'image/gif', 'video/webm'].map((type) => {
        const stopLate = new AbortController();
        const blob = el.toBlob({type, signal: stopLate.signal});
        queueMicrotask(() => stopLate.abort());
        return blob;
      });
      const names = await Promise.all([...early, ...late].map(name));
      const {type} = await el.toBlob({type: 'image/webp'});
      return {names, type, state: el.state, errors: el.events.filter(({code}) => code).length};
    }, given);
    assert.deepEqual(seen.names, Array(5).fill('AbortError aborted'));
    assert.deepEqual({...seen, names: 0}, {names: 0, type: 'image/webp', state: 'ready', errors: 0});
  });

  it('a worker killed in the middle of frames is replaced by one, for all who shared it', async () => {
    const seen = await page.evaluate(async (attributes) => {
      const all = [1, 2, 3].map(() => tools.element('latent-interpolator', attributes));
      await Promise.all(all.map((el) => el.ready));
      const before = tools.workers.length;
      const loaded = all.map((el) => tools.next(el, 'latent-load'));
      const open = all.map((el) => el.frameAt(0.5).then(() => 'done', ({code}) => code));
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
    assert.ok(seen.open.every((end) => ['done', 'worker-crashed'].includes(end)), seen.open.join());
    assert.deepEqual(
      {...seen, open: 0},
      {open: 0, exact: [0, 0, 0], errors: [], more: 1, states: Array(3).fill('ready')},
    );
  });

  it('raises nothing in the page', () => assert.deepEqual(faults, []));

  it('a GPU that is lost is replaced, in a fresh worker', async () => {
    const {page: other, faults: others} = await openPage(browser, `${home.url}/gpu`);
    const seen = await other.evaluate(async (attributes) => {
      await customElements.whenDefined('latent-interpolator');
      const channel = new BroadcastChannel('gpu');
      const made = [];
      channel.onmessage = ({data}) => made.push(data);
      const el = tools.element('latent-interpolator', attributes);
      const first = await tools.outcome(el);
      const again = tools.next(el, 'latent-load');
      channel.postMessage('lose');
      const {detail} = await again;
      const exact = (await tools.difference(await el.frameAt(0), '/a.png')) === 0;
      const middle = await tools.pixels(await el.frameAt(0.5));
      const {state, errors} = await tools.outcome(el);
      const workers = tools.workers.length;
      return {first, device: detail.device, exact, width: middle.width, state, errors, workers, made};
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
        made: ['made', 'made'],
      },
    );
    assert.deepEqual(others, []);
  });
});
