import {DeviceError} from '../../src/core/errors.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {Gpu} from './gpu.js';
import {
  type Carried,
  type Content,
  type Decode,
  inPairs,
  type Painter,
  setSize,
  weightOf,
} from './painter.js';

/**
 * The arithmetic of `PixelPainter`, which it follows to one step of 255: to bytes first, then scaled (by hand:
 * filters of textures weigh in coarse steps), then the detail in whole numbers, so that weight 1 restores the
 * source exactly here too.
 */
const SHADER = `
struct Frame {
  size: vec2u,
  work: vec2u,
  // Columns of a row with its padding, and numbers of a channel.
  stride: u32,
  plane: u32,
  low: f32,
  step: f32,
  weights: vec2i,
  // Which channel is red, and which is blue.
  red: u32,
  blue: u32,
}

override half = false;

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var pixels: texture_2d<f32>;
@group(0) @binding(3) var firstSource: texture_2d<f32>;
@group(0) @binding(4) var firstMade: texture_2d<f32>;
@group(0) @binding(5) var secondSource: texture_2d<f32>;
@group(0) @binding(6) var secondMade: texture_2d<f32>;

// One triangle, larger than the canvas.
@vertex fn corner(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
  return vec4f(f32(i & 1) * 4 - 1, f32(i >> 1) * 4 - 1, 0, 1);
}

fn value(i: u32) -> f32 {
  if (half) {
    let both = unpack2x16float(values[i / 2]);
    return select(both.x, both.y, (i & 1) == 1);
  }
  return bitcast<f32>(values[i]);
}

fn decoded(x: f32, y: f32) -> vec3f {
  let at = vec2u(clamp(vec2f(x, y), vec2f(0), vec2f(frame.work - 1)));
  let i = at.y * frame.stride + at.x;
  let made = vec3f(value(frame.red * frame.plane + i), value(frame.plane + i), value(frame.blue * frame.plane + i));
  return round(clamp((made - frame.low) * frame.step, vec3f(0), vec3f(255)));
}

fn bytes(texture: texture_2d<f32>, at: vec2u) -> vec3i {
  return vec3i(round(textureLoad(texture, at, 0).rgb * 255));
}

fn withDetail(made: vec3i, at: vec2u) -> vec4f {
  let first = frame.weights.x * (bytes(firstSource, at) - bytes(firstMade, at));
  let second = frame.weights.y * (bytes(secondSource, at) - bytes(secondMade, at));
  let sum = made + ((first + second + 128) >> vec3u(8));
  return vec4f(vec3f(clamp(sum, vec3i(0), vec3i(255))) / 255, 1);
}

@fragment fn fromValues(@builtin(position) place: vec4f) -> @location(0) vec4f {
  let at = vec2u(place.xy);
  if (all(frame.work == frame.size)) {
    return withDetail(vec3i(decoded(place.x, place.y)), at);
  }
  let p = place.xy * vec2f(frame.work) / vec2f(frame.size) - 0.5;
  let low = floor(p);
  let f = p - low;
  let top = mix(decoded(low.x, low.y), decoded(low.x + 1, low.y), f.x);
  let bottom = mix(decoded(low.x, low.y + 1), decoded(low.x + 1, low.y + 1), f.x);
  return withDetail(vec3i(round(mix(top, bottom, f.y))), at);
}

@fragment fn fromPixels(@builtin(position) place: vec4f) -> @location(0) vec4f {
  let at = vec2u(place.xy);
  return withDetail(bytes(pixels, at), at);
}`;

/** Bytes of the struct Frame. */
const FRAME_BYTES = 48;
/** Texture rows that are read back begin at multiples of so many bytes. */
const ROW_ALIGNMENT = 256;
/** What textures in between hold: bytes, as canvases do. */
const BYTES = 'rgba8unorm';

/** What of a frame is there before its detail: a network's numbers, or pixels. */
type Base = Decode | GPUTexture;

/** The textures of a source whose detail is added, and how much of it. */
interface Detail extends KeptSource {
  readonly weight: number;
}

/** Runs the shader on one device: what all its painters share. */
export class FramePass {
  readonly gpu: Gpu;
  readonly #module: GPUShaderModule;
  readonly #frame: GPUBuffer;
  /** Stands for a detail that is not added. */
  readonly #none: GPUTextureView;
  readonly #pipelines = new Map<string, GPURenderPipeline>();

