// Real apps: each folder here is one, as its author would write it. It is copied, installed with the packed
// package, built by its own tool, served as static files, and used in Chromium.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync} from 'node:fs';
import {join, relative} from 'node:path';
import {launch} from '../../scripts/browser.mjs';
import {build, root} from '../../scripts/paths.mjs';
import {serve} from '../../scripts/serve.mjs';

const folder = join(build, 'apps');
const MEGABYTE = 1e6;
/** Milliseconds for an element to be ready: two cores compile a runtime of 14 MB while others wait. */
const READY_TIMEOUT = 180_000;

function run(command, parameters, options) {
  try {
    return execFileSync(command, parameters, {encoding: 'utf8', stdio: 'pipe', ...options});
  } catch (error) {
    // What a tool has to say of its failure it says on either stream.
    throw new Error(`${command} ${parameters.join(' ')}\n${error.stdout}\n${error.stderr}`, {
      cause: error,
    });
  }
}

/** Packs the package as npm would publish it, from the build that there is; gives the tarball's path. */
export function packPackage() {
  mkdirSync(folder, {recursive: true});
  const where = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, run('npm', where, {cwd: root}).trim());
}

/**
 * Installs and builds an app; gives the folder of what it would deploy.
 *
 * @param {string} name Its folder.
 * @param {string} tarball
 * @param {{script?: string, output?: string}} [options] The script that builds it, the folder that it fills.
 */
export function buildApp(name, tarball, {script = 'build', output = 'dist'} = {}) {
  const app = join(folder, name);
  // What is installed already is taken as it is, but for the package itself.
  if (existsSync(app)) {
    for (const entry of readdirSync(app)) {
      if (entry !== 'node_modules') rmSync(join(app, entry), {recursive: true});
    }
    rmSync(join(app, 'node_modules/latent-elements'), {recursive: true, force: true});
  }
  cpSync(join(import.meta.dirname, name), app, {recursive: true});
  // Pictures that every app shows.
  mkdirSync(join(app, 'public'), {recursive: true});
  for (const picture of ['alps.jpg', 'autumn.jpg']) {
    cpSync(join(root, 'stories/assets', picture), join(app, 'public', picture));
  }
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
    '--no-save',
    '--fetch-retries=5',
  ];
  run('npm', ['install', ...quiet, tarball], {cwd: app});
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
  };
  run('npm', ['run', script], {cwd: app, env});
  return join(app, output);
}

/** The files of a deployment, and their megabytes. */
export function deployed(output) {
  const files = readdirSync(output, {recursive: true})
    .map((file) => join(output, file))
    .filter((path) => statSync(path).isFile());
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  return {
    files: files.map((path) => relative(output, path)),
    megabytes: Number((bytes / MEGABYTE).toFixed(1)),
  };
}

/** Opens an app and uses it until an interpolator shows, a slider moves and a search finds. */
export async function useApp(output, {path = '/'} = {}) {
  const [home, browser] = await Promise.all([serve({root: output, isolated: false}), launch()]);
  try {
    const page = await browser.newPage();
    const faults = [];
    const requests = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(home.url + path);
    const ready = async (tag) => {
      await page.waitForFunction((name) => customElements.get(name), tag, {timeout: READY_TIMEOUT});
      const timeout = READY_TIMEOUT;
      await page.waitForFunction(
        (name) => ['ready', 'error'].includes(document.querySelector(name).state),
        tag,
        {timeout},
      );
      const {state, error} = await page.evaluate((name) => {
        const {state, error} = document.querySelector(name);
        return {state, error: error?.message};
      }, tag);
      assert.equal(state, 'ready', error);
    };
    await ready('latent-interpolator');
    await ready('latent-slider');
    await page.locator('latent-slider').locator('input[type=range]').press('ArrowRight');
    const value = await page.evaluate(() => document.querySelector('latent-slider').valueAsNumber);
    assert.ok(value > 0, 'a key moves the slider');
    const moved = await page.evaluate(async () => {
      const el = document.querySelector('latent-interpolator');
      const {width} = await el.frameAt(0.5);
      return width;
    });
    assert.ok(moved > 0, 'a frame between the pictures');
    await page.locator('latent-search').scrollIntoViewIfNeeded();
    await ready('latent-search');
    const found = await page.evaluate(() =>
      document.querySelector('latent-search').search('low-cost air travel', {limit: 1}),
    );
    assert.equal(found[0].id, 'flights');
    const favicon = /favicon/;
    assert.deepEqual(
      faults.filter((fault) => !favicon.test(fault)),
      [],
    );
    const foreign = requests.filter(
      (url) => !/^(blob|data):/.test(url) && !url.startsWith(home.url),
    );
    assert.deepEqual(foreign, [], 'nobody else is asked');
  } finally {
    await browser.close();
    await home.close();
  }
}
