import assert from 'node:assert/strict';
import {afterEach, describe, it} from 'node:test';
import {setTimeout as wait} from 'node:timers/promises';
import {LatentError} from '../../src/core/errors.js';
import {parsePack} from '../../src/core/pack/parse-pack.js';
import {bringPack} from '../../src/engine/shipped-packs.js';
import {packFixture} from '../fixtures/packs.mjs';
import {
  type NodeEngine,
  nodeEngine,
  requests,
  type Route,
  servePack,
  workers,
} from './node-engine.js';

/** Milliseconds of the idle timer of these tests. */
const IDLE = 40;
const blocks = '/fixtures/packs/blocks-bgr/pack.json';
/** A manifest that takes longer than the timer. */
const late: Route = async (request, response) => {
  await wait(4 * IDLE);
  await servePack(request, response);
};
const alive = (): number => workers.filter((worker) => worker.alive).length;
/** Waits until no worker is alive; a busy machine is late with its timers. */
const allEnded = async (): Promise<void> => {
  for (let tries = 0; alive() > 0; tries++) {
    assert.ok(tries < 500, 'a worker is still alive');
    await wait(IDLE);
  }
};
const coded = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof LatentError && error.code === code && message.test(error.message);

let home: NodeEngine;
afterEach(() => home.close());

describe('the idle timer', () => {
  it('does not end a worker that another model is loading in', async () => {
    home = await nodeEngine({idleTimeout: IDLE}, {[blocks]: late});
    const first = await home.engine.load(home.pack('blocks'), {parts: []});
    const second = home.engine.load(home.pack('blocks-bgr'), {parts: []});
    first.release();
    const model = await second;
    assert.equal(model.name, 'blocks-bgr');
    await wait(2 * IDLE);
    assert.equal(workers.length, 1);
    assert.equal(alive(), 1);
    assert.equal((await model.sample(3)).shape.join(), '3,2,2');
  });

  it('does not end a worker whose model was leased again in the meantime', async () => {
    home = await nodeEngine({idleTimeout: IDLE}, {[blocks]: late});
    (await home.engine.load(home.pack('blocks'), {parts: []})).release();
    const again = await home.engine.load(home.pack('blocks-bgr'), {parts: []});
    await wait(2 * IDLE);
    assert.equal(alive(), 1);
    assert.equal(workers.length, 1);
    again.release();
    await allEnded();
  });

  it('ends a worker after a load that failed, and after one that was given up', async () => {
    home = await nodeEngine({idleTimeout: IDLE}, {[blocks]: late});
    await assert.rejects(home.engine.load(home.pack('nowhere')), coded('not-found', /nowhere/));
    await allEnded();
    const controller = new AbortController();
    const given = home.engine.load(home.pack('blocks-bgr'), {signal: controller.signal});
    setTimeout(() => controller.abort(), IDLE / 4);
    await assert.rejects(given, coded('aborted', /aborted/));
    assert.equal(workers.length, 2);
    await allEnded();
  });
});

describe('an unknown device', () => {
  it('is a bad argument, before a worker starts', async () => {
    home = await nodeEngine();
    const device = 'quantum' as never;
    const load = home.engine.load(home.pack('blocks'), {device});
    await assert.rejects(load, coded('bad-argument', /device "quantum"/));
    const availability = home.engine.availability(home.pack('blocks'), {device});
    await assert.rejects(availability, coded('bad-argument', /device "quantum"/));
    assert.equal(alive(), 0);
  });
});

describe('a part that the pack lacks', () => {
  it('leaves the worker alone, which another device could not replace', async () => {
    home = await nodeEngine();
    const load = home.engine.load(home.pack('decoder-only'), {parts: ['encoder']});
    await assert.rejects(load, coded('unsupported', /no encoder; its parts are: decoder/));
    assert.equal(alive(), 1);
    await home.engine.load(home.pack('blocks'), {parts: []});
    assert.equal(workers.length, 1);
  });
});

describe('a shared load', () => {
  it("goes on for the others when one caller's signal aborts", async () => {
    const vectors = '/fixtures/packs/blocks-vectors/directions.safetensors';
    const slow: Route = async (request, response) => {
      await wait(IDLE);
      await servePack(request, response);
    };
    home = await nodeEngine({}, {[vectors]: slow});
    const model = await home.engine.load(home.pack('blocks-vectors'), {parts: []});
    const controller = new AbortController();
    const given = model.prepareDirections(['light'], {signal: controller.signal});
    const waits = model.prepareDirections(['light']);
    setTimeout(() => controller.abort(), IDLE / 4);
    await assert.rejects(given, coded('aborted', /aborted/));
    await waits;
    assert.equal(requests.filter((path) => path === vectors).length, 1);
  });
});

