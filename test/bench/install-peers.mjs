import {execFileSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {build, root} from '../../scripts/paths.mjs';

/** Installs the libraries that benches compare with, outside of the package; gives the folder. */
export function installPeers() {
  const folder = join(build, 'bench-peers');
  const wanted = join(root, 'test/bench/peers/package.json');
  const there = join(folder, 'package.json');
  const isNew = !existsSync(there) || readFileSync(there, 'utf8') !== readFileSync(wanted, 'utf8');
  if (isNew || !existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, {recursive: true});
    copyFileSync(wanted, there);
    const flags = ['--ignore-scripts', '--omit=optional', '--no-package-lock', '--no-audit'];
    execFileSync('npm', ['install', ...flags], {cwd: folder, stdio: 'inherit'});
  }
  return folder;
}
