import * as v from 'valibot';
import {countOf} from '../latent/latent.js';
import {encodeUtf8} from '../text/utf8.js';
import {type CellMap, centroidBytes, packCentroid, unpackCentroid} from './cells.js';
import {
  align,
  badIndex,
  common,
  HEAD,
  HEADER_START,
  type IndexContents,
  readHeader,
  size,
  writeHeader,
} from './index-file.js';

// An index in parts: a head that is read before the first query, and parts of which a query reads what it
// needs. Its items are numbered in the order of their cells. The head begins as any index file (see
// index-file.ts), with the version 2; after its header, beginning at multiples of 64:
//     centroids  4 bits a number (`packCentroid`), cell after cell
//     steps      float32 a cell: what a code of its centroid counts
//     means      float32 a cell: how long the mean of its rows is along its centroid
// A part is a file of its own, so that any server will do, compressed by gzip, whose checksum and length
// tell what was cut short. What it holds begins with the 8 bytes of the build that its head names.

/** Items of one part with records: a result costs a visitor those of its neighbours too. */
export const BLOCK_ITEMS = 4;
/** Bytes of a build's name. */
const BUILD_BYTES = 8;

const Head = v.object({
  ...common,
  build: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  cells: v.array(size),
  words: v.array(v.pipe(v.string(), v.minLength(1))),
});

/** What every head says. */
export interface IndexHead extends Omit<IndexContents, 'rows'> {
  /** The name of its build, 16 hexadecimal digits: parts of another are refused. */
  readonly build: string;
  /** Items of the index. */
  readonly count: number;
  readonly cells: CellMap;
  /** With which character each dictionary begins, in order. */
  readonly words: readonly string[];
}

/** What a part holds: the codes of a cell, a dictionary, lists of a dictionary, items. */
export type PartKind = 'cell' | 'words' | 'lists' | 'items';

/** The folder of an index's parts, beside its head. */
export function partsFolder(head: string): string {
  return `${head}.parts`;
}

/** The name of a part in its folder; of lists, `number` is `dictionary-file`. */
export function partName(build: string, kind: PartKind, number: number | string): string {
  return `${build}-${kind}-${String(number)}`;
}

/** A part before it is compressed. */
export function sealPart(build: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BUILD_BYTES + content.length);
  for (let i = 0; i < BUILD_BYTES; i++) bytes[i] = parseInt(build.slice(2 * i, 2 * i + 2), 16);
  bytes.set(content, BUILD_BYTES);
  return bytes;
}

/** What is in a part; `bad-index` for one of another build. */
export function openPart(build: string, bytes: Uint8Array): Uint8Array {
  const own = sealPart(build, new Uint8Array(0));
  if (bytes.length >= BUILD_BYTES && own.every((byte, i) => bytes[i] === byte)) {
    return bytes.subarray(BUILD_BYTES);
  }
  throw badIndex(`it is of another build than its head, which is ${build}`);
}

/** The file of a head. */
export function writeHead({cells, ...said}: IndexHead): ArrayBuffer {
  const {counts, dimension, centroids, means} = cells;
  const header = encodeUtf8(JSON.stringify({...said, cells: counts}));
  const places = placesOf(HEADER_START + header.length, counts.length, dimension);
  const file = new ArrayBuffer(places.end);
  writeHeader(file, HEAD, header);
  const steps = new Float32Array(file, places.steps, counts.length);
  new Float32Array(file, places.means, counts.length).set(means);
  const width = centroidBytes(dimension);
  counts.forEach((_, cell) => {
    const codes = new Uint8Array(file, places.centroids + cell * width, width);
    steps[cell] = packCentroid(centroids.subarray(cell * dimension, (cell + 1) * dimension), codes);
  });
  return file;
}

/** What a head says; it is not trusted: `bad-index` names the first fault. */
export function readHead(bytes: Uint8Array): IndexHead {
  const {header, end} = readHeader(bytes, HEAD, Head);
  const {cells: counts, ...said} = header;
  const dimension = countOf(said.shape);
  const places = placesOf(end, counts.length, dimension);
  if (places.end !== bytes.length) throw badIndex('its sections do not fill it');
  if (counts.reduce((sum, each) => sum + each, 0) !== said.count) {
    throw badIndex(`its cells do not have ${said.count} items together`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = (start: number): Float32Array =>
    Float32Array.from(counts, (_, cell) => {
      const value = view.getFloat32(start + 4 * cell, true);
      if (!Number.isFinite(value))
        throw badIndex(`its cell ${cell} has numbers that are not finite`);
      return value;
    });
  const steps = floats(places.steps);
  const centroids = new Float32Array(counts.length * dimension);
  const width = centroidBytes(dimension);
  counts.forEach((_, cell) => {
    const start = places.centroids + cell * width;
    const codes = bytes.subarray(start, start + width);
    unpackCentroid(
      codes,
      steps[cell]!,
      centroids.subarray(cell * dimension, (cell + 1) * dimension),
    );
  });
  return {...said, cells: {counts, dimension, centroids, means: floats(places.means)}};
}

function placesOf(headerEnd: number, cells: number, dimension: number) {
  const centroids = align(headerEnd);
  const steps = align(centroids + cells * centroidBytes(dimension));
  const means = align(steps + 4 * cells);
  return {centroids, steps, means, end: means + 4 * cells};
}
