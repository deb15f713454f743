// Random operations on elements of every kind, by a seed: after a rest the page holds what it held at the
// start. SOAK_MINUTES=20 makes it long, SOAK_SEED repeats one that failed.
import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {launch} from '../../scripts/browser.mjs';
import {scenes} from './images.mjs';
import {html, openPage, pack, site} from './support.mjs';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 0.25);
const SEED = Number(process.env.SOAK_SEED ?? 1);
/** Operations between two rests. */
const ROUND = 100;
/** Templates that are needed for the first time after the start: those of a map have 35 nodes. */
const SPARE_NODES = 100;
/** For networks, searches, morphs and maps. */
const WORKERS = 4;
/** Of objects, arrays, functions and strings: five minutes (14 000 operations) were measured to add 2 kB. */
const SPARE_BYTES = 64e3;
/**
 * What grows without a leak: compiled code, hidden classes, and the browser's own notes (a log of requests
 * for those who debug, performance entries, styles).
 */
const NOT_OURS = ['code', 'native', 'object shape', 'synthetic'];
/** No worker ends because a round happens not to use it. */
const settings = {idleTimeout: 3_600_000};

/** Runs in the page: `soak(seed, count)` does `count` operations and removes what they left. */
function operations({packs}) {
  const items = Array.from({length: 40}, (_, i) => ({
    id: `i${i}`,
    text: ['a tiny red boat', 'an old tree', 'the blue sky'][i % 3],
  }));
  const kinds = [
    ['latent-interpolator', {from: '/a.png', to: '/b.png', controls: ''}],
    ['latent-interpolator', {from: '/a.png', to: '/b.png', interpolation: 'morph'}],
    ['latent-image', {src: '/a.png'}],
    ['latent-slider', {src: '/a.png', direction: 'light', model: packs.directions}],
    ['latent-generator', {model: packs.flow, controls: ''}],
    ['latent-search', {model: packs.words, items, query: 'boat'}],
    ['latent-map', {model: packs.words, items}],
  ];
  let made = [];
  const make = ([tag, given]) => {
    const el = tools.element(tag, {...given, loading: 'eager'});
    made.push(new WeakRef(el));
    return el;
  };

  /** How many elements there are that nobody has collected; what the tools of the page noted is forgotten. */
  globalThis.countLiving = () => {
    made = made.filter((each) => each.deref());
    for (const {calls} of tools.workers) calls.length = 0;
    return made.length;
  };

  /** One of each kind, so that every worker runs and all code is there. */
  globalThis.warmUp = async () => {
    const elements = kinds.map(make);
    await Promise.all(elements.map((el) => el.ready));
    for (const el of elements) el.remove();
  };

  globalThis.soak = async (seed, count) => {
    // Mulberry32: 32 bits of state, the same on every machine.
    const random = () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const pick = (list) => list[Math.floor(random() * list.length)];
    const failures = [];
    const living = [];
    const open = new Set();
    /** Goes on without it; everything but an abort and what a removed element does not do is a failure. */
    const later = (promise) => {
      const settled = Promise.resolve(promise)
        .catch((error) => {
          if (error.name !== 'AbortError') failures.push(`${error.code} ${error.message}`);
        })
        .finally(() => open.delete(settled));
      open.add(settled);
    };
    const stopSoon = () => AbortSignal.timeout(random() * 60);

    const actions = {
      add() {
        const el = make(pick(kinds));
        living.push(el);
        later(el.ready);
      },
      remove() {
        living.splice(Math.floor(random() * living.length), 1)[0]?.remove();
      },
      move() {
        const el = pick(living);
        if (el) document.body.prepend(el);
      },
      value() {
        const el = pick(living);
        if (!el) return;
        if (el.localName === 'latent-search') el.query = pick(['boat', 'tree', 'sky', '']);
        else if ('value' in el) el.value = random();
      },
      source() {
        const el = pick(living);
        const name = el?.localName === 'latent-interpolator' ? 'from' : 'src';
        if (el && name in el) el.setAttribute(name, pick(['/a.png', '/b.png']));
      },
      call() {
        const el = pick(living);
        const signal = random() < 0.5 ? stopSoon() : undefined;
        if (el?.frameAt) later(el.frameAt(random(), {signal}).then((frame) => frame?.close()));
        else if (el?.toBlob) later(el.toBlob({signal}));
        else if (el?.search) later(el.search(pick(['boat', 'tree']), {signal}));
      },
      run() {
        const el = pick(living);
        if (el?.generate) later(el.generate({signal: stopSoon()}).then((frame) => frame?.close()));
        else if (el?.play) later(el.play());
        else if (el?.learn) el.disabled = !el.disabled;
      },
      async wait() {
        await new Promise((resolve) => setTimeout(resolve, random() * 80));
      },
    };
    const names = ['add', 'add', ...Object.keys(actions)];
    for (let i = 0; i < count; i++) {
      await actions[pick(names)]();
      if (living.length > 8) actions.remove();
    }
    // Some are removed in the middle of it.
    for (const el of living) el.remove();
    await Promise.all(open);
    return failures;
  };
}

