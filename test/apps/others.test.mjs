// Every other tool that the documentation names: `npm run test:apps`.
import {before, describe, it} from 'node:test';
import {buildApp, packPackage, useApp} from './support.mjs';

describe('more apps', () => {
  let tarball;
  before(() => {
    tarball = packPackage();
  });

  it('webpack', async () => useApp(buildApp('webpack', tarball)));

  it('Next, with Turbopack', async () => {
    await useApp(buildApp('next', tarball, {output: 'out'}));
  });

  it('Vite and Vue', async () => useApp(buildApp('vue', tarball)));

  it('Next, with webpack', async () => {
    await useApp(buildApp('next', tarball, {script: 'build:webpack', output: 'out'}));
  });

  it('Astro', async () => useApp(buildApp('astro', tarball)));

  it('SvelteKit', async () => useApp(buildApp('sveltekit', tarball)));

  it('esbuild, with the files copied', async () => useApp(buildApp('esbuild', tarball)));
});
