import {expect} from '@open-wc/testing';
import {moveAlong, createDirection} from '../../src/core/direction/direction.js';
import {createLatent, type Latent} from '../../src/core/latent/latent.js';
import {RUNTIME_BYTES} from '../../src/engine/config.js';
import type {Progress} from '../../src/engine/types.js';
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
  watchWorkers,
} from './support.js';

/** A latent of the blocks pack, 1×2 blocks, the numbers channel by channel. */
const latentOf = (...data: number[]): Latent =>
  createLatent('blocks-1', [3, 1, 2], Float32Array.from(data));
const start = latentOf(0, 0.1, 0.2, 0.3, 0.4, 0.5);

function expectData(latent: Latent, expected: readonly number[]): void {
  expect(latent.space).to.equal('blocks-1');
  expect(latent.shape).to.deep.equal([3, 1, 2]);
  expect(latent.data).to.have.length(expected.length);
  latent.data.forEach((value, i) => {
    expect(value).to.be.closeTo(expected[i]!, 1e-6);
  });
}

describe('directions of a pack', () => {
  afterEach(disposeEngines);

  for (const device of ['wasm', 'webgpu'] as const) {
    it(`moves latents by closed form on ${device}`, async () => {
      const model = await sharedEngine({device}).load(pack('blocks-directions'));
      expect(Object.keys(model.manifest.directions!)).to.deep.equal([
        'warmth',
        'level',
        'blue',
        'light',
      ]);
      // A vector: a channel's number at every position.
      expectData(await model.edit(start, {light: 2}), [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
      expectData(await model.edit(start, {warmth: -1}), [-0.1, 0, 0.2, 0.3, 0.5, 0.6]);
      // The editor: all amounts in one run, so that they act on each other (green + 0.05·2·3).
      expectData(await model.edit(start, {level: 2}), [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
      expectData(await model.edit(start, {blue: 3, level: 2}), [-0.4, -0.3, 0.7, 0.8, 1.2, 1.3]);
      // Both.
      expectData(
        await model.edit(start, {light: 1, level: -1, warmth: 1}),
        [0.2, 0.3, 0.3, 0.4, 0.4, 0.5],
      );
    });
  }

  it('adds up whatever the order of the names', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const names = ['light', 'blue', 'warmth', 'level'];
    const amounts = [0.3, -1.7, 2.9, 1.1];
    const edits = (order: readonly number[]) =>
      Object.fromEntries(order.map((i) => [names[i]!, amounts[i]!]));
    const expected = await model.edit(start, edits([0, 1, 2, 3]));
    for (const order of [
      [3, 2, 1, 0],
      [1, 3, 0, 2],
    ]) {
      expect(await model.edit(start, edits(order))).to.deep.equal(expected);
    }
  });

  it('gives the latent back, to the bit, where every amount is 0, without loading anything', async () => {
    const model = await testEngine({cache: false}).load(pack('editor-crops'));
    await requested();
    expect(await model.edit(start, {level: 0, light: -0})).to.deep.equal(start);
    expect(await model.edit(start, {})).to.deep.equal(start);
    expect(await requested()).to.deep.equal([]);
  });

  it('leaves the latent that it was given alone', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const given = latentOf(0, 0.1, 0.2, 0.3, 0.4, 0.5);
    await model.edit(given, {light: 1, level: 1});
    expect(given).to.deep.equal(start);
  });

  it('names an unknown direction and those that there are, before anything is loaded', async () => {
    const engine = sharedEngine();
    const model = await engine.load(pack('blocks-directions'));
    const surface = await model.createSurface();
    const {latent, frame} = await surface.setSource(0, noisy(8, 8));
    for (const call of [
      model.edit(start, {smile: 1}),
      model.prepareDirections(['light', 'smile']),
      engine.load(pack('blocks-directions'), {directions: ['smile']}),
      surface.paint({latent, edits: {smile: 1}}, frame),
      surface.render({latent, edits: {smile: 0}}, frame),
    ]) {
      const error = await errorOf(call);
      expect(error.code).to.equal('bad-argument');
      expect(error.message).to.match(/"smile".*"warmth", "level", "blue", "light"/);
    }
    const bare = await engine.load(pack('blocks'));
    expect((await errorOf(bare.edit(start, {light: 1}))).message).to.contain('has none');
    for (const amount of [NaN, Infinity]) {
      expect((await errorOf(model.edit(start, {light: amount}))).code).to.equal('bad-argument');
      const painted = surface.paint({latent, edits: {light: amount}}, frame);
      expect((await errorOf(painted)).message).to.contain('"light"');
    }
  });

  it('refuses latents of another space or shape', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const foreign = createLatent('other-1', [3, 1, 2], new Float32Array(6));
    expect((await errorOf(model.edit(foreign, {light: 1}))).code).to.equal('space-mismatch');
    expect((await errorOf(model.edit(foreign, {}))).code).to.equal('space-mismatch');
    const flat = createLatent('blocks-1', [6], new Float32Array(6));
    expect((await errorOf(model.edit(flat, {level: 1}))).code).to.equal('bad-argument');
  });

  it('rejects an aborted edit with AbortError', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const error = await errorOf(model.edit(start, {level: 1}, {signal: AbortSignal.abort()}));
    expect(error.name).to.equal('AbortError');
    expectData(await model.edit(start, {level: 2}), [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  });

  const broken = [
    ['direction-twice', {}, 'bad-pack', /blue\.editor is 0, as is that of level/],
    ['editor-missing', {}, 'bad-pack', /parts\.editor is missing.*directions\.level/],
    ['vector-missing', {light: 1}, 'bad-pack', /"nowhere".*"light" is missing.*directions\.safet/],
    ['vector-shape', {light: 1}, 'bad-pack', /"wrong_shape".*"light".*\[3\].*blocks-1/],
    ['vector-size', {light: 1}, 'bad-pack', /"wrong_size".*"light".*\[3, 2, 2\].*height\/8/],
    ['vector-nan', {light: 1}, 'bad-pack', /"not_finite".*"light".*not finite/],
    ['vectors-onnx', {light: 1}, 'bad-pack', /editor\.onnx.*safetensors/],
    ['vectors-changed', {light: 1}, 'integrity', /directions\.safetensors has the SHA-256/],
    ['editor-crops', {level: 1}, 'bad-pack', /cropper\.onnx made \[1, 3, 1, 2\].*\[1, 3, 2, 2\]/],
    ['editor-nan', {level: 1}, 'bad-pack', /divider\.onnx.*not finite/],
    ['editor-short', {level: 1}, 'bad-pack', /editor\.onnx failed/],
  ] as const;

  for (const [name, edits, code, message] of broken) {
    it(`refuses the pack "${name}" with ${code}, and takes the next good one`, async () => {
      const engine = sharedEngine();
      const square = createLatent('blocks-1', [3, 2, 2], new Float32Array(12).fill(1));
      const error = await errorOf(
        engine.load(pack(name)).then((model) => model.edit(square, edits)),
      );
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
      const model = await engine.load(pack('blocks-directions'));
      expectData(await model.edit(start, {light: 2}), [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    });
  }
});

describe('editing frames', () => {
  afterEach(disposeEngines);

  const grey = (level: number) => picture(16, 8, () => [level, level, level]);
  const pixel = async (bitmap: Promise<ImageBitmap>) => [
    ...pixelsOf(await bitmap).data.slice(0, 3),
  ];

  for (const device of ['wasm', 'webgpu'] as const) {
    it(`decodes what was edited on ${device}`, async () => {
      const model = await sharedEngine({device}).load(pack('blocks-directions'));
      const surface = await model.createSurface();
      const {latent, frame} = await surface.setSource(0, grey(51));
      // Public numbers are twice the raw ones: 0.2 of them is 0.1 in the picture, 25.5 of 255.
      expect(await pixel(surface.render({latent, edits: {light: 2}}, frame))).to.deep.equal([
        102, 102, 102,
      ]);
      expect(
        await pixel(surface.render({latent, edits: {blue: 2, light: 2}}, frame)),
      ).to.deep.equal([51, 102, 153]);
      const report = await surface.paint({latent, edits: {level: 1}}, frame);
      expect(report.run).to.be.above(0).and.at.most(report.total);
    });
  }

  it('adds to the source what the edit changes, so that its detail stays', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const surface = await model.createSurface();
    const image = picture(16, 8, (x, y) => {
      const level = 100 + ((x * 7 + y * 13) % 50);
      return [level, level, level];
    });
    const {latent, frame} = await surface.setSource(0, image);
    const render = (edits: Record<string, number>) =>
      surface.render({latent, edits, detail: {0: 1}}, frame);
    expect(difference(pixelsOf(await render({})), image)).to.equal(0);
    expect(difference(pixelsOf(await render({light: 0, level: 0})), image)).to.equal(0);
    const lighter = pixelsOf(await render({light: 1}));
    lighter.data.forEach((value, i) => {
      if (i % 4 < 3) expect(value - image.data[i]!).to.be.closeTo(25.5, 1);
    });
    // A source is shown as it is, whatever the edits.
    const exact = surface.render({latent, source: 0, edits: {light: 3}}, frame);
    expect(difference(pixelsOf(await exact), image)).to.equal(0);
  });

  it('adds directions of the page, moved on the main thread, to those of the pack', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const surface = await model.createSurface();
    const {latent, frame} = await surface.setSource(0, grey(51));
    const red = createDirection('blocks-1', [3, 1, 1], Float32Array.of(0.4, 0, 0));
    const frames = {latent: moveAlong(latent, red, 1), edits: {light: 2}};
    expect(await pixel(surface.render(frames, frame))).to.deep.equal([153, 102, 102]);
  });

  it('edits seeds too', async () => {
    const model = await sharedEngine().load(pack('blocks-directions'));
    const surface = await model.createSurface();
    const {latent, frame} = await surface.setSource(0, 'seed:0');
    expect(await pixel(surface.render({latent, edits: {light: 0}}, frame))).to.deep.equal([
      128, 128, 128,
    ]);
    expect(await pixel(surface.render({latent, edits: {light: 1}}, frame))).to.deep.equal([
      153, 153, 153,
    ]);
  });

  it('loads editor and vectors when first needed, once, or up front', async () => {
    const extras = ['directions.safetensors', 'editor.onnx'].map(
      (file) => `/fixtures/packs/blocks-directions/${file}`,
    );
    const extrasOf = (paths: readonly string[]) =>
      paths.filter((path) => extras.includes(path)).sort();
    // What the tests before it fetched is none of its business.
    await requested();
    const late = await testEngine({cache: false}).load(pack('blocks-directions'));
    expect(extrasOf(await requested())).to.deep.equal([]);
    const surface = await late.createSurface();
    const {latent, frame} = await surface.setSource(0, grey(51));
    for (let i = 1; i < 4; i++) {
      await surface.paint({latent, edits: {light: i, level: i}}, frame);
      await late.edit(start, {light: i, level: i});
    }
    expect(extrasOf(await requested())).to.deep.equal(extras);

    const seen: Progress[] = [];
    const engine = testEngine({cache: false});
    const early = await engine.load(pack('blocks-directions'), {
      directions: ['light', 'level'],
      onProgress: (progress) => seen.push(progress),
    });
    expect(extrasOf(await requested())).to.deep.equal(extras);
    const {parts, directionVectors} = early.manifest;
    const bytes = [...Object.values(parts), directionVectors!, {bytes: RUNTIME_BYTES['']}].reduce(
      (sum, each) => sum + each.bytes,
      0,
    );
    expect(seen[0]!.stage).to.equal('download');
    expect(seen[0]!.total).to.equal(bytes);
    expect(seen.at(-1)!.ratio).to.equal(1);
    expect(seen.filter(({stage}) => stage === 'compile').at(-1)!.total).to.equal(3);
    await early.prepareDirections(['light', 'blue']);
    await early.edit(start, {light: 1, blue: 1});
    expect(extrasOf(await requested())).to.deep.equal([]);
  });

  it('downloads vectors alone where a pack has no editor', async () => {
    const model = await testEngine({cache: false}).load(pack('blocks-vectors'));
    await requested();
    await model.prepareDirections(['light', 'warmth']);
    expect(await requested()).to.deep.equal([
      '/fixtures/packs/blocks-vectors/directions.safetensors',
    ]);
    expectData(await model.edit(start, {light: 2}), [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  });

  it('counts the editor in the memory budget', async () => {
    const {editor} = (await testEngine().inspect(pack('blocks-directions'))).manifest.parts;
    const small = testEngine({memoryBudget: editor!.bytes - 1});
    const model = await small.load(pack('blocks-directions'), {parts: []});
    const error = await errorOf(model.prepareDirections(['level']));
    expect(error.code).to.equal('out-of-memory');
    // Encoder and decoder fit, and give way to the editor.
    const large = testEngine({memoryBudget: Math.max(600, editor!.bytes)});
    await (await large.load(pack('blocks-directions'))).prepareDirections(['level']);
  });

  it('loads the editor again in a fresh worker', async () => {
    const {workers, restore} = watchWorkers();
    try {
      const model = await testEngine().load(pack('blocks-directions'), {directions: ['level']});
      workers[0]!.terminate();
      expect((await errorOf(model.edit(start, {level: 2}))).code).to.equal('worker-crashed');
      expectData(await model.edit(start, {level: 2}), [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    } finally {
      restore();
    }
  });

  it('keeps order among edits, decodes and frames that overlap on WebGPU', async () => {
    const model = await sharedEngine({device: 'webgpu'}).load(pack('blocks-directions'));
    const surfaces = await Promise.all([1, 2].map(() => model.createSurface()));
    const sources = await Promise.all(
      surfaces.map((surface, i) => surface.setSource(0, grey(51 * (i + 1)))),
    );
    const shown = await Promise.all(
      [0, 1, 0, 1].map((which, i) => {
        const {latent, frame} = sources[which]!;
        return pixel(surfaces[which]!.render({latent, edits: {level: i, light: 1}}, frame));
      }),
    );
    // 0.1 a unit of level is 12.75 of 255.
    shown.forEach(([red], i) => {
      expect(red).to.be.closeTo(51 * ((i % 2) + 1) + 25.5 + 12.75 * i, 1);
    });
  });
});

/** The fixtures that the test server was asked for since the last question. */
async function requested(): Promise<string[]> {
  return (await (await fetch('/fixtures/log')).json()) as string[];
}
