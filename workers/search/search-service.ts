import {transfer} from 'comlink';
import {throwIfAborted} from '../../src/core/abort.js';
import {LatentError} from '../../src/core/errors.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {
  announcedBytes,
  assertExpected,
  HEADER_START,
  isHead,
} from '../../src/core/search/index-file.js';
import {readHead} from '../../src/core/search/index-head.js';
import {VectorIndex} from '../../src/core/search/vector-index.js';
import {isBlank} from '../../src/core/text/clean.js';
import {StaticTextEncoder} from '../../src/core/text/static-text-encoder.js';
import {joinBytes, openBody} from '../../src/shared/fetch-bytes.js';
import type {IndexSource, SearchApi} from '../../src/shared/search.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';
import {loadAsset, loadManifest} from '../loading/pack-loader.js';
import {PackStore} from '../loading/pack-store.js';
import {joinShared, type SharedLoad} from '../loading/shared-load.js';
import {OpenCalls} from '../open-calls.js';
import {assertOpen, HybridIndex, withPassages} from './hybrid-index.js';
import {IndexParts} from './index-parts.js';
import {SplitIndex} from './split-index.js';

/** A browser has no room for the numbers of a longer index file. */
const MAX_INDEX_BYTES = 2 ** 31;

/**
 * Everything that a search worker does, without the worker. A text is embedded (where a table does
 * that), looked for by words and by meaning, ranked and fused in one call. Long work pauses for others.
 */
export class SearchService implements SearchApi {
  readonly #indexes = new Map<number, HybridIndex | SplitIndex>();
  readonly #calls = new OpenCalls();
  readonly #manifests = new Map<string, SharedLoad<PackManifest>>();
  /** Manifests that came with the code of the page. */
  readonly #packaged = new Map<string, PackManifest>();
  readonly #encoders = new Map<string, SharedLoad<StaticTextEncoder>>();
  #store = new PackStore(false);

  readonly connect: SearchApi['connect'] = ({cache, lifeLock}, emit) => {
    this.#store = new PackStore(cache);
    // Before its first format of a number, V8 looks through all languages, once in a process: 20 to 60 ms, for
    // which a page would wait at the first key, with results to count. Here nobody waits.
    // A bundler would leave out a format that formats nothing.
    Intl.NumberFormat().format(0);
    return this.#calls.connect(lifeLock, emit);
  };

