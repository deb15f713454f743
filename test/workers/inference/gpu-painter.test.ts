import {expect} from '@open-wc/testing';
import type {LatentError} from '../../../src/core/errors.js';
import type {Edits} from '../../../src/core/direction/direction.js';
import {createLatent, type Latent} from '../../../src/core/latent/latent.js';
import type {Frame} from '../../../src/shared/inference.js';
import {Gpu} from '../../../workers/inference/gpu.js';
import {GpuArithmetic} from '../../../workers/inference/gpu-arithmetic.js';
import {FramePass, GpuPainter} from '../../../workers/inference/gpu-painter.js';
import type {PixelFormat} from '../../../workers/inference/image-tensor.js';
import {type Content, type Decode, PixelPainter} from '../../../workers/inference/painter.js';
import type {DenoiseOptions, Engine, Model, Surface} from '../../../src/engine/types.js';
import {
  asHardware,
  difference,
  disposeEngines,
  errorOf,
  noisy,
  pack,
  pixelsOf,
  testEngine,
} from '../../engine/support.js';

const WATCHED = '/test/fixtures/watched-gpu.worker.js';

/** What the test at hand leased. */
const models: Model[] = [];

interface Opened {
  readonly model: Model;
  readonly surface: Surface;
  readonly canvas: HTMLCanvasElement;
}

/** A pack, and a surface on a canvas of the page. */
async function open(engine: Engine, name: string): Promise<Opened> {
  const model = await engine.load(pack(name));
  models.push(model);
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  return {model, surface: await model.createSurface(canvas), canvas};
}

/** How far what a canvas shows is from a picture, 0..255, as soon as that is `most` at most, or for good. */
async function distance(canvas: HTMLCanvasElement, to: ImageData, most: number): Promise<number> {
  let seen = Infinity;
  // What a worker paints is shown with one of the next frames of the page.
  for (let i = 0; i < 600 && seen > most; i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    seen = difference(pixelsOf(await createImageBitmap(canvas)), to);
  }
  return seen;
}

/** How far two latents are from each other, as a share of the largest number of the second. */
function farthest(a: Latent, b: Latent): number {
  const size = Math.max(1, ...b.data.map(Math.abs));
  return Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i]!))) / size;
}

/** How often the worker's GPU was asked for what, after a command to it where one is given. */
async function calls(command: object = {}): Promise<Record<string, number>> {
  const channel = new BroadcastChannel('gpu');
  const answer = new Promise<Record<string, number>>((resolve) => {
    channel.onmessage = ({data}: MessageEvent<{counts: Record<string, number>}>) =>
      resolve(data.counts);
  });
  channel.postMessage({count: true, ...command});
  const counts = await answer;
  channel.close();
  return counts;
}

