// Search as a page author has it, in the built package: a folder of pages with its index, a list without
// JavaScript and with it, a form, the second visit, and files that are no index.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

/** A handbook of 2 001 passages, made of words that the model knows, each heading with an id of its own. */
function writeHandbook(to) {
  mkdirSync(to, {recursive: true});
  const vocabulary = readFileSync(join(root, 'models/words/vocabulary.txt'), 'utf8');
  const words = vocabulary
    .split('\n')
    .filter((word) => /^[a-z]{5,9}$/.test(word))
    .slice(500, 4500);
  const said = (seed) => {
    // Words of a neighbourhood, so that passages are about something.
    const near = (i) => words[(seed * 37 + ((seed * i * 7919) % 60)) % words.length];
    return Array.from({length: 30}, (_, i) => near(i + 1)).join(' ');
  };
  for (let page = 0; page < 20; page++) {
    const parts = Array.from({length: 100}, (_, i) => {
      const seed = 100 * page + i + 1;
      return `<h2 id="part-${i}">${words[(seed * 53) % words.length]}</h2><p>${said(seed)}</p>`;
    });
    const special = '<h2 id="coat">When it rains</h2><p>Bring a coat. Or stay at home.</p>';
    const body = page === 7 ? [...parts.slice(0, 50), special, ...parts.slice(50)] : parts;
    writeFileSync(
      join(to, `page-${page}.html`),
      `<!doctype html><title>Page ${page}</title><main>${body.join('')}</main>`,
    );
  }
}

describe('search', () => {
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
      '/newer.latents': changed((bytes) => bytes.writeUInt32LE(3, 8)),
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

  it('of an index of 2 001 passages, a query fetches a part', async (t) => {
    const pages = join(folder, 'handbook');
    writeHandbook(pages);
    execFileSync(process.execPath, [
      join(dist, 'cli/latent-elements.js'),
      ...['index', pages, '-o', join(folder, 'large.latents'), '--base', '/pages/'],
    ]);
    const parts = join(folder, 'large.latents.parts');
    const sizes = readdirSync(parts).map((name) => statSync(join(parts, name)).size);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const server = await site({
      root: {'/dist': dist, '/made': folder},
      pages: {'/': html('<latent-search index="/made/large.latents"></latent-search>')},
    });
    t.after(() => server.close());
    const {page, context, faults} = await openPage(browser, server.url);
    const fetched = [];
    page.on('response', async (response) => {
      const {pathname} = new URL(response.url());
      if (pathname.startsWith('/made/')) fetched.push(Number(response.headers()['content-length']));
    });
    const bytes = () => fetched.reduce((sum, each) => sum + each, 0);
    await page.$eval('latent-search', (element) => element.ready);
    assert.equal(fetched.length, 1, 'the head alone');
    const typed = 'a coat at home';
    const first = await page.$eval(
      'latent-search',
      (element, text) => element.search(text, {limit: 5}),
      typed,
    );
    const [{item}] = first;
    assert.equal(item.href, '/pages/page-7.html#coat');
    assert.equal(item.title, 'When it rains');
    const share = bytes() / all;
    assert.ok(
      share > 0.02 && share < 0.4,
      `${bytes()} of ${all} bytes, ${fetched.length} requests`,
    );
    // The same again takes nothing; a part that is gone fails one query, and no other.
    const before = fetched.length;
    await page.$eval('latent-search', (element, text) => element.search(text), typed);
    assert.equal(fetched.length, before);
    renameSync(parts, `${parts}.away`);
    const failed = await page.$eval('latent-search', (element) =>
      element.search('quarterly money report').catch(({code, message}) => ({code, message})),
    );
    assert.equal(failed.code, 'not-found');
    assert.match(failed.message, /large\.latents\.parts\/.* is not there/);
    renameSync(`${parts}.away`, parts);
    const found = await page.$eval('latent-search', (element) =>
      element.search('quarterly money report'),
    );
    assert.ok(found.length > 0);
    await assert.rejects(
      page.$eval('latent-search', (element) => element.duplicates()),
      /--split never/,
    );
    await search(page, typed);
    assert.match((await options(page))[0], /When it rains/);
    assert.deepEqual(faults, []);
    await context.close();
  });

  for (const [file, code, message] of [
    ['short', 'bad-index', /cut short/],
    ['newer', 'bad-index', /version 3/],
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
