// The strictest policies that pages can set, and that docs and README quote: with them, no violation.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../tools/browser.mjs';
import {scenes} from './images.mjs';
import {openPage, site} from './support.mjs';

const markup = (src) => `<!doctype html>
  <script type="module" src="${src}"></script>
  <latent-interpolator controls from="a.png" to="b.png"></latent-interpolator>`;

const TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types latent-elements lit-html";

/** Where the files lie, whether the page is isolated (threads), and its policy. */
const policies = [
  {
    name: 'self-hosted',
    policy: () =>
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
  },
  {
    name: 'self-hosted, isolated',
    isolated: true,
    policy: () =>
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
  },
  {
    name: 'from a CDN',
    cdn: true,
    policy: (cdn) =>
      `default-src 'none'; script-src ${cdn} 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self' ${cdn}`,
  },
  {
    name: 'from a CDN, isolated',
    cdn: true,
    isolated: true,
    policy: (cdn) =>
      `default-src 'none'; script-src ${cdn} 'wasm-unsafe-eval' blob:; worker-src blob:; connect-src 'self' ${cdn}`,
  },
];

/** A browser's page under a policy, sent with every answer of its own server; its reports. */
async function underPolicy(browser, {cdn, isolated = false, policy}, more = '') {
  const reports = [];
  const far = cdn ? await site({cors: true, isolated: false}) : undefined;
  const full = `${policy(far?.url)}${more && `; ${more}`}; report-uri /reports`;
  const home = await site({
    isolated,
    headers: {'content-security-policy': full},
    pages: {'/': markup(`${far?.url ?? ''}/dist/cdn/latent-elements.js`)},
    routes: {
      ...scenes,
      '/reports': async (request, response) => {
        const chunks = await request.toArray();
        const report = JSON.parse(Buffer.concat(chunks).toString())['csp-report'];
        reports.push(`${report['effective-directive']} ${report['blocked-uri']}`);
        response.writeHead(204).end();
      },
    },
  });
  const opened = await openPage(browser, home.url);
  const close = async () => {
    await opened.context.close();
    await home.close();
    await far?.close();
  };
  return {...opened, reports, close};
}

const morph = (page) =>
  page.evaluate(async () => {
    await customElements.whenDefined('latent-interpolator');
    const el = document.querySelector('latent-interpolator');
    el.events = [];
    const {state, message} = await tools.outcome(el);
    const display = getComputedStyle(el.shadowRoot.querySelector('.stage')).display;
    const bitmap = state === 'ready' ? await el.frameAt(0) : undefined;
    const gif = bitmap && (await el.toBlob({type: 'image/gif', frames: 2})).type;
    return {state, message, display, gif, width: bitmap?.width, isolated: crossOriginIsolated};
  });

describe('content security policies', {timeout: 150_000}, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });

  after(() => browser?.close());

  for (const setup of policies) {
    for (const more of ['', TRUSTED_TYPES]) {
      it(`${setup.name}${more && ', with Trusted Types'}`, async () => {
        const {page, reports, faults, close} = await underPolicy(browser, setup, more);
        try {
          const {message, ...seen} = await morph(page);
          const {isolated = false} = setup;
          const good = {state: 'ready', display: 'grid', gif: 'image/gif', width: 48, isolated};
          assert.deepEqual(seen, good, message + reports);
          assert.deepEqual(reports, []);
          assert.deepEqual(faults, []);
        } finally {
          await close();
        }
      });
    }
  }
});
