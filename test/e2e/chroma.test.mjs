// A page searches a real Chroma server: only vectors go there, and every failure has its own error.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {fill, installChroma, post, startChroma} from './chroma-server.mjs';
import {useStore} from './store-tools.mjs';
import {openPage, site} from './support.mjs';

const blank = '<!doctype html><meta charset="utf-8"><title>Store</title>';
const skip = installChroma();
if (skip) console.log(`The tests against a real Chroma server are skipped: ${skip}.`);

describe('a real Chroma server', {skip}, () => {
  let browser, server, stranger, chroma, page;

  before(async () => {
    server = await site({pages: {'/': blank}});
    stranger = await site({pages: {'/': blank}});
    chroma = await startChroma(new URL(server.url).origin);
    assert.ok(chroma, 'the server that was installed starts');
    const records = {
      ids: ['east', 'north', 'far'],
      embeddings: [
        [1, 0],
        [0, 1],
        [3, 0],
      ],
      documents: ['To the <b>east</b>', null, 'Far'],
      metadatas: [{href: '/east', year: 1999}, null, {title: 'Far'}],
    };
    await fill(chroma.api, {name: 'by-cosine', ...records});
    await fill(chroma.api, {name: 'by-l2', space: 'l2', ...records});
    await fill(chroma.api, {name: 'by-ip', space: 'ip', ...records});
    await fill(chroma.api, {name: 'empty'});
    await fill(chroma.api, {
      name: 'of-words',
      metadata: {'latent-elements:space': 'words-2'},
      ...records,
    });
    await post(`${chroma.api}/tenants`, {name: 'other'});
    await post(`${chroma.api}/tenants/other/databases`, {name: 'base'});
    await fill(chroma.api, {name: 'hidden', tenant: 'other', database: 'base', ...records});
    browser = await launch();
    ({page} = await openPage(browser, server.url));
  });

  after(async () => {
    await browser?.close();
    await Promise.all([server?.close(), stranger?.close()]);
    chroma?.close();
  });

  const use = (path, given = {}) =>
    page.evaluate(useStore, {
      url: `chroma+http://${chroma.host}/${path}`,
      vector: [2, 0],
      ...given,
    });

  const near = (actual, expected) => {
    assert.deepEqual(
      actual.map(({id}) => id),
      expected.map(([id]) => id),
    );
    actual.forEach(({score}, i) => assert.ok(Math.abs(score - expected[i][1]) < 1e-5, `${score}`));
  };

  it('finds the nearest, scored as the metric of the collection says, with its items', async () => {
    const {hits, info} = await use('by-l2');
    assert.deepEqual(info, {dimension: 2});
    near(hits, [
      ['east', -1],
      ['far', -1],
      ['north', -Math.sqrt(5)],
    ]);
    const item = (id) => hits.find((hit) => hit.id === id).item;
    assert.deepEqual(item('east'), {href: '/east', year: 1999, text: 'To the <b>east</b>'});
    assert.deepEqual(item('north'), {});
    assert.deepEqual(item('far'), {title: 'Far', text: 'Far'});
    near((await use('by-ip')).hits, [
      ['far', 6],
      ['east', 2],
      ['north', 0],
    ]);
    near((await use('by-cosine', {vector: [2, 0.1], threshold: 0.5})).hits.toSorted(byId), [
      ['east', 2 / Math.hypot(2, 0.1)],
      ['far', 2 / Math.hypot(2, 0.1)],
    ]);
    assert.equal((await use('by-l2', {k: 1})).hits.length, 1);
    assert.deepEqual((await use('by-l2', {k: 0})).hits, []);
  });

  it('an empty collection finds nothing; a tenant and a database can be named', async () => {
    assert.deepEqual(await use('empty'), {info: {dimension: undefined}, hits: []});
    assert.equal((await use('hidden?tenant=other&database=base')).hits.length, 3);
    assert.equal((await use('hidden')).code, 'not-found');
  });

  it('an unknown collection, another dimension, another space: each its own error', async () => {
    const missing = await use('missing');
    assert.equal(missing.code, 'not-found');
    assert.match(missing.message, /missing.*Check the names/);
    const wide = await use('by-l2', {vector: [1, 2, 3]});
    assert.equal(wide.code, 'space-mismatch');
    assert.match(wide.message, /"by-l2" have 2 numbers.*3/);
    assert.equal((await use('by-l2', {expected: {dimension: 3}})).code, 'space-mismatch');
    const other = await use('of-words', {expected: {space: 'photos-1'}});
    assert.equal(other.code, 'space-mismatch');
    assert.match(other.message, /'photos-1'.*'words-2'/);
    assert.equal((await use('of-words', {expected: {space: 'words-2'}})).hits.length, 3);
  });

  it('a page that the server does not allow, and a server that is down, say what may be', async () => {
    const {page: foreign, context} = await openPage(browser, stranger.url);
    const refused = await foreign.evaluate(useStore, {
      url: `chroma+http://${chroma.host}/by-l2`,
      vector: [1, 0],
    });
    await context.close();
    assert.equal(refused.code, 'network');
    assert.match(refused.message, /cors_allow_origins/);
    assert.ok(refused.message.includes(new URL(stranger.url).origin));
    const down = await use('', {url: 'chroma+http://127.0.0.1:9/x'});
    assert.equal(down.code, 'network');
    assert.match(down.message, /127\.0\.0\.1:9 could not be reached/);
  });
});

const byId = (a, b) => (a.id < b.id ? -1 : 1);
