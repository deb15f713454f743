// Every pack that is shipped fits the schema, and its files are the ones its manifest names.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {assetsIn, isElsewhere} from '../../src/core/pack/pack-asset.ts';
import {packSchema} from '../../src/core/pack/pack.ts';
import {parsePack} from '../../src/core/pack/parse-pack.ts';
import {dist, root} from '../../scripts/paths.mjs';
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

const templates = readdirSync(models).filter((name) =>
  existsSync(join(models, name, 'pack.template.json')),
);

test('there are templates of public packs', () => {
  assert.ok(templates.includes('sd-turbo'));
  assert.ok(templates.includes('taesd'));
  for (const name of ['all-MiniLM-L6-v2', 'gte-small', 'multilingual-e5-small']) {
    assert.ok(templates.includes(name), name);
  }
});

for (const name of templates) {
  const folder = join(models, name);
  const text = readFileSync(join(folder, 'pack.template.json'), 'utf8');
  const files = [];
  const complete = JSON.parse(text, (_, value) => {
    if (typeof value?.file !== 'string') return value;
    files.push(value.file);
    return {bytes: 1, sha256: '0'.repeat(64), ...value};
  });

  test(`${name}: its template is a pack once lengths and hashes are filled in`, () => {
    assert.equal(parsePack(complete, name).name, name);
    assert.throws(() => parsePack(JSON.parse(text), name), /bytes|sha256/);
    assert.ok(!packs.includes(name), 'a finished pack needs no template');
  });

  test(`${name}: its files have a home that does not change`, () => {
    assert.ok(files.length > 0);
    for (const file of files) assert.match(file, /^https:\/\/[^?]+\/[0-9a-f]{40}\//);
  });

  test(`${name} has a card and no weights`, () => {
    assert.deepEqual(readdirSync(folder).sort(), ['README.md', 'pack.template.json']);
    assert.ok(existsSync(join(dist, 'models', name, 'pack.template.json')));
  });
}
