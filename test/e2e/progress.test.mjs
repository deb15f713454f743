// On a slow line the bar moves all the way: the code of the runtime is most of it, and counted.
import assert from 'node:assert/strict';
import {createReadStream, statSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {setTimeout as wait} from 'node:timers/promises';
import {dist} from '../../scripts/paths.mjs';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, site} from './support.mjs';

const WASM = 'ort-wasm-simd-threaded.wasm';
/** Milliseconds that the runtime takes to arrive, in so many pieces. */
const SLOW = 3000;
const PIECES = 60;

describe('progress', () => {
  let home, browser;

  before(async () => {
    const file = join(dist, 'ort', WASM);
    const {size} = statSync(file);
    home = await site({
      pages: {'/': html('')},
      routes: {
        ...scenes,
        [`/dist/ort/${WASM}`]: async (_, response) => {
          response.writeHead(200, {'content-type': 'application/wasm', 'content-length': size});
          const pieces = createReadStream(file, {highWaterMark: Math.ceil(size / PIECES)});
          for await (const piece of pieces) {
            response.write(piece);
            await wait(SLOW / PIECES);
          }
          response.end();
        },
      },
    });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('moves on while the runtime arrives, in steps that one can see, some 20 a second', async () => {
    const {page, context, faults} = await openPage(browser, home.url);
    const {state, steps} = await page.evaluate(async () => {
      await customElements.whenDefined('latent-interpolator');
      const steps = [];
      const el = document.createElement('latent-interpolator');
      el.addEventListener('latent-progress', ({detail}) => {
        steps.push({...detail, at: performance.now()});
      });
      const given = {from: '/a.png', to: '/b.png', interpolation: 'lerp', loading: 'eager'};
      document.body.append(Object.assign(el, given));
      await el.ready;
      return {state: el.state, steps};
    });
    assert.equal(state, 'ready');
    const downloads = steps.filter(({stage}) => stage === 'download');
    const arriving = downloads.filter(({loaded, total}) => loaded < total);
    const seconds = (downloads.at(-1).at - downloads[0].at) / 1000;
    assert.ok(seconds > (0.8 * SLOW) / 1000, `the runtime came within ${seconds} s`);
    assert.ok(steps.length <= 20 * (seconds + 1) + 5, `${steps.length} events`);
    // From step to step it moves, and no step is a leap.
    const leaps = arriving.map(({ratio}, i) => ratio - (arriving[i - 1]?.ratio ?? ratio));
    assert.ok(Math.min(...leaps) >= 0 && Math.max(...leaps) < 0.2, leaps.join(' '));
    assert.deepEqual(new Set(downloads.map(({total}) => total)).size, 1);
    assert.deepEqual(faults, []);
    await context.close();
  });
});
