// What people who do not use a mouse, or eyes, meet: the accessibility tree of each main flow, the way through
// it by keys alone, and pages that are zoomed, mirrored, printed, or shown in forced colours.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {after, afterEach, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const MORPH =
  '<latent-interpolator from="/a.png" to="/b.png" label="Ada to Grace" controls width="48" height="32"></latent-interpolator>';
const SLIDER = `<form><latent-slider name="light" src="/a.png" model="${pack('blocks-directions')}" direction="light" label="Lighter"></latent-slider></form>`;
const GENERATOR = `<latent-generator model="${pack('blocks-flow')}" seed="3" controls live label="A face"></latent-generator>`;
const SEARCH = `<latent-search for="list" model="${pack('tiny-words')}" label="Find" loading="eager"></latent-search>
  <ul id="list"><li>A red boat</li><li>A red kite</li><li>A green tree</li></ul>`;
const MAP =
  '<latent-map model="avatars" label="Faces" style="max-inline-size: 20rem"></latent-map>';

const morphed = 'latent-interpolator from="/a.png" to="/b.png" controls';
/** Every element in the states that it can be in, each in a landmark of its own. */
const STATES = [
  ...[MORPH, SLIDER, GENERATOR, SEARCH, '<latent-image src="/a.png" label="Ada"></latent-image>'],
  '<latent-interpolator controls label="Of nothing"></latent-interpolator>',
  `<${morphed} label="Asks first" interpolation="lerp" consent="ask" loading="eager" model="${pack('blocks-bgr')}"></latent-interpolator>`,
  '<latent-interpolator from="/nowhere.png" to="/b.png" controls label="Fails"></latent-interpolator>',
  `<latent-slider src="/a.png" model="${pack('blocks-directions')}" direction="light" label="Off" disabled></latent-slider>`,
  `<latent-slider src="/a.png" model="${pack('blocks-directions')}" direction="nothing" label="Unknown"></latent-slider>`,
  `<latent-generator model="${pack('blocks')}" controls label="Cannot"></latent-generator>`,
  '<latent-search index="/nowhere.latents" label="Broken" loading="eager"></latent-search>',
  '<latent-map label="No points"></latent-map>',
];

const PAGES = {
  '/states': html(
    `<main><h1>States</h1>${STATES.map((each) => `<div>${each}</div>`).join('')}</main>`,
  ),
  '/morph': html(MORPH),
  '/slider': html(SLIDER),
  '/generator': html(GENERATOR),
  '/search': html(SEARCH),
  '/map': html(MAP),
  '/error': html(
    '<latent-interpolator from="/nowhere.png" to="/b.png" controls></latent-interpolator>',
  ),
  '/lazy': html('<div style="block-size: 5000px"></div><latent-image src="/a.png"></latent-image>'),
  '/rtl': html(`<div dir="rtl">${MORPH}${SLIDER}</div>`),
};

