// What bundlers carry: every file that the built modules name by a literal URL is there, and nothing is named
// by a folder's.
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {test} from 'node:test';
import {packModule, shippedPacks} from '../../scripts/packs.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {parsePack} from '../../src/core/pack/parse-pack.ts';
import {bundle} from './bundle.mjs';

const literal = /new URL\(\s*(?:\/\*[^*]*\*\/\s*)?['"]([^'"]+)['"],\s*import\.meta\.url/g;

function namedFiles(folder) {
  return readdirSync(join(dist, folder), {recursive: true})
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => {
      const path = join(dist, folder, file);
      const text = readFileSync(path, 'utf8');
      return [...text.matchAll(literal)].map(([, url]) => ({
        url,
        file: resolve(dirname(path), url),
      }));
    });
}

for (const folder of ['src', 'components', 'cdn']) {
  test(`${folder}: what is named by a literal URL is a file of the package`, () => {
    const named = namedFiles(folder);
    if (folder !== 'components') assert.ok(named.length > 10, 'they are found at all');
    for (const {url, file} of named) {
      assert.doesNotMatch(url, /\/$/, 'no bundler follows a folder');
      assert.ok(existsSync(file), `${url} is not in dist`);
    }
  });
}

for (const name of shippedPacks) {
  test(`src/engine/packs/${name}.ts is what its pack.json makes`, async () => {
    const committed = readFileSync(join(root, `src/engine/packs/${name}.ts`), 'utf8');
    assert.equal(committed, await packModule(name, parsePack));
  });
}

test('each worker is one script, which also runs where there are no modules', () => {
  for (const file of readdirSync(join(dist, 'workers')).filter((each) => each.endsWith('.js'))) {
    assert.match(file, /^\w+\.worker\.js$/, 'it brings no chunks');
    const text = readFileSync(join(dist, 'workers', file), 'utf8');
    assert.doesNotMatch(text, /import\.meta|^import\b|;import\b(?!\()|\bexport\s*\{/m, file);
  }
});

test('latent-search reaches the packs that can search, and no other', async () => {
  const define = join(dist, 'components/latent-search/define.js');
  const {modules, lazy} = await bundle(define);
  const packs = [...modules, ...lazy].flatMap(
    (id) => /engine\/packs\/(\w+)\.js$/.exec(id)?.[1] ?? [],
  );
  assert.deepEqual(packs.sort(), ['photos', 'words']);
});
