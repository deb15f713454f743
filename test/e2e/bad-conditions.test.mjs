// Where the world around the page fails: no network, no storage, no secure context.
import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {assertGood, retry, shown} from './outcome.mjs';
import {html, openPage, pack, site} from './support.mjs';

const morph =
  '<latent-interpolator interpolation="lerp" from="/a.png" to="/b.png"></latent-interpolator>';

describe('bad conditions', () => {
  let home, browser, opened;

  before(async () => {
    home = await site({
      cors: true,
      isolated: false,
      pages: {
        '/': html(''),
        '/morph': html(morph),
        '/frame': '<!doctype html><iframe sandbox="allow-scripts" src="/morph"></iframe>',
      },
      routes: {
        ...scenes,
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
    assertGood(await shown(page));
    assert.deepEqual(faults, []);
  });

  it('offline for a picture, and for a pack: network, naming it', async () => {
    const {page, context} = (opened = await openPage(browser, home.url));
    assertGood(await shown(page));
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
    assertGood(await shown(page));
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
      await Promise.resolve()
        .then(() => caches.open('a'))
        .catch(({name}) => name),
    ]);
    assert.deepEqual(refused, ['null', 'SecurityError', 'SecurityError']);
    assertGood(await shown(frame));
    assert.deepEqual(faults, []);
  });

  it('a page of plain HTTP, without locks, storage and SubtleCrypto', async () => {
    const {page, faults} = (opened = await openPage(
      browser,
      `${home.url.replace('127.0.0.1', 'plain.test')}/morph`,
    ));
    assert.equal(await page.evaluate(() => isSecureContext), false);
    assertGood(await shown(page));
    assert.deepEqual(faults, []);
  });
});
