// `npm run bench [name…]`: measures the built package in Chromium, side by side, and prints ratios.
// Numbers belong to a machine: docs/performance.md says which, and what they mean.
import {readdirSync} from 'node:fs';
import {cpus} from 'node:os';
import {ensureInstalled} from './install.mjs';
import {root} from './paths.mjs';

ensureInstalled();
const {buildIfStale} = await import('./build.mjs');
await buildIfStale();

const {launch} = await import('./browser.mjs');
const {site} = await import('../test/e2e/support.mjs');

const only = process.argv.slice(2);
const benches = readdirSync(`${root}/test/bench`).filter((file) => file.endsWith('.bench.mjs'));
console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`);
for (const file of benches.sort()) {
  const name = file.replace('.bench.mjs', '');
  if (only.length > 0 && !only.includes(name)) continue;
  const {title, pages = {}, measure} = await import(`../test/bench/${file}`);
  console.log(`\n## ${title}\n`);
  const blank = '<!doctype html><meta charset="utf-8"><title>bench</title><body>';
  const server = await site({
    pages: {'/': blank, ...pages},
    routes: {'/never/pack.json': () => undefined},
  });
  const browser = await launch();
  try {
    await measure({browser, url: server.url});
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await browser.close();
    await server.close();
  }
}