describe('GpuPainter on webgpu', () => {
  let cpu: Engine;
  let gpu: Engine;

  before(() => {
    // One each for all: a runtime takes its time to start. With room for two of the packs.
    cpu = testEngine();
    gpu = testEngine({device: 'webgpu', workerUrl: WATCHED, memoryBudget: 1500});
  });

  after(disposeEngines);

  afterEach(() => {
    for (const model of models.splice(0)) model.release();
    document.querySelectorAll('body > canvas').forEach((canvas) => canvas.remove());
  });

  for (const [name, size, edits] of [
    ['blocks', [20, 12], {}],
    ['blocks-bgr', [30, 30], {}],
    ['blocks-directions', [200, 100], {level: 1.5, warmth: -1}],
  ] satisfies [string, [number, number], Edits][]) {
    it(`paints what the CPU does, ${name} at ${size.join('×')}`, async () => {
      const [a, b] = [await open(cpu, name), await open(gpu, name)];
      const [width, height] = size;
      const {latent, frame} = await a.surface.setSource(0, noisy(width, height));
      await b.surface.setSource(0, noisy(width, height));
      for (const {surface} of [a, b]) {
        await surface.setSource(1, noisy(width + 7, height + 2), {frame});
        await surface.setSource(2, noisy(width, height + 9), {frame});
      }
      // Numbers between bytes, and some beyond the range.
      const data = latent.data.map((value, i) => 1.2 * value + 0.01 * (i % 7));
      const between = {...latent, data};
      const frames: Frame[] = [
        {latent: between, edits},
        {latent: between, detail: {0: 0.37}},
        {latent: between, edits, detail: {0: 0.6, 2: 0.45}},
        {latent: between, detail: {0: 0.9, 1: 0.3, 2: 0.45}},
        {latent: between, detail: {0: 3.61, 1: 0.3}},
      ];
      for (const each of frames) {
        const expected = pixelsOf(await a.surface.render(each, frame));
        expect(new Set(expected.data).size, 'a picture').to.be.above(5);
        await b.surface.paint(each, frame);
        const what = JSON.stringify(each.detail);
        // A decode that is rounded the other way counts as often as its detail.
        const most = Math.ceil(Math.max(1, ...Object.values(each.detail ?? {})));
        expect(await distance(b.canvas, expected, 1), what).to.be.at.most(most);
        const image = pixelsOf(await b.surface.render(each, frame));
        expect(await distance(b.canvas, image, 0), `${what}, as an image`).to.equal(0);
      }
      // A keyframe, and what carries all of its detail, are exact.
      const exact = pixelsOf(await a.surface.render({latent, source: 0}, frame));
      for (const each of [{source: 0}, {detail: {0: 1}}]) {
        await b.surface.paint({latent, ...each}, frame);
        expect(await distance(b.canvas, exact, 0)).to.equal(0);
      }
    });
  }

  it('paints what a network in float16 leaves there', async () => {
    const own = await Gpu.request(() => undefined);
    const arithmetic = new GpuArithmetic(own);
    // An odd number of columns begins rows in the middle of a word.
    const padded = {width: 15, height: 8};
    const work = {width: 13, height: 7};
    const dims = [1, 3, padded.height, padded.width];
    const data = Float32Array.from({length: 3 * 15 * 8}, (_, i) => 0.5 + 0.6 * Math.sin(i));
    const half = arithmetic.convert(arithmetic.put({data, dims}), 'float16');
    for (const size of [work, {width: 26, height: 14}]) {
      const frame = {...size, work, padded};
      const format: PixelFormat = {channels: 'bgr', range: [0, 1]};
      const painter = GpuPainter.create(new FramePass(own), frame)!;
      const contentOf = (tensor: Decode['tensor']): Content => ({
        decode: {tensor, frame, format},
        carried: [],
      });
      const image = pixelsOf(await painter.render(contentOf(half)));
      const expected = await new PixelPainter().render(contentOf(await half.read()));
      expect(difference(image, pixelsOf(expected))).to.be.at.most(1);
      expect(new Set(image.data).size, 'a picture').to.be.above(50);
    }
    own.device.destroy();
  });

  it('reads nothing back for what is shown, and once for an image', async () => {
    const {surface} = await open(gpu, 'blocks');
    const {latent, frame} = await surface.setSource(0, noisy(20, 12));
    await surface.paint({latent, detail: {0: 0.5}}, frame);
    const begin = await calls();
    for (let i = 0; i < 5; i++) await surface.paint({latent, detail: {0: i / 5}}, frame);
    const painted = await calls();
    expect(painted.mapAsync).to.equal(begin.mapAsync);
    expect(painted.createTexture).to.equal(begin.createTexture);
    (await surface.render({latent}, frame)).close();
    expect((await calls()).mapAsync! - painted.mapAsync!).to.equal(1);
  });

  it('gets the memory of models back that make room for others', async () => {
    const held: number[] = [];
    const packs = ['blocks', 'blocks-bgr', 'blocks-plain', 'blocks-directions'];
    for (const name of [...packs, ...packs, ...packs]) {
      const {model, surface} = await open(gpu, name);
      const {latent, frame} = await surface.setSource(0, noisy(20, 12));
      await surface.paint({latent, detail: {0: 0.5}}, frame);
      surface.close();
      model.release();
      const {createBuffer, createTexture, destroyBuffer, destroyTexture} = await calls();
      held.push(createBuffer! + createTexture! - destroyBuffer! - destroyTexture!);
    }
    expect(Math.max(...held.slice(4)), held.join()).to.be.at.most(Math.max(...held.slice(0, 4)));
  });

  it('is replaced when it is lost in an encode, denoising or frame, or while nothing is asked of it', async () => {
    const lose = (at?: string) => calls({how: 'lose', ...(at && {at})});
    const {model} = await open(gpu, 'blocks-plain');
    const image = noisy(16, 8);
    await lose('submit');
    expect((await errorOf(model.encode(image))).code).to.equal('device-lost');
    const latent = createLatent(model.space, [3, 1, 2], Float32Array.of(-1, 0, 1, 0.5, 0.2, -0.3));
    await model.prepareDenoise();
    await lose('submit');
    expect((await errorOf(model.denoise(latent))).code).to.equal('device-lost');
    const whole = {seed: 7, size: {width: 16, height: 8}};
    await model.prepareDenoise();
    await lose('submit');
    expect((await errorOf(model.generate(whole))).code).to.equal('device-lost');
    // The next call works, on the same lease.
    const made = pixelsOf(await model.generate(whole));
    const same = pixelsOf(await (await open(cpu, 'blocks-plain')).model.generate(whole));
    expect(difference(made, same), 'generated').to.be.at.most(1);
    const first = await open(gpu, 'blocks-plain');
    const {frame} = await first.surface.setSource(0, image);
    await lose('submit');
    expect((await errorOf(first.surface.paint({latent}, frame))).code).to.equal('device-lost');
    const second = await open(gpu, 'blocks-plain');
    await second.surface.paint({latent}, frame);
    const expected = pixelsOf(await (await open(cpu, 'blocks-plain')).model.decode(latent));
    expect(await distance(second.canvas, expected, 1)).to.be.at.most(1);
    const lost = new Promise<LatentError>((resolve) => second.surface.onLost(resolve));
    await lose();
    expect((await lost).code).to.equal('device-lost');
  });

  it('hands leases and what waits over to WASM where the device is auto and it is out of memory', async () => {
    const engine = testEngine({device: 'auto', workerUrl: WATCHED});
    await asHardware(async () => {
      const {model, surface} = await open(engine, 'blocks');
      const bound = await engine.load(pack('blocks'), {device: 'webgpu'});
      models.push(bound);
      const {latent, frame} = await surface.setSource(0, noisy(20, 12));
      const image = pixelsOf(await surface.render({latent}, frame));
      const lost = new Promise<LatentError>((resolve) => surface.onLost(resolve));
      const isSame = async (made: Promise<ImageBitmap>): Promise<void> => {
        expect(difference(pixelsOf(await made), image)).to.be.at.most(1);
      };
      await calls({how: 'fill', at: 'submit'});
      const ends = [errorOf(model.decode(latent)), errorOf(surface.paint({latent}, frame))];
      const waits = isSame(model.decode(latent, {size: frame}));
      const errors = [...(await Promise.all(ends)), await lost];
      expect(new Set(errors.map(({code}) => code))).to.deep.equal(new Set(['out-of-memory']));
      expect(errors[0]!.message).to.contain('device="wasm"');
      await waits;
      // A lease that there was goes on, but one that insists on its device; another is given WASM at once.
      expect([model.device, bound.device]).to.deep.equal(['wasm', 'webgpu']);
      expect((await model.encode(noisy(20, 12))).data).to.deep.equal(latent.data);
      await isSame((await model.createSurface()).render({latent}, frame));
      const other = await open(engine, 'blocks');
      expect(other.model.device).to.equal('wasm');
      await other.surface.paint({latent}, frame);
      expect(await distance(other.canvas, image, 1)).to.be.at.most(1);
    });
  });
});