describe('a surface that was closed', () => {
  it('is a bad argument, and no crash of the worker', async () => {
    home = await nodeEngine();
    const model = await home.engine.load(home.pack('blocks'), {parts: []});
    const surface = await model.createSurface();
    const latent = await model.sample(0);
    surface.close();
    const size = {width: 16, height: 16};
    const painted = surface.paint({latent}, {...size, work: size, padded: size});
    await assert.rejects(painted, coded('bad-argument', /surface was closed/));
    assert.equal(alive(), 1);
  });
});

describe('a pack that came with the code', () => {
  it('is known to the worker that takes the place of one that crashed', async () => {
    home = await nodeEngine({base: '', workerUrl: '/workers/inference.worker.js'});
    const url = home.pack('blocks');
    const served = packFixture(new URL(url).pathname)!.body as string;
    const files = served.replace(/"file":"/g, `"file":"${new URL('.', url).href}`);
    const manifest = parsePack(JSON.parse(files), url);
    bringPack('blocks', () => Promise.resolve({manifests: {'latent-elements:blocks': manifest}}));
    const model = await home.engine.load('blocks', {parts: []});
    const before = await model.sample(3);
    workers[0]!.dispatchEvent(new Event('error'));
    assert.deepEqual(await model.sample(3), before);
    assert.equal(workers.length, 2);
  });
});

describe('threads', () => {
  const given = {crossOriginIsolated: globalThis.crossOriginIsolated, SharedArrayBuffer};
  afterEach(() => Object.assign(globalThis, given));

  for (const [has, count] of [
    [true, 3],
    [false, 1],
  ] as const) {
    it(`are ${String(count)} on an isolated page ${has ? 'with' : 'without'} SharedArrayBuffer`, async () => {
      home = await nodeEngine({threads: 3});
      Object.assign(globalThis, {crossOriginIsolated: true});
      Object.assign(navigator, {hardwareConcurrency: 8});
      if (!has) Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
      await home.engine.load(home.pack('blocks'), {parts: []});
      const [connect] = workers[0]!.sent as {argumentList: {value: {threads: number}}[]}[];
      assert.equal(connect!.argumentList[0]!.value.threads, count);
    });
  }
});

describe('a manifest', () => {
  const path = '/fixtures/packs/blocks/pack.json';
  interface Manifest {
    readonly parts: {readonly decoder: {file: string}};
    readonly tokenizer: {pack: string};
    readonly samples: {bytes: number; sha256: string};
  }
  const changed =
    (change: (manifest: Manifest) => unknown): Route =>
    (request, response) => {
      const manifest = JSON.parse(packFixture(request.url!)!.body as string) as Manifest;
      change(manifest);
      response.end(JSON.stringify(manifest));
    };
  const load = async (route: Route) => {
    home = await nodeEngine({}, {[path]: route});
    return home.engine.load(home.pack('blocks'), {parts: []});
  };

  for (const file of ['http://[', 'https://:']) {
    it(`that names the file "${file}" is a bad pack`, async () => {
      const broken = load(changed((m) => (m.parts.decoder.file = file)));
      await assert.rejects(broken, coded('bad-pack', /is no address/));
    });
  }

  for (const [pack, why] of [
    ['http://[', /is no address/],
    ['https://elsewhere.example/words/pack.json', /takes its words from https:\/\/elsewhere/],
  ] as const) {
    it(`that takes its words from ${pack} is a bad pack`, async () => {
      home = await nodeEngine(
        {},
        {
          '/fixtures/packs/blocks-flow/pack.json': changed((m) => (m.tokenizer.pack = pack)),
        },
      );
      const broken = home.engine.load(home.pack('blocks-flow'), {parts: []});
      await assert.rejects(broken, coded('bad-pack', why));
    });
  }

  it('without an end is read no further than a megabyte, and its connection closed', async () => {
    let closed: Promise<unknown> | undefined;
    const endless = load((_, response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      const write = (): void => {
        while (!response.destroyed && response.write(' '.repeat(1 << 16)));
      };
      response.on('drain', write);
      write();
    });
    await assert.rejects(endless, coded('bad-pack', /more than 1048576 bytes/));
    await closed;
  });

  it('whose samples file is broken is a bad pack, too', async () => {
    const samples = '/fixtures/packs/blocks/samples.safetensors';
    const bytes = new TextEncoder().encode('no tensors');
    const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
    home = await nodeEngine(
      {},
      {
        [path]: changed((m) => Object.assign(m.samples, {bytes: bytes.length, sha256})),
        [samples]: (_, response) => {
          response.end(bytes);
        },
      },
    );
    const model = await home.engine.load(home.pack('blocks'), {parts: []});
    await assert.rejects(model.sample(0), coded('bad-pack', /samples\.safetensors/));
  });
});
