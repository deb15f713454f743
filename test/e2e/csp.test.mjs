// The strictest policies that pages can set, and that docs and README quote: with them, no violation.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {setTimeout as wait} from 'node:timers/promises';
import {launch} from '../../scripts/browser.mjs';
import {imageRoutes, scenes, svg} from './images.mjs';
import {openPage, site} from './support.mjs';

const markup = (src, content = '') => `<!doctype html>
  <script type="module" src="${src}"></script>
  <latent-interpolator interpolation="lerp" controls from="a.png" to="b.png">${content}</latent-interpolator>`;

const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types latent-elements lit-html";

/** The least that a page must allow, beside the pictures of its own that it fetches. */
const selfHosted = () =>
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const fromCdn = (cdn) =>
  `default-src 'none'; script-src ${cdn} 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self' ${cdn}`;
/** Threads of another origin's ONNX Runtime are started from a blob too. */
const threadsFromCdn = (cdn) =>
  `default-src 'none'; script-src ${cdn} blob: 'wasm-unsafe-eval'; connect-src 'self' ${cdn}`;

const setups = [
  {name: 'self-hosted', policy: selfHosted},
  {name: 'self-hosted, with threads', policy: selfHosted, isolated: true},
  {name: 'from a CDN', policy: fromCdn, cdn: true},
  {name: 'from a CDN, with threads', policy: threadsFromCdn, cdn: true, isolated: true},
];

/** A browser's page under a policy, sent with every answer of its own server; its reports. */
async function underPolicy(browser, {cdn, isolated = false, policy, content}) {
  const reports = [];
  const far = cdn ? await site({cors: true, isolated: false}) : undefined;
  const full = `${policy(far?.url)}; ${TRUSTED_TYPES}; report-uri /reports`;
  const home = await site({
    isolated,
    headers: {'content-security-policy': full},
    pages: {'/': markup(`${far?.url ?? ''}/dist/cdn/latent-elements.js`, content)},
    routes: {
      ...scenes,
      ...imageRoutes({'/drawing.svg': svg}),
      '/reports': async (request, response) => {
        const chunks = await request.toArray();
        const report = JSON.parse(Buffer.concat(chunks).toString())['csp-report'];
        reports.push(`${report['effective-directive']} ${report['blocked-uri']}`);
        response.writeHead(204).end();
      },
    },
  });
  const opened = await openPage(browser, home.url, isolated ? {cores: 3} : {});
  const close = async () => {
    await opened.context.close();
    await home.close();
    await far?.close();
  };
  return {...opened, reports, close};
}

/** What becomes of the element under a policy, and what the browser reported. */
async function morph(browser, setup) {
  const {page, reports, faults, close} = await underPolicy(browser, setup);
  try {
    const seen = await page.evaluate(async () => {
      await customElements.whenDefined('latent-interpolator');
      const el = document.querySelector('latent-interpolator');
      el.events = [];
      const {state, code, message} = await tools.outcome(el);
      if (state !== 'ready') return {state, code, message};
      const {display} = getComputedStyle(el.shadowRoot.querySelector('.stage'));
      const {type} = await el.toBlob({type: 'image/gif', frames: 2});
      const {width} = await el.frameAt(0);
      return {state, display, type, width, isolated: crossOriginIsolated};
    });
    // The report of what failed may arrive after it.
    for (let i = 0; i < 250 && seen.state === 'error' && !reports[0]; i++) await wait(20);
    return {...seen, reports, faults};
  } finally {
    await close();
  }
}

const good = {state: 'ready', display: 'grid', type: 'image/gif', reports: [], faults: []};

describe('strict content security policies with Trusted Types', () => {
  let browser;

  before(async () => {
    browser = await launch();
  });

  after(() => browser?.close());

  for (const setup of setups) {
    it(`${setup.name}: everything works, nothing is reported`, async () => {
      const {isolated = false} = setup;
      assert.deepEqual(await morph(browser, setup), {...good, width: 48, isolated});
    });
  }

  it('pictures inside the element need img-src, and SVGs blob: there', async () => {
    const seen = await morph(browser, {
      policy: () => `${selfHosted()}; img-src 'self' blob:`,
      content: '<img src="/drawing.svg" alt=""><img src="/b.png" alt="">',
    });
    assert.deepEqual({...seen, width: 0}, {...good, width: 0, isolated: false});
    assert.ok(seen.width > 48, 'the drawing');
  });

  it("without 'wasm-unsafe-eval': a clear error, and a report from the worker", async () => {
    const policy = () => selfHosted().replace(" 'wasm-unsafe-eval'", '');
    const {state, code, message, reports} = await morph(browser, {policy});
    assert.deepEqual([state, code], ['error', 'unsupported']);
    assert.match(message, /'wasm-unsafe-eval'/);
    assert.match(reports.join(), /^script-src wasm-eval/);
  });

  it('from a CDN without worker-src blob: a clear error', async () => {
    const policy = (cdn) => fromCdn(cdn).replace(' worker-src blob:;', '');
    const {state, code, message, reports} = await morph(browser, {policy, cdn: true});
    assert.deepEqual([state, code], ['error', 'worker-crashed']);
    assert.match(message, /CSP/);
    assert.match(reports.join(), /^worker-src blob/);
  });
});
