// Small pictures, byte by byte: the ordinary one that tests morph, and kinds that a page may meet.
import {crc32, deflateSync} from 'node:zlib';

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

/**
 * A PNG of `colour(x, y)`: 3 numbers for RGB, 4 for RGBA, of 8 or 16 bits; `claims` puts another size
 * into its header.
 */
export function png(width, height, colour, {bits = 8, claims = [width, height]} = {}) {
  const channels = colour(0, 0).length;
  const bytes = bits / 8;
  const rows = Buffer.alloc(height * (1 + width * channels * bytes));
  let at = 0;
  for (let y = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++) {
      for (const value of colour(x, y)) at = rows.writeUIntBE(value, at, bytes);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(claims[0]);
  header.writeUInt32BE(claims[1], 4);
  header.set([bits, channels === 4 ? 6 : 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The colour at a place of an opaque picture with detail that no model of the tests keeps. */
export const noise = (seed) => (x, y) =>
  [x * 37 + y * 11, x * 5 + y * 91, x * x + y].map((value) => (value + seed * 83) % 256);

/** That picture, 48×32. */
export const scene = (seed, width = 48, height = 32) => png(width, height, noise(seed));

/** An 8×8 JPEG of one CMYK colour; as Adobe writes it, 255 is no ink. */
export function cmykJpeg(inks) {
  const segment = (marker, ...data) => [0xff, marker, 0, data.length + 2, ...data];
  const components = [1, 2, 3, 4];
  // The only coefficients are the four averages: category and bits, then "end of block".
  const bits = inks.map((ink) => dc(ink - 128) + '0').join('');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const scan = padded.match(/.{8}/g).map((byte) => parseInt(byte, 2));
  const lengths = (counts) => Array.from({length: 16}, (_, i) => counts[i] ?? 0);
  return Buffer.from([
    ...[0xff, 0xd8],
    ...segment(0xee, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0),
    ...segment(0xdb, 0, ...Array(64).fill(8)),
    ...segment(0xc0, 8, 0, 8, 0, 8, 4, ...components.flatMap((id) => [id, 0x11, 0])),
    // Nine averages' categories, each a code of four bits; one code of one bit for "end of block".
    ...segment(0xc4, 0x00, ...lengths([0, 0, 0, 9]), ...Array(9).keys()),
    ...segment(0xc4, 0x10, ...lengths([1]), 0),
    ...segment(0xda, 4, ...components.flatMap((id) => [id, 0]), 0, 63, 0),
    ...scan.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])),
    ...[0xff, 0xd9],
  ]);
}

function dc(value) {
  const category = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  const code = category.toString(2).padStart(4, '0');
  if (category === 0) return code;
  const bits = value < 0 ? value + 2 ** category - 1 : value;
  return code + bits.toString(2).padStart(category, '0');
}

/** A GIF of two frames of 1×1, red then blue. */
export const animatedGif = Buffer.from(
  'R0lGODlhAQABAPAAAP8AAAAA/yH5BAAKAAAALAAAAAABAAEAAAICRAEAIfkEAAoAAAAsAAAAAAEAAQAAAgJMAQA7',
  'base64',
);

/** An SVG without a size of its own. */
export const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><path fill="#f00" d="M0 0h2v1H0z"/></svg>';

const TYPES = {
  gif: 'image/gif',
  html: 'text/html',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
};

/** Routes for `site`: pictures by path. */
export function imageRoutes(images) {
  return Object.fromEntries(
    Object.entries(images).map(([path, body]) => [
      path,
      (_, response) => {
        response.writeHead(200, {'content-type': TYPES[path.split('.').at(-1)]}).end(body);
      },
    ]),
  );
}

/** Two ordinary pictures at /a.png and /b.png. */
export const scenes = imageRoutes({'/a.png': scene(1), '/b.png': scene(2)});
