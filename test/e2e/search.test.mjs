// Search as a page author has it, in the built package: a folder of pages with its index, a list without
// JavaScript and with it, a form, the second visit, and files that are no index.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {gzipSync} from 'node:zlib';
import {launch} from '../../scripts/browser.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {html, openPage, site} from './support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const folder = mkdtempSync(join(tmpdir(), 'latent-search-'));
const list = `<form action="/found"><latent-search for="articles" name="q"
    placeholder="Search articles"></latent-search></form>
  <ul id="articles">
    <li><a href="#lisbon">Cheap flights to Lisbon</a></li>
    <li><a href="#soup">A warm soup for cold evenings</a></li>
    <li><a href="#puppy">How to train a puppy</a></li>
  </ul>`;

/** What the options of an element say. */
const options = (page) =>
  page.$eval('latent-search', (search) =>
    [...search.shadowRoot.querySelectorAll('[role=option]')].map(({innerText}) => innerText.trim()),
  );
const settled = (page, query) =>
  page.evaluate(
    (text) =>
      new Promise((resolve) => {
        const search = document.querySelector('latent-search');
        search.addEventListener('latent-results', ({detail}) => {
          if (detail.complete && detail.query === text) search.updateComplete.then(resolve);
        });
      }),
    query,
  );

async function search(page, text) {
  const done = settled(page, text);
  await page.locator('latent-search').click();
  await page.keyboard.type(text);
  await done;
}

describe('search', {timeout: 180_000}, () => {
  let home, browser, index;

  before(async () => {
    const output = join(folder, 'search.latents');
    execFileSync(process.execPath, [
      join(dist, 'cli/latent-elements.js'),
      ...['index', join(root, 'test/fixtures/site'), '-o', output, '--base', '/pages/'],
    ]);
    index = readFileSync(output);
    const changed = (change) => {
      const copy = Buffer.from(index);
      change(copy);
      return copy;
    };
    const files = {
      '/search.latents': index,
      '/short.latents': index.subarray(0, index.length - 100),
      '/newer.latents': changed((bytes) => bytes.writeUInt32LE(2, 8)),
      '/foreign.latents': changed((bytes) => bytes.write('words-9', bytes.indexOf('words-2'))),
      '/page.latents': '<!doctype html><title>Not found</title>',
    };
    home = await site({
      root: {'/dist': dist, '/pages': join(root, 'test/fixtures/site')},
      pages: {
        '/': html(list),
        '/index': html('<latent-search index="/search.latents"></latent-search>'),
        '/none': html('<latent-search></latent-search>'),
      },
      routes: {
        ...Object.fromEntries(
          Object.entries(files).map(([path, body]) => [path, (_, response) => response.end(body)]),
        ),
        // A quarter of a megabyte to send, and a thousand times that to keep.
        '/bomb.latents': (_, response) => {
          response.writeHead(200, {'content-encoding': 'gzip'});
          response.end(gzipSync(Buffer.concat([index, Buffer.alloc(256 << 20)])));
        },
        '/found': (_, response) => response.end('found'),
      },
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
    rmSync(folder, {recursive: true});
  });

  it('finds in an index of a folder of pages, and leads to the heading', async () => {
    const {page, context, faults} = await openPage(browser, `${home.url}/index`);
    await search(page, 'what to wear in wet weather');
    const found = await options(page);
    assert.match(found[0], /^Harbour & Boats\s+When it rains\s+Bring a coat/, found.join('\n'));
    await page.keyboard.press('ArrowDown');
    await Promise.all([
      page.waitForURL((url) => url.pathname.startsWith('/pages/') && url.hash !== ''),
      page.keyboard.press('Enter'),
    ]);
    const {hash} = new URL(page.url());
    assert.ok(await page.locator(`[id="${decodeURIComponent(hash.slice(1))}"]`).count());
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('a list is a list without JavaScript', async () => {
    const {page, context} = await openPage(browser, home.url, {javaScriptEnabled: false});
    assert.equal(await page.locator('li:visible').count(), 3);
    assert.equal(await page.locator('a[href="#soup"]').isVisible(), true);
    await context.close();
  });

  it('by keyboard alone: find, choose, submit; to a screen reader a combobox', async () => {
    const {page, context, faults} = await openPage(browser, home.url);
    await page.addScriptTag({path: axe});
    await page.keyboard.press('Tab');
    const done = settled(page, 'low-cost air travel');
    await page.keyboard.type('low-cost air travel');
    await done;
    assert.deepEqual(await options(page), ['Cheap flights to Lisbon']);
    const violations = await page.evaluate(async () => (await axe.run()).violations);
    const rules = ['landmark-one-main', 'page-has-heading-one', 'region'];
    assert.deepEqual(
      violations.map(({id}) => id).filter((id) => !rules.includes(id)),
      [],
    );
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#lisbon$/);
    assert.deepEqual(await options(page), []);
    await Promise.all([page.waitForURL(/\/found\?q=/), page.keyboard.press('Enter')]);
    assert.equal(new URL(page.url()).searchParams.get('q'), 'low-cost air travel');
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('a page of words starts one worker, to which a key press is one message', async () => {
    const {page, context} = await openPage(browser, home.url);
    const calls = () =>
      page.evaluate(() => tools.workers.map((worker) => worker.calls.map(({name}) => name)));
    await page.$eval('latent-search', (element) => element.ready);
    const before = await calls();
    assert.equal(before.length, 1);
    assert.deepEqual(before[0].toSorted(), [
      'addItems',
      'connect',
      'embedItems',
      'loadPack',
      'open',
      'openPack',
    ]);
    await search(page, 'x');
    const after = await calls();
    assert.deepEqual(after[0].slice(before[0].length), ['query']);
    await context.close();
  });

  for (const [file, code, message] of [
    ['short', 'bad-index', /cut short/],
    ['newer', 'bad-index', /version 2/],
    ['foreign', 'space-mismatch', /words-9/],
    ['page', 'bad-index', /LATENTS/],
    ['bomb', 'bad-index', /there are more/],
    ['missing', 'not-found', /missing\.latents/],
  ]) {
    it(`${file}.latents: ${code}, and the next index works`, async () => {
      const {page, context, faults} = await openPage(browser, `${home.url}/none`);
      const failed = await page.$eval(
        'latent-search',
        async (element, url) => {
          element.index = url;
          return element.ready.then(
            () => 'ready',
            (error) => ({code: error.code, message: error.message}),
          );
        },
        `/${file}.latents`,
      );
      assert.equal(failed.code, code);
      assert.match(failed.message, message);
      const shown = await page.locator('latent-search [part=error]').textContent();
      assert.match(shown, message);
      const count = await page.$eval('latent-search', async (element) => {
        element.index = '/search.latents';
        await element.ready;
        return (await element.search('coat', {limit: 3})).length;
      });
      assert.ok(count > 0);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
});
