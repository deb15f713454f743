// The default morph from the built package: what is seen, what is downloaded for it, and what becomes of
// it when pictures change while it is solved, its worker is killed, or the GPU is lost.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {gzipSync} from 'node:zlib';
import {launch} from '../../scripts/browser.mjs';
import {dist} from '../../scripts/paths.mjs';
import {scenes} from './images.mjs';
import {openPage, site} from './support.mjs';

/** Bytes of code, after gzip, until the first frame of a morph. */
const BUDGET = 150_000;

const blank = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Morph</title>
  <script type="module" src="/dist/cdn/latent-elements.js"></script><body></body></html>`;

/** Where a worker is that takes software for a GPU, and loses its context when the page says so. */
const FRAGILE = '/fragile/morph.worker.js';
const fragile = `
  import '/dist/workers/morph.worker.js';
  const {getContext} = OffscreenCanvas.prototype;
  const {getParameter, drawArrays} = WebGL2RenderingContext.prototype;
  const channel = new BroadcastChannel('gpu');
  let drawn = 0;
  WebGL2RenderingContext.prototype.getParameter = function (name) {
    const value = Reflect.apply(getParameter, this, [name]);
    return typeof value === 'string' ? 'A test' : value;
  };
  WebGL2RenderingContext.prototype.drawArrays = function (...given) {
    drawn++;
    Reflect.apply(drawArrays, this, given);
  };
  OffscreenCanvas.prototype.getContext = function (type, options) {
    if (type !== 'webgl2') return Reflect.apply(getContext, this, [type, options]);
    const given = {...options, failIfMajorPerformanceCaveat: false};
    const gl = Reflect.apply(getContext, this, [type, given]);
    const lose = gl?.getExtension('WEBGL_lose_context');
    channel.onmessage = ({data}) => {
      if (data === 'lose') lose.loseContext();
      if (data === 'restore') lose.restoreContext();
      channel.postMessage({drawn, isLost: gl.isContextLost()});
    };
    return gl;
  };`;

const withFragileWorker = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Morph</title>
  <script type="module">
    import {configure} from '/dist/cdn/latent-elements.js';
    configure({workerUrl: '/fragile/inference.worker.js'});
  </script><body></body></html>`;

/** Adds an element between two of the photographs, in the page. */
const add = (page, from = 'summer', to = 'autumn') =>
  page.evaluate(
    async (given) => {
      await customElements.whenDefined('latent-interpolator');
      document.body.replaceChildren();
      const element = tools.element('latent-interpolator', {
        ...given,
        interpolation: 'morph',
        loading: 'eager',
        style: 'inline-size: 320px',
      });
      globalThis.morph = element;
    },
    {from: `/assets/${from}.jpg`, to: `/assets/${to}.jpg`},
  );

