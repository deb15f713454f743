// The package as a consumer gets it: every entry is there, and none does more than it says.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {dist, root} from '../../scripts/paths.mjs';

const {exports: entries, name} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tags = readdirSync(join(root, 'components')).filter((each) => each.startsWith('latent-'));

/** What a fresh Node says about a module text, as a page's server would run it. */
function inNode(code) {
  const {stdout, stderr, status} = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', code],
    {cwd: root, encoding: 'utf8'},
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const entryFiles = Object.entries(entries).flatMap(([entry, target]) => {
  const files = typeof target === 'string' ? [target] : Object.values(target);
  return files
    .flatMap((file) =>
      file.includes('latent-*')
        ? tags.map((tag) => file.replaceAll('latent-*', tag))
        : file.includes('strings/*')
          ? ['de', 'fr'].map((language) => file.replace('*', language))
          : [file.replace(/\/\*$/, '')],
    )
    .map((file) => [entry, file]);
});

for (const [entry, file] of entryFiles) {
  test(`the entry ${entry} has its ${file}`, () => {
    assert.ok(existsSync(join(root, file)), `${file} is missing`);
  });
}

test('the main entry imports in Node, exports what the contract names, registers nothing', () => {
  const {names, registered} = inNode(`
    const all = await import('${name}');
    const tags = ${JSON.stringify(tags)};
    const {customElements} = await import('@lit-labs/ssr-dom-shim');
    console.log(JSON.stringify({
      names: Object.keys(all),
      registered: tags.filter((tag) => customElements.get(tag)),
    }));
  `);
  for (const expected of [
    'createEngine',
    'configure',
    'LatentInterpolator',
    'LatentSlider',
    'LatentImage',
    'lerp',
  ]) {
    assert.ok(names.includes(expected), `${expected} is not exported`);
  }
  assert.deepEqual(registered, []);
});

test('latent-elements/core is what the contract names, in Node, without a DOM', () => {
  const names = inNode(`
    const core = await import('${name}/core');
    console.log(JSON.stringify(Object.keys(core)));
  `);
  const contract = [
    ...['lerp', 'slerp', 'average', 'add', 'subtract', 'scale', 'distance', 'cosineSimilarity'],
    ...['fitAlignment', 'toSafetensors', 'fromSafetensors', 'fitDirection', 'moveAlong'],
    ...['createDirection', 'isDirection', 'toDirectionFile', 'fromDirectionFile'],
  ];
  assert.deepEqual(
    contract.filter((each) => !names.includes(each)),
    [],
  );
});

test('latent-elements/core brings no framework and no engine', () => {
  const core = join(dist, 'src/core');
  for (const file of readdirSync(core, {recursive: true})) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(join(core, file), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?['"]([^'"]+)['"]/g)) {
      const own = specifier.startsWith('.') && join(core, file, '..', specifier).startsWith(core);
      assert.ok(own || /^valibot$/.test(specifier), `${file} imports ${specifier}`);
    }
  }
});

for (const entry of ['all', ...tags]) {
  test(`latent-elements/${entry} imports in Node and registers its elements there`, () => {
    const registered = inNode(`
      await import('${name}/${entry}');
      const tags = ${JSON.stringify(tags)};
      console.log(JSON.stringify(tags.filter((tag) => customElements.get(tag))));
    `);
    assert.deepEqual(registered, entry === 'all' ? tags : [entry]);
  });
}
