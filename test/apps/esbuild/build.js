// esbuild carries no files: the package's own command puts them where `base` names them.
import {execFileSync} from 'node:child_process';
import {cpSync} from 'node:fs';
import {build} from 'esbuild';

await build({
  entryPoints: ['src/main.js'],
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  outdir: 'dist',
});
cpSync('public', 'dist', {recursive: true});
const copy = ['latent-elements', 'copy', 'dist/latent', '--model', 'photos,words'];
execFileSync('npx', copy, {stdio: 'inherit'});
