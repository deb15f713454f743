// An index that the program made has the very vectors that the page makes of the same texts.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {dist, root} from '../../scripts/paths.mjs';
import {openPage, site} from './support.mjs';

test('the same vectors in Node and in the page', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latent-cli-'));
  const output = join(folder, 'search.latents');
  execFileSync(process.execPath, [
    join(dist, 'cli/latent-elements.js'),
    ...['index', join(root, 'test/fixtures/site'), '-o', output],
  ]);
  const server = await site({
    pages: {'/': '<!doctype html><title>Search</title>'},
    routes: {'/search.latents': (_, response) => response.end(readFileSync(output))},
  });
  const browser = await launch();
  try {
    const {page} = await openPage(browser, server.url);
    const seen = await page.evaluate(async () => {
      const {createEngine, VectorIndex} = await import('/dist/cdn/latent-elements.js');
      const file = await (await fetch('/search.latents')).arrayBuffer();
      const engine = createEngine({device: 'wasm'});
      const {manifest} = await engine.load('words');
      const index = VectorIndex.from(file, {space: 'words-2', model: manifest});
      const ids = [...index.ids()];
      // What the page's own search makes of the same items.
      const items = ids.map((id) => ({...index.item(id), id}));
      const search = await engine.search({model: 'words', items});
      const made = await (await search.toIndex()).arrayBuffer();
      const page = VectorIndex.from(made, {space: 'words-2', model: manifest});
      const different = ids.filter((id) =>
        index.get(id).data.some((value, j) => value !== page.get(id).data[j]),
      );
      return {count: ids.length, different};
    });
    assert.deepEqual(seen, {count: 6, different: []});
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, {recursive: true});
  }
});
