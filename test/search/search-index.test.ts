import {expect} from '@open-wc/testing';
import {randomNormal} from '../../src/core/random/noise.js';
import {VectorIndex} from '../../src/core/search/vector-index.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {configure} from '../../src/engine/config.js';
import {SearchIndex} from '../../src/search/search-index.js';
import {errorOf, watchWorkers} from '../engine/support.js';

const D = 32;

const latentOf = (data: Float32Array, space = 'test'): Latent => ({
  space,
  shape: [data.length],
  data,
});
const row = (data: Float32Array, i: number) => latentOf(data.slice(i * D, (i + 1) * D));
const names = (count: number) => Array.from({length: count}, (_, i) => String(i));

/** Numbers of the typed arrays anywhere in a message. */
function numbersIn(value: unknown): number {
  if (value instanceof Float32Array) return value.buffer.byteLength / 4;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + numbersIn(each), 0);
}

describe('SearchIndex', () => {
  const opened: SearchIndex[] = [];
  const kept = async (index: Promise<SearchIndex>): Promise<SearchIndex> => {
    opened.push(await index);
    return index;
  };

  before(() => {
    configure({base: '/dist/'});
  });

  afterEach(() => {
    for (const index of opened.splice(0)) index.close();
  });

  it('finds what VectorIndex finds, through changes', async () => {
    const index = await kept(SearchIndex.open({metric: 'euclidean'}));
    expect(index.info).to.deep.include({metric: 'euclidean', size: 0, dimension: 0});
    const data = randomNormal(1, 500 * D);
    const items = names(500).map((id) => ({title: `T${id}`}));
    await index.add({space: 'test', ids: names(500), data, items});
    expect(data.length, 'the numbers are still the caller’s').to.equal(500 * D);
    const mirror = new VectorIndex({metric: 'euclidean'});
    mirror.addBatch({space: 'test', ids: names(500), data, items});
    const query = latentOf(randomNormal(2, D));
    const same = async (): Promise<void> => {
      expect(await index.search(query, 7)).to.deep.equal(mirror.search(query, 7));
      expect(await index.ids()).to.deep.equal([...mirror.ids()]);
      expect(index.info.size).to.equal(mirror.size);
    };
    await same();
    const gone = mirror.search(query, 3).map(({id}) => id);
    await index.remove([...gone, 'unknown']);
    mirror.remove(gone);
    await same();
    await index.add({
      space: 'test',
      ids: ['9', 'new'],
      data: Float32Array.of(...query.data, ...query.data),
    });
    mirror.update('9', query);
    mirror.add('new', query);
    await same();
    expect(await index.similarTo('9', 2)).to.deep.equal(mirror.similarTo('9', 2));
    expect(await index.duplicates({threshold: -0.001})).to.deep.equal([['9', 'new']]);
    expect(await index.items(['9', 'new', 'none'])).to.deep.equal([
      {title: 'T9'},
      undefined,
      undefined,
    ]);
    expect(
      (await index.search(query, 9, {only: ['9', '5', 'new'], without: ['new']})).map(({id}) => id),
    ).to.deep.equal(['9', '5']);
    expect(new Uint8Array(await index.toBuffer())).to.deep.equal(new Uint8Array(mirror.toBuffer()));
  });

  it('loads a file, and finds its items by their words', async () => {
    const made = new VectorIndex({model: {name: 'm', version: '1'}});
    made.add('a', latentOf(Float32Array.of(1, 0)), {title: 'Boats', text: 'A tiny red boat'});
    made.add('b', latentOf(Float32Array.of(0, 1)), {text: 'A tree'});
    made.add('c', latentOf(Float32Array.of(1, 1)));
    const file = made.toBuffer();
    const url = URL.createObjectURL(new Blob([file]));
    for (const source of [url, new URL(url), new Blob([file]), new Uint8Array(file), file]) {
      const index = await kept(SearchIndex.load(source, {space: 'test', model: made.model}));
      expect(index.info).to.deep.equal({
        space: 'test',
        model: {name: 'm', version: '1'},
        metric: 'cosine',
        dimension: 2,
        size: 3,
      });
      const [first] = await index.searchText('tiny bo', 3);
      expect([first?.id, first?.terms.sort()]).to.deep.equal(['a', ['boat', 'boats', 'tiny']]);
      expect(await index.search(latentOf(Float32Array.of(0, 2)), 1)).to.deep.equal([
        {id: 'b', score: 1},
      ]);
    }
    expect(file.byteLength, 'an ArrayBuffer is handed over').to.equal(0);
  });

  it('refuses with codes: addresses, files, spaces, arguments', async () => {
    const codeOf = async (promise: Promise<unknown>): Promise<string> => {
      const {code, message} = await errorOf(promise);
      return `${code}: ${message}`;
    };
    const file = new VectorIndex({space: 's', shape: [2], model: {name: 'm', version: '1'}});
    const bytes = () => new Blob([file.toBuffer()]);
    expect(await codeOf(SearchIndex.load('/nowhere.latents'))).to.match(/^not-found: .*nowhere/);
    expect(await codeOf(SearchIndex.load('/test/engine/support.ts'))).to.match(/^bad-index/);
    expect(await codeOf(SearchIndex.load(bytes(), {space: 'words-1'}))).to.match(
      /^space-mismatch: .*words-1/,
    );
    expect(await codeOf(SearchIndex.load(bytes(), {model: {name: 'm', version: '2'}}))).to.match(
      /^space-mismatch: .*m 2/,
    );
    const index = await kept(SearchIndex.load(bytes()));
    const query = latentOf(Float32Array.of(1, 2), 's');
    expect(await codeOf(index.search(query, -1))).to.match(/^bad-argument/);
    expect(await codeOf(index.search(latentOf(Float32Array.of(1, 2)), 1))).to.match(
      /^space-mismatch/,
    );
    expect(await codeOf(index.add({space: 's', ids: ['a'], data: new Float32Array(3)}))).to.match(
      /^bad-argument/,
    );
    index.close();
    expect(await codeOf(index.search(query, 1))).to.match(/^bad-argument: .*closed/);
  });

  it('texts come, change and go, beside vectors or without', async () => {
    const index = await kept(SearchIndex.open());
    await index.addTexts(names(3000).map((id) => ({id, text: `common word${id}`})));
    expect((await index.searchText('word2999', 1))[0]?.id).to.equal('2999');
    await index.addTexts([{id: '2999', text: 'other'}]);
    await index.removeTexts(['2998', 'unknown']);
    expect((await index.searchText('word2998', 5)).map(({id}) => id)).to.not.include('2998');
    expect((await index.searchText('other', 5)).map(({id}) => id)).to.deep.equal(['2999']);
    expect(index.info.size).to.equal(0);
  });

  it('many searches at once all get their answers; an aborted one does not', async () => {
    const index = await kept(SearchIndex.open());
    await index.add({space: 'test', ids: names(100), data: randomNormal(3, 100 * D)});
    const data = randomNormal(3, 100 * D);
    const controller = new AbortController();
    const aborted = errorOf(index.search(row(data, 5), 1, {signal: controller.signal}));
    const found = Promise.all(names(100).map((id) => index.search(row(data, Number(id)), 1)));
    controller.abort();
    expect((await found).map(([hit]) => hit?.id)).to.deep.equal(names(100));
    expect((await aborted).name).to.equal('AbortError');
    const before = AbortSignal.abort();
    expect((await errorOf(index.searchText('x', 1, {signal: before}))).code).to.equal('aborted');
    expect((await errorOf(SearchIndex.open({signal: before}))).code).to.equal('aborted');
  });

  it('looks for duplicates while others search, tells how far it is, and can be given up', async () => {
    const index = await kept(SearchIndex.open());
    const data = randomNormal(4, 6000 * D);
    await index.add({space: 'test', ids: names(6000), data});
    const ratios: number[] = [];
    const groups = index.duplicates({
      threshold: 0.9999,
      onProgress: ({ratio, stage}) => {
        expect(stage).to.equal('index');
        ratios.push(ratio);
      },
    });
    const found = await index.search(row(data, 7), 1);
    expect(found[0]?.id).to.equal('7');
    expect(ratios.at(-1) ?? 0).to.be.below(1);
    expect(await groups).to.deep.equal([]);
    expect(ratios.length).to.be.above(2);
    expect(ratios).to.deep.equal(ratios.toSorted((a, b) => a - b));
    const controller = new AbortController();
    const given = errorOf(index.duplicates({signal: controller.signal}));
    controller.abort();
    expect((await given).code).to.equal('aborted');
  });

  it('sends 100 000 vectors in parts that no page notices', async () => {
    const count = 100_000;
    const data = randomNormal(5, count * D);
    const {postMessage} = Worker.prototype;
    const sent: number[] = [];
    Worker.prototype.postMessage = function (message: unknown, ...rest: unknown[]) {
      const bytes = numbersIn(message) * Float32Array.BYTES_PER_ELEMENT;
      if (bytes > 0) sent.push(bytes);
      Reflect.apply(postMessage, this, [message, ...rest]);
    };
    try {
      const index = await kept(SearchIndex.open());
      await index.add({space: 'test', ids: names(count), data});
      expect(sent.reduce((sum, bytes) => sum + bytes, 0)).to.equal(data.byteLength);
      expect(Math.max(...sent)).to.be.at.most(2 ** 20);
      const found = await index.search(row(data, 70_000), 3);
      expect(found[0]?.id).to.equal('70000');
    } finally {
      Worker.prototype.postMessage = postMessage;
    }
  });

  it('shares one worker, which ends when nobody needs it, and tells when it was killed', async () => {
    const {workers, restore} = watchWorkers();
    try {
      configure({idleTimeout: 50});
      for (const index of opened.splice(0)) index.close();
      (await SearchIndex.open()).close();
      await new Promise((resolve) => setTimeout(resolve, 200));
      workers.length = 0;
      const [a, b] = await Promise.all([SearchIndex.open(), SearchIndex.open()]);
      expect(workers).to.have.length(1);
      a.close();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await b.ids()).to.deep.equal([]);
      workers[0]!.terminate();
      await b.lost;
      expect((await errorOf(b.ids())).message).to.contain('search worker');
      expect((await errorOf(b.ids())).code).to.equal('worker-crashed');
      const fresh = await kept(SearchIndex.open());
      expect(await fresh.ids()).to.deep.equal([]);
      expect(workers).to.have.length(2);
    } finally {
      configure({idleTimeout: 30_000});
      restore();
    }
  });
});
