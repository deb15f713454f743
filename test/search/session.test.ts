import {expect} from '@open-wc/testing';
import {VectorIndex} from '../../src/core/search/vector-index.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {configure} from '../../src/engine/config.js';
import {createEngine} from '../../src/search/index.js';
import type {OpenSearchOptions, Search} from '../../src/search/types.js';
import {errorOf, watchWorkers} from '../engine/support.js';

const ITEMS = [
  {id: 'flight', title: 'Cheap flights', text: 'Fly to every city for little money'},
  {id: 'violin', text: '<img src=x onerror="window.pwned=1">Learning to play the violin'},
  {id: 'soup', title: 'Pumpkin soup', text: 'With ginger and coconut milk'},
  {id: 'dog', text: 'How to train a puppy'},
];
const ids = (found: readonly {readonly id: string}[]): string[] => found.map(({id}) => id);

/** Counts what the page sends to workers. */
async function messagesDuring(job: () => Promise<unknown>): Promise<unknown[]> {
  const {postMessage} = Worker.prototype;
  const sent: unknown[] = [];
  Worker.prototype.postMessage = function (message: unknown, ...rest: unknown[]) {
    sent.push(message);
    Reflect.apply(postMessage, this, [message, ...rest]);
  };
  try {
    await job();
    return sent;
  } finally {
    Worker.prototype.postMessage = postMessage;
  }
}

