// <latent-slider> from plain HTML, with the packs that are shipped.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {imageRoutes, png, scene} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

// Examples: eight redder and eight bluer ones, alike in nothing else.
const tinted = (red, seed) =>
  png(32, 32, (x, y) => [
    (red ? 180 : 60) + ((x * seed) % 40),
    80 + ((y * (seed + 3)) % 60),
    (red ? 60 : 180) + (((x + y) * seed) % 40),
  ]);
const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
const examples = Object.fromEntries(
  numbers.flatMap((n) => [
    [`/red-${n}.png`, tinted(true, n)],
    [`/blue-${n}.png`, tinted(false, n)],
  ]),
);
const images = ['positive', 'negative'].flatMap((slot) =>
  numbers.map(
    (n) =>
      `<img slot="${slot}" src="/${slot === 'positive' ? 'red' : 'blue'}-${n}.png" alt="${slot} ${n}" width="32" height="32">`,
  ),
);

const pages = {
  '/': html(''),
  '/learn': html(
    `<latent-slider id="slider" src="/a.png" model="photos">${images.join('')}</latent-slider>`,
  ),
  '/form': html(`<form action="/"><label for="s">Brightness</label>
    <latent-slider id="s" name="brightness" model="${pack('blocks-directions')}"
      src="/a.png" direction="light"></latent-slider>
    <button>Send</button></form>`),
};

