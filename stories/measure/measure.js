// What the machine that opens this page can do: the same work on WebGPU and on WebAssembly. Used by the
// page beside it and by `npm run bench gpu`; nothing here is sent anywhere.

/** Milliseconds that one kind of work is repeated for, and how often at most; once in any case. */
const BUDGET = 2500;
const MOST = 40;
/** Items of the list that is searched. */
const ITEMS = 1000;
const QUERIES = [
  'cheap flights',
  'warm soup for a cold day',
  'a place to sleep',
  'learn an instrument',
];

/**
 * Measures every kind of work on each device in turn.
 *
 * @param {typeof import('../../src/index.js')} elements The package.
 * @param {object} options
 * @param {number} [options.budget] Milliseconds that one kind of work is repeated for.
 * @param {AbortSignal} [options.signal] Rejects with its reason, between two repetitions.
 * @param {(progress: {what: string, device: string, ratio: number}) => void} [options.onProgress]
 * @returns {Promise<Measured>}
 */
export async function measureMachine(
  {createEngine, lerp},
  {budget = BUDGET, signal, onProgress} = {},
) {
  const adapter = await findAdapter();
  const devices = adapter ? ['webgpu', 'wasm'] : ['wasm'];
  const rows = new Map();
  const total = devices.length * WORK.length;
  let done = 0;
  for (const device of devices) {
    const engine = createEngine({device});
    try {
      for (const {what, prepare} of WORK) {
        signal?.throwIfAborted();
        onProgress?.({what, device, ratio: done++ / total});
        const row = rows.get(what) ?? {what};
        rows.set(what, row);
        try {
          const work = await prepare(engine, lerp);
          row[device] = await repeat(work, budget, signal);
        } catch (error) {
          if (signal?.aborted) throw error;
          row[device] = {failed: error.code ?? error.name};
        }
      }
    } finally {
      await engine.dispose();
    }
  }
  onProgress?.({what: '', device: '', ratio: 1});
  return {
    browser: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    isolated: crossOriginIsolated,
    adapter,
    rows: [...rows.values()],
  };
}

/** Each gives a function that does the work once; one work may prepare what the next needs. */
const WORK = [
  {
    what: 'avatars: encode 128²',
    prepare: async (engine) => {
      const [model, image] = [await engine.load('avatars'), picture(128)];
      return () => model.encode(image);
    },
  },
  {
    what: 'avatars: decode 128²',
    prepare: async (engine) => {
      const model = await engine.load('avatars');
      const latent = await model.sample(7);
      return async () => (await model.decode(latent)).close();
    },
  },
  {
    what: 'avatars: denoise, one step',
    prepare: async (engine) => {
      const model = await engine.load('avatars');
      const latent = await model.sample(7);
      // Of eight steps, so that the way there and back hardly counts.
      return async () => {
        const begin = performance.now();
        await model.denoise(latent, {strength: 1, steps: 8, seed: 1});
        return (performance.now() - begin) / 8;
      };
    },
  },
  {
    what: 'avatars: a frame of a morph on a canvas',
    prepare: async (engine, lerp) => {
      const model = await engine.load('avatars');
      const surface = await model.createSurface(document.createElement('canvas'));
      const {latent: a, frame: size} = await surface.setSource(0, 'seed:51');
      const {latent: b} = await surface.setSource(1, 'seed:15');
      let t = 0;
      return () => surface.paint({latent: lerp(a, b, (t = (t + 0.13) % 1))}, size);
    },
  },
  ...[256, 512].flatMap((side) => [
    {
      what: `photos: encode ${side}²`,
      prepare: async (engine) => {
        const [model, image] = [await engine.load('photos'), picture(side)];
        return () => model.encode(image, {resolution: side});
      },
    },
    {
      what: `photos: decode ${side}²`,
      prepare: async (engine) => {
        const model = await engine.load('photos');
        const latent = await model.encode(picture(side), {resolution: side});
        return async () => (await model.decode(latent)).close();
      },
    },
  ]),
  {
    what: `words: a search among ${ITEMS} items`,
    prepare: async (engine) => {
      const items = Array.from({length: ITEMS}, (_, i) => ({id: String(i), text: sentence(i)}));
      const search = await engine.search({model: 'words', items});
      let i = 0;
      return () => search.query(QUERIES[i++ % QUERIES.length]);
    },
  },
];

/** Does the work over and over; a work that measures itself gives its own milliseconds. */
async function repeat(work, budget, signal) {
  // The first compiles.
  await work();
  const times = [];
  const end = performance.now() + budget;
  while (times.length === 0 || (performance.now() < end && times.length < MOST)) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const own = await work();
    times.push(typeof own === 'number' ? own : performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return {median: times[times.length >> 1], best: times[0], count: times.length};
}

async function findAdapter() {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return undefined;
  const {vendor, architecture, description} = adapter.info ?? {};
  return [description, vendor, architecture].filter(Boolean).join(' ') || 'without a name';
}

function picture(side) {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  const fill = context.createLinearGradient(0, 0, side, side);
  fill.addColorStop(0, '#f2b36b');
  fill.addColorStop(1, '#27446b');
  context.fillStyle = fill;
  context.fillRect(0, 0, side, side);
  context.fillStyle = '#fff';
  for (let i = 0; i < 24; i++)
    context.fillRect((i * 53) % side, (i * 97) % side, side / 9, side / 14);
  return canvas.transferToImageBitmap();
}

const SUBJECTS = [
  'A train',
  'The hotel',
  'Tomato soup',
  'A violin',
  'The bank',
  'My puppy',
  'An old map',
];
const VERBS = ['leaves', 'opens', 'tastes good', 'is played', 'costs less', 'sleeps', 'hangs'];
const PLACES = [
  'in the morning',
  'near the harbour',
  'on a cold day',
  'at school',
  'without a ticket',
];

function sentence(i) {
  const pick = (list, step) => list[Math.floor(i / step) % list.length];
  return `${pick(SUBJECTS, 1)} ${pick(VERBS, 7)} ${pick(PLACES, 49)}, number ${i}`;
}

/** Milliseconds as a cell says them. */
export function cellOf(measured) {
  if (!measured) return '–';
  if (measured.failed) return measured.failed;
  return measured.median.toFixed(measured.median < 10 ? 2 : 1);
}

/** How many times WebGPU is as fast; empty where one of them is missing. */
export function gainOf({webgpu, wasm}) {
  return webgpu?.median && wasm?.median ? `${(wasm.median / webgpu.median).toFixed(1)}×` : '';
}

/** What was measured, as text to paste. */
export function toMarkdown({browser, cores, isolated, adapter, rows}) {
  return [
    `- Browser: ${browser}`,
    `- Cores: ${cores}; cross-origin isolated: ${isolated ? 'yes' : 'no, so WASM has one thread'}`,
    `- WebGPU adapter: ${adapter ?? 'none'}`,
    '',
    '| median, ms | WebGPU | WASM | gain |',
    '| --- | --: | --: | --: |',
    ...rows.map(
      (row) => `| ${row.what} | ${cellOf(row.webgpu)} | ${cellOf(row.wasm)} | ${gainOf(row)} |`,
    ),
    '',
  ].join('\n');
}

/**
 * @typedef {{median: number, best: number, count: number} | {failed: string}} Times Milliseconds.
 * @typedef {object} Measured
 * @property {string} browser
 * @property {number} cores
 * @property {boolean} isolated
 * @property {string | undefined} adapter Of WebGPU.
 * @property {{what: string, webgpu?: Times, wasm?: Times}[]} rows
 */
