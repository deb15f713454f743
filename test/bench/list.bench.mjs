// A list of 1 000 paragraphs in the page, and one of 20 000: from a key to the first results on screen, and
// how long indexing or a key ever holds the main thread. Of that, much is Chromium's own on a page of 20 000
// paragraphs: beside it, the same keys in an `<input>` without any script, and a list with `contain: content`.
import {median, quantile, table} from './statistics.mjs';
import {longestTask, TRACE_CATEGORIES} from './trace.mjs';

export const title = 'Lists of 1 000 and 20 000 paragraphs: typing and indexing';

const LISTS = [
  {count: 1000, visits: 5},
  {count: 20_000, visits: 2},
];
const KEYS = 40;
const TRACED_KEYS = 12;
const FIELDS = [
  {name: '`<input>`', element: 'input', filter: false},
  {name: '`<latent-search>`', element: 'latent-search', filter: false},
  {name: '`<latent-search filter>`', element: 'latent-search', filter: true},
];

export async function measure({browser, url}) {
  for (const list of LISTS) {
    console.log(`\n${String(list.count)} paragraphs\n`);
    await measureList(browser, url, list);
    await measureTasks(browser, url, list.count);
  }
}

/** The longest task of each key, for a field alone and for lists of every kind. */
async function measureTasks(browser, url, count) {
  const rows = [];
  const cases = ['none', 'content'].flatMap((contain) =>
    FIELDS.map((field) => ({contain, ...field})),
  );
  for (const {contain, name, element, filter} of cases) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    await page.evaluate(writeList, count);
    await page.evaluate(
      (value) => (document.querySelector('#list').style.contain = value),
      contain,
    );
    await page.evaluate(drawElement, {element, filter});
    if (element === 'latent-search') {
      await page.evaluate(beginIndexing);
      await page.evaluate(() => globalThis.indexed);
    }
    await page.focus(element);
    const tasks = [];
    for (let key = 0; key < TRACED_KEYS; key++) {
      await browser.startTracing(page, {categories: TRACE_CATEGORIES});
      await page.keyboard.press(key % 6 === 5 ? 'Control+A' : 'srte'[key % 4]);
      if (key % 6 === 5) await page.keyboard.press('Delete');
      await page.waitForTimeout(700);
      tasks.push(longestTask(await browser.stopTracing()).cpu);
    }
    rows.push([name, contain, tasks[0], median(tasks), Math.max(...tasks)]);
    await context.close();
  }
  console.log('\nThe longest task of the main thread after a key, ms on the processor:\n');
  table(['field', '`contain` of the list', 'first key', 'median', 'worst'], rows);
}

async function measureList(browser, url, {count, visits}) {
  const held = [];
  const first = {words: [], both: []};
  for (let visit = 0; visit < visits; visit++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    await page.evaluate(writeList, count);
    await page.evaluate(drawElement, {element: 'latent-search', filter: false});
    await browser.startTracing(page, {categories: TRACE_CATEGORIES});
    await page.evaluate(beginIndexing);
    const milliseconds = await page.evaluate(() => globalThis.indexed);
    held.push({...longestTask(await browser.stopTracing()), milliseconds});
    await page.focus('latent-search');
    for (let key = 0; key < KEYS; key++) {
      first.both.push(await type(page));
    }
    // Nothing but the words, as long as the model is on its way.
    await page.evaluate(openWordsOnly);
    await page.focus('latent-search');
    for (let key = 0; key < KEYS; key++) first.words.push(await type(page));
    await context.close();
  }
  table(
    ['a key → first results on screen, ms', 'median', 'p95', 'worst'],
    [
      ['while the model is on its way', ...spread(first.words)],
      ['with the model', ...spread(first.both)],
    ],
  );
  console.log('\nIndexing, the longest task of the main thread in each of the visits:\n');
  table(
    ['visit', 'ms on the processor', 'ms, waiting for a core included', 'indexed after ms'],
    held.map(({cpu, wall, milliseconds}, i) => [String(i + 1), cpu, wall, milliseconds]),
  );
}

const spread = (samples) => [median(samples), quantile(samples, 0.95), Math.max(...samples)];

async function type(page) {
  await page.evaluate(armClock);
  await page.keyboard.press('abcdefghilmnoprstuw'[Math.floor(Math.random() * 19)]);
  return page.evaluate(() => globalThis.seen);
}

/** In the page: paragraphs of 40 words, no two alike. */
function writeList(count) {
  const words = `river stone window letter garden music doctor winter bread engine forest market
    silver bridge teacher ocean candle paper mountain kitchen soldier flower morning captain basket
    thunder village mirror desert harbour blanket lantern orchard pencil rabbit saddle tunnel velvet
    whistle yellow anchor butter copper dragon eagle feather glacier hammer island jacket`.split(
    /\s+/,
  );
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 2147483647) % words.length;
  const list = document.createElement('div');
  list.id = 'list';
  for (let i = 0; i < count; i++) {
    const paragraph = document.createElement('p');
    paragraph.textContent = Array.from({length: 40}, () => words[next()]).join(' ');
    list.append(paragraph);
  }
  document.body.prepend(list);
}

/** In the page: the bundle is parsed, and the element is there and laid out, before anything is measured. */
async function drawElement({element, filter}) {
  await import('/dist/cdn/latent-elements.js');
  const field = document.createElement(element);
  Object.assign(field, {loading: 'eager', filter});
  document.body.prepend(field);
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** In the page: names the list, in a task of its own; `indexed` is how long until all of it is indexed. */
function beginIndexing() {
  const search = document.querySelector('latent-search');
  globalThis.indexed = new Promise((resolve) => {
    setTimeout(async () => {
      const began = performance.now();
      search.htmlFor = 'list';
      await search.ready;
      resolve(performance.now() - began);
    }, 100);
  });
}

/** In the page: the same with a model that never comes, as soon as words are found. */
async function openWordsOnly() {
  document.querySelector('latent-search').remove();
  const search = document.createElement('latent-search');
  Object.assign(search, {htmlFor: 'list', loading: 'eager', model: '/never/pack.json'});
  document.body.prepend(search);
  const found = new Promise((resolve) =>
    search.addEventListener('latent-results', resolve, {once: true}),
  );
  search.query = 'river';
  await found;
  search.query = '';
}

/** In the page: the time from the next key to the frame that shows what it finds. */
function armClock() {
  const search = document.querySelector('latent-search');
  if (search.query.length > 6) search.query = '';
  globalThis.seen = new Promise((resolve) => {
    let began;
    search.addEventListener('keydown', () => (began = performance.now()), {once: true});
    search.addEventListener('latent-results', function found({detail}) {
      if (began === undefined || detail.query !== search.query) return;
      search.removeEventListener('latent-results', found);
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(performance.now() - began);
      requestAnimationFrame(() => channel.port2.postMessage(0));
    });
  });
}
