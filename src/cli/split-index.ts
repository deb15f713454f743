import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {
  centroidBytes,
  divideIntoCells,
  encodeCell,
  meanAlong,
  packCentroid,
  unpackCentroid,
} from '../core/search/cells.js';
import {recordsOf} from '../core/search/index-file.js';
import {
  BLOCK_ITEMS,
  partName,
  type PartKind,
  sealPart,
  writeHead,
} from '../core/search/index-head.js';
import {unit} from '../core/search/metric.js';
import type {VectorIndex} from '../core/search/vector-index.js';
import type {ItemData} from '../core/search/vector-rows.js';
import {type WordList, writeDictionaries} from '../core/search/word-lists.js';
import {wordsOf} from '../core/search/words.js';
import {LexicalIndex} from '../../workers/search/lexical-index.js';

/** An index in parts, as files. */
export interface SplitFiles {
  readonly head: Uint8Array;
  /** By their names in the folder of parts. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

/** An index as a head and parts. The same index makes the same files. */
export function splitIndex(index: VectorIndex): SplitFiles {
  const {metric, model, dimension} = index;
  const [space, shape] = [index.space!, index.shape!];
  const given = [...index.ids()];
  const units = given.map((id) => unit(index.get(id)!.data));
  const all = new Float32Array(units.length * dimension);
  units.forEach((row, i) => all.set(row, i * dimension));
  const cells = divideIntoCells(all, dimension);

  const contents = new Map<readonly [PartKind, number | string], Uint8Array>();
  const centroids = new Float32Array(cells.length * dimension);
  const means = new Float32Array(cells.length);
  for (const [cell, {members, centroid}] of cells.entries()) {
    const rows = members.map((row) => units[row]!);
    const rounded = centroids.subarray(cell * dimension, (cell + 1) * dimension);
    // As whoever reads the head sees it.
    const codes = new Uint8Array(centroidBytes(dimension));
    unpackCentroid(codes, packCentroid(centroid, codes), rounded);
    const mean = (means[cell] = Math.fround(meanAlong(rows, rounded)));
    contents.set(
      ['cell', cell],
      encodeCell(
        rows,
        rounded.map((value) => mean * value),
      ),
    );
  }

  const ids = cells.flatMap(({members}) => members.map((row) => given[row]!));
  const items = ids.map((id) => index.item(id) ?? {});
  for (let from = 0; from < ids.length; from += BLOCK_ITEMS) {
    const end = from + BLOCK_ITEMS;
    const records = recordsOf(ids.slice(from, end), items.slice(from, end));
    contents.set(['items', from / BLOCK_ITEMS], records);
  }

  const dictionaries = writeDictionaries(listsOf(items));
  for (const [number, {dictionary, files}] of dictionaries.entries()) {
    contents.set(['words', number], dictionary);
    files.forEach((file, i) => contents.set(['lists', `${String(number)}-${String(i)}`], file));
  }

  const build = buildOf([...contents.values()]);
  const head = writeHead({
    ...{space, shape, metric, model, build, count: ids.length},
    cells: {counts: cells.map(({members}) => members.length), dimension, centroids, means},
    words: dictionaries.map(({first}) => first),
  });
  const parts = Array.from(contents, ([[kind, number], content]): [string, Uint8Array] => [
    partName(build, kind, number),
    gzipSync(sealPart(build, content), {level: 9}),
  ]);
  return {head: new Uint8Array(head), parts: new Map(parts)};
}

/** What every word of some items finds, and how well, by the very index that a page would make of them. */
function listsOf(items: readonly ItemData[]): WordList[] {
  const index = new LexicalIndex();
  const words = new Set<string>();
  for (const [row, item] of items.entries()) {
    const [title, text] = [item.title as string, item.text as string];
    index.add([{id: String(row), title, text}]);
    for (const {term} of [...wordsOf(title), ...wordsOf(text)]) words.add(term);
  }
  return Array.from(words, (word) => {
    const hits = index.find({term: word, prefix: false, fuzzy: 0});
    const postings = hits.map(({id, score}) => ({row: Number(id), score}));
    return {word, postings: postings.sort((a, b) => a.row - b.row)};
  });
}

function buildOf(contents: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(String(content.length)).update(content);
  return hash.digest('hex').slice(0, 16);
}