describe(
  `a soak of ${MINUTES} minutes with seed ${SEED}`,
  {timeout: (MINUTES + 2) * 60_000},
  () => {
    let home, browser, page, faults, session;

    before(async () => {
      home = await site({
        pages: {'/': html('<latent-image id="stays" src="/a.png"></latent-image>', {settings})},
        routes: {...scenes},
      });
      browser = await launch();
      ({page, faults} = await openPage(browser, home.url));
      session = await page.context().newCDPSession(page);
      await session.send('Performance.enable');
      const packs = {
        directions: pack('blocks-directions'),
        flow: pack('blocks-flow'),
        words: pack('tiny-words'),
      };
      await page.evaluate(operations, {packs});
      await page.evaluate(() => document.getElementById('stays').ready);
    });

    after(async () => {
      await browser?.close();
      await home?.close();
    });

    /** Bytes of everything that scripts of the page made and still reach, by a snapshot of the heap. */
    async function reachableBytes() {
      const chunks = [];
      const keep = ({chunk}) => chunks.push(chunk);
      session.on('HeapProfiler.addHeapSnapshotChunk', keep);
      await session.send('HeapProfiler.takeHeapSnapshot', {reportProgress: false});
      session.off('HeapProfiler.addHeapSnapshotChunk', keep);
      const {snapshot, nodes} = JSON.parse(chunks.join(''));
      const {node_fields: fields, node_types: types} = snapshot.meta;
      const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
      let bytes = 0;
      for (let at = 0; at < nodes.length; at += fields.length) {
        if (!NOT_OURS.includes(types[type][nodes[at + type]])) bytes += nodes[at + size];
      }
      return bytes;
    }

    /** Removed elements, nodes and workers, past the delay after which an element counts as removed. */
    async function rest() {
      await page.evaluate(async () => {
        await new Promise((resolve) => setTimeout(resolve, 600));
        for (let i = 0; i < 3; i++) await gc({execution: 'async'});
      });
      await session.send('HeapProfiler.collectGarbage');
      const {metrics} = await session.send('Performance.getMetrics');
      return {
        elements: await page.evaluate(() => countLiving()),
        nodes: metrics.find(({name}) => name === 'Nodes').value,
        workers: page.workers().length,
      };
    }

    it('the page holds what it held at the start', async (t) => {
      const failures = [];
      let seed = SEED;
      const round = async () =>
        failures.push(...(await page.evaluate(([s, n]) => soak(s, n), [seed++, ROUND])));
      // The first rounds fetch and compile what later ones use.
      const until = Date.now() + MINUTES * 60_000;
      await round();
      await round();
      const start = {...(await rest()), bytes: await reachableBytes()};
      const rests = [];
      do {
        await round();
        rests.push(await rest());
      } while (Date.now() < until);
      const end = {...rests.at(-1), bytes: await reachableBytes()};
      t.diagnostic(`${rests.length} rounds of ${ROUND}: ${JSON.stringify({start, end})}`);

      assert.deepEqual(failures, []);
      assert.deepEqual(faults, []);
      const story = JSON.stringify([start, ...rests, end]);
      assert.equal(end.elements, 0, story);
      assert.ok(end.workers <= WORKERS, story);
      assert.ok(end.nodes <= start.nodes + SPARE_NODES, story);
      assert.ok(end.bytes <= start.bytes + SPARE_BYTES, story);
      assert.equal(await page.evaluate(() => document.getElementById('stays').state), 'ready');
    });
  },
);
