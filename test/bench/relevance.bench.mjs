// What search finds, of queries whose answers are known: by words, by meaning and by both, beside the
// libraries that sites use; how sure it is; and what `classify` sorts right. Sets: relevance-sets.mjs.
import {join} from 'node:path';
import {root} from '../../scripts/paths.mjs';
import {installPeers} from './install-peers.mjs';
import {labelled} from './relevance-lists.mjs';
import {openOwn, openPack, peers} from './relevance-methods.mjs';
import {relevanceSets} from './relevance-sets.mjs';
import {mean, ndcg, table} from './statistics.mjs';

export const title = 'Relevance: what is found, and what should not be';

const NAMES = {words: 'words alone', meaning: 'meaning alone', hybrid: 'hybrid'};
const KINDS = ['plain', 'paraphrase', 'typo', 'half-typed', 'description'];

export async function measure() {
  const folder = installPeers();
  const sets = await relevanceSets();
  // Folders of other packs to compare with, separated by colons.
  const others = (process.env.PACKS ?? '').split(':').filter(Boolean);
  const packs = [join(root, 'models/words'), ...others].map(openPack);
  const rows = new Map();
  const certainty = [];
  for (const set of sets) {
    const take = async (name, search) => {
      if (!rows.has(name)) rows.set(name, []);
      if (search) rows.get(name).push(...(await ask(set, search)));
    };
    for (const [i, pack] of packs.entries()) {
      const methods = await openOwn(set.docs, pack);
      const suffix = packs.length > 1 ? `, ${pack.label}` : '';
      if (i === 0) await take(NAMES.words, methods.words);
      await take(NAMES.meaning + suffix, methods.meaning);
      await take(NAMES.hybrid + suffix, methods.hybrid);
      certainty.push([pack.label, set, await ask(set, methods.shown)]);
    }
    for (const [name, make] of Object.entries(peers(folder))) {
      await take(name, await make(set.docs));
    }
  }
  const columns = sets.map((set) => ({
    head: `${set.name}${set.choice ? ' *' : ''} (${set.queries.filter(isAnswered).length})`,
    takes: (asked) => asked.set === set,
  }));
  console.log('nDCG@10 of all that is found; * = constants were chosen by it.\n');
  report(rows, columns);
  for (const choice of [false, true]) {
    console.log(
      `\nBy kind of query, sets by which constants were ${choice ? '' : 'not '}chosen:\n`,
    );
    report(
      rows,
      KINDS.map((kind) => ({
        head: `${kind} (${sum(sets, choice, kind)})`,
        takes: ({set, kind: own}) => set.choice === choice && own === kind,
      })).filter(({head}) => !head.endsWith('(0)')),
    );
  }
  console.log('\nHow sure it is, as elements show it:\n');
  const known = ['answered', 'empty list', 'none is sure', 'no answer shown'];
  const strange = ['unanswered', 'with a sure result'];
  table(['pack', 'set', ...known, ...strange], certainty.map(certaintyRow));
  console.log('\nLabels, by `classify`:\n');
  for (const pack of packs) classified(pack);
}

const isAnswered = ({rel}) => Object.keys(rel).length > 0;

function sum(sets, choice, kind) {
  return sets
    .filter((set) => set.choice === choice)
    .flatMap(({queries}) => queries)
    .filter((query) => query.kind === kind && isAnswered(query)).length;
}

async function ask(set, search) {
  const asked = [];
  for (const query of set.queries) {
    const found = await search(query.q);
    const ids = found.map(({id}) => id);
    asked.push({
      set,
      kind: query.kind,
      answered: isAnswered(query),
      gain: isAnswered(query) ? ndcg(ids, query.rel) : undefined,
      hit: ids.some((id) => query.rel[id] > 0),
      count: ids.length,
      sure: found.some(({confident}) => confident),
    });
  }
  return asked;
}

function report(rows, columns) {
  table(
    ['', ...columns.map(({head}) => head)],
    Array.from(rows, ([name, asked]) => [
      name,
      ...columns.map(({takes}) => {
        const gains = asked.filter((each) => each.answered && takes(each)).map(({gain}) => gain);
        return gains.length > 0 ? mean(gains).toFixed(3) : '';
      }),
    ]),
  );
}

function certaintyRow([pack, set, asked]) {
  const known = asked.filter(({answered}) => answered);
  const strange = asked.filter(({answered}) => !answered);
  const share = (list, of) => (list.length > 0 ? mean(list.map((each) => Number(of(each)))) : '');
  return [
    pack,
    set.name,
    String(known.length),
    share(known, ({count}) => count === 0),
    share(known, ({sure}) => !sure),
    share(known, ({hit}) => !hit),
    String(strange.length),
    share(strange, ({sure}) => sure),
  ];
}

/** Texts of known labels: by the label's own text, and by what `classify` makes of it. */
function classified({encoder, label: pack}) {
  const rows = labelled.map(({name, labels, texts}) => {
    const right = (vectors) =>
      texts.filter(([text, label]) => {
        const {data} = encoder.embed(text);
        const scores = vectors.map((vector) =>
          vector.data.reduce((dot, x, i) => dot + x * data[i], 0),
        );
        return labels[scores.indexOf(Math.max(...scores))] === label;
      }).length;
    return [
      name,
      labels.length,
      texts.length,
      right(labels.map((label) => encoder.embed(label))),
      right(labels.map((label) => encoder.embedLabel(label))),
    ];
  });
  const total = (column) => rows.reduce((all, row) => all + row[column], 0);
  rows.push(['all', '', total(2), total(3), total(4)]);
  const head = [pack, 'labels', 'texts', 'right as plain texts', 'right as labels'];
  table(
    head,
    rows.map((row) => row.map(String)),
  );
}
