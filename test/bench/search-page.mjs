// What runs in the page of search.bench.mjs: it may use nothing from here but what it is given.

/** Rows to find and queries: texts, or clustered unit vectors and others of the same clusters. */
const MAKE_DATA = async ({randomNormal}, {count, dimension, queries, data, spread}) => {
  if (data === 'glosses') {
    const numbers = new Float32Array(await (await fetch('/data/glosses.f32')).arrayBuffer());
    const row = (i) => numbers.slice(i * dimension, (i + 1) * dimension);
    const total = numbers.length / dimension;
    return {
      rows: Array.from({length: count}, (_, i) => row(i)),
      asked: Array.from({length: queries}, (_, i) => row(total - queries + i)),
    };
  }
  const centres = Math.round(Math.sqrt(count));
  const middles = randomNormal(1, centres * dimension);
  const noise = randomNormal(2, (count + queries) * dimension);
  const rows = Array.from({length: count + queries}, (_, row) => {
    const centre = ((row * 7919) % centres) * dimension;
    const vector = Float32Array.from(
      {length: dimension},
      (_, i) => middles[centre + i] + spread * noise[row * dimension + i],
    );
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  });
  return {rows: rows.slice(0, count), asked: rows.slice(count)};
};

/**
 * Every contender: makes its index of rows, gives a function from a query to the ids of the best 10.
 * `tune`, where there is one, sets how thoroughly it searches, from fast to exact.
 */
const CONTENDERS = {
  async 'this package'(rows, dimension, {VectorIndex}) {
    const space = 'bench';
    const index = new VectorIndex({space, shape: [dimension]});
    const data = new Float32Array(rows.length * dimension);
    rows.forEach((row, i) => data.set(row, i * dimension));
    index.addBatch({space, ids: rows.map((_, i) => String(i)), data});
    index.prepare();
    return (query) =>
      index.search({space, shape: [dimension], data: query}, 10).map(({id}) => Number(id));
  },
  async 'plain JavaScript, float32'(rows, dimension) {
    const data = new Float32Array(rows.length * dimension);
    rows.forEach((row, i) => data.set(row, i * dimension));
    return (query) => {
      const best = [];
      for (let row = 0, at = 0; row < rows.length; row++) {
        let [a, b, c, d] = [0, 0, 0, 0];
        for (let i = 0; i < dimension; i += 4, at += 4) {
          a += query[i] * data[at];
          b += query[i + 1] * data[at + 1];
          c += query[i + 2] * data[at + 2];
          d += query[i + 3] * data[at + 3];
        }
        const score = a + b + c + d;
        if (best.length === 10 && score <= best[9].score) continue;
        best.push({row, score});
        best.sort((x, y) => y.score - x.score);
        best.length = Math.min(best.length, 10);
      }
      return best.map(({row}) => row);
    };
  },
  async 'hnswlib-wasm'(rows, dimension) {
    const {loadHnswlib} = await import('/peers/hnswlib-wasm/dist/hnswlib.js');
    const index = new (await loadHnswlib()).HierarchicalNSW('ip', dimension, '');
    index.initIndex(rows.length, 16, 200, 100);
    index.addPoints(
      rows,
      rows.map((_, i) => i),
      false,
    );
    const search = (query) => index.searchKnn(query, 10, undefined).neighbors;
    const steps = [10, 20, 30, 40, 50, 65, 80, 100, 120, 150, 200, 300, 500];
    return Object.assign(search, {
      tune: (i) => steps[i] && (index.setEfSearch(steps[i]), `ef ${steps[i]}`),
    });
  },
  async 'voy-search'(rows) {
    const url = '/peers/voy-search/voy_search_bg';
    const module = await import(`${url}.js`);
    const imports = {'./voy_search_bg.js': module};
    const {instance} = await WebAssembly.instantiateStreaming(fetch(`${url}.wasm`), imports);
    module.__wbg_set_wasm(instance.exports);
    const index = new module.Voy({
      embeddings: rows.map((row, i) => ({
        ...{id: String(i), title: '', url: ''},
        embeddings: Array.from(row),
      })),
    });
    return (query) => index.search(query, 10).neighbors.map(({id}) => Number(id));
  },
  async '@orama/orama'(rows, dimension) {
    const {create, insertMultiple, search} =
      await import('/peers/@orama/orama/dist/browser/index.js');
    const index = await create({schema: {embedding: `vector[${dimension}]`}});
    await insertMultiple(
      index,
      rows.map((row, i) => ({id: `r${i}`, embedding: Array.from(row)})),
      1000,
    );
    return async (query) => {
      const vector = {value: Array.from(query), property: 'embedding'};
      const {hits} = await search(index, {mode: 'vector', vector, similarity: -1, limit: 10});
      return hits.map(({id}) => Number(id.slice(1)));
    };
  },
  async 'client-vector-search'(rows) {
    const {EmbeddingIndex} = await import('/peers/client-vector-search/dist/index.mjs');
    const index = new EmbeddingIndex(rows.map((row, i) => ({id: i, embedding: Array.from(row)})));
    return async (query) =>
      (await index.search(Array.from(query), {topK: 10})).map(({object}) => object.id);
  },
};

/** A race of a page: indexes that are built one after the other and asked in turn. */
const CREATE_RACE = async (given) => {
  const library = await import('/dist/cdn/latent-elements.js');
  const {rows, asked} = await makeData(library, given);
  const exact = await contenders['plain JavaScript, float32'](rows, given.dimension);
  const truths = asked.map((query) => new Set(exact(query)));
  const recallOf = async (search) => {
    let hits = 0;
    for (const [i, query] of asked.entries()) {
      hits += (await search(query)).filter((id) => truths[i].has(id)).length;
    }
    return hits / (10 * asked.length);
  };
  const searches = new Map();
  globalThis.gc?.();
  return {
    /** Builds one, set as fast as it goes with a recall of 0.99. */
    async enter(name) {
      const begin = performance.now();
      const search = await contenders[name](rows, given.dimension, library);
      const first = await search(asked[0]);
      if (first.length !== 10) throw new Error(`found ${first.length}`);
      const build = performance.now() - begin;
      let setting;
      for (let i = 0; search.tune; i++) {
        setting = search.tune(i);
        if (!setting || (await recallOf(search)) >= 0.99) break;
      }
      searches.set(name, search);
      globalThis.gc?.();
      return {name, setting, build, recall: await recallOf(search)};
    },
    /** Milliseconds a query: all queries once, ten to a sample, because clocks are coarse. */
    async ask(name) {
      const search = searches.get(name);
      const times = [];
      for (let from = 0; from < asked.length; from += 10) {
        const some = asked.slice(from, from + 10);
        const begin = performance.now();
        for (const query of some) await search(query);
        times.push((performance.now() - begin) / some.length);
      }
      return times;
    },
  };
};

/** All of it as the text of a script, which gives the page `createRace`. */
export const pageScript = `
  const makeData = ${MAKE_DATA};
  const contenders = {${Object.entries(CONTENDERS)
    .map(
      ([name, make]) =>
        `${JSON.stringify(name)}: ${String(make).replace(/^async '[^']*'/, 'async function')}`,
    )
    .join(',\n')}};
  globalThis.createRace = ${CREATE_RACE};`;

export const contenderNames = Object.keys(CONTENDERS);