/** How far a denoising may be off, as a share of its numbers: GPUs sum in float32, where the CPU rounds once. */
const ACCURACY = 1e-6;

describe('denoising on webgpu', () => {
  let cpu: Engine;
  let gpu: Engine;

  before(() => {
    cpu = testEngine();
    gpu = testEngine({device: 'webgpu', workerUrl: WATCHED});
  });

  after(disposeEngines);

  afterEach(() => {
    for (const model of models.splice(0)) model.release();
    document.querySelectorAll('body > canvas').forEach((canvas) => canvas.remove());
  });

  for (const [name, sampling] of [
    ['blocks-flow', {steps: 5, strength: 1, seed: 3}],
    ['blocks-cfg', {steps: 4, strength: 0.6, seed: 4, prompt: 'cat', guidanceScale: 3}],
    ['blocks-lcm', {steps: 3, strength: 1, seed: 6}],
  ] satisfies [string, DenoiseOptions][]) {
    const what = `${name}, ${JSON.stringify(sampling)}`;
    it(`denoises as the CPU does, and reads back only what it made: ${what}`, async () => {
      const [a, b] = [await open(cpu, name), await open(gpu, name)];
      const {latent, frame} = await a.surface.setSource(0, noisy(16, 16));
      const expected = await a.model.denoise(latent, sampling);
      // What is loaded for it is not counted.
      await b.model.denoise(latent, sampling);
      const begin = await calls();
      const made = await b.model.denoise(latent, sampling);
      const denoised = await calls();
      expect(denoised.mapAsync! - begin.mapAsync!).to.equal(1);
      expect(farthest(made, expected)).to.be.at.most(ACCURACY);
      await b.surface.paint({latent, denoise: sampling}, frame);
      const first = await calls();
      const report = await b.surface.paint({latent, denoise: sampling}, frame);
      const painted = await calls();
      expect(painted.mapAsync! - first.mapAsync!).to.equal(1);
      expect(farthest(report.latent!, expected)).to.be.at.most(ACCURACY);
      const image = pixelsOf(await a.surface.render({latent: expected}, frame));
      expect(await distance(b.canvas, image, 1)).to.be.at.most(1);
      // What each step made is let go.
      const held = ({createBuffer, destroyBuffer}: Record<string, number>): number =>
        createBuffer! - destroyBuffer!;
      expect(held(painted) - held(first)).to.be.at.most(0);
    });
  }

  it('says which part made numbers that are not finite', async () => {
    const {model, surface} = await open(gpu, 'blocks-flow');
    const {latent, frame} = await surface.setSource(0, noisy(16, 16));
    const data = latent.data.slice();
    data[3] = Infinity;
    const broken = {...latent, data};
    for (const call of [
      () => model.denoise(broken, {strength: 0.5}),
      () => surface.render({latent: broken, denoise: {strength: 0.5}}, frame),
      () => surface.paint({latent: broken, denoise: {strength: 0.5}}, frame),
    ]) {
      const error = await errorOf(call());
      expect(error.code).to.equal('bad-pack');
      expect(error.message).to.contain('not finite');
    }
  });

  it('is given up between any two steps', async () => {
    const {model} = await open(gpu, 'blocks-flow');
    const latent = createLatent(model.space, [3, 2, 2], new Float32Array(12));
    const controller = new AbortController();
    let seen = 0;
    const onStep = ({step}: {readonly step: number}): void => {
      seen = step;
      if (step === 2) controller.abort();
    };
    const {signal} = controller;
    const thrown: unknown = await model
      .denoise(latent, {strength: 1, steps: 500, signal, onStep})
      .catch((error: unknown) => error);
    expect((thrown as Error).name).to.equal('AbortError');
    expect(seen).to.be.below(100);
    // The next call works.
    await model.denoise(latent, {strength: 1, steps: 2});
  });
});