describe('the morph', () => {
  let home, browser, opened;

  before(async () => {
    home = await site({
      pages: {'/': blank, '/fragile': withFragileWorker},
      routes: {
        ...scenes,
        [FRAGILE]: (_, response) => {
          response.writeHead(200, {'content-type': 'text/javascript'}).end(fragile);
        },
      },
    });
    browser = await launch();
    opened = await openPage(browser, home.url);
  });

  after(async () => {
    await browser?.close();
    await home?.close();
  });

  it('is code alone until its first frame, no model and no runtime', async () => {
    const {page, requests} = opened;
    await add(page);
    await page.evaluate(() => globalThis.morph.ready);
    const paths = [
      ...new Set(
        requests
          .filter((url) => url.startsWith('http'))
          .map((url) => new URL(url).pathname)
          .filter((path) => path.startsWith('/dist/')),
      ),
    ];
    assert.ok(paths.includes('/dist/workers/morph.worker.js'), paths.join(' '));
    assert.deepEqual(
      paths.filter((path) => !path.endsWith('.js')),
      [],
    );
    assert.ok(!paths.some((path) => path.includes('inference')), paths.join(' '));
    const bytes = paths.map((path) => gzipSync(readFileSync(join(dist, path.slice(6)))).length);
    const sum = bytes.reduce((x, y) => x + y);
    console.log(`until the first frame of a morph: ${sum} B after gzip, of ${BUDGET}`);
    assert.ok(sum <= BUDGET, `${sum} B`);
  });

  it('is each picture at its end, and no cross-fade between them', async () => {
    const seen = await opened.page.evaluate(async () => {
      const {morph} = globalThis;
      const pixels = async (t) => tools.pixels(await morph.frameAt(t));
      const [start, end] = [await pixels(0), await pixels(1)];
      const contrast = ({data, width}) => {
        let sum = 0;
        for (let i = 4; i < data.length; i += 4) {
          if ((i / 4) % width > 0) sum += (data[i + 1] - data[i - 3]) ** 2;
        }
        return sum;
      };
      const frames = [];
      for (const t of [0.25, 0.5, 0.75]) {
        const frame = await pixels(t);
        const fade = {
          ...{width: start.width, height: start.height},
          data: start.data.map((value, i) => (1 - t) * value + t * end.data[i]),
        };
        const off = frame.data.reduce((sum, value, i) => sum + Math.abs(value - fade.data[i]), 0);
        frames.push({
          off: off / frame.data.length,
          kept: contrast(frame) / ((1 - t) * contrast(start) + t * contrast(end)),
          faded: contrast(fade) / ((1 - t) * contrast(start) + t * contrast(end)),
        });
      }
      const source = await (await fetch('/assets/summer.jpg')).blob();
      return {
        frames,
        exact: await tools.difference(await morph.frameAt(0), await createImageBitmap(source)),
      };
    });
    assert.equal(seen.exact, 0);
    for (const {off, kept, faded} of seen.frames) {
      assert.ok(off > 4, `differs from the cross-fade by ${off} of 255 a byte`);
      assert.ok(kept > faded + 0.05, `keeps ${kept} of the contrast, a cross-fade ${faded}`);
    }
  });

  it('keeps up while it is dragged, and ends at the last', async () => {
    const values = await opened.page.evaluate(async () => {
      const {morph} = globalThis;
      const values = [];
      morph.addEventListener('latent-frame', ({detail}) => values.push(detail.value));
      for (let i = 0; i <= 30; i++) {
        morph.value = i / 30;
        await new Promise(requestAnimationFrame);
      }
      while (values.at(-1) !== 1) await tools.next(morph, 'latent-frame');
      return values;
    });
    assert.ok(values.length > 3, `${values.length} frames`);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    );
  });

  it('takes other pictures while it is solved', async () => {
    const {page} = opened;
    await add(page, 'boats', 'alps');
    const difference = await page.evaluate(async () => {
      const {morph} = globalThis;
      await tools.next(morph, 'latent-progress');
      morph.from = '/assets/canyon.jpg';
      morph.to = '/assets/sunset.jpg';
      await morph.updateComplete;
      await morph.ready;
      const source = await (await fetch('/assets/canyon.jpg')).blob();
      return tools.difference(await morph.frameAt(0), await createImageBitmap(source));
    });
    assert.equal(difference, 0);
  });

  it('takes other keyframes while it is solved, and is each of them at its place', async () => {
    const {page} = opened;
    await add(page, 'leek', 'acanthus');
    const differences = await page.evaluate(async () => {
      const {morph} = globalThis;
      await tools.next(morph, 'latent-progress');
      morph.keyframes = ['/a.png', '/b.png', '/a.png'];
      await morph.updateComplete;
      await morph.ready;
      const off = [];
      for (const [t, file] of [
        [0, '/a.png'],
        [0.5, '/b.png'],
        [1, '/a.png'],
      ]) {
        off.push(await tools.difference(await morph.frameAt(t), file));
      }
      return off;
    });
    assert.deepEqual(differences, [0, 0, 0]);
  });

  it('gives up a frame that is aborted while it is solved, and makes the next', async () => {
    const {page} = opened;
    await add(page, 'dandelion', 'canyon');
    const seen = await page.evaluate(async () => {
      const {morph} = globalThis;
      await tools.next(morph, 'latent-progress');
      const controller = new AbortController();
      const given = morph.frameAt(0.5, {signal: controller.signal}).then(
        () => 'made',
        ({name, code}) => `${name} ${code}`,
      );
      controller.abort();
      const end = await given;
      const {state} = morph;
      const next = await morph.frameAt(0.5);
      return {end, state, width: next.width > 0, events: morph.events};
    });
    assert.equal(seen.end, 'AbortError aborted');
    assert.equal(seen.state, 'loading', 'one caller gave up, the element did not');
    assert.ok(seen.width);
    assert.deepEqual(
      seen.events.filter(({type}) => type === 'latent-error'),
      [],
    );
  });

  it('has its worker killed while it is solved: another takes its place, and the next says so', async () => {
    const {page} = opened;
    await add(page, 'alps', 'sunset');
    const seen = await page.evaluate(async () => {
      const {morph} = globalThis;
      const killed = async () => {
        let align;
        do align = await tools.next(morph, 'latent-progress');
        while (align.detail.stage !== 'align');
        // A frame is asked for, too: every open call fails.
        morph.value = 0.4;
        tools.workers.at(-1).terminate();
      };
      await killed();
      await tools.next(morph, 'latent-load');
      const errors = () => morph.events.filter(({type}) => type === 'latent-error');
      const first = {errors: errors().length, state: morph.state};
      const source = await (await fetch('/assets/alps.jpg')).blob();
      first.exact = await tools.difference(await morph.frameAt(0), await createImageBitmap(source));
      const failed = tools.next(morph, 'latent-error');
      morph.to = '/assets/leek.jpg';
      await killed();
      await failed;
      await morph.updateComplete;
      const alert = morph.shadowRoot.querySelector('[role=alert]');
      const second = {
        codes: errors().map(({code}) => code),
        state: morph.state,
        alert: alert.querySelector('p').textContent,
      };
      alert.querySelector('button').click();
      await morph.updateComplete;
      await morph.ready;
      const exact = await tools.difference(await morph.frameAt(0), await createImageBitmap(source));
      return {first, second, state: morph.state, exact, errors: errors().length};
    });
    assert.deepEqual(seen.first, {errors: 0, state: 'ready', exact: 0});
    assert.deepEqual(seen.second.codes, ['worker-crashed']);
    assert.equal(seen.second.state, 'error');
    assert.match(seen.second.alert, /worker ended unexpectedly/);
    assert.deepEqual([seen.state, seen.exact, seen.errors], ['ready', 0, 1]);
  });

  it('paints on by the CPU when the GPU is lost, the same, and on the GPU when it is back', async () => {
    const {page, context, faults} = await openPage(browser, `${home.url}/fragile`);
    await add(page, 'summer', 'autumn');
    const seen = await page.evaluate(async () => {
      const {morph} = globalThis;
      const loaded = tools.next(morph, 'latent-load');
      await morph.ready;
      const {device} = (await loaded).detail;
      const channel = new BroadcastChannel('gpu');
      const gpu = async (what) => {
        const told = tools.next(channel, 'message');
        channel.postMessage(what);
        return (await told).data;
      };
      const canvas = morph.shadowRoot.querySelector('[part~=canvas]');
      /** Moves on, and says how far what is shown is from the frame by the CPU. */
      const move = async (value) => {
        const painted = tools.next(morph, 'latent-frame');
        morph.value = value;
        await painted;
        const wanted = await morph.frameAt(value);
        let off;
        // What a worker painted comes with a later frame.
        for (let i = 0; i < 60; i++) {
          off = await tools.difference(await createImageBitmap(canvas), wanted);
          if (off <= 3) break;
          await new Promise(requestAnimationFrame);
        }
        return off;
      };
      const off = [await move(0.3)];
      const before = await gpu('?');
      await gpu('lose');
      const lost = await gpu('?');
      off.push(await move(0.5), await move(0.7));
      const meanwhile = await gpu('?');
      await gpu('restore');
      while ((await gpu('?')).isLost) await new Promise(requestAnimationFrame);
      off.push(await move(0.6));
      const after = await gpu('?');
      return {
        device,
        off,
        before,
        lost,
        meanwhile,
        after,
        state: morph.state,
        events: morph.events,
      };
    });
    await context.close();
    assert.equal(seen.device, 'webgl');
    assert.ok(
      seen.off.every((most) => most <= 3),
      seen.off.join(),
    );
    assert.ok(seen.before.drawn > 0);
    assert.equal(seen.lost.isLost, true);
    assert.equal(seen.meanwhile.drawn, seen.lost.drawn, 'nothing is drawn on a GPU that is gone');
    assert.ok(seen.after.drawn > seen.meanwhile.drawn, 'and it is used again');
    assert.equal(seen.state, 'ready');
    assert.deepEqual(
      seen.events.filter(({type}) => type === 'latent-error'),
      [],
    );
    assert.deepEqual(faults, []);
  });

  it('raises nothing in the page', () => assert.deepEqual(opened.faults, []));
});
