/**
 * Renders labelled faces into shards of raw RGB bytes with one line of JSON labels for each image.
 *
 *   node generate.mjs --out DIR --count N [--seed 1] [--mode faces|pairs] [--shard 4096] [--size 128] [--first 0] [--labels]
 *
 * `faces` writes N faces; `pairs` writes N base faces, each in both ends of every edit. Sample i depends on seed and i only, so
 * `--first` resumes or splits the work; `--labels` writes the labels anew and leaves the images. A shard has its final name only when it is whole: DIR/00000.rgb and DIR/00000.jsonl.
 */
import fs from 'node:fs';
import path from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {Resvg} from '@resvg/resvg-js';
import {attributes, drawFace, drawPairs, drawStyle, generator, svg} from './faces.mjs';

const {values} = parseArgs({
  options: {
    out: {type: 'string'},
    count: {type: 'string'},
    seed: {type: 'string', default: '1'},
    mode: {type: 'string', default: 'faces'},
    shard: {type: 'string', default: '4096'},
    size: {type: 'string', default: '128'},
    first: {type: 'string', default: '0'},
    labels: {type: 'boolean', default: false},
  },
});
if (!values.out || !values.count) throw new Error('Say where and how many: --out DIR --count N.');
const [count, seed, shard, size, first] = ['count', 'seed', 'shard', 'size', 'first'].map((name) =>
  Number(values[name]),
);

/** The faces of sample i, each with what its label says beside the attributes. */
function facesOf(index) {
  const random = generator(seed, index);
  if (values.mode === 'pairs')
    return drawPairs(random).map(([face, extra]) => [face, {...extra, base: index}]);
  return [[drawFace(random, drawStyle(random)), {}]];
}

/** Renders a face to RGB bytes, with its light. */
function render(face) {
  const source = svg(face, size).replace(/<metadata[\s\S]*?<\/metadata>/, '');
  const options = {fitTo: {mode: 'width', value: size}, font: {loadSystemFonts: false}};
  const {pixels} = new Resvg(source, options).render();
  const rgb = Buffer.alloc(size * size * 3);
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
  const file = values.labels ? null : fs.openSync(`${name}.part`, 'w');
  const lines = [];
  for (let index = start; index < Math.min(count, start + shard); index++) {
    if (index % 64 === 0) await setImmediate(); // lets the renderer free its pixels
    for (const [face, extra] of facesOf(index)) {
      if (file !== null) fs.writeSync(file, render(face));
      lines.push(JSON.stringify({...attributes(face), ...extra}));
    }
  }
  fs.writeFileSync(`${name}.jsonl`, `${lines.join('\n')}\n`);
  if (file !== null) {
    fs.closeSync(file);
    fs.renameSync(`${name}.part`, `${name}.rgb`);
  }
  console.log(
    `${name}: ${start + lines.length} samples, ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
}
