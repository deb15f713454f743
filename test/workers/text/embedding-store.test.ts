import {expect} from '@open-wc/testing';
import {deleteDB} from 'idb';
import {STORAGE} from '../../../src/shared/storage.js';
import {EmbeddingStore} from '../../../workers/text/embedding-store.js';

const vectors = (...keys: readonly string[]) =>
  new Map(keys.map((key) => [key, Float32Array.of(key.length, keys.indexOf(key))]));

const found = async (store: EmbeddingStore, ...keys: readonly string[]) =>
  (await store.get(keys)).map((vector) => vector !== undefined);

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('embedding store', () => {
  const {indexedDB} = globalThis;
  beforeEach(() => deleteDB(STORAGE.embeddings));
  afterEach(() => {
    Object.defineProperty(globalThis, 'indexedDB', {value: indexedDB, configurable: true});
  });

  it('keeps vectors for another visit', async () => {
    await new EmbeddingStore(true).put(vectors('a', 'bb'));
    const kept = await new EmbeddingStore(true).get(['bb', 'c', 'a']);
    expect(kept).to.deep.equal([Float32Array.of(2, 1), undefined, Float32Array.of(1, 0)]);
  });

  it('lets those go that were not used for longest, when there are too many', async () => {
    const store = new EmbeddingStore(true, 10);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) {
      await store.put(vectors(key));
      await tick();
    }
    expect(await found(store, 'a', 'j')).to.deep.equal([true, true]);
    await store.put(vectors('k', 'l'));
    // Two too many, and a tenth of ten for the next.
    expect(await found(store, 'a', 'b', 'c', 'd', 'k', 'l')).to.deep.equal([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('counts a look as a use, once a day', async () => {
    const store = new EmbeddingStore(true, 2);
    const {now} = Date;
    try {
      await store.put(vectors('a'));
      await tick();
      await store.put(vectors('b'));
      Date.now = () => now() + 25 * 3_600_000;
      await store.get(['a']);
      await tick();
      await store.put(vectors('c'));
      expect(await found(store, 'a', 'b', 'c')).to.deep.equal([true, false, true]);
    } finally {
      Date.now = now;
    }
  });

  it('opens again after its database was deleted under it', async () => {
    const store = new EmbeddingStore(true);
    await store.put(vectors('a'));
    await deleteDB(STORAGE.embeddings);
    expect(await found(store, 'a')).to.deep.equal([false]);
    await store.put(vectors('a'));
    expect(await found(store, 'a')).to.deep.equal([true]);
  });

  const broken = {
    'is missing': undefined,
    throws: {
      open: () => {
        throw new DOMException('no', 'SecurityError');
      },
    },
  };
  for (const [how, value] of Object.entries(broken)) {
    it(`does without a storage that ${how}`, async () => {
      Object.defineProperty(globalThis, 'indexedDB', {value, configurable: true});
      const store = new EmbeddingStore(true);
      await store.put(vectors('a'));
      expect(await found(store, 'a')).to.deep.equal([false]);
    });
  }

  it('stores nothing where it is told not to', async () => {
    await new EmbeddingStore(false).put(vectors('a'));
    const names = (await indexedDB.databases()).map(({name}) => name);
    expect(names).not.to.include(STORAGE.embeddings);
  });
});