  readonly openPack: SearchApi['openPack'] = (request, {url, manifests}) => {
    for (const [own, manifest] of Object.entries(manifests ?? {})) {
      this.#packaged.set(own, manifest);
    }
    return this.#calls.run(request, async ({signal}) => ({
      url,
      manifest: await this.#manifest(url, signal),
    }));
  };

  readonly loadPack: SearchApi['loadPack'] = (request, url) =>
    this.#calls.run(request, async ({signal, report}) => {
      const {embedding, tokenizer} = await this.#manifest(url, signal);
      const total =
        embedding?.type === 'static' ? embedding.bytes + (tokenizer as {bytes: number}).bytes : 0;
      await this.#encoder(url, signal, (loaded) => {
        report({type: 'progress', request, stage: 'download', loaded, total});
      });
    });

  readonly embed: SearchApi['embed'] = async (url, texts, kind) => {
    const encoder = await this.#encoder(url);
    const vectors = texts.map((text) =>
      kind === 'label' ? encoder.embedLabel(text) : encoder.embed(text),
    );
    const block = new Float32Array(encoder.dimensions * texts.length);
    vectors.forEach(({data}, i) => block.set(data, i * encoder.dimensions));
    return transfer(block, [block.buffer]);
  };

  readonly open: SearchApi['open'] = (index, options) =>
    this.#put(index, new VectorIndex(options)).info;

  readonly load: SearchApi['load'] = (request, index, source, {pack, ...expected}) =>
    this.#calls.run(request, async ({signal}) => {
      const file = new Uint8Array(await readIndexFile(source, signal));
      if (file.length >= HEADER_START && isHead(file)) {
        const head = readHead(file);
        assertExpected(head, expected);
        const parts = new IndexParts(urlOf(source), head.build);
        const split = new SplitIndex(head, parts, () => this.#encoder(pack));
        this.#indexes.set(index, split);
        return split.info;
      }
      const opened = this.#put(index, VectorIndex.from(file, expected));
      try {
        await opened.indexWords(() => {
          this.#whole(index);
          throwIfAborted(signal);
        });
      } catch (error) {
        this.#indexes.delete(index);
        throw error;
      }
      return opened.info;
    });

  readonly addItems: SearchApi['addItems'] = (index, items) =>
    this.#whole(index).add(items, () => this.#whole(index));

  readonly removeItems: SearchApi['removeItems'] = (index, ids) => {
    const opened = this.#whole(index);
    opened.remove(ids);
    return opened.info;
  };

  readonly embedItems: SearchApi['embedItems'] = (request, index, url) =>
    this.#calls.run(request, async ({signal, report}) => {
      const encoder = await this.#encoder(url, signal);
      const opened = this.#whole(index);
      const assert = (): void => {
        this.#whole(index);
        throwIfAborted(signal);
      };
      await opened.embed(encoder, assert, (loaded, total) => {
        report({type: 'progress', request, stage: 'index', loaded, total});
      });
      return opened.info;
    });

  readonly addVectors: SearchApi['addVectors'] = (index, batch) => {
    const opened = this.#whole(index);
    opened.addVectors(batch);
    // Closed meanwhile, it has nothing left to prepare.
    opened.prepare(() => this.#whole(index)).catch(() => undefined);
    return opened.info;
  };

  readonly query: SearchApi['query'] = (request, index, question) =>
    this.#calls.run(request, async ({signal}) => {
      const opened = this.#index(index);
      if (opened instanceof SplitIndex) return opened.query(question, signal);
      const {pack, text} = question;
      if (pack === undefined || text === undefined || isBlank(text)) return opened.query(question);
      const encoder = await this.#encoder(pack);
      const latent = encoder.embed(text);
      const whole = this.#whole(index);
      const hits = whole.query({...question, latent}, encoder.matcher(text));
      return withPassages(hits, (id) => whole.fieldsOf(id), latent, encoder);
    });

  readonly similarTo: SearchApi['similarTo'] = (request, index, id, k, options) =>
    this.#calls.run(request, async ({signal}) => {
      const opened = this.#index(index);
      return opened instanceof SplitIndex
        ? opened.similarTo(id, k, options, signal)
        : opened.vectors.similarTo(id, k, options);
    });

  readonly duplicates: SearchApi['duplicates'] = (request, index, threshold) =>
    this.#calls.run(request, async ({signal, report}) => {
      const steps = this.#whole(index).vectors.duplicateSteps({threshold});
      const slice = new TimeSlice();
      for (;;) {
        const {done, value} = steps.next();
        if (done) return value;
        if (!slice.isOver) continue;
        report({type: 'progress', request, stage: 'index', loaded: value, total: 1});
        await slice.yieldToEvents();
        throwIfAborted(signal);
      }
    });

  readonly fields: SearchApi['fields'] = async (index, ids) => {
    const opened = this.#index(index);
    return opened instanceof SplitIndex
      ? opened.fieldsOf(ids)
      : ids.map((id) => opened.fieldsOf(id));
  };

  readonly vectors: SearchApi['vectors'] = (index) => {
    const {space, shape, ids, data} = this.#whole(index).vectors.toBatch();
    return transfer({space, shape, ids, data}, [data.buffer]);
  };

  readonly toBuffer: SearchApi['toBuffer'] = (index, precision) => {
    const buffer = this.#whole(index).vectors.toBuffer({precision});
    return transfer(buffer, [buffer]);
  };

  readonly close: SearchApi['close'] = (index) => {
    this.#indexes.delete(index);
  };

  readonly cancel: SearchApi['cancel'] = (request) => {
    this.#calls.cancel(request);
  };

  #put(index: number, vectors: VectorIndex): HybridIndex {
    const opened = new HybridIndex(vectors);
    this.#indexes.set(index, opened);
    return opened;
  }

  #index(index: number): HybridIndex | SplitIndex {
    const found = this.#indexes.get(index);
    assertOpen(found);
    return found;
  }

  /** An index that is here as a whole; `unsupported` for one in parts. */
  #whole(index: number): HybridIndex {
    const found = this.#index(index);
    if (found instanceof HybridIndex) return found;
    throw new LatentError(
      'unsupported',
      'This needs all vectors of the index, which is in parts, of which a visitor has a few. Make it in ' +
        'one piece: npx latent-elements index … --split never.',
    );
  }

  #manifest(url: string, signal: AbortSignal): Promise<PackManifest> {
    const packaged = this.#packaged.get(url);
    if (packaged) return Promise.resolve(packaged);
    return joinShared(this.#manifests, url, signal, undefined, (given) =>
      loadManifest(url, this.#store, given),
    );
  }

  #encoder(
    url: string,
    signal = new AbortController().signal,
    onProgress?: (loaded: number) => void,
  ): Promise<StaticTextEncoder> {
    return joinShared(this.#encoders, url, signal, onProgress, async (given, report) => {
      const manifest = await this.#manifest(url, given);
      const {embedding, tokenizer, name} = manifest;
      if (embedding?.type !== 'static' || tokenizer?.type !== 'static-words') {
        throw new LatentError('unsupported', `The pack ${name} does not embed texts by a table.`);
      }
      const loaded = [0, 0];
      const load = (asset: typeof embedding | typeof tokenizer, i: number) =>
        loadAsset(url, asset, this.#store, given, (bytes) => {
          loaded[i] = bytes;
          report(loaded[0]! + loaded[1]!);
        });
      const [table, words] = await Promise.all([load(embedding, 0), load(tokenizer, 1)]);
      return new StaticTextEncoder(manifest, {tokenizer: words, table});
    });
  }
}

