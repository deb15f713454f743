// What the end-to-end tests share: the built package on a server, a page in Chromium, the shared data.
import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {packFixture} from '../fixtures/packs.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {serve} from '../../scripts/serve.mjs';
import {pageTools} from './page-tools.mjs';

/** Third-party inputs that lie beside the repository where they are to be had; see DATA_REASON. */
export const data = process.env.LATENT_TEST_DATA ?? join(root, '../shared/data');
/** Why a test that needs them is skipped, else `false`. */
export const DATA_REASON = existsSync(data)
  ? false
  : `needs the third-party test data (set LATENT_TEST_DATA to its folder; not at ${data})`;

/**
 * Serves the built package at /dist/, fixture packs, the shared data at /data/, and `pages`: HTML by
 * path.
 */
export function site({pages = {}, ...options} = {}) {
  const routes = Object.fromEntries(
    Object.entries(pages).map(([path, html]) => [
      path,
      (_, response) => {
        response.writeHead(200, {'content-type': 'text/html; charset=utf-8'}).end(html);
      },
    ]),
  );
  return serve({
    root: {
      '/dist': dist,
      '/data': data,
      '/measure': join(root, 'stories/measure'),
      '/assets': join(root, 'stories/assets'),
      '/ort': join(root, 'node_modules/onnxruntime-web/dist'),
    },
    ...options,
    routes: new Proxy({...routes, ...options.routes}, withPacks),
  });
}

// The server looks routes up by exact path; the fixture packs answer below theirs.
const withPacks = {
  getOwnPropertyDescriptor: (routes, path) =>
    Reflect.getOwnPropertyDescriptor(routes, path) ??
    (packFixture(path) ? {configurable: true, enumerable: true, value: true} : undefined),
  get: (routes, path) => {
    const found = packFixture(path);
    if (!found) return routes[path];
    return async (_, response) => {
      await wait(found.delay);
      response.writeHead(200, {'content-type': found.type}).end(found.body);
    };
  },
};

/** The manifest by which the FLUX.2 tiny autoencoder runs: a foreign pack, nothing else is written. */
export function taef2Manifest() {
  const part = (file, inputs, outputs) => {
    const bytes = readFileSync(join(data, 'taef2', file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return {file, bytes: bytes.length, sha256, inputs, outputs, dimensions: {n: 1}};
  };
  return {
    format: 1,
    name: 'taef2',
    version: '1.0.0',
    license: 'MIT',
    attribution: ['madebyollin/taesd'],
    space: {id: 'flux2', shape: [32, 'height/8', 'width/8']},
    image: {size: {multiple: 8, pixels: 65536, maxPixels: 262144}},
    parts: {
      encoder: part('taef2_encoder.onnx', {image: 'image'}, {latent: 'latent'}),
      decoder: part('taef2_decoder.onnx', {latent: 'latent'}, {image: 'image'}),
    },
  };
}

/** A page with the tools of page-tools.mjs; `faults` are its uncaught errors and rejections. */
export async function openPage(browser, url, {cores, ...options} = {}) {
  const context = await browser.newContext(options);
  await context.addInitScript(pageTools);
  // Whatever the machine has: how many threads start depends on it.
  if (cores) {
    await context.addInitScript((value) => {
      Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {get: () => value});
    }, cores);
  }
  // Four times Playwright's: a busy machine is no failure.
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const faults = [];
  const requests = [];
  page.on('pageerror', (error) => faults.push(error));
  page.on('console', (message) => {
    // What a test asks for, and the browser itself logs: no script was told.
    const expected = /Failed to load resource|No available adapters|blocked by CORS policy/.test(
      message.text(),
    );
    if (message.type() === 'error' && !expected) faults.push(message.text());
  });
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return {page, context, faults, requests};
}

/** A page of markup with the built package beside it: `configure` is called before it loads. */
export function html(markup, {src = '/dist/cdn/latent-elements.js', settings = {}} = {}) {
  const configuration = JSON.stringify({
    model: pack('blocks'),
    device: 'wasm',
    threads: 1,
    ...settings,
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
    <script type="module">
      import {configure} from '${src}';
      configure(${configuration});
    </script><body>${markup}</body></html>`;
}

/** The URL of a fixture pack. */
export const pack = (name) => `/fixtures/packs/${name}/pack.json`;

/** A little-endian float32 file. */
export function float32(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
