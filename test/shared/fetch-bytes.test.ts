import assert from 'node:assert/strict';
import {createServer, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {after, before, describe, it} from 'node:test';
import {LatentError} from '../../src/core/errors.js';
import {fetchBytes, type FetchOptions, openBody} from '../../src/shared/fetch-bytes.js';

/** Connections of the test server that are open at this moment, by path. */
const open = new Set<string>();
let server: Server;
let base: string;

const answers: Record<string, (response: ServerResponse) => void> = {
  '/short': (response) => response.setHeader('content-type', 'text/plain; charset=x').end('abc'),
  '/empty': (response) => response.end(),
  '/gone': (response) => response.writeHead(410).end(),
  '/busy': (response) => response.writeHead(503).end('wait'),
  '/silent': () => undefined,
  '/stalls': (response) => response.write('abc'),
  '/breaks': (response) => {
    response.writeHead(200, {'content-length': '100'});
    response.write('abc', () => response.destroy());
  },
  '/endless': (response) => {
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(1000), () => setTimeout(more));
    };
    more();
  },
  '/trickles': (response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  },
};

before(async () => {
  server = createServer(({url = ''}, response) => {
    open.add(url);
    response.on('close', () => open.delete(url));
    const answer = answers[url];
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, options: FetchOptions = {}) =>
  fetchBytes(base + path, {what: 'direction', maxBytes: 5000, tooLong: 'bad-index', ...options});

async function fault(promise: Promise<unknown>): Promise<LatentError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LatentError, String(error));
  return error;
}

/** Waits until the server sees that nobody listens to a path any more. */
async function closed(path: string): Promise<void> {
  for (let i = 0; open.has(path); i++) {
    assert.ok(i < 100, `the connection for ${path} stays open`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('fetchBytes', () => {
  it('gives the bytes and the media type', async () => {
    const {bytes, type} = await get('/short');
    assert.equal(new TextDecoder().decode(bytes), 'abc');
    assert.equal(type, 'text/plain; charset=x');
    assert.equal((await get('/empty')).bytes.length, 0);
  });

  for (const [path, code, message] of [
    ['/nowhere', 'not-found', /no direction at .*\/nowhere \(404/],
    ['/gone', 'not-found', /410/],
    ['/busy', 'network', /answered 503 .*for the direction/],
    ['/breaks', 'network', /direction .*\/breaks could not be fetched/],
  ] as const) {
    it(`answers ${path} with ${code}`, async () => {
      const error = await fault(get(path));
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  it('reads an endless file no further than its limit, and hangs up', async () => {
    const error = await fault(get('/endless'));
    assert.equal(error.code, 'bad-index');
    assert.match(error.message, /\/endless has more than 5000 bytes/);
    await closed('/endless');
  });

  for (const path of ['/silent', '/stalls']) {
    it(`gives up a server that falls silent (${path}), and hangs up`, async () => {
      const error = await fault(get(path, {idleTimeout: 50}));
      assert.equal(error.code, 'network');
      assert.match(error.message, /0\.05 s/);
      await closed(path);
    });
  }

  it('ends a server that trickles at the deadline', async () => {
    const error = await fault(get('/trickles', {idleTimeout: 1000, deadline: 150}));
    assert.equal(error.code, 'network');
    assert.match(error.message, /0\.15 s/);
    await closed('/trickles');
  });

  for (const path of ['/silent', '/stalls', '/trickles']) {
    it(`an abort ends the wait for ${path}, and hangs up`, async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      const error = await fault(get(path, {signal: controller.signal}));
      assert.equal(error.name, 'AbortError');
      await closed(path);
    });
  }

  it('asks for nothing once it is aborted', async () => {
    assert.equal((await fault(get('/short', {signal: AbortSignal.abort()}))).code, 'aborted');
  });
});

describe('openBody', () => {
  it('hangs up on whoever stops early', async () => {
    const {chunks} = await openBody(`${base}/endless`);
    for await (const chunk of chunks) {
      assert.ok(chunk.length > 0);
      break;
    }
    await closed('/endless');
  });
});
