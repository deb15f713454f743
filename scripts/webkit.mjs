// WebKitGTK by its own WebDriver: a client of the few commands that the tests need, under the names that
// puppeteer gives them.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import {webkitPaths} from './ensure-engines.mjs';

/** Milliseconds for the driver to listen, and for a page to load. */
const START = 60_000;
const SCRIPT = 600_000;
/** By the shell's convention: 128 and the signal's number. */
const EXIT_TERMINATED = 143;

/** Code points of WebDriver for keys that write nothing. */
const KEYS = {
  Backspace: '\uE003',
  Tab: '\uE004',
  Enter: '\uE007',
  Shift: '\uE008',
  Control: '\uE009',
  Alt: '\uE00A',
  Escape: '\uE00C',
  Space: ' ',
  PageUp: '\uE00E',
  PageDown: '\uE00F',
  End: '\uE010',
  Home: '\uE011',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
  Delete: '\uE017',
};
const BUTTONS = {left: 0, middle: 1, right: 2};

/**
 * Starts WebKitGTK's MiniBrowser on a display and a message bus of its own.
 *
 * @returns {Promise<{name: string, version: string, newPage: () => Promise<WebKitPage>,
 *   close: () => Promise<void>}>}
 */
export async function launchWebkit() {
  const {driver, browser} = webkitPaths();
  const children = [];
  const end = () => {
    for (const child of children.toReversed()) child.kill();
  };
  const interrupted = () => process.exit(EXIT_TERMINATED);
  process.once('exit', end);
  process.once('SIGTERM', interrupted);
  const start = (program, args, env = {}, stdio = ['ignore', 'pipe', 'ignore']) => {
    const child = spawn(program, args, {stdio, env: {...process.env, ...env}});
    children.push(child);
    return child;
  };
  try {
    const screen = start(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
      {},
      ['ignore', 'ignore', 'ignore', 'pipe'],
    );
    const display = `:${await firstLine(screen, screen.stdio[3])}`;
    const bus = start('dbus-daemon', ['--session', '--nofork', '--print-address']);
    const address = await firstLine(bus, bus.stdout);
    const port = await freePort();
    start(
      driver,
      [`--port=${port}`, '--host=127.0.0.1'],
      {
        DISPLAY: display,
        DBUS_SESSION_BUS_ADDRESS: address,
        // Its sandbox refuses root, as which containers and CI run.
        ...(process.getuid?.() === 0 && {WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1'}),
      },
      'ignore',
    );
    const url = `http://127.0.0.1:${port}`;
    await listening(url);
    const first = await openSession(url, browser);
    // The driver has one session at a time.
    let page = new WebKitPage(first);
    let fresh = true;
    return {
      name: 'WebKit',
      version: first.version,
      async newPage() {
        if (!fresh) {
          await page.close();
          page = new WebKitPage(await openSession(url, browser));
        }
        fresh = false;
        return page;
      },
      async close() {
        await page.close();
        process.off('exit', end);
        process.off('SIGTERM', interrupted);
        end();
        await Promise.all(children.map((child) => child.exitCode ?? once(child, 'close')));
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** One window, with a profile of its own, by the names of puppeteer and Playwright. */
class WebKitPage {
  #send;
  #closed = false;
  #pointer = {x: 0, y: 0};

  constructor({send}) {
    this.#send = send;
  }

  async goto(url) {
    await this.#send('POST', '/url', {url});
  }

  async url() {
    return this.#send('GET', '/url');
  }

  async goBack() {
    await this.#send('POST', '/back', {});
  }

  /** Runs a function in the page and gives what it returns, or what its promise does, as JSON. */
  async evaluate(run, ...given) {
    const script = `const done = arguments[1];
      Promise.resolve().then(() => (${run})(...arguments[0])).then(
        (value) => done({value}),
        (error) => done({error: String(error?.stack ? error + '\\n' + error.stack : error)}));`;
    const answer = await this.#send('POST', '/execute/async', {script, args: [given]});
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value ?? undefined;
  }

  keyboard = {
    press: async (name) => {
      const keys = name.split('+').map((key) => KEYS[key] ?? key);
      await this.#act('key', 'keyboard', [
        ...keys.map((value) => ({type: 'keyDown', value})),
        ...keys.toReversed().map((value) => ({type: 'keyUp', value})),
      ]);
    },
    type: async (text) => {
      for (const key of text) await this.keyboard.press(key === '+' ? '\uE025' : key);
    },
  };

  mouse = {
    move: async (x, y) => {
      this.#pointer = {x: Math.round(x), y: Math.round(y)};
      await this.#point({type: 'pointerMove', duration: 0, origin: 'viewport', ...this.#pointer});
    },
    down: ({button = 'left'} = {}) => this.#point({type: 'pointerDown', button: BUTTONS[button]}),
    up: ({button = 'left'} = {}) => this.#point({type: 'pointerUp', button: BUTTONS[button]}),
    click: async (x, y, options) => {
      await this.mouse.move(x, y);
      await this.mouse.down(options);
      await this.mouse.up(options);
    },
    reset: async () => {
      await this.#send('DELETE', '/actions');
      await this.mouse.move(0, 0);
    },
  };

  /** Sets the size of what is shown; the window around it is as much larger as it was before. */
  async setViewport({width, height}) {
    const [inner, outer] = [
      await this.evaluate(() => [globalThis.innerWidth, globalThis.innerHeight]),
      await this.#send('GET', '/window/rect'),
    ];
    await this.#send('POST', '/window/rect', {
      width: width + outer.width - inner[0],
      height: height + outer.height - inner[1],
    });
  }

  async close() {
    if (this.#closed) return;
    this.#closed = true;
    // A session whose process died has ended already.
    await this.#send('DELETE', '').catch(() => undefined);
  }

  async #point(action) {
    await this.#act('pointer', 'mouse', [action], {parameters: {pointerType: 'mouse'}});
  }

  async #act(type, id, actions, more = {}) {
    await this.#send('POST', '/actions', {actions: [{type, id, actions, ...more}]});
  }
}

async function openSession(url, binary) {
  const {sessionId, capabilities} = await command(url, 'POST', '/session', {
    capabilities: {
      alwaysMatch: {'webkitgtk:browserOptions': {binary, args: ['--automation']}},
    },
  });
  const send = (method, path, body) => command(url, method, `/session/${sessionId}${path}`, body);
  await send('POST', '/timeouts', {script: SCRIPT, pageLoad: START});
  return {send, version: capabilities.browserVersion};
}

async function command(url, method, path, body) {
  const response = await fetch(url + path, {
    method,
    // Node would send an empty body in chunks, which the driver does not read.
    ...(body && {body: JSON.stringify(body), headers: {'content-type': 'application/json'}}),
  });
  const {value} = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
  return value;
}

async function listening(url) {
  const until = Date.now() + START;
  for (;;) {
    try {
      return await command(url, 'GET', '/status');
    } catch (cause) {
      if (Date.now() > until) throw new Error('WebKitWebDriver does not answer.', {cause});
      await wait(100);
    }
  }
}

async function firstLine(child, stream) {
  let text = '';
  const failed = Promise.race([
    once(child, 'error').then(([error]) => error),
    once(child, 'close').then(([code]) => new Error(`${child.spawnfile} ended with ${code}`)),
  ]);
  while (!text.includes('\n')) {
    const got = await Promise.race([once(stream, 'data'), failed]);
    if (got instanceof Error) throw got;
    text += got[0];
  }
  return text.slice(0, text.indexOf('\n'));
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