function urlOf(source: IndexSource): string {
  if ('url' in source) return source.url;
  throw new LatentError(
    'bad-argument',
    'These bytes are the head of an index in parts, which lie beside it: give its URL, or make it in one ' +
      'piece: npx latent-elements index … --split never.',
  );
}

/**
 * The bytes of an index file. `network` or `not-found` where they cannot be had, `bad-index` for what
 * does not begin as an index, or is longer than it says: of that no more is read, because a server's
 * compression could make any length of a small file.
 */
async function readIndexFile(source: IndexSource, signal: AbortSignal): Promise<ArrayBuffer> {
  if ('bytes' in source) {
    return source.bytes instanceof Blob ? source.bytes.arrayBuffer() : source.bytes;
  }
  const {chunks} = await openBody(source.url, {what: 'index', signal});
  const parts: Uint8Array[] = [];
  let [loaded, limit] = [0, Infinity];
  for await (const part of chunks) {
    parts.push(part);
    loaded += part.length;
    if (limit === Infinity && loaded >= HEADER_START) {
      limit = announcedBytes(joinBytes(parts, loaded).subarray(0, HEADER_START));
      if (limit > MAX_INDEX_BYTES) {
        throw new LatentError(
          'bad-index',
          `The index ${source.url} says that it has ${String(limit)} bytes; at most ` +
            `${String(MAX_INDEX_BYTES)} can be searched here.`,
        );
      }
    }
    if (loaded <= limit) continue;
    throw new LatentError(
      'bad-index',
      `The file ${source.url} is no index: it says that it has ${String(limit)} bytes, and there are more.`,
    );
  }
  return joinBytes(parts, loaded).buffer;
}
