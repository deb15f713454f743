// The three tools that most pages are built with.
import assert from 'node:assert/strict';
import {before, describe, it} from 'node:test';
import {buildApp, deployed, packPackage, useApp} from './support.mjs';

describe('apps', {timeout: 400_000}, () => {
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

  it('webpack', async () => {
    await useApp(buildApp('webpack', tarball));
  });

  it('Next, with Turbopack', async () => {
    await useApp(buildApp('next', tarball, {output: 'out'}));
  });
});

describe('what an entry brings', {timeout: 200_000}, () => {
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
