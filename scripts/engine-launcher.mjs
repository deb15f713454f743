// Firefox and WebKit as browsers of the test runner.
import {launchEngine} from './engines.mjs';

/**
 * A launcher for `browsers` of the test runner's configuration. It calls itself `puppeteer`, so that the
 * runner's own commands (keys, mouse, viewport) find a page as they know it.
 *
 * @param {'firefox' | 'webkit'} engine
 * @returns {import('@web/test-runner-core').BrowserLauncher}
 */
export function engineLauncher(engine) {
  const pages = new Map();
  let browser;
  return {
    name: engine === 'firefox' ? 'Firefox' : 'WebKit',
    type: 'puppeteer',
    concurrency: 1,
    async startSession(id, url) {
      browser ??= launchEngine(engine);
      const page = await (await browser).newPage();
      pages.set(id, page);
      await page.setViewport({width: 800, height: 600});
      await page.goto(url);
    },
    isActive: (id) => pages.has(id),
    getBrowserUrl: (id) => pages.get(id)?.url(),
    getPage: (id) => pages.get(id),
    async stopSession(id) {
      const page = pages.get(id);
      pages.delete(id);
      await page.close();
      return {};
    },
    startDebugSession() {
      throw new Error(`${engine} is not started with a window here.`);
    },
    stop: async () => (await browser)?.close(),
  };
}
