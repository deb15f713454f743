// What a bare clone needs before anything else runs. Only Node's own modules here.
import {execFileSync} from 'node:child_process';
import {existsSync, statSync} from 'node:fs';
import {root} from './paths.mjs';

/** Runs `npm ci` where node_modules is absent, unfinished, or older than the lock file. */
export function ensureInstalled() {
  const installed = `${root}/node_modules/.package-lock.json`;
  const lock = `${root}/package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing dependencies (npm ci)…');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {cwd: root, stdio: 'inherit'});
}
