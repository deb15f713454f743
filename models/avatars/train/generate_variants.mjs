/**
 * Renders groups of a face and its variants (variants.mjs) as `generate.mjs` renders faces: shards of raw RGB bytes with one line of labels
 * for each image, which also names the group (`base`), the attributes that were set, and whether the style was changed.
 *
 *   node generate_variants.mjs --out DIR --count GROUPS [--seed 11] [--variants 5] [--shard 1024] [--first 0]
 */
import fs from 'node:fs';
import path from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {Resvg} from '@resvg/resvg-js';
import {attributes, drawFace, drawStyle, generator, svg} from './faces.mjs';
import {drawVariants} from './variants.mjs';

const SIZE = 128;
const {values} = parseArgs({
  options: {
    out: {type: 'string'},
    count: {type: 'string'},
    seed: {type: 'string', default: '11'},
    variants: {type: 'string', default: '5'},
    shard: {type: 'string', default: '1024'},
    first: {type: 'string', default: '0'},
  },
});
if (!values.out || !values.count) throw new Error('Say where and how many: --out DIR --count N.');
const [count, seed, variants, shard, first] = ['count', 'seed', 'variants', 'shard', 'first'].map(
  (name) => Number(values[name]),
);

/** Renders a face to RGB bytes, with its light. */
function render(face) {
  const source = svg(face, SIZE).replace(/<metadata[\s\S]*?<\/metadata>/, '');
  const options = {fitTo: {mode: 'width', value: SIZE}, font: {loadSystemFonts: false}};
  const {pixels} = new Resvg(source, options).render();
  const rgb = Buffer.alloc(SIZE * SIZE * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    for (let channel = 0; channel < 3; channel++)
      rgb[to++] = Math.round(pixels[from + channel] * face.light);
  }
  return rgb;
}

fs.mkdirSync(values.out, {recursive: true});
const started = Date.now();
for (let start = first; start < count; start += shard) {
  const name = path.join(values.out, String(Math.floor(start / shard)).padStart(5, '0'));
  const file = fs.openSync(`${name}.part`, 'w');
  const lines = [];
  for (let index = start; index < Math.min(count, start + shard); index++) {
    if (index % 16 === 0) await setImmediate(); // lets the renderer free its pixels
    const random = generator(seed, index);
    const face = drawFace(random, drawStyle(random));
    for (const [variant, extra] of drawVariants(random, face, variants)) {
      fs.writeSync(file, render(variant));
      lines.push(JSON.stringify({...attributes(variant), ...extra, base: index}));
    }
  }
  fs.writeFileSync(`${name}.jsonl`, `${lines.join('\n')}\n`);
  fs.closeSync(file);
  fs.renameSync(`${name}.part`, `${name}.rgb`);
  console.log(`${name}: ${lines.length} images, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
