// Finds Firefox and WebKit to test in, or installs them where Debian's packages can be had.
import {accessSync, constants, existsSync, readdirSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {installPackages} from './ensure-chromium.mjs';

const PACKAGES = {
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb', 'dbus'],
};

/**
 * The program of Firefox: `FIREFOX_PATH`, else one on the PATH, else Debian's package, which is installed
 * where it is missing.
 *
 * @returns {string}
 */
export function firefoxPath() {
  return process.env.FIREFOX_PATH ?? present('firefox', locateFirefox);
}

/**
 * WebKitGTK's driver and browser, with what they need to run without a desktop.
 *
 * @returns {{driver: string, browser: string}}
 */
export function webkitPaths() {
  return present('webkit', locateWebkit);
}

/**
 * Why an engine cannot be had here, or `false`: the reason to skip its tests.
 *
 * @param {'firefox' | 'webkit'} engine
 * @returns {string | false}
 */
export function missing(engine) {
  try {
    if (engine === 'firefox') firefoxPath();
    else webkitPaths();
    return false;
  } catch (error) {
    return error.message;
  }
}

function present(engine, locate) {
  const found = locate();
  if (found) return found;
  installPackages(PACKAGES[engine]);
  const installed = locate();
  if (!installed) throw new Error(`${PACKAGES[engine].join(', ')} left no ${engine} behind.`);
  return installed;
}

function locateFirefox() {
  return onPath('firefox-esr') ?? onPath('firefox');
}

function locateWebkit() {
  const driver = onPath('WebKitWebDriver');
  // Beside libraries of the machine's architecture, one folder an API version.
  const browser = ['/usr/lib', ...below('/usr/lib'), '/usr/libexec']
    .flatMap((folder) => below(folder).filter((name) => name.includes('webkit2gtk-')))
    .map((folder) => join(folder, 'MiniBrowser'))
    .find(runs);
  const display = onPath('Xvfb') && onPath('dbus-daemon');
  return driver && browser && display ? {driver, browser} : undefined;
}

function below(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .map(({name}) => join(folder, name));
}

function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(runs);
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