describe('<latent-slider> in a page', () => {
  let home, browser;

  before(async () => {
    home = await site({
      pages,
      routes: imageRoutes({
        '/a.png': scene(1),
        '/face.png': scene(2, 128, 128),
        ...examples,
      }),
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  const open = async (path = '/', options = {}) => {
    const opened = await openPage(browser, `${home.url}${path}`, options);
    if (options.javaScriptEnabled !== false) {
      await opened.page.evaluate(() => customElements.whenDefined('latent-slider'));
    }
    return opened;
  };

  for (const [model, direction, src] of [
    ['photos', 'brightness', '/a.png'],
    ['avatars', 'smile', '/face.png'],
  ]) {
    it(`shows the source pixel by pixel at 0 with ${model}, and something else beside it`, async () => {
      const {page, context, faults} = await open();
      const seen = await page.evaluate(
        async (given) => {
          const el = tools.element('latent-slider', {...given, strip: '0'});
          const shown = async (value) => {
            el.value = value;
            const blob = await el.toBlob();
            return tools.difference(await createImageBitmap(blob), given.src);
          };
          const differences = [await shown(0), await shown(2), await shown(-2), await shown(0)];
          el.reconstruct = true;
          await el.updateComplete;
          return {
            differences,
            decoded: await shown(0),
            state: el.state,
            message: el.error?.message,
          };
        },
        {model, direction, src},
      );
      assert.equal(seen.state, 'ready', seen.message);
      const [first, up, down, last] = seen.differences;
      assert.equal(first, 0);
      assert.equal(last, 0);
      assert.ok(up > 2 && down > 2, `${up} ${down}`);
      assert.ok(seen.decoded > 2, 'a decode is not the source');
      assert.deepEqual(faults, []);
      await context.close();
    });
  }

  it('adds the edits of several sliders up, whatever their order, for one decode each', async () => {
    const {page, context, faults} = await open();
    const seen = await page.evaluate(async () => {
      const image = tools.element('latent-image', {model: 'avatars', src: '/face.png', id: 'face'});
      const sliders = ['smile', 'hair', 'brightness', 'skin'].map((direction) =>
        tools.element('latent-slider', {for: 'face', direction}),
      );
      await Promise.all(sliders.map((el) => el.ready));
      const values = [2, -1, 1.5, 0.5];
      const settle = (order) => {
        for (const i of order) sliders[i].value = values[i];
      };
      const shown = async () => createImageBitmap(await image.toBlob());
      const source = await tools.difference(await shown(), '/face.png');
      settle([0, 1, 2, 3]);
      const first = await shown();
      for (const el of sliders) el.value = 0;
      const undone = await tools.difference(await shown(), '/face.png');
      settle([3, 1, 0, 2]);
      const second = await shown();
      const calls = tools.workers.flatMap((worker) => worker.calls.map(({name}) => name));
      sliders[1].remove();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const fewer = await shown();
      // One frame for each of five values, and no encoding.
      const [worker] = tools.workers;
      const before = worker.calls.length;
      for (let i = 1; i <= 5; i++) {
        sliders[0].value = i / 2;
        while (worker.calls.length < before + i || worker.open.size > 0) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
      return {
        source,
        undone,
        order: await tools.difference(first, second),
        edited: await tools.difference(first, '/face.png'),
        removed: await tools.difference(second, fewer),
        encodes: calls.filter((name) => name === 'setSource').length,
        moved: worker.calls.slice(before).map(({name}) => name),
      };
    });
    const {moved, ...rest} = seen;
    assert.deepEqual(
      {...rest, edited: rest.edited > 5, removed: rest.removed > 2},
      {source: 0, undone: 0, order: 0, edited: true, removed: true, encodes: 1},
    );
    assert.deepEqual(moved, Array(5).fill('paint'));
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('learns from 8 + 8 pictures in the page, and sends nothing anywhere', async () => {
    const {page, context, faults, requests} = await open('/learn');
    const seen = await page.evaluate(async () => {
      const el = document.querySelector('#slider');
      await el.ready;
      const shown = async (value) => {
        el.value = value;
        const {data} = await tools.pixels(await createImageBitmap(await el.toBlob()));
        let [red, blue] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
          red += data[i];
          blue += data[i + 2];
        }
        return (red - blue) / (data.length / 4);
      };
      const {verdict} = el.directionData.quality;
      const redness = [await shown(-1), await shown(0), await shown(1)];
      const exact = await tools.difference(
        await createImageBitmap(await ((el.value = 0), el.toBlob())),
        '/a.png',
      );
      const type = 'application/json';
      const file = URL.createObjectURL(await el.directionToBlob({type}));
      const other = tools.element('latent-slider', {
        model: 'photos',
        src: '/a.png',
        direction: file,
      });
      await other.ready;
      other.value = el.value = 2;
      const same = await tools.difference(
        await createImageBitmap(await other.toBlob()),
        await createImageBitmap(await el.toBlob()),
      );
      const foreign = tools.element('latent-slider', {
        model: 'avatars',
        src: '/face.png',
        direction: file,
      });
      const {code, message, alert} = await tools.outcome(foreign);
      return {verdict, redness, exact, same, code, message, alert};
    });
    assert.equal(seen.verdict, 'clear');
    const [less, none, more] = seen.redness;
    assert.ok(more - none > 8 && none - less > 8, seen.redness.join(' '));
    assert.equal(seen.exact, 0);
    assert.equal(seen.same, 0, 'the file gives the same direction');
    assert.equal(seen.code, 'space-mismatch');
    assert.match(seen.message, /avatars-\d/);
    assert.match(seen.message, /photos-1/);
    assert.equal(seen.alert, seen.message);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(home.url) && !url.startsWith('blob:')),
      [],
    );
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('shows its examples simply, where there is no JavaScript', async () => {
    const {page, context} = await open('/learn', {javaScriptEnabled: false});
    for (const image of await page.locator('latent-slider img').all()) {
      assert.ok(await image.isVisible());
      assert.equal((await image.boundingBox()).width, 32);
    }
    await context.close();
  });

  it('is submitted with its form, and restored when the visitor comes back', async () => {
    const {page, context, faults} = await open('/form');
    await page.getByRole('slider', {name: 'Brightness'}).focus();
    await page.keyboard.press('End');
    await page.getByRole('button', {name: 'Send'}).click();
    await page.waitForURL(({search}) => search === '?brightness=3');
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('latent-slider')?.value === 3);
    await page.evaluate(() => document.querySelector('form').reset());
    assert.equal(await page.evaluate(() => document.querySelector('latent-slider').value), 0);
    assert.deepEqual(faults, []);
    await context.close();
  });

  it('lists the known directions for one that is not', async () => {
    const {page, context, faults} = await open();
    const seen = await page.evaluate(async () => {
      const el = tools.element('latent-slider', {
        model: 'photos',
        src: '/a.png',
        direction: 'smile',
      });
      const bad = await tools.outcome(el);
      el.direction = 'contrast';
      await el.ready;
      return {...bad, after: el.state};
    });
    assert.equal(seen.code, 'bad-argument');
    for (const name of ['brightness', 'contrast', 'saturation', 'warmth', 'sharpness']) {
      assert.match(seen.alert, new RegExp(name));
    }
    assert.deepEqual(seen.errors, ['bad-argument']);
    assert.equal(seen.after, 'ready');
    assert.deepEqual(faults, []);
    await context.close();
  });
});
