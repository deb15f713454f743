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

test('the same vectors in Node and in the page', {timeout: 60_000}, async () => {
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
      const model = await createEngine({device: 'wasm'}).load('words');
      const index = VectorIndex.from(file, {space: 'words-1', model: model.manifest});
      const ids = [...index.ids()];
      const texts = ids.map((id) => {
        const {title, text} = index.item(id);
        return text === '' ? title : `${title}\n${text}`;
      });
      const latents = await model.embed(texts);
      const different = ids.filter((id, i) =>
        index.get(id).data.some((value, j) => value !== latents[i].data[j]),
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