  constructor(gpu: Gpu) {
    const {device} = gpu;
    this.gpu = gpu;
    this.#module = device.createShaderModule({code: SHADER});
    this.#frame = device.createBuffer({
      size: FRAME_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#none = device
      .createTexture({size: [1, 1], format: BYTES, usage: GPUTextureUsage.TEXTURE_BINDING})
      .createView();
  }

  /** Pixels of the longest side of a picture here. */
  get longestSide(): number {
    return this.gpu.device.limits.maxTextureDimension2D;
  }

  /** Draws `base`, with up to two details, over all of `target`. */
  draw(base: Base, [first, second]: readonly Detail[], target: GPUTexture): void {
    const {device} = this.gpu;
    this.#writeFrame(base, [weightOf(first), weightOf(second)], target);
    const pipeline = this.#pipeline(base, target.format);
    const details = [first, second].flatMap((detail) => [detail?.pixels, detail?.made]);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{view: target.createView(), loadOp: 'clear', storeOp: 'store'}],
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [
          {binding: 0, resource: {buffer: this.#frame}},
          'tensor' in base
            ? {binding: 1, resource: {buffer: bufferOf(base)}}
            : {binding: 2, resource: base.createView()},
          ...details.map((texture, i) => ({
            binding: 3 + i,
            resource: texture?.createView() ?? this.#none,
          })),
        ],
      }),
    );
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  #writeFrame(base: Base, weights: readonly number[], {width, height}: GPUTexture): void {
    const words = new ArrayBuffer(FRAME_BYTES);
    const whole = new Int32Array(words);
    whole.set([width, height], 0);
    whole.set(weights, 8);
    if ('tensor' in base) {
      const {frame, format} = base;
      const {padded, work} = frame;
      const [low, high] = format.range;
      const red = format.channels === 'rgb' ? 0 : 2;
      whole.set([work.width, work.height, padded.width, padded.width * padded.height], 2);
      new Float32Array(words).set([low, 255 / (high - low)], 6);
      whole.set([red, 2 - red], 10);
    }
    this.gpu.device.queue.writeBuffer(this.#frame, 0, words);
  }

  /** The pipeline for a base and a target, compiled when it is first needed. */
  #pipeline(base: Base, format: GPUTextureFormat): GPURenderPipeline {
    const isHalf = 'tensor' in base && 'type' in base.tensor && base.tensor.type === 'float16';
    const entryPoint = 'tensor' in base ? 'fromValues' : 'fromPixels';
    const key = `${entryPoint} ${format} ${String(isHalf)}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.gpu.device.createRenderPipeline({
        layout: 'auto',
        vertex: {module: this.#module},
        fragment: {
          module: this.#module,
          entryPoint,
          constants: 'tensor' in base ? {half: Number(isHalf)} : {},
          targets: [{format}],
        },
      });
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }
}

interface KeptSource {
  readonly pixels: GPUTexture;
  /** The decode of its own latent; what it lacks of the pixels is the detail. */
  made?: GPUTexture;
}

/** Paints on the GPU what the networks left there; nothing is read back but by `render`. */
export class GpuPainter implements Painter {
  readonly #pass: FramePass;
  readonly #canvas: OffscreenCanvas | undefined;
  readonly #context: GPUCanvasContext | undefined;
  readonly #sources = new Map<number, KeptSource>();

  private constructor(pass: FramePass, canvas?: OffscreenCanvas, context?: GPUCanvasContext) {
    this.#pass = pass;
    this.#canvas = canvas;
    this.#context = context;
  }

  /** A painter of frames of this size; undefined where the GPU cannot, or not on this canvas. */
  static create(pass: FramePass, frame: Size, canvas?: OffscreenCanvas): GpuPainter | undefined {
    if (Math.max(frame.width, frame.height) > pass.longestSide) return undefined;
    if (!canvas) return new GpuPainter(pass);
    const context = canvas.getContext('webgpu');
    if (!context) return undefined;
    context.configure({
      device: pass.gpu.device,
      format: navigator.gpu.getPreferredCanvasFormat(),
      alphaMode: 'opaque',
    });
    return new GpuPainter(pass, canvas, context);
  }

  setSource(source: number, pixels: ImageData): void {
    this.#assertFits(pixels);
    this.#forget(source);
    const {width, height, data} = pixels;
    const texture = this.#texture(
      pixels,
      GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    );
    this.#device.queue.writeTexture({texture}, data, {bytesPerRow: 4 * width}, [width, height]);
    this.#sources.set(source, {pixels: texture});
  }

  setReconstruction(source: number, decode: Decode): Promise<void> {
    const kept = this.#sources.get(source)!;
    kept.made?.destroy();
    kept.made = this.#texture(
      decode.frame,
      GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.RENDER_ATTACHMENT,
    );
    this.#pass.draw(decode, [], kept.made);
    return Promise.resolve();
  }

  async show(content: Content): Promise<void> {
    if (!this.#canvas || !this.#context) return;
    setSize(this.#canvas, this.#sizeOf(content));
    this.#draw(content, this.#context.getCurrentTexture());
    // Whoever asks for frames faster than the GPU makes them must not fill its queue.
    await this.#pass.gpu.settled();
  }

  async render(content: Content): Promise<ImageBitmap> {
    const {width, height} = this.#sizeOf(content);
    const rowBytes = Math.ceil((4 * width) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    const texture = this.#texture(
      {width, height},
      GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
    );
    try {
      this.#draw(content, texture);
      const rows = new Uint8Array(
        await this.#pass.gpu.read(rowBytes * height, (encoder, buffer) => {
          encoder.copyTextureToBuffer({texture}, {buffer, bytesPerRow: rowBytes}, [width, height]);
        }),
      );
      const image = new ImageData(width, height);
      for (let y = 0; y < height; y++) {
        image.data.set(rows.subarray(y * rowBytes, y * rowBytes + 4 * width), 4 * width * y);
      }
      return await createImageBitmap(image);
    } finally {
      texture.destroy();
    }
  }

  close(): void {
    for (const source of this.#sources.keys()) this.#forget(source);
    this.#context?.unconfigure();
  }

  get #device(): GPUDevice {
    return this.#pass.gpu.device;
  }

  #draw(content: Content, target: GPUTexture): void {
    if ('source' in content) {
      this.#pass.draw(this.#sources.get(content.source)!.pixels, [], target);
      return;
    }
    const {decode, carried} = content;
    const pairs = inPairs(carried.map((each) => this.#detail(each)));
    let base: Base = decode;
    // A frame between keyframes carries the detail of two: one pass. More are added as the CPU does.
    while (pairs.length > 1) {
      const made = this.#texture(
        decode.frame,
        GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.TEXTURE_BINDING,
      );
      this.#pass.draw(base, pairs.shift()!, made);
      if (!('tensor' in base)) base.destroy();
      base = made;
    }
    this.#pass.draw(base, pairs[0] ?? [], target);
    if (!('tensor' in base)) base.destroy();
  }

  #detail({source, weight}: Carried): Detail {
    return {...this.#sources.get(source)!, weight};
  }

  #sizeOf(content: Content): Size {
    if ('source' in content) return this.#sources.get(content.source)!.pixels;
    this.#assertFits(content.decode.frame);
    return content.decode.frame;
  }

  // A canvas that has begun on the GPU cannot go on elsewhere.
  #assertFits({width, height}: Size): void {
    const {longestSide} = this.#pass;
    if (Math.max(width, height) <= longestSide) return;
    throw new DeviceError(
      'unsupported',
      `A picture of ${String(width)}×${String(height)} pixels is more than this GPU paints (${String(longestSide)} ` +
        'a side). Use a smaller resolution, or device="wasm".',
    );
  }

  #texture({width, height}: Size, usage: GPUTextureUsageFlags): GPUTexture {
    return this.#device.createTexture({size: [width, height], format: BYTES, usage});
  }

  #forget(source: number): void {
    const kept = this.#sources.get(source);
    kept?.pixels.destroy();
    kept?.made?.destroy();
    this.#sources.delete(source);
  }
}

function bufferOf({tensor}: Decode): GPUBuffer {
  if ('buffer' in tensor) return tensor.buffer;
  throw new Error('A network of the GPU left its numbers elsewhere.');
}
