// The page "Measure on this machine": real numbers of every kind of work, and a stop at any time.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {openPage, site} from './support.mjs';

describe('the page that measures', () => {
  let home, browser, page, faults;

  before(async () => {
    home = await site();
    browser = await launch();
    ({page, faults} = await openPage(browser, `${home.url}/measure/index.html`));
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('stops when it is told to, and can begin again', async () => {
    await page.getByRole('button', {name: 'Measure'}).click();
    await page.getByText(/^avatars: .*, wasm$/).waitFor();
    await page.getByRole('button', {name: 'Stop'}).click();
    await page.getByText('Stopped.').waitFor();
    assert.equal(await page.getByRole('button', {name: 'Measure again'}).isEnabled(), true);
    assert.equal(await page.locator('#result').isHidden(), true);
  });

  it('measures every kind of work, and says so in Markdown', async () => {
    const {measured, text} = await page.evaluate(async () => {
      const {measureMachine, toMarkdown} = await import('/measure/measure.js');
      const elements = await import('/dist/cdn/latent-elements.js');
      const result = await measureMachine(elements, {budget: 1});
      return {measured: result, text: toMarkdown(result)};
    });
    assert.equal(measured.adapter, undefined);
    assert.ok(measured.rows.length >= 8);
    for (const {what, wasm, webgpu} of measured.rows) {
      assert.ok(wasm.median > 0 && wasm.best <= wasm.median, `${what}: ${JSON.stringify(wasm)}`);
      assert.equal(webgpu, undefined);
      assert.ok(
        text.includes(`| ${what} | – | ${wasm.median.toFixed(wasm.median < 10 ? 2 : 1)} |`),
      );
    }
  });

  it('raises nothing in the page', () => assert.deepEqual(faults, []));
});
