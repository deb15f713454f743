// What people write, as vectors: the glosses of WordNet as things to find, words as queries, embedded
// by the `words` pack.
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {dist, root} from '../../scripts/paths.mjs';

const parts = ['noun', 'verb', 'adj', 'adv'];

/**
 * The vectors of all glosses, in an order that is no order, kept in a file of `folder`; the last of
 * them stand for queries, as the words that they define.
 */
export async function glossVectors(folder, dictionary, queries) {
  const file = join(folder, 'glosses.f32');
  if (!existsSync(file)) {
    const synsets = shuffled(
      parts.flatMap((part) => readSynsets(join(dictionary, `data.${part}`))),
    );
    const texts = synsets.map(({words, gloss}, i) =>
      i < synsets.length - queries ? gloss : words,
    );
    writeFileSync(file, await embed(texts));
  }
  return file;
}

// A line is "offset file type count word id word id … | gloss" (wndb(5WN)).
function readSynsets(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => {
      const [data, gloss] = line.split(' | ');
      const fields = data.split(' ');
      const count = parseInt(fields[3], 16);
      const words = Array.from({length: count}, (_, i) => fields[4 + 2 * i].replaceAll('_', ' '));
      return {words: words.join(', ').replaceAll(/\(\w+\)/g, ''), gloss: gloss.trim()};
    });
}

// By steps that have no divisor in common with the count.
function shuffled(items) {
  let step = Math.floor(items.length * 0.618);
  while (divisor(step, items.length) > 1) step++;
  return items.map((_, i) => items[(i * step) % items.length]);
}

function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}

async function embed(texts) {
  const {parsePack, StaticTextEncoder} = await import(`${dist}/src/core/index.js`);
  const pack = join(root, 'models/words');
  const read = (name) => readFileSync(join(pack, name));
  const manifest = parsePack(JSON.parse(read('pack.json').toString()), 'pack.json');
  const {tokenizer, embedding} = manifest;
  const encoder = new StaticTextEncoder(manifest, {
    tokenizer: read(tokenizer.file),
    table: read(embedding.file),
  });
  const vectors = new Float32Array(texts.length * encoder.dimensions);
  texts.forEach((text, i) => vectors.set(encoder.embed(text).data, i * encoder.dimensions));
  return new Uint8Array(vectors.buffer);
}
