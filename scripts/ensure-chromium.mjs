// Finds a Chromium to test in, or installs one: the one thing the tests need that npm does not bring.
import {spawnSync} from 'node:child_process';
import {accessSync, constants, existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const macApps = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

let found;

/**
 * The path of a Chromium or Chrome: `CHROME_PATH`, else one on the PATH, else Playwright's. Where
 * there is none, installs Debian's package (as root) or Playwright's build.
 *
 * @returns {string}
 */
export function chromiumPath() {
  return (found ??= locate() ?? install());
}

function locate() {
  const wish = process.env.CHROME_PATH;
  if (wish) {
    if (!runs(wish)) throw new Error(`CHROME_PATH names ${wish}, which is not a program.`);
    return wish;
  }
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...(process.platform === 'darwin' ? macApps : []),
    chromium.executablePath(),
  ].find(runs);
}

function install() {
  try {
    if (isDebianRoot()) installPackages(['chromium']);
    else run('npx', 'playwright-core', 'install', 'chromium');
  } catch ({message}) {
    fail(message);
  }
  return locate() ?? fail('the installation left no program behind');
}

const isDebianRoot = () => existsSync('/etc/debian_version') && process.getuid?.() === 0;

/**
 * Installs Debian packages; throws where this is no Debian, or not root.
 *
 * @param {readonly string[]} packages
 */
export function installPackages(packages) {
  const names = packages.join(', ');
  if (!isDebianRoot()) throw new Error(`${names} can only be installed by root on Debian`);
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}

function run(program, ...args) {
  console.error(`Missing for the tests: ${program} ${args.join(' ')}`);
  // Its output belongs to stderr, so that a report on stdout stays one.
  const {status, error} = spawnSync(program, args, {
    stdio: ['ignore', 2, 2],
    env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'},
  });
  if (status !== 0) throw new Error(`${program} failed (${error?.message ?? `exit ${status}`})`);
}

function fail(why) {
  throw new Error(
    `The browser tests need Chromium, and ${why}. ` +
      'Install Chromium or Chrome, or set CHROME_PATH to the program.',
  );
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(chromiumPath());
