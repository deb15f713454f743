// Servers that misbehave, and what goes to a server at all.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {useStore} from './store-tools.mjs';
import {openPage, site} from './support.mjs';

const COLLECTION = {id: 'c0ffee', dimension: 2, metadata: null, configuration_json: {}};
const found = (change) => ({
  ids: [['a', 'b']],
  distances: [[0.25, 1]],
  documents: [['A', null]],
  metadatas: [[null, null]],
  ...change,
});
const json = (status, body) => (response) =>
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body));

/** What a collection's name makes the server do when it is opened, and when it is searched. */
const faults = {
  fine: {},
  'hangs-open': {open: () => undefined},
  'hangs-search': {search: () => undefined},
  'hangs-midway': {search: (response) => response.writeHead(200).write('{"ids": [["a"')},
  'breaks-off': {
    search: (response) => {
      response.writeHead(200, {'content-length': 99});
      response.write('{', () => response.destroy());
    },
  },
  failing: {open: json(500, {error: 'InternalError', message: 'out of disk'})},
  forbidden: {open: json(403, {error: 'AuthError'})},
  'too-old': {open: json(405, {error: 'Unimplemented'})},
  redirecting: {open: (response) => response.writeHead(302, {location: '/elsewhere'}).end()},
  html: {open: (response) => response.writeHead(200).end('<!doctype html><title>Hi</title>')},
  'no-id': {open: json(200, {...COLLECTION, id: undefined})},
  'sly-id': {open: json(200, {...COLLECTION, id: '../../../secrets'})},
  'odd-metric': {open: json(200, {...COLLECTION, configuration_json: {hnsw: {space: 'l7'}}})},
  list: {search: json(200, [])},
  'short-list': {search: json(200, found({distances: [[0.25]]}))},
  'no-number': {search: json(200, found({distances: [[0.25, 'near']]}))},
  'no-ids': {search: json(200, found({ids: [[1, 2]]}))},
  nested: {search: json(200, found({metadatas: [[{x: {y: 1}}, null]]}))},
  endless: {
    search: (response) => {
      const chunk = ' '.repeat(1 << 20);
      const more = () => response.destroyed || (response.write(chunk), setTimeout(more, 5));
      response.writeHead(200);
      more();
    },
  },
};

describe('stores that misbehave', () => {
  const requests = [];
  let browser, server, store, page, host;

  before(async () => {
    store = createServer(async (request, response) => {
      const chunks = await request.toArray();
      const {method, url, headers} = request;
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'content-type');
      if (method === 'OPTIONS') return response.writeHead(204).end();
      const body = Buffer.concat(chunks).toString();
      requests.push({method, url, cookie: headers.cookie, body});
      const name = url.split('/').at(method === 'GET' ? -1 : -2);
      if (method === 'GET') {
        const answer = faults[name]?.open ?? json(200, {...COLLECTION, id: name});
        return answer(response);
      }
      return (faults[name]?.search ?? json(200, found({})))(response);
    });
    await new Promise((resolve) => store.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${store.address().port}`;
    server = await site({pages: {'/': '<!doctype html><title>Store</title>'}});
    browser = await launch();
    let context;
    ({page, context} = await openPage(browser, server.url));
    await context.addCookies([{name: 'session', value: 'secret', url: `http://${host}`}]);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    store?.closeAllConnections();
    store?.close();
  });

  const use = (name, given = {}) =>
    page.evaluate(useStore, {
      ...{url: `chroma+http://${host}/${name}`, vector: [0.5, -1], timeout: 5000},
      ...given,
    });

  it('only the vector and a count go to the server, without cookies', async () => {
    requests.length = 0;
    const {hits} = await use('fine', {k: 2});
    assert.deepEqual(hits, [
      {id: 'a', score: -0.5, item: {text: 'A'}},
      {id: 'b', score: -1, item: {}},
    ]);
    const path = '/api/v2/tenants/default_tenant/databases/default_database/collections/fine';
    assert.deepEqual(
      requests.map(({method, url, cookie}) => [method, url, cookie]),
      [
        ['GET', path, undefined],
        ['POST', `${path}/query`, undefined],
      ],
    );
    assert.deepEqual(JSON.parse(requests[1].body), {
      query_embeddings: [[0.5, -1]],
      n_results: 2,
      include: ['distances', 'documents', 'metadatas'],
    });
  });

  it('a server behind a path of its own', async () => {
    requests.length = 0;
    assert.equal((await use('some/where/fine')).hits.length, 2);
    assert.match(requests[0].url, /^\/some\/where\/api\/v2\//);
  });

  for (const name of ['hangs-open', 'hangs-search', 'hangs-midway']) {
    it(`${name}: a clear error after the timeout`, async () => {
      const {code, message} = await use(name, {timeout: 300});
      assert.equal(code, 'network');
      assert.match(message, /did not answer within 0\.3 s/);
    });
  }

  const expectations = [
    ['breaks-off', 'network', /could not be reached/],
    ['failing', 'network', /refused \(500.*out of disk.*Try again later/],
    ['forbidden', 'network', /refused \(403.*credentials/],
    ['too-old', 'network', /refused \(405.*version/],
    ['redirecting', 'network', /could not be reached/],
    ['html', 'bad-index', /JSON/],
    ['no-id', 'bad-index', /id/],
    ['sly-id', 'bad-index', /id: must be a UUID/],
    ['odd-metric', 'bad-index', /hnsw\.space/],
    ['list', 'bad-index', /answer that is none/],
    ['short-list', 'bad-index', /different lengths/],
    ['no-number', 'bad-index', /distances/],
    ['no-ids', 'bad-index', /ids/],
    ['nested', 'bad-index', /metadatas/],
    ['endless', 'bad-index', /more than any search finds/, 60_000],
  ];
  for (const [name, code, pattern, timeout = 5000] of expectations) {
    it(`${name}: ${code}`, async () => {
      const error = await use(name, {timeout});
      assert.equal(error.code, code, error.message);
      assert.match(error.message, pattern);
    });
  }

  it('addresses that are none', async () => {
    for (const url of [
      'https://host/x',
      'qdrant+https://host/x',
      'chroma+https://',
      '',
      'chroma+http://u:p@h/x',
      'chroma+https://host/',
    ]) {
      const {code, message} = await use('', {url});
      assert.equal(code, 'bad-argument', url);
      assert.match(message, /chroma\+https:\/\/host\/collection|is not an address/);
    }
  });

  it('a search that hangs can be given up, and so can the store', async () => {
    const seen = await page.evaluate(async (base) => {
      const {openStore} = await import('/dist/cdn/latent-elements.js');
      const latent = {space: 's', shape: [2], data: new Float32Array(2)};
      const codeOf = (promise) =>
        promise.then(
          () => 'done',
          ({name, code}) => [name, code],
        );
      const controller = new AbortController();
      const store = openStore(`${base}/hangs-search`);
      await store.open();
      const search = codeOf(store.search(latent, 1, {signal: controller.signal}));
      controller.abort();
      const other = openStore(`${base}/hangs-search`);
      await other.open();
      const closed = codeOf(other.search(latent, 1));
      other.close();
      return [await search, await closed];
    }, `chroma+http://${host}`);
    assert.deepEqual(seen, [
      ['AbortError', 'aborted'],
      ['AbortError', 'aborted'],
    ]);
  });
});
