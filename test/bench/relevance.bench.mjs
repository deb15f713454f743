// What search and `classify` find in small lists, of queries and texts whose answers are known
// (relevance-lists.mjs): by words, by meaning, by both; with what chance brings, and without.
import {tsImport} from 'tsx/esm/api';
import {
  articleQueries,
  articles,
  help,
  helpQueries,
  labelled,
  productQueries,
} from './relevance-lists.mjs';
import {table} from './statistics.mjs';

export const title = 'Relevance: what is found, and what should not be';

/** Results that an element shows. */
const LIMIT = 10;

export async function measure({browser, url}) {
  const {PRODUCTS} = await tsImport('../../stories/products.ts', import.meta.url);
  const products = PRODUCTS.map(({name, about}) => ({id: name, title: name, text: about}));
  const page = await browser.newPage();
  await page.goto(url);
  const rows = [];
  for (const [name, items, queries] of [
    ['30 products', products, productQueries],
    ['25 articles', articles, articleQueries],
    ['12 passages of help', help, helpQueries],
  ]) {
    for (const [how, threshold] of [
      ['all that is found', -1],
      ['without chance (default)', undefined],
    ]) {
      const texts = queries.map(([query]) => query);
      const found = await page.evaluate(searchAll, {items, texts, threshold, limit: LIMIT});
      rows.push([name, how, ...score(found, queries)]);
    }
  }
  const head = ['list', 'shown', 'first is an answer', 'answers shown', 'others shown'];
  table([...head, 'shown where nothing answers'], rows);
  console.log('');
  const sorted = [];
  for (const {name, labels, texts} of labelled) {
    const given = {labels, texts: texts.map(([text]) => text)};
    const found = await page.evaluate(classifyAll, given);
    const right = (kind) => texts.filter(([, label], i) => found[i][kind] === label).length;
    sorted.push([name, labels.length, texts.length, right('text'), right('label')]);
  }
  const sum = (column) => sorted.reduce((total, row) => total + row[column], 0);
  sorted.push(['all', '', sum(2), sum(3), sum(4)]);
  table(
    ['labels', 'of them', 'texts', 'right as plain texts', 'right as labels'],
    sorted.map((row) => row.map(String)),
  );
  await page.close();
}

function score(found, queries) {
  const asked = queries.map(([, answers], i) => ({answers, ids: found[i]}));
  const known = asked.filter(({answers}) => answers.length > 0);
  const strange = asked.filter(({answers}) => answers.length === 0);
  const mean = (list, of) => list.reduce((total, each) => total + of(each), 0) / list.length;
  const hits = ({answers, ids}) => ids.filter((id) => answers.includes(id)).length;
  const wanted = known.reduce((total, {answers}) => total + answers.length, 0);
  return [
    mean(known, ({answers, ids}) => Number(answers.includes(ids[0]))),
    (mean(known, hits) * known.length) / wanted,
    mean(known, (each) => each.ids.length - hits(each)),
    mean(strange, ({ids}) => ids.length),
  ];
}

/** In the page: what an element finds for each text. */
async function searchAll({items, texts, threshold, limit}) {
  await import('/dist/cdn/latent-elements.js');
  const search = document.createElement('latent-search');
  Object.assign(search, {loading: 'eager', items, limit, threshold});
  document.body.append(search);
  const found = [];
  for (const text of texts) found.push((await search.search(text)).map(({id}) => id));
  search.remove();
  return found;
}

/** In the page: the label of each text, by `classify` and by what embedding labels as texts says. */
async function classifyAll({labels, texts}) {
  const {cosineSimilarity, createEngine} = await import('/dist/cdn/latent-elements.js');
  const search = document.createElement('latent-search');
  Object.assign(search, {loading: 'eager', items: []});
  document.body.append(search);
  const engine = createEngine();
  const words = await engine.load('words');
  const plain = await words.embed(labels);
  const found = [];
  for (const text of texts) {
    const latent = await words.embed(text);
    const scores = plain.map((label) => cosineSimilarity(label, latent));
    const [first] = await search.classify(text, labels);
    found.push({text: labels[scores.indexOf(Math.max(...scores))], label: first.label});
  }
  await engine.dispose();
  search.remove();
  return found;
}