describe('for everybody', () => {
  let home, browser, opened;

  before(async () => {
    home = await site({pages: PAGES, routes: scenes});
    browser = await launch();
  });

  afterEach(async () => {
    const faults = opened?.faults ?? [];
    await opened?.context.close();
    opened = undefined;
    assert.deepEqual(faults, []);
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  /** Opens a page whose element is ready, or has failed. */
  const open = async (path, options) => {
    opened = await openPage(browser, home.url + path, options);
    const {page} = opened;
    await page.evaluate(async () => {
      const el = [...document.querySelectorAll('*')].find(({localName}) =>
        /^latent-/.test(localName),
      );
      await customElements.whenDefined(el.localName);
      if (el.localName === 'latent-map') {
        el.items = [1, 2, 3].map((seed) => ({id: `face ${seed}`, image: `seed:${seed}`}));
      }
      await el.ready.catch(() => undefined);
      await el.updateComplete;
    });
    return page;
  };

  /** What has the focus: its role and name, as assistive technology hears them. */
  const focused = async (page) => {
    const session = await page.context().newCDPSession(page);
    const {nodes} = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const node = nodes
      .slice(1)
      .find(({properties = []}) =>
        properties.some(({name, value}) => name === 'focused' && value.value),
      );
    return node && `${node.role.value} ${node.name.value}`;
  };

  describe('the accessibility tree', () => {
    const trees = {
      '/morph': `
- img "Ada to Grace"
- button "Play"
- slider "Ada to Grace": "0.5"`,
      '/slider': `
- img "Lighter 0"
- text: Lighter
- slider "Lighter": "0"`,
      '/generator': `
- img "A face"
- 'group "Walk around A face: drag, or use the arrow keys"':
  - slider "Across": "0"
  - slider "Up": "0"
- text: Prompt
- textbox "Prompt"
- button "Generate"
- toolbar "What this model knows":
  - group "Animals":
    - button "cat"
    - button "dog"
- text: Seed
- spinbutton "Seed": "3"
- button "New seed"
- button "Play"
- button "Vary"`,
      '/map': `
- listbox "Faces":
  - option "face 1"
- button "Zoom in": +
- button "Zoom out": −
- button "Show all": ⤢
- button "Show as a table": ☰
- status`,
      '/error': `
- alert:
  - group: Something that belongs here is missing.
  - button "Retry"
- button "Play"
- slider "Morph": "0.5"`,
    };
    for (const [path, expected] of Object.entries(trees)) {
      it(`of ${path.slice(1)}`, async () => {
        const page = await open(path);
        assert.equal(await page.locator('body').ariaSnapshot(), expected.trim());
      });
    }

    it('of a search with results', async () => {
      const page = await open('/search');
      await page.locator('latent-search').locator('input').fill('red');
      await page.waitForFunction(() => {
        const root = document.querySelector('latent-search').shadowRoot;
        return root.querySelector('[role=status]').textContent === '3 results.';
      });
      assert.equal(
        await page.locator('latent-search').ariaSnapshot(),
        `
- combobox "Find" [expanded]: red
- listbox "Results":
  - option "A red kite":
    - text: A
    - mark: red
    - text: kite
  - option "A red boat":
    - text: A
    - mark: red
    - text: boat
  - option "A green tree"
- status: 3 results.`.trim(),
      );
    });
  });

  describe('keys alone', () => {
    it('play, pause and move a morph', async () => {
      const page = await open('/morph');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'button Play');
      await page.keyboard.press('Enter');
      assert.equal(await focused(page), 'button Pause');
      await page.keyboard.press('Space');
      assert.equal(await focused(page), 'button Play');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'slider Ada to Grace');
      const value = () => page.evaluate(() => document.querySelector('latent-interpolator').value);
      const before = await value();
      await page.keyboard.press('ArrowUp');
      assert.ok((await value()) > before);
    });

    it('move a slider, and the form has its value', async () => {
      const page = await open('/slider');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'slider Lighter');
      for (const key of ['End', 'PageDown', 'ArrowLeft']) await page.keyboard.press(key);
      const sent = await page.evaluate(() => new FormData(document.forms[0]).get('light'));
      assert.equal(sent, '2.34');
    });

    it('search, choose a result, and leave', async () => {
      const page = await open('/search');
      await page.evaluate(() => {
        globalThis.chosen = [];
        document.addEventListener('latent-select', ({detail}) => chosen.push(detail.item.text));
      });
      await page.keyboard.press('Tab');
      assert.match(await focused(page), /Find$/);
      await page.keyboard.type('tree');
      await page.waitForFunction(() =>
        document.querySelector('latent-search').shadowRoot.querySelector('[role=option]'),
      );
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      assert.deepEqual(await page.evaluate(() => chosen), ['A green tree']);
      await page.keyboard.press('Escape');
      assert.equal(
        await page.evaluate(() => document.querySelector('latent-search').value),
        '',
        'a search field empties on Escape once its list is closed',
      );
    });

    it('walk, and generate', async () => {
      const page = await open('/generator');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'slider Across');
      await page.keyboard.press('ArrowRight');
      const at = await page.evaluate(() => document.querySelector('latent-generator').position);
      assert.ok(at[0] > 0);
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'textbox Prompt');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'button Generate');
      await page.keyboard.press('Enter');
      await page.evaluate(() => document.querySelector('latent-generator').ready);
    });

    it('go from item to item of a map, and select', async () => {
      const page = await open('/map');
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      const selected = await page.evaluate(() => document.querySelector('latent-map').selected);
      assert.match(selected.join(), /^face \d$/);
    });

    it('open what an error says, and try again', async () => {
      const page = await open('/error');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      const details = page.locator('latent-interpolator').locator('details p');
      assert.equal(await details.isVisible(), true);
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'button Retry');
    });
  });

  for (const colorScheme of ['light', 'dark']) {
    it(`axe finds nothing in any state of any element, on a ${colorScheme} page`, async () => {
      opened = await openPage(browser, `${home.url}/states`, {colorScheme});
      const {page} = opened;
      // A pack that never comes: what waits for it loads as long as axe looks.
      await page.route('**/fixtures/packs/slow/**', () => undefined);
      await page.addStyleTag({content: ':root { color-scheme: light dark }'});
      await page.addScriptTag({path: AXE});
      const {states, violations} = await page.evaluate(async (slow) => {
        await customElements.whenDefined('latent-map');
        const loading = Object.assign(document.createElement('latent-interpolator'), {
          ...{from: '/a.png', to: '/b.png', controls: true, label: 'Loads'},
          ...{interpolation: 'lerp', model: slow, loading: 'eager'},
        });
        const elements = [...document.querySelectorAll('*')].filter(({localName}) =>
          /^latent-/.test(localName),
        );
        const settled = ({state}) => state !== 'loading';
        for (let i = 0; i < 200 && !elements.every(settled); i++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        for (const details of elements.flatMap(({shadowRoot}) => [
          ...shadowRoot.querySelectorAll('details'),
        ])) {
          details.open = true;
        }
        document.querySelector('latent-search').query = 'red';
        await document.querySelector('latent-search').ready;
        await new Promise((resolve) => setTimeout(resolve, 500));
        // The last to come still loads when axe looks.
        document.querySelector('main').append(loading);
        while (loading.state !== 'loading') await new Promise((resolve) => setTimeout(resolve));
        const {violations} = await axe.run('main', {resultTypes: ['violations']});
        return {
          states: [...new Set([...elements, loading].map(({state}) => state))].toSorted(),
          violations: violations.map(({id, nodes}) => [id, nodes.map(({html}) => html)]),
        };
      }, pack('slow'));
      assert.deepEqual(violations, []);
      assert.deepEqual(states, ['error', 'idle', 'loading', 'ready']);
    });
  }

  it('at 400 % zoom nothing is cut off sideways', async () => {
    for (const path of ['/morph', '/slider', '/generator', '/search', '/map', '/error']) {
      // 1 280 CSS pixels at 400 %, as WCAG 1.4.10 has it.
      const page = await open(path, {viewport: {width: 320, height: 256}});
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} pixels too wide`);
      const cut = await page.evaluate(() => {
        const el = [...document.querySelectorAll('*')].find(({localName}) =>
          /^latent-/.test(localName),
        );
        return [...el.shadowRoot.querySelectorAll('button, input, summary')]
          .filter((each) => each.checkVisibility() && each.getBoundingClientRect().width > 1)
          .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
          .map((each) => each.outerHTML);
      });
      assert.deepEqual(cut, [], path);
      assert.deepEqual(opened.faults, []);
      await opened.context.close();
      opened = undefined;
    }
  });

  it('from right to left the keys go the other way, and the play button stands on the right', async () => {
    const page = await open('/rtl');
    const seen = await page.evaluate(() => {
      const root = document.querySelector('latent-interpolator').shadowRoot;
      const left = (part) => root.querySelector(`[part=${part}]`).getBoundingClientRect().left;
      return left('play-button') > left('slider');
    });
    assert.equal(seen, true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const value = () => page.evaluate(() => document.querySelector('latent-interpolator').value);
    await page.keyboard.press('ArrowLeft');
    assert.ok((await value()) > 0.5);
  });

  it('in forced colours every control has an edge or a colour of the system', async () => {
    const page = await open('/morph', {forcedColors: 'active'});
    const edges = await page.evaluate(() => {
      const root = document.querySelector('latent-interpolator').shadowRoot;
      const {borderTopWidth, borderTopStyle} = getComputedStyle(root.querySelector('.play'));
      return `${borderTopStyle} ${borderTopWidth}`;
    });
    assert.equal(edges, 'solid 1px');
  });

  it('printed, an element that nobody saw is no grey box, and loads when asked to print', async () => {
    opened = await openPage(browser, `${home.url}/lazy`);
    const {page} = opened;
    await page.evaluate(() => customElements.whenDefined('latent-image'));
    const state = () => page.evaluate(() => document.querySelector('latent-image').state);
    assert.equal(await state(), 'idle');
    await page.emulateMedia({media: 'print'});
    const background = await page.evaluate(() => {
      const stage = document.querySelector('latent-image').shadowRoot.querySelector('.stage');
      return getComputedStyle(stage).backgroundColor;
    });
    assert.equal(background, 'rgba(0, 0, 0, 0)');
    assert.equal(await state(), 'idle');
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.evaluate(() => document.querySelector('latent-image').ready);
  });
});
