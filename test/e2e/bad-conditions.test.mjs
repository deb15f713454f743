// Where the world around the page fails: no network, no storage, no worker, no secure context.
import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../tools/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const WORKER = '/late/worker.js';
const ORT = 'ort-wasm-simd-threaded.mjs';
const morph = '<latent-interpolator from="/a.png" to="/b.png"></latent-interpolator>';

/** What the element of the page shows in the end. */
const shown = (frame) =>
  frame.evaluate(async () => {
    await customElements.whenDefined('latent-interpolator');
    const el = document.querySelector('latent-interpolator') ?? tools.element('latent-interpolator');
    el.events ??= [];
    if (!el.from) tools.assign(el, {from: '/a.png', to: '/b.png'});
    const outcome = await tools.outcome(el);
    if (outcome.state !== 'ready') return outcome;
    return {...outcome, exact: (await tools.difference(await el.frameAt(0), '/a.png')) === 0};
  });

const good = {state: 'ready', exact: true, code: undefined, message: undefined, rejected: undefined};
const isGood = (outcome) => {
  const {alert, errors, ...rest} = outcome;
  assert.deepEqual(rest, good);
  assert.equal(alert, undefined);
  return errors;
};

const retry = (page) =>
  page.evaluate(async () => {
    const el = document.querySelector('latent-interpolator');
    el.shadowRoot.querySelector('[role=alert] button').click();
    await el.updateComplete;
  });

describe('bad conditions', {timeout: 120_000}, () => {
  let home, browser, isThere, opened;

  before(async () => {
    home = await site({
      cors: true,
      isolated: false,
      pages: {
        '/': html(''),
        '/morph': html(morph),
        '/late': html(morph, {settings: {workerUrl: WORKER}}),
        '/late-ort': html(morph, {settings: {wasmBase: '/late/'}}),
        '/frame': '<!doctype html><iframe sandbox="allow-scripts" src="/morph"></iframe>',
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
      },
    });
    browser = await launch({args: ['--host-resolver-rules=MAP plain.test 127.0.0.1']});
  });

  afterEach(async () => {
    await opened?.context.close();
    opened = undefined;
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('offline from the start: network, and Retry works once there is a network', async () => {
    const {page, context, faults} = (opened = await openPage(browser, home.url));
    await page.evaluate(() => customElements.whenDefined('latent-interpolator'));
    await context.setOffline(true);
    const failed = await shown(page);
    assert.equal(failed.code, 'network', failed.message);
    assert.match(failed.alert, /offline/);
    await context.setOffline(false);
    await retry(page);
    isGood(await shown(page));
    assert.deepEqual(faults, []);
  });

  it('offline for a picture, and for a pack: network, naming it', async () => {
    const {page, context} = (opened = await openPage(browser, home.url));
    isGood(await shown(page));
    await context.setOffline(true);
    for (const [given, named] of [
      [{from: '/a.png?new', to: '/b.png'}, /\/a\.png\?new/],
      [{from: '/a.png', to: '/b.png', model: pack('blocks-bgr')}, /blocks-bgr\/pack\.json/],
    ]) {
      const failed = await page.evaluate(
        (attributes) => tools.outcome(tools.element('latent-interpolator', attributes)),
        given,
      );
      assert.equal(failed.code, 'network');
      assert.match(failed.alert, named);
      assert.match(failed.alert, /offline/);
    }
  });

  it('a full disk: works without storing', async () => {
    const {page, context, faults} = (opened = await openPage(browser, home.url));
    const session = await context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', {origin: home.url, quotaSize: 1});
    isGood(await shown(page));
    const kept = await page.evaluate(async () => {
      const stored = [];
      for (const name of await caches.keys()) {
        stored.push(...(await (await caches.open(name)).keys()).map(({url}) => url));
      }
      return stored;
    });
    assert.deepEqual(kept, [], 'the quota held');
    assert.deepEqual(faults, []);
  });

  it('a sandboxed frame, which is refused storage, locks and workers of its own origin', async () => {
    const {page, faults} = (opened = await openPage(browser, `${home.url}/frame`));
    const frame = page.frames()[1];
    await frame.waitForFunction(() => customElements.get('latent-interpolator'));
    const refused = await frame.evaluate(async () => [
      origin,
      await navigator.locks.request('a', () => 'held').catch(({name}) => name),
      await Promise.resolve().then(() => caches.open('a')).catch(({name}) => name),
    ]);
    assert.deepEqual(refused, ['null', 'SecurityError', 'SecurityError']);
    isGood(await shown(frame));
    assert.deepEqual(faults, []);
  });

  it('a page of plain HTTP, without locks, storage and SubtleCrypto', async () => {
    const {page, faults} = (opened = await openPage(
      browser,
      `${home.url.replace('127.0.0.1', 'plain.test')}/morph`,
    ));
    assert.equal(await page.evaluate(() => isSecureContext), false);
    isGood(await shown(page));
    assert.deepEqual(faults, []);
  });

  it('a worker script that is missing: worker-crashed, and Retry works once it is there', async () => {
    isThere = false;
    const {page, faults} = (opened = await openPage(browser, `${home.url}/late`));
    const failed = await shown(page);
    assert.equal(failed.state, 'error');
    assert.equal(failed.code, 'worker-crashed');
    assert.match(failed.alert, new RegExp(`${WORKER}.*workerUrl`));
    isThere = true;
    await retry(page);
    isGood(await shown(page));
    assert.deepEqual(faults, []);
  });

  it("ONNX Runtime's files missing: unsupported, and the next attempt finds them", async () => {
    isThere = false;
    const {page, faults} = (opened = await openPage(browser, `${home.url}/late-ort`));
    const failed = await shown(page);
    assert.equal(failed.code, 'unsupported');
    assert.match(failed.alert, /wasmBase/);
    isThere = true;
    await page.evaluate(() => document.querySelector('latent-interpolator').setAttribute('model', ''));
    isGood(await shown(page));
    assert.deepEqual(faults, []);
  });
});
