// Every pack that is shipped fits the schema, and its files are the ones its manifest names.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {assetsIn, isElsewhere} from '../../src/core/pack-asset.ts';
import {packSchema} from '../../src/core/pack.ts';
import {dist, root} from '../tools/paths.mjs';
import {safeParse} from 'valibot';

const models = join(root, 'models');
const packs = readdirSync(models).filter((name) => existsSync(join(models, name, 'pack.json')));

test('there are packs', () => {
  assert.ok(packs.includes('photos'), 'photos is the default of the elements');
  assert.ok(packs.includes('avatars'));
});

for (const name of packs) {
  const folder = join(models, name);
  const read = () => JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'));

  test(`${name} fits the schema and is called by its folder's name`, () => {
    const {issues} = safeParse(packSchema, read());
    assert.deepEqual(issues?.map(({message}) => message) ?? [], []);
    assert.equal(read().name, name);
  });

  test(`${name}: every file has the bytes and the hash that the manifest gives`, () => {
    const assets = assetsIn(read());
    assert.ok(assets.length > 0);
    for (const {file, bytes, sha256} of assets) {
      if (isElsewhere(file)) continue;
      const data = readFileSync(join(folder, file));
      assert.equal(data.length, bytes, `bytes of ${file}`);
      assert.equal(createHash('sha256').update(data).digest('hex'), sha256, `sha256 of ${file}`);
      assert.ok(existsSync(join(dist, 'models', name, file)), `${file} is not in dist`);
    }
  });

  test(`${name} has a model card`, () => {
    const cards = readdirSync(folder).filter((file) => /^(README|(MODEL_?)?CARD)\.md$/i.test(file));
    assert.equal(cards.length, 1, `models/${name}/README.md is missing`);
  });

  test(`${name} ships no training data and no scripts`, () => {
    const shipped = readdirSync(join(dist, 'models', name));
    assert.deepEqual(
      shipped.filter((file) => !/\.(onnx|json|safetensors|txt|md)$/.test(file)),
      [],
    );
  });
}
