// The three ways in which most pages are built; `npm test` runs them.
import assert from 'node:assert/strict';
import {before, describe, it} from 'node:test';
import {buildApp, deployed, packPackage, useApp} from './support.mjs';

describe('apps', () => {
  let tarball;
  before(() => {
    tarball = packPackage();
  });

  it('Vite and TypeScript', async () => {
    const output = buildApp('vite', tarball);
    const {files, megabytes} = deployed(output);
    console.log(`vite: ${String(megabytes)} MB in ${String(files.length)} files`);
    await useApp(output);
  });

  it('Vite and React', async () => useApp(buildApp('react', tarball)));

  it('an import map and no bundler', async () => {
    await useApp(buildApp('import-map', tarball, {output: '.'}));
  });
});

describe('what an entry brings', () => {
  it('a page that only searches carries no pack of faces', async () => {
    const output = buildApp('search', packPackage());
    const {files, megabytes} = deployed(output);
    console.log(`search: ${String(megabytes)} MB`);
    const carried = (pattern) => files.filter((file) => pattern.test(file));
    assert.deepEqual(carried(/denoiser|prompt|samples|asyncify/), []);
    assert.equal(carried(/table.*\.safetensors/).length, 1);
    assert.equal(carried(/search\.worker.*\.js$/).length, 1);
  });
});