describe('engine.search', () => {
  const engine = createEngine();
  const opened: Search[] = [];
  const open = async (options: OpenSearchOptions): Promise<Search> => {
    const search = await engine.search(options);
    opened.push(search);
    return search;
  };

  before(() => {
    configure({base: '/dist/'});
  });

  afterEach(() => {
    for (const search of opened.splice(0)) search.close();
  });

  it('finds items by words and by meaning, and says how sure it is', async () => {
    const ratios: number[] = [];
    const search = await open({items: ITEMS, onProgress: ({ratio}) => ratios.push(ratio)});
    expect(ratios).to.deep.equal(ratios.toSorted((a, b) => a - b));
    expect(ratios.at(-1)).to.equal(1);
    const [flight] = await search.query('low-cost air travel');
    expect(flight).to.deep.include({id: 'flight', confident: true, item: ITEMS[0]});
    const [violin] = await search.query('musical instrument lessons');
    expect(violin?.id, 'markup is not what it is about').to.equal('violin');
    const [soup] = await search.query('pumkin');
    expect(soup).to.deep.include({id: 'soup', confident: true, terms: ['pumpkin']});
    const nothing = await search.query('quarterly tax audit');
    expect(nothing.every(({confident}) => !confident)).to.equal(true);
    expect(nothing.length).to.be.at.most(3);
    expect(await search.query(' ')).to.deep.equal([]);
    expect(await search.query('dog', {limit: 0})).to.deep.equal([]);
    expect(ids(await search.query('x', {threshold: -1}))).to.have.length(4);
  });

  it('a query is one message to one worker', async () => {
    const search = await open({items: ITEMS});
    const sent = await messagesDuring(() => search.query('a puppy to train'));
    expect(sent).to.have.length(1);
  });

  it('items come, change and go', async () => {
    const search = await open({items: ITEMS.slice(0, 2)});
    await search.add([ITEMS[3]!]);
    expect(ids(await search.query('train a puppy'))[0]).to.equal('dog');
    expect((await errorOf(search.add([ITEMS[3]!]))).code).to.equal('bad-argument');
    expect(ids(await search.similarTo('dog', {limit: 9})).sort()).to.deep.equal([
      'flight',
      'violin',
    ]);
    await search.removeItems(['dog', 'unknown']);
    expect(ids(await search.query('train a puppy', {threshold: -1}))).to.not.include('dog');
    await search.add([{id: 'twin', title: 'Cheap flights', text: ITEMS[0]!.text}]);
    expect(await search.duplicates()).to.deep.equal([['flight', 'twin']]);
    const labels = await search.classify('a tin of dog food', ['animals', 'money']);
    expect(labels[0]?.label).to.equal('animals');
  });

  it('what it makes, it opens: a URL, bytes, a Blob; with all that items said', async () => {
    const file = await (await open({items: ITEMS})).toIndex();
    const url = URL.createObjectURL(file);
    const bytes = new Uint8Array(await file.arrayBuffer());
    for (const index of [url, new URL(url), file, bytes, bytes.slice().buffer]) {
      const search = await open({index});
      const [first] = await search.query('low-cost air travel');
      expect(first?.item).to.deep.equal(ITEMS[0]);
      expect((await search.similarTo('dog', {limit: 1}))[0]?.item.id).to.be.a('string');
      expect((await errorOf(search.add([{id: 'x'}]))).code).to.equal('unsupported');
    }
    expect(bytes.byteLength, 'a view is copied').to.be.above(0);
  });

  it('refuses with codes: addresses, files, spaces, arguments', async () => {
    const codeOf = async (options: OpenSearchOptions): Promise<string> => {
      const {code, message} = await errorOf(engine.search(options));
      return `${code}: ${message}`;
    };
    const other = (space: string, version: string): Blob => {
      const model = {name: 'words', version};
      return new Blob([new VectorIndex({space, shape: [256], model}).toBuffer()]);
    };
    expect(await codeOf({index: '/nowhere.latents'})).to.match(/^not-found: .*nowhere/);
    expect(await codeOf({index: '/test/engine/support.ts'})).to.match(/^bad-index/);
    expect(await codeOf({index: other('other', '2.0.0')})).to.match(/^space-mismatch: .*other/);
    expect(await codeOf({index: other('words-1', '1.0.0')})).to.match(
      /^space-mismatch: .*words 1\.0\.0 .*words 2\.0\.0.*anew/,
    );
    expect(await codeOf({})).to.match(/^bad-argument: .*items, index or store/);
    expect(await codeOf({items: [{id: 'a'}, {id: 'a'}]})).to.match(/^bad-argument: .*"a"/);
    expect(await codeOf({items: 5 as unknown as []})).to.match(/^bad-argument: .*list/);
    // A table runs on none, and would not ask.
    const device = 'quantum' as 'wasm';
    expect(await codeOf({items: ITEMS, device})).to.match(/^bad-argument: .*"quantum"/);
    expect(await codeOf({store: 'http://x/y'})).to.match(/^bad-argument/);
    expect(await codeOf({items: [], model: '/nowhere/pack.json'})).to.match(/^not-found/);
    const search = await open({items: ITEMS});
    const ask = (query: unknown, limit?: number) =>
      errorOf(search.query(query as string, {limit})).then(({code}) => code);
    expect(await ask(undefined)).to.equal('bad-argument');
    expect(await ask(5)).to.equal('bad-argument');
    expect(await ask('x', -1)).to.equal('bad-argument');
    const latent: Latent = {space: 'other', shape: [256], data: new Float32Array(256)};
    expect((await errorOf(search.query(latent))).code).to.equal('space-mismatch');
    search.close();
    expect(await ask('x')).to.equal('bad-argument');
  });

  it('an aborted query is not asked at all, and holds up no other', async () => {
    const search = await open({items: ITEMS});
    const controller = new AbortController();
    const first = search.query('dog');
    const given = errorOf(search.query('soup', {signal: controller.signal}));
    const last = search.query('flights');
    controller.abort();
    expect((await given).name).to.equal('AbortError');
    expect((await first)[0]?.id).to.equal('dog');
    expect((await last)[0]?.id).to.equal('flight');
    expect(
      (await errorOf(engine.search({items: ITEMS, signal: AbortSignal.abort()}))).code,
    ).to.equal('aborted');
  });

  it('20 000 items are indexed in slices, between which the page goes on', async () => {
    const items = Array.from({length: 20_000}, (_, i) => ({
      id: String(i),
      text: `Item ${String(i)} of a long list about ${i % 2 ? 'boats' : 'trees'}`,
    }));
    // Each yield is a message of the page to itself; a look at the clock takes a millisecond, on any machine.
    const {MessageChannel} = globalThis;
    const {now} = performance;
    let [yields, time] = [0, 0];
    globalThis.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        yields++;
      }
    };
    performance.now = () => time++;
    const search = await open({items}).finally(() => {
      globalThis.MessageChannel = MessageChannel;
      performance.now = now;
    });
    expect(yields).to.be.above(50);
    expect((await search.query('19999', {limit: 1}))[0]?.id).to.equal('19999');
  });

  it('shares one worker, which ends when nobody needs it', async () => {
    for (const search of opened.splice(0)) search.close();
    configure({idleTimeout: 50});
    const {workers, restore} = watchWorkers();
    try {
      (await engine.search({items: ITEMS})).close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      workers.length = 0;
      const [a, b] = await Promise.all([open({items: ITEMS}), open({items: ITEMS})]);
      expect(workers).to.have.length(1);
      a.close();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect((await b.query('dog'))[0]?.id).to.equal('dog');
      workers[0]!.terminate();
      const {code} = await errorOf(
        b.query('dog').then(() => new Promise((resolve) => setTimeout(resolve, 300))),
      );
      expect(code).to.equal('worker-crashed');
    } finally {
      configure({idleTimeout: 30_000});
      restore();
    }
  });
});
