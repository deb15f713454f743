// <latent-generator> from plain HTML, with the packs that are shipped and those of the tests.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {html, openPage, pack, site} from './support.mjs';

const pages = {
  '/': html(''),
  '/faces': html(
    `<latent-generator model="avatars" seed="7" prompt="glasses" controls live
      style="inline-size: 300px"></latent-generator>`,
  ),
  // The page's default model makes no images, and nobody names one.
  '/default': html('<latent-generator seed="7"></latent-generator>', {
    settings: {model: undefined},
  }),
};

describe('<latent-generator> in a page', () => {
  let home, browser;

  before(async () => {
    home = await site({pages});
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  const open = async (path = '/', options = {}) => {
    const opened = await openPage(browser, `${home.url}${path}`, options);
    await opened.page.evaluate(() => customElements.whenDefined('latent-generator'));
    return opened;
  };

  it('shows a face that follows its seed and its prompt, twice the same', async () => {
    const {page, context, faults} = await open('/faces');
    const seen = await page.evaluate(async () => {
      const el = document.querySelector('latent-generator');
      await el.ready;
      const {width, height} = await createImageBitmap(await el.toBlob());
      const other = tools.element('latent-generator', {
        model: 'avatars',
        seed: '7',
        prompt: 'glasses',
      });
      const shown = async () => createImageBitmap(await other.toBlob());
      const first = await shown();
      const same = await tools.difference(first, await createImageBitmap(await el.toBlob()));
      const differences = [];
      for (const [name, value] of [
        ['prompt', 'no glasses, long red hair'],
        ['seed', '8'],
        ['steps', '1'],
      ]) {
        const before = await shown();
        other.setAttribute(name, value);
        differences.push(await tools.difference(before, await shown()));
      }
      return {
        width,
        height,
        same,
        differences,
        space: el.latent.space,
        parts: el.matches(':state(ready)'),
      };
    });
    assert.deepEqual([seen.width, seen.height], [128, 128]);
    assert.equal(seen.same, 0);
    assert.ok(
      seen.differences.every((difference) => difference > 20),
      seen.differences.join(),
    );
    assert.match(seen.space, /^avatars-/);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('takes the model that makes faces where nobody names one', async () => {
    const {page, context, faults} = await open('/default');
    const name = await page.evaluate(async () => {
      const el = document.querySelector('latent-generator');
      const load = tools.next(el, 'latent-load');
      return el.state === 'ready' ? 'too late' : (await load).detail.model;
    });
    assert.equal(name, 'avatars');
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('is walked by the mouse: a frame is one message, and what comes back are numbers', async () => {
    const {page, context, faults} = await open('/faces');
    const box = await page.evaluate(async () => {
      const el = document.querySelector('latent-generator');
      await el.ready;
      // What comes with the first image.
      await new Promise((resolve) => setTimeout(resolve, 300));
      el.images = 0;
      el.addEventListener('latent-image', () => el.images++);
      tools.begun = tools.workers[0].calls.length;
      const {x, y, width, height} = el.shadowRoot.querySelector('canvas').getBoundingClientRect();
      return {x, y, width, height};
    });
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    for (let i = 1; i <= 20; i++) {
      await page.mouse.move(box.x + box.width / 2 + 4 * i, box.y + box.height / 2 - i);
      await page.waitForTimeout(30);
    }
    await page.mouse.up();
    await page.waitForFunction(() => {
      const el = document.querySelector('latent-generator');
      return el.images >= 3 && el.state === 'ready';
    });
    const seen = await page.evaluate(async () => {
      const el = document.querySelector('latent-generator');
      const calls = tools.workers[0].calls.slice(tools.begun).map(({name}) => name);
      return {
        calls: [...new Set(calls)],
        atOnce: Math.max(...tools.workers[0].calls.slice(tools.begun).map(({atOnce}) => atOnce)),
        position: el.position,
      };
    });
    assert.deepEqual(seen.calls, ['paint']);
    assert.equal(seen.atOnce, 1);
    assert.ok(seen.position[0] > 0.3 && seen.position[1] > 0.05, seen.position.join());
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('is walked by a finger that goes sideways; upwards it scrolls, and a double click is home', async () => {
    const {page, context, faults} = await open('/faces', {
      hasTouch: true,
      viewport: {width: 400, height: 500},
    });
    const {x, y} = await page.evaluate(async () => {
      document.body.style.minBlockSize = '3000px';
      const el = document.querySelector('latent-generator');
      await el.ready;
      return el.getBoundingClientRect();
    });
    const session = await context.newCDPSession(page);
    const swipe = async (dx, dy) => {
      const touch = (type, ...touchPoints) =>
        session.send('Input.dispatchTouchEvent', {type, touchPoints});
      await touch('touchStart', {x: x + 100, y: y + 200});
      for (let i = 1; i <= 10; i++) {
        await touch('touchMove', {x: x + 100 + i * dx, y: y + 200 + i * dy});
        await page.waitForTimeout(20);
      }
      await touch('touchEnd');
      await page.waitForTimeout(400);
      return page.evaluate(() => {
        const el = document.querySelector('latent-generator');
        return {position: el.position, scrolled: scrollY > 0};
      });
    };
    const sideways = await swipe(8, 2);
    assert.ok(sideways.position[0] > 0.2 && sideways.position[1] < 0, sideways.position.join());
    assert.equal(sideways.scrolled, false);
    const upwards = await swipe(0, -8);
    assert.deepEqual(upwards, {position: sideways.position, scrolled: true});
    await page.evaluate(() => scrollTo(0, 0));
    await page.mouse.dblclick(x + 100, y + 100);
    const home = await page.evaluate(() => document.querySelector('latent-generator').position);
    assert.deepEqual(home, [0, 0]);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('follows chips and the keyboard', async () => {
    const {page, context, faults} = await open('/faces');
    await page.evaluate(() => document.querySelector('latent-generator').ready);
    const chip = page.getByRole('button', {name: 'smiling', exact: true});
    await chip.click();
    assert.equal(await chip.getAttribute('aria-pressed'), 'true');
    const prompt = page.getByRole('textbox', {name: 'Prompt'});
    assert.equal(await prompt.inputValue(), 'glasses, smiling');
    await prompt.fill('a man with a beard');
    await prompt.press('Enter');
    await page.waitForFunction(
      () => document.querySelector('latent-generator').prompt === 'a man with a beard',
    );
    const made = await page.evaluate(async () => {
      const el = document.querySelector('latent-generator');
      await el.ready;
      return el.state;
    });
    assert.equal(made, 'ready');
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('says what is wrong, once, and which parts there are', async () => {
    const {page, context, faults} = await open();
    const seen = await page.evaluate(async (blocks) => {
      const outcomes = [];
      for (const given of [
        {model: blocks},
        {model: 'avatars', seed: '-1'},
        {model: 'avatars', steps: '1.5'},
        {model: 'avatars', 'guidance-scale': '1000'},
      ]) {
        outcomes.push(await tools.outcome(tools.element('latent-generator', given)));
      }
      return outcomes;
    }, pack('blocks'));
    assert.deepEqual(
      seen.map(({code, rejected, errors}) => [code, rejected, errors]),
      ['unsupported', ...Array(3).fill('bad-argument')].map((code) => [code, code, [code]]),
    );
    assert.match(seen[0].message, /encoder, decoder/);
    for (const {message, alert} of seen) assert.equal(alert, message);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('makes again what it made, in a fresh worker, when its worker is killed', async () => {
    const {page, context, faults} = await open('/faces');
    const seen = await page.evaluate(async () => {
      const el = document.querySelector('latent-generator');
      await el.vary({seed: 3});
      el.position = [0.4, 0.2];
      const before = await createImageBitmap(await el.toBlob());
      const load = tools.next(el, 'latent-load');
      tools.workers[0].terminate();
      await load;
      const difference = await tools.difference(before, await createImageBitmap(await el.toBlob()));
      return {difference, workers: tools.workers.length, state: el.state};
    });
    assert.ok(seen.difference <= 2, String(seen.difference));
    assert.deepEqual([seen.workers, seen.state], [2, 'ready']);
    assert.deepEqual(faults, []);
    await context.close();
  });
});
