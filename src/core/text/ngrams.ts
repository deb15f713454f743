import {encodeUtf8} from './utf8.js';

const OFFSET_BASIS = 2166136261;
const PRIME = 16777619;

/** FNV-1a of 32 bits over bytes `from` to `to`. */
export function fnv1a(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = OFFSET_BASIS;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME);
  return hash >>> 0;
}

/**
 * The hashes of a word's n-grams: of its first `most` code points between `<` and `>`, all runs of
 * `shortest` to `longest` code points, short ones first, and the whole where it is longer.
 */
export function ngramHashes(
  word: string,
  [shortest, longest]: readonly [number, number],
  most: number,
): number[] {
  const points = ['<', ...Array.from(word).slice(0, most), '>'];
  const bytes = encodeUtf8(points.join(''));
  const ends = new Uint32Array(points.length + 1);
  points.forEach((point, i) => (ends[i + 1] = ends[i]! + utf8Length(point)));
  const hashes: number[] = [];
  for (let n = shortest; n <= longest; n++) {
    for (let start = 0; start + n <= points.length; start++) {
      hashes.push(fnv1a(bytes, ends[start], ends[start + n]));
    }
  }
  if (points.length > longest) hashes.push(fnv1a(bytes));
  return hashes;
}

// Words are cleaned: there are no lone surrogates.
function utf8Length(point: string): number {
  const code = point.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
