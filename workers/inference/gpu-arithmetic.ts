import type {Arithmetic, Term} from '../../src/core/diffusion/schedule.js';
import {fromHalves} from '../../src/core/latent/half.js';
import {countOf} from '../../src/core/latent/latent.js';
import type {Gpu} from './gpu.js';
import type {GpuTensor, TensorData} from './image-tensor.js';

/** Numbers that one invocation sums: two, which is a word of halves. */
const PER_INVOCATION = 2;
const WORKGROUP = 64;
/** The bit of `halves` that stands for the result: those of the terms come before it. */
const RESULT_BIT = 3;

const termAt = (name: string, bit: number): string => `
fn ${name}At(i: u32) -> f32 {
  if ((sum.halves & ${String(1 << bit)}) != 0) {
    let both = unpack2x16float(${name}[i / 2]);
    return select(both.x, both.y, (i & 1) == 1);
  }
  return bitcast<f32>(${name}[i]);
}`;

const SHADER = `
struct Sum {
  count: u32,
  // Numbers that have weights of their own: those of a channel.
  plane: u32,
  // Which are halves: the terms, by bits 0 to 2, and the result, by bit 3.
  halves: u32,
  terms: u32,
}

@group(0) @binding(0) var<uniform> sum: Sum;
// For each plane: three weights, and what is added.
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> first: array<u32>;
@group(0) @binding(3) var<storage, read> second: array<u32>;
@group(0) @binding(4) var<storage, read> third: array<u32>;
@group(0) @binding(5) var<storage, read_write> result: array<u32>;
${['first', 'second', 'third'].map(termAt).join('')}

fn at(i: u32) -> f32 {
  let w = weights[i / sum.plane];
  var value = w.x * firstAt(i);
  if (sum.terms > 1) { value += w.y * secondAt(i); }
  if (sum.terms > 2) { value += w.z * thirdAt(i); }
  return value + w.w;
}

@compute @workgroup_size(${String(WORKGROUP)}) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = ${String(PER_INVOCATION)} * id.x;
  if (i >= sum.count) { return; }
  let hasNext = i + 1 < sum.count;
  let low = at(i);
  var high = 0.0;
  if (hasNext) { high = at(i + 1); }
  if ((sum.halves & ${String(1 << RESULT_BIT)}) != 0) {
    result[i / 2] = pack2x16float(vec2f(low, high));
    return;
  }
  result[i] = bitcast<u32>(low);
  if (hasNext) { result[i + 1] = bitcast<u32>(high); }
}`;

/** Bytes that ONNX Runtime expects buffers to be multiples of. */
const ALIGNMENT = 16;
const BYTES = {float32: 4, float16: 2} as const;

/** What becomes of each channel: value · scale + shift. */
export interface ChannelMap {
  readonly scale: number;
  readonly shift: number;
}

/** Weighted sums of tensors that lie on the GPU, so that what follows a network there needs no way back. */
export class GpuArithmetic implements Arithmetic<GpuTensor> {
  readonly #gpu: Gpu;
  #compiled: GPUComputePipeline | undefined;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Numbers of the CPU, put there. */
  put({data, dims}: TensorData): GpuTensor {
    const tensor = this.#tensor('float32', dims);
    this.#device.queue.writeBuffer(tensor.buffer, 0, data as Float32Array<ArrayBuffer>);
    return tensor;
  }

  sum(...given: readonly (Term<GpuTensor> | undefined)[]): GpuTensor {
    const terms = given.filter((term) => term !== undefined);
    const [x = 0, y = 0, z = 0] = terms.map(([weight]) => weight);
    return this.#run(
      terms.map(([, tensor]) => tensor),
      [[x, y, z, 0]],
    );
  }

  /** A tensor [1, channels, …], each channel by a map of its own. */
  mapChannels(tensor: GpuTensor, channels: readonly ChannelMap[]): GpuTensor {
    return this.#run(
      [tensor],
      channels.map(({scale, shift}) => [scale, 0, 0, shift]),
    );
  }

  /** The same numbers as another type. */
  convert(tensor: GpuTensor, type: GpuTensor['type']): GpuTensor {
    return this.#run([tensor], [[1, 0, 0, 0]], type);
  }

  /** Settles when the device has done all that it was given; throws what became of it meanwhile. */
  settled(): Promise<void> {
    return this.#gpu.settled();
  }

  /** `weights` has, for each plane, those of three terms and what is added. */
  #run(
    terms: readonly GpuTensor[],
    weights: readonly (readonly number[])[],
    type: GpuTensor['type'] = 'float32',
  ): GpuTensor {
    const device = this.#device;
    const [first] = terms as [GpuTensor];
    const count = countOf(first.dims);
    const result = this.#tensor(type, first.dims);
    const halves = terms
      .map((tensor, bit) => Number(tensor.type === 'float16') << bit)
      .reduce((bits, bit) => bits | bit, Number(type === 'float16') << RESULT_BIT);
    const sum = this.#small(
      GPUBufferUsage.UNIFORM,
      Uint32Array.of(count, count / weights.length, halves, terms.length),
    );
    const weighted = this.#small(GPUBufferUsage.STORAGE, Float32Array.from(weights.flat()));
    const [, second = first, third = first] = terms;
    const buffers = [sum, weighted, first.buffer, second.buffer, third.buffer, result.buffer];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: this.#pipeline.getBindGroupLayout(0),
        entries: buffers.map((buffer, binding) => ({binding, resource: {buffer}})),
      }),
    );
    pass.dispatchWorkgroups(Math.ceil(count / (PER_INVOCATION * WORKGROUP)));
    pass.end();
    device.queue.submit([encoder.finish()]);
    sum.destroy();
    weighted.destroy();
    return result;
  }

  get #device(): GPUDevice {
    return this.#gpu.device;
  }

  get #pipeline(): GPUComputePipeline {
    return (this.#compiled ??= this.#device.createComputePipeline({
      layout: 'auto',
      compute: {module: this.#device.createShaderModule({code: SHADER})},
    }));
  }

  #small(usage: GPUBufferUsageFlags, data: Uint32Array | Float32Array): GPUBuffer {
    const buffer = this.#device.createBuffer({
      size: data.byteLength,
      usage: usage | GPUBufferUsage.COPY_DST,
    });
    this.#device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    return buffer;
  }

  #tensor(type: GpuTensor['type'], dims: readonly number[]): GpuTensor {
    const count = countOf(dims);
    const size = Math.ceil((count * BYTES[type]) / ALIGNMENT) * ALIGNMENT;
    const {COPY_DST, COPY_SRC, STORAGE} = GPUBufferUsage;
    const buffer = this.#device.createBuffer({size, usage: STORAGE | COPY_SRC | COPY_DST});
    return {
      buffer,
      type,
      dims,
      read: async () => {
        const all = await this.#gpu.read(size, (encoder, target) => {
          encoder.copyBufferToBuffer(buffer, 0, target, 0, size);
        });
        const bytes = all.slice(0, count * BYTES[type]);
        const isHalf = type === 'float16';
        return {data: isHalf ? fromHalves(new Uint16Array(bytes)) : new Float32Array(bytes), dims};
      },
      release: () => {
        buffer.destroy();
      },
    };
  }
}
