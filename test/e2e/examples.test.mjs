// Every page of examples/, as it lies there, beside the built package.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {serve} from '../../scripts/serve.mjs';
import {openPage} from './support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.html'));

describe('examples', () => {
  let server, browser;

  before(async () => {
    server = await serve({
      root: {
        '/dist': dist,
        '/examples': join(root, 'examples'),
        '/stories': join(root, 'stories'),
      },
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('are all named in their README', () => {
    const readme = readFileSync(join(root, 'examples/README.md'), 'utf8');
    const named = [...readme.matchAll(/\]\(([\w-]+\.html)\)/g)].map(([, file]) => file);
    assert.deepEqual(named.toSorted(), examples.toSorted());
  });

  for (const file of examples) {
    it(`${file}: everything is ready, nothing is wrong, and axe agrees`, async () => {
      const {page, context, faults} = await openPage(browser, `${server.url}/examples/${file}`);
      const states = await page.evaluate(async () => {
        const all = [...document.querySelectorAll('*')].filter(({localName}) =>
          localName.startsWith('latent-'),
        );
        // A visitor scrolls: what is far away loads only then.
        for (const el of all) {
          await customElements.whenDefined(el.localName);
          el.scrollIntoView();
          await el.ready;
        }
        return all.map(({state}) => state);
      });
      assert.ok(
        states.every((state) => /ready|busy/.test(state)),
        states.join(),
      );
      if (states.length === 0) {
        await page.waitForFunction(
          () => !document.querySelector('[role=status]').textContent.startsWith('Loading'),
        );
        const said = await page.locator('[role=status]').textContent();
        assert.match(said, /^\d+ numbers, half from each\.$/);
      }
      await page.addScriptTag({path: axe});
      const violations = await page.evaluate(async () => (await axe.run()).violations);
      // One heading and some text want no landmark.
      const found = violations
        .map(({id}) => id)
        .filter((id) => !['landmark-one-main', 'region'].includes(id));
      assert.deepEqual(found, []);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
});
