// Nearest-neighbour search beside the libraries that pages use for it, all asked in turn in one page:
// milliseconds a query, recall against exact float32, and what building the index takes.
import {execFileSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {build, dist, root} from '../tools/paths.mjs';
import {serve} from '../tools/serve.mjs';
import {contenderNames, pageScript} from './search-page.mjs';
import {median, quantile, table} from './statistics.mjs';

export const title = 'Search: nearest 10 of many vectors';

const folder = join(build, 'bench-peers');
const SLOW_ABOVE = 50_000;
const slow = ['voy-search', '@orama/orama', 'client-vector-search'];

// Spread 0.5: clusters stand apart. 1: they run into one another, as those of texts do.
const races = [
  {count: 10_000, dimension: 128, spread: 0.5},
  {count: 10_000, dimension: 128, spread: 1},
  {count: 10_000, dimension: 384, spread: 1},
  {count: 100_000, dimension: 128, spread: 1},
  {count: 100_000, dimension: 384, spread: 1},
];

// Its own embedding models are not what is measured.
const importMap = JSON.stringify({
  imports: {
    '@xenova/transformers': 'data:text/javascript,export const pipeline = 0;',
    '@msgpack/msgpack': 'data:text/javascript,export const encode = 0, decode = 0;',
    'lru-cache':
      'data:text/javascript,export class LRUCache { get() {} set() {} has() {} } export default LRUCache;',
  },
});

export async function measure({browser}) {
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, {recursive: true});
    copyFileSync(join(root, 'test/bench/peers/package.json'), join(folder, 'package.json'));
    const flags = ['--ignore-scripts', '--omit=optional', '--no-package-lock', '--no-audit'];
    execFileSync('npm', ['install', ...flags], {cwd: folder, stdio: 'inherit'});
  }
  const page = `<!doctype html><title>Search</title>
    <script type="importmap">${importMap}</script><script>${pageScript}</script>`;
  const server = await serve({
    root: {'/dist': dist, '/peers': join(folder, 'node_modules')},
    routes: {
      '/': (_, response) =>
        response.writeHead(200, {'content-type': 'text/html; charset=utf-8'}).end(page),
    },
  });
  const rows = [];
  try {
    for (const race of races) rows.push(...(await run(browser, server.url, race)));
  } finally {
    await server.close();
  }
  table(
    ['vectors', 'spread', 'what', 'ms a query', 'p95', 'recall@10', 'build s', 'times ours'],
    rows,
  );
}

async function run(browser, url, {count, dimension, spread}) {
  const isLarge = count * dimension > SLOW_ABOVE * 384;
  const names = contenderNames.filter(
    (name) => !isLarge || !(slow.includes(name) || name.startsWith('hnswlib')),
  );
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  const queries = count > SLOW_ABOVE ? 40 : 100;
  const {entrants, failures} = await page.evaluate((given) => race(given), {
    ...{count, dimension, spread, queries, names},
  });
  await context.close();
  for (const failure of failures) console.log(`${count}×${dimension}: ${failure}`);
  const ours = median(entrants[0].times);
  console.log(`${count}×${dimension}, spread ${spread}: done`);
  return entrants.map(({name, times, recall, build: milliseconds}) => [
    `${count / 1000}k×${dimension}`,
    String(spread),
    name,
    median(times).toFixed(3),
    quantile(times, 0.95).toFixed(3),
    recall.toFixed(3),
    (milliseconds / 1000).toFixed(2),
    (median(times) / ours).toFixed(2),
  ]);
}
