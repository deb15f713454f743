import {expect} from '@open-wc/testing';
import {lerp} from '../../src/core/latent/arithmetic.js';
import type {LatentError} from '../../src/core/errors.js';
import {createLatent} from '../../src/core/latent/latent.js';
import {
  difference,
  disposeEngines,
  errorOf,
  noisy,
  pack,
  picture,
  pixelsOf,
  sharedEngine,
  testEngine,
  until,
  watchWorkers,
} from './support.js';

describe('engine', () => {
  afterEach(disposeEngines);

  for (const device of ['wasm', 'webgpu'] as const) {
    it(`encodes and decodes by closed form on ${device}`, async () => {
      const model = await sharedEngine({device}).load(pack('blocks'));
      expect(model.device).to.equal(device);
      // Left block 0, right block 255: averages 0 and 1, public (raw − 0.5) · 2.
      const latent = await model.encode(
        picture(16, 8, (x) => (x < 8 ? [0, 0, 0] : [255, 51, 255])),
      );
      expect(latent.space).to.equal('blocks-1');
      expect(latent.shape).to.deep.equal([3, 1, 2]);
      const expected = [-1, 1, -1, -0.6, -1, 1];
      latent.data.forEach((value, i) => {
        expect(value).to.be.closeTo(expected[i]!, 1e-6);
      });
      const image = pixelsOf(await model.decode(latent));
      expect([image.width, image.height]).to.deep.equal([16, 8]);
      expect([...image.data.slice(0, 4)]).to.deep.equal([0, 0, 0, 255]);
      expect([...image.data.slice(4 * 15, 4 * 16)]).to.deep.equal([255, 51, 255, 255]);
    });
  }

  it('honours channel order and value range of a foreign pack', async () => {
    const model = await sharedEngine().load(pack('blocks-bgr'));
    const latent = await model.encode(picture(8, 8, () => [255, 0, 51]));
    [-0.6, -1, 1].forEach((value, i) => {
      expect(latent.data[i]).to.be.closeTo(value, 1e-6);
    });
    const image = pixelsOf(await model.decode(latent));
    expect([...image.data.slice(0, 4)]).to.deep.equal([255, 0, 51, 255]);
  });

  it('pads any size to the multiple and scales down to the working size, keeping the shape', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    expect((await model.encode(noisy(9, 17))).shape).to.deep.equal([3, 3, 2]);
    expect((await model.encode(noisy(1, 1))).shape).to.deep.equal([3, 1, 1]);
    // 4096 pixels by the pack's rule: 200×100 becomes 91×45, padded to 96×48.
    expect((await model.encode(noisy(200, 100))).shape).to.deep.equal([3, 6, 12]);
    expect((await model.encode(noisy(200, 100), {resolution: 160})).shape).to.deep.equal([
      3, 10, 20,
    ]);
    expect((await model.encode(noisy(600, 600), {resolution: 600})).shape).to.deep.equal([
      3, 32, 32,
    ]);
  });

  it('shares one worker among models and callers, and ends it with the engine', async () => {
    const {workers, restore} = watchWorkers();
    try {
      const engine = testEngine();
      const models = await Promise.all(
        ['blocks', 'blocks-bgr', 'blocks', 'blocks'].map((name) => engine.load(pack(name))),
      );
      await Promise.all(models.map((model) => model.encode(noisy(16, 16))));
      models[0]!.release();
      expect((await models[2]!.encode(noisy(16, 16))).shape).to.deep.equal([3, 2, 2]);
      expect(workers).to.have.length(1);
      await engine.dispose();
      expect((await errorOf(models[1]!.encode(noisy(8, 8)))).code).to.equal('bad-argument');
    } finally {
      restore();
    }
  });

  it('rejects open calls when the worker is killed, and the next call works', async () => {
    const {workers, restore} = watchWorkers();
    try {
      const model = await testEngine().load(pack('blocks'));
      const latent = await model.encode(noisy(256, 256));
      const open = Array.from({length: 20}, () => model.decode(latent));
      await open[0];
      workers[0]!.terminate();
      // The one that was in the worker is lost with it; those that waited here go to the next.
      const settled = await Promise.allSettled(open);
      const lost = settled.flatMap((each) =>
        each.status === 'rejected' ? [each.reason as LatentError] : [],
      );
      expect(lost.map(({code}) => code)).to.deep.equal(['worker-crashed']);
      expect((await model.encode(noisy(16, 16))).shape).to.deep.equal([3, 2, 2]);
      expect(workers).to.have.length(2);
    } finally {
      restore();
    }
  });

  it('says which worker script is missing, and does not hang', async () => {
    const error = await errorOf(testEngine({workerUrl: '/nowhere/worker.js'}).load(pack('blocks')));
    expect(error.code).to.equal('worker-crashed');
    expect(error.message).to.contain('/nowhere/worker.js');
  });

  it("says where ONNX Runtime's files are missing", async () => {
    const error = await errorOf(testEngine({wasmBase: '/nowhere/'}).load(pack('blocks')));
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.contain('wasmBase');
  });

  it('ends an idle worker, and starts another for the next lease', async () => {
    const {workers, restore} = watchWorkers();
    try {
      const engine = testEngine({idleTimeout: 50});
      (await engine.load(pack('blocks'))).release();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const model = await engine.load(pack('blocks'));
      expect((await model.encode(noisy(8, 8))).shape).to.deep.equal([3, 1, 1]);
      expect(workers).to.have.length(2);
    } finally {
      restore();
    }
  });

  it('evicts models that nobody leases to stay within the budget, never leased ones', async () => {
    // Each pack has an encoder and a decoder of a few hundred bytes.
    const engine = testEngine({memoryBudget: 600});
    const first = await engine.load(pack('blocks'));
    expect((await errorOf(engine.load(pack('blocks-bgr')))).code).to.equal('out-of-memory');
    first.release();
    expect((await engine.load(pack('blocks-bgr'))).name).to.equal('blocks-bgr');
  });

  it('rejects an aborted call with AbortError, and the next call works', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const aborted = AbortSignal.abort();
    expect((await errorOf(model.encode(noisy(8, 8), {signal: aborted}))).name).to.equal(
      'AbortError',
    );
    const controller = new AbortController();
    const open = model.encode(noisy(64, 64), {signal: controller.signal});
    controller.abort();
    expect((await errorOf(open)).name).to.equal('AbortError');
    expect((await model.encode(noisy(8, 8))).shape).to.deep.equal([3, 1, 1]);
  });

  it('refuses latents of another space or shape before they reach the worker', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const foreign = createLatent('other-1', [3, 1, 1], new Float32Array(3));
    const mismatch = await errorOf(model.decode(foreign));
    expect(mismatch.code).to.equal('space-mismatch');
    expect(mismatch.message).to.contain('other-1').and.to.contain('blocks-1');
    const flat = createLatent('blocks-1', [3], new Float32Array(3));
    expect((await errorOf(model.decode(flat))).code).to.equal('bad-argument');
  });

  it('names the parts of a pack that lacks one', async () => {
    const model = await sharedEngine().load(pack('decoder-only'));
    const error = await errorOf(model.encode(noisy(8, 8)));
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.contain('no encoder').and.to.contain('decoder');
  });

  it('picks samples by seed, wrapping around', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const third = await model.sample(3);
    expect(third.shape).to.deep.equal([3, 2, 2]);
    expect(third.data[0]).to.be.closeTo(3 / 7, 1e-6);
    expect(await model.encode('seed:11')).to.deep.equal(third);
    for (const seed of [-1, 0.5, NaN]) {
      expect((await errorOf(model.sample(seed))).code).to.equal('bad-argument');
    }
    expect((await errorOf(model.encode('seed:x'))).message).to.contain('seed:x');
  });

  it('decodes what was mixed, on calls that overlap on WebGPU too', async () => {
    const model = await sharedEngine({device: 'webgpu'}).load(pack('blocks'));
    const [black, white] = await Promise.all([
      model.encode(picture(8, 8, () => [0, 0, 0])),
      model.encode(picture(8, 8, () => [255, 255, 255])),
    ]);
    const images = await Promise.all([0, 0.2, 1].map((t) => model.decode(lerp(black, white, t))));
    expect(images.map((image) => pixelsOf(image).data[0])).to.deep.equal([0, 51, 255]);
  });
});

