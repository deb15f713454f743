import assert from 'node:assert/strict';
import {beforeEach, describe, it} from 'node:test';
import type {Decode} from '../../../workers/inference/painter.js';

/** What lives on the fake device, by its kind. */
const alive = {buffers: 0, textures: 0, pipelines: 0};

const held = (kind: 'buffers' | 'textures', more: object): object => {
  alive[kind]++;
  let isAlive = true;
  const destroy = (): void => {
    assert.ok(isAlive, 'destroyed twice');
    isAlive = false;
    alive[kind]--;
  };
  return {destroy, ...more};
};

/** As much of a device as a painter asks for; it counts what it holds. */
class FakeDevice extends EventTarget {
  readonly lost = new Promise(() => undefined);
  readonly limits = {maxTextureDimension2D: 64};
  readonly queue = {
    submit: () => undefined,
    writeBuffer: () => undefined,
    writeTexture: () => undefined,
    onSubmittedWorkDone: () => Promise.resolve(),
  };
  createShaderModule = () => ({});
  createBindGroup = () => ({});
  createBuffer = ({size}: {size: number}) =>
    held('buffers', {
      mapAsync: () => Promise.resolve(),
      getMappedRange: () => new ArrayBuffer(size),
    });
  createTexture = ({size: [width, height]}: {size: [number, number]}) =>
    held('textures', {width, height, format: 'rgba8unorm', createView: () => ({})});
  createRenderPipeline = () => {
    alive.pipelines++;
    return {getBindGroupLayout: () => ({})};
  };
  createCommandEncoder = () => ({
    beginRenderPass: () => new Proxy({}, {get: () => () => undefined}),
    copyTextureToBuffer: () => undefined,
    finish: () => ({}),
  });
}

/** A canvas with a context of WebGPU, or with none. */
function canvasOf(hasContext = true): OffscreenCanvas {
  const texture = {width: 8, height: 4, format: 'bgra8unorm', createView: () => ({})};
  const context = {
    configure: () => undefined,
    unconfigure: () => undefined,
    getCurrentTexture: () => texture,
  };
  return {width: 8, height: 4, getContext: () => (hasContext ? context : null)} as never;
}

const usages = new Proxy({}, {get: () => 1});
Object.assign(globalThis, {
  // Pixels are drawn in browsers only; here it is enough that the module loads.
  OffscreenCanvas: Object,
  GPUBufferUsage: usages,
  GPUTextureUsage: usages,
  GPUMapMode: usages,
  ImageData: class {
    readonly data = new Uint8ClampedArray(4 * 8 * 4);
  },
  createImageBitmap: (image: unknown) => Promise.resolve(image),
});
Object.defineProperty(globalThis, 'navigator', {
  configurable: true,
  value: {gpu: {getPreferredCanvasFormat: () => 'bgra8unorm'}},
});
const {Gpu} = await import('../../../workers/inference/gpu.js');
const {FramePass, GpuPainter} = await import('../../../workers/inference/gpu-painter.js');

const size = {width: 8, height: 4};
const pixels = {...size, data: new Uint8ClampedArray(4 * 8 * 4)} as ImageData;
const decode: Decode = {
  tensor: {
    buffer: {} as GPUBuffer,
    type: 'float32',
    dims: [1, 3, 4, 8],
    read: () => Promise.reject(new Error('Nothing is read back.')),
    release: () => undefined,
  },
  frame: {...size, work: size, padded: size},
  format: {channels: 'rgb', range: [0, 1]},
};

describe('GpuPainter', () => {
  beforeEach(() => Object.assign(alive, {buffers: 0, textures: 0, pipelines: 0}));

  it('holds no more after 200 surfaces than after one', async () => {
    const pass = new FramePass(new Gpu(new FakeDevice() as never));
    let first: typeof alive | undefined;
    for (let i = 0; i < 200; i++) {
      const painter = GpuPainter.create(pass, size, canvasOf())!;
      for (const source of [0, 1, 2]) {
        painter.setSource(source, pixels);
        await painter.setReconstruction(source, decode);
      }
      // Another picture in the place of one, and its decode.
      painter.setSource(1, pixels);
      await painter.setReconstruction(1, decode);
      const carried = [0, 1, 2].map((source) => ({source, weight: 0.5}));
      const before = {...alive};
      await painter.show({decode, carried});
      await painter.show({source: 0});
      await painter.render({decode, carried});
      if (first) assert.deepEqual(alive, before, 'a frame leaves nothing behind');
      assert.equal(alive.textures, 7, 'two for each source, and one for all');
      painter.close();
      first ??= {...alive};
    }
    assert.deepEqual(alive, first);
    assert.deepEqual({buffers: alive.buffers, textures: alive.textures}, {buffers: 1, textures: 1});
  });

  it('is not for a canvas without a context of WebGPU, nor for a picture wider than a texture', () => {
    const pass = new FramePass(new Gpu(new FakeDevice() as never));
    assert.equal(GpuPainter.create(pass, size, canvasOf(false)), undefined);
    assert.equal(GpuPainter.create(pass, {width: 65, height: 1}, canvasOf()), undefined);
    assert.ok(GpuPainter.create(pass, {width: 64, height: 1}, canvasOf()));
  });

  it('says which size it paints where a later picture is larger', async () => {
    const pass = new FramePass(new Gpu(new FakeDevice() as never));
    const painter = GpuPainter.create(pass, size, canvasOf())!;
    const wide = {width: 65, height: 1};
    const frame = {...wide, work: wide, padded: wide};
    await assert.rejects(painter.show({decode: {...decode, frame}, carried: []}), {
      code: 'unsupported',
      message: /65×1.*64.*smaller resolution/,
    });
    assert.throws(() => painter.setSource(0, wide as ImageData), {code: 'unsupported'});
  });
});
