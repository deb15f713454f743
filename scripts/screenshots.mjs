// Pictures of every story and of the demo page, to look at: `node scripts/screenshots.mjs [words]`
// takes those whose name holds one of the words; `--no-build` takes the Storybook of last time.
import {mkdir, readFile, rm} from 'node:fs/promises';
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {launch} from './browser.mjs';
import {build, dist, root} from './paths.mjs';
import {serve} from './serve.mjs';

const SETTLED_MS = 20_000;
const ELEMENTS = ['interpolator', 'slider', 'image', 'search', 'map', 'generator']
  .map((name) => `latent-${name}`)
  .join();
const storybook = join(build, 'storybook');
const out = join(build, 'screenshots');

const args = process.argv.slice(2);
const words = args.filter((each) => !each.startsWith('--'));
const wanted = (name) => words.length === 0 || words.some((word) => name.includes(word));

if (!args.includes('--no-build')) {
  const command = ['scripts/storybook.mjs', 'build', '-o', storybook, '--quiet'];
  const {status} = spawnSync(process.execPath, command, {cwd: root, stdio: ['ignore', 2, 2]});
  if (status !== 0) process.exit(status ?? 1);
}

/** Waits until no element is loading any more, or for as long as one would look at it. */
async function settle(page) {
  await page
    .waitForFunction(
      () => {
        const all = [...document.querySelectorAll('*')];
        const ours = all.filter(({localName}) => localName.startsWith('latent-'));
        return ours.length > 0 && ours.every(({state}) => state === 'ready' || state === 'error');
      },
      undefined,
      {timeout: SETTLED_MS, polling: 200},
    )
    .catch(() => undefined);
  // One more frame than the last one painted.
  await page.waitForTimeout(300);
}

async function shoot(page, url, name, {fullPage = false} = {}) {
  await page.goto(url);
  await page.waitForLoadState('load');
  await page.waitForSelector(ELEMENTS, {state: 'attached'});
  if (fullPage) await scrollThrough(page);
  await settle(page);
  await page.screenshot({path: join(out, `${name}.png`), fullPage});
  const states = await page.evaluate(
    (elements) =>
      [...document.querySelectorAll(elements)].map(({state, error}) =>
        error ? `${state} (${error.code})` : state,
      ),
    ELEMENTS,
  );
  console.log(`${name}: ${states.join(', ')}`);
}

// Lazy elements begin when they are seen.
async function scrollThrough(page) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let y = 0; y < height; y += 500) {
    await page.evaluate((top) => window.scrollTo(0, top), y);
    await page.waitForTimeout(150);
  }
  await page.evaluate(() => window.scrollTo(0, 0));
}

await rm(out, {recursive: true, force: true});
await mkdir(out, {recursive: true});
const stories = await serve({root: storybook});
const demo = await serve({
  root: {
    '/': join(root, 'stories/demo'),
    '/assets': join(root, 'stories/assets'),
    '/dist': dist,
  },
});
const browser = await launch();
try {
  const {entries} = JSON.parse(await readFile(join(storybook, 'index.json'), 'utf8'));
  const page = await browser.newPage({viewport: {width: 720, height: 560}});
  page.on('pageerror', (error) => console.log(`  page error: ${error.message}`));
  for (const {id, type} of Object.values(entries)) {
    if (!wanted(id)) continue;
    const url = `${stories.url}/iframe.html?viewMode=${type}&id=${id}`;
    const docs = type === 'docs';
    await page.setViewportSize({width: docs ? 1000 : 720, height: docs ? 900 : 560});
    await shoot(page, url, id, {fullPage: docs});
  }
  await page.close();
  const looks = [
    ['demo-light', {viewport: {width: 1280, height: 900}, colorScheme: 'light'}],
    ['demo-dark', {viewport: {width: 1280, height: 900}, colorScheme: 'dark'}],
    ['demo-phone', {viewport: {width: 390, height: 844}, deviceScaleFactor: 2}],
  ];
  for (const [name, options] of looks) {
    if (!wanted(name)) continue;
    const look = await browser.newPage({...options, reducedMotion: 'reduce'});
    look.on('pageerror', (error) => console.log(`  page error: ${error.message}`));
    await shoot(look, `${demo.url}/`, name, {fullPage: true});
    await look.close();
  }
} finally {
  await browser.close();
  await Promise.all([stories.close(), demo.close()]);
}
console.log(`\nThe pictures lie in ${out}.`);
