// The browsers beside Chromium, behind the few methods of a page that puppeteer and Playwright share.
import puppeteer from 'puppeteer-core';
import {firefoxPath} from './ensure-engines.mjs';
import {launchWebkit} from './webkit.mjs';

/** Milliseconds: a first start makes a profile, which takes long on a busy machine. */
const START = 120_000;

/**
 * Starts an engine without a window.
 *
 * @param {'firefox' | 'webkit'} engine
 * @returns {Promise<{name: string, version: string, newPage: () => Promise<object>,
 *   close: () => Promise<void>}>} A page has `goto`, `url`, `goBack`, `evaluate`, `keyboard`, `mouse`,
 *   `setViewport` and `close`.
 */
export async function launchEngine(engine) {
  const browser = await (engine === 'firefox' ? launchFirefox() : launchWebkit());
  const {newPage} = browser;
  return {
    ...browser,
    newPage: async () => Object.assign(await newPage(), {emulateMediaFeatures: refuseMedia}),
  };
}

async function launchFirefox() {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxPath(),
    headless: true,
    timeout: START,
    protocolTimeout: 600_000,
  });
  return {
    name: 'Firefox',
    version: (await browser.version()).replace(/^\D+/, ''),
    newPage: async () => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      const press = page.keyboard.press.bind(page.keyboard);
      page.keyboard.press = (name) => pressAll(page.keyboard, press, name.split('+'));
      return page;
    },
    close: () => browser.close(),
  };
}

/**
 * Neither engine's driver can play a visitor's preferences: only what they are anyway is accepted.
 *
 * @param {readonly {name: string, value: string}[]} features
 */
async function refuseMedia(features) {
  const other = features.find(({value}) => !['no-preference', 'light'].includes(value));
  if (other) throw new Error(`${other.name}: ${other.value} cannot be emulated here.`);
}

/** Playwright's `Shift+Tab`, which puppeteer writes in three calls. */
async function pressAll(keyboard, press, keys) {
  const [last] = keys.splice(-1);
  for (const key of keys) await keyboard.down(key);
  await press(last === 'Space' ? ' ' : last);
  for (const key of keys.toReversed()) await keyboard.up(key);
}
