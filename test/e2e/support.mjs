// What the end-to-end tests share: the built package on a server, a page in Chromium, the shared data.
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {packFixture} from '../fixtures/packs.mjs';
import {dist, root} from '../tools/paths.mjs';
import {serve} from '../tools/serve.mjs';

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
    root: {'/dist': dist, '/data': data, '/assets': join(root, 'stories/assets')},
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

/** A page that fails the test on an uncaught error or an unhandled rejection. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error));
  page.on('console', (message) => {
    // A 404 that a test asks for is logged by the browser itself.
    const expected = /Failed to load resource|No available adapters/.test(message.text());
    if (message.type() === 'error' && !expected) faults.push(message.text());
  });
  await page.goto(url);
  return {page, context, faults};
}

/** A little-endian float32 file. */
export function float32(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