describe('surfaces', () => {
  afterEach(disposeEngines);

  it('shows a source exactly, and carries its detail along', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const surface = await model.createSurface();
    const image = noisy(20, 12);
    const {latent, frame} = await surface.setSource(0, image);
    const work = {width: 20, height: 12};
    expect(frame).to.deep.equal({...work, work, padded: {width: 24, height: 16}});
    const exact = pixelsOf(await surface.render({latent, source: 0}, frame));
    expect(difference(exact, image)).to.equal(0);
    const carried = pixelsOf(await surface.render({latent, detail: {0: 1}}, frame));
    expect(difference(carried, image)).to.equal(0);
    const pure = pixelsOf(await surface.render({latent}, frame));
    expect(difference(pure, image)).to.be.above(50);
  });

  it('strengthens the detail of a source', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const surface = await model.createSurface();
    // Little of it, so that nothing is clipped.
    const image = picture(16, 16, (x, y) => [100 + ((7 * x + 3 * y) % 40), 120, 130]);
    const {latent, frame} = await surface.setSource(0, image);
    const pure = pixelsOf(await surface.render({latent}, frame)).data;
    const strong = pixelsOf(await surface.render({latent, detail: {0: 2.5}}, frame)).data;
    let largest = 0;
    for (let i = 0; i < pure.length; i++) {
      const lost = image.data[i]! - pure[i]!;
      largest = Math.max(largest, Math.abs(lost));
      expect(Math.abs(strong[i]! - pure[i]! - 2.5 * lost)).to.be.at.most(1);
    }
    expect(largest).to.be.above(5);
  });

  it('shows a large picture at twice the working size, and decodes it at the working size', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const surface = await model.createSurface();
    const image = noisy(200, 100);
    const {latent, frame} = await surface.setSource(0, image);
    expect([frame.width, frame.height]).to.deep.equal([181, 91]);
    expect(frame.work).to.deep.equal({width: 91, height: 45});
    expect(latent.shape).to.deep.equal([3, 6, 12]);
    const exact = pixelsOf(await surface.render({latent, source: 0}, frame));
    const carried = pixelsOf(await surface.render({latent, detail: {0: 1}}, frame));
    expect(difference(carried, exact)).to.equal(0);
    // 65 536 pixels by the pack's rule, so that no picture exhausts memory.
    const huge = await surface.setSource(1, noisy(800, 800), {resolution: 800});
    expect([huge.frame.width, huge.frame.height]).to.deep.equal([256, 256]);
  });

  for (const device of ['wasm', 'webgpu'] as const) {
    it(`paints a canvas of the page from the worker on ${device}`, async () => {
      const model = await sharedEngine({device}).load(pack('blocks'));
      const canvas = document.createElement('canvas');
      document.body.append(canvas);
      const surface = await model.createSurface(canvas);
      const {latent, frame} = await surface.setSource(
        0,
        picture(16, 8, () => [255, 0, 102]),
      );
      const report = await surface.paint({latent}, frame);
      expect(report.total).to.be.at.least(report.run);
      const copy = new OffscreenCanvas(16, 8).getContext('2d')!;
      // What the worker painted reaches a page that reads the canvas a moment after it was painted.
      await until(() => {
        copy.drawImage(canvas, 0, 0);
        return copy.getImageData(0, 0, 1, 1).data.join() === '255,0,102,255';
      }, 'the colour is on the canvas');
      // Firefox tells the page of the new size when it shows the frame.
      await until(() => canvas.width === 16, 'the canvas has the size of the frame');
      canvas.remove();
    });
  }

  it('crops later sources to the frame of the first', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const surface = await model.createSurface();
    const {frame} = await surface.setSource(0, noisy(16, 16));
    // A wide picture, its middle green: only the middle is in a square frame.
    const wide = picture(48, 16, (x) => (x >= 16 && x < 32 ? [0, 255, 0] : [255, 0, 0]));
    const second = await surface.setSource(1, wide, {frame});
    const image = pixelsOf(await surface.render({latent: second.latent, source: 1}, frame));
    expect([...image.data.slice(0, 4)]).to.deep.equal([0, 255, 0, 255]);
  });

  it('refuses a canvas that is in use', async () => {
    const model = await sharedEngine().load(pack('blocks'));
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    const error = await errorOf(model.createSurface(canvas));
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('new <canvas>');
  });

  it('tells when its worker has ended', async () => {
    const {workers, restore} = watchWorkers();
    try {
      const model = await testEngine().load(pack('blocks'));
      const surface = await model.createSurface();
      const {latent, frame} = await surface.setSource(0, noisy(8, 8));
      workers[0]!.terminate();
      await new Promise((resolve) => surface.onLost(resolve));
      expect((await errorOf(surface.paint({latent}, frame))).code).to.equal('worker-crashed');
    } finally {
      restore();
    }
  });
});
