import type {InferenceSession, Tensor} from 'onnxruntime-web';
import {DeviceError, LatentError} from '../../src/core/errors.js';
import {fromHalves, toHalves} from '../../src/core/latent/half.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {PackPart} from '../../src/core/pack/pack.js';
import {fetchBytes} from '../../src/shared/fetch-bytes.js';
import type {RuntimeFiles, RuntimeOptions} from '../../src/shared/inference.js';
import {TaskQueue} from '../../src/shared/task-queue.js';
import {trustedScriptUrl} from '../../src/shared/trusted-types.js';
import type {PackStore} from '../loading/pack-store.js';
import {
  joinShared,
  type LoadCall,
  type LoadListener,
  type SharedLoad,
} from '../loading/shared-load.js';
import {Gpu} from './gpu.js';
import {GpuArithmetic} from './gpu-arithmetic.js';
import {FramePass, GpuPainter} from './gpu-painter.js';
import type {GpuTensor, TensorData} from './image-tensor.js';
import {compileError, gpuError, runError, startError} from './ort-errors.js';
import {type Painter, PixelPainter} from './painter.js';

type Ort = typeof import('onnxruntime-web');

/** Bytes of the largest code that is read: the builds that there are have 27 MB at most. */
const MAX_CODE_BYTES = 64 * 2 ** 20;
/** Bytes of weights from which on copies are avoided: WASM has 4 GB in all. */
const LARGE = 2 ** 30;
/** As ONNX Runtime's own page for SD-Turbo has it. */
const SPARING: InferenceSession.SessionOptions = {
  enableCpuMemArena: false,
  enableMemPattern: false,
  extra: {session: {disable_prepacking: '1', use_device_allocator_for_initializers: '1'}},
};

/** What a network is fed: numbers become what the file declares its input to be. */
export interface InputData {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

type Inputs<Elsewhere = never> = Readonly<Record<string, InputData | Elsewhere>>;

/** An ONNX file, and the files beside it that hold its weights, by the paths that it knows. */
export interface NetworkFiles {
  readonly bytes: Uint8Array;
  readonly externalData: readonly {readonly path: string; readonly data: Uint8Array}[];
}

/** One compiled ONNX file, fed and read by the roles that its pack gives to its tensors. */
export interface Network {
  run(inputs: Inputs): Promise<Record<string, TensorData>>;
  /** The same without a way back to the CPU; only of networks that were compiled for it. */
  readonly onGpu?: NetworkOnGpu;
  /** The sizes that the file declares for an input, names where they are symbolic. */
  inputShape(role: string): readonly (number | string)[];
  release(): Promise<void>;
}

/** A network whose inputs may lie on the GPU, and whose outputs do. */
export interface NetworkOnGpu {
  /** Done when the GPU has been told all of it. */
  run(inputs: Inputs<GpuTensor>): Promise<Record<string, GpuTensor>>;
  /** For what goes in, and what comes out. */
  readonly arithmetic: GpuArithmetic;
}

/** ONNX Runtime in this worker: its code is fetched when the first network is, and beside it. */
export class RuntimeStart {
  readonly #options: RuntimeOptions;
  readonly #store: PackStore;
  readonly #onFault: (fault: DeviceError) => void;
  readonly #loads = new Map<string, SharedLoad<OrtRuntime>>();
  #runtime: OrtRuntime | undefined;

  /** `onFault` hears that the GPU is of no use any more, and with it all that ran there. */
  constructor(options: RuntimeOptions, store: PackStore, onFault: (fault: DeviceError) => void) {
    this.#options = options;
    this.#store = store;
    this.#onFault = onFault;
  }

  /** The runtime; callers who wait for the same hear how much of it is here, as `runtime`. */
  async get(call: LoadCall): Promise<OrtRuntime> {
    if (this.#runtime) return this.#runtime;
    const runtime = await joinShared(
      this.#loads,
      this.#options.runtime.wasm,
      call.signal,
      (loaded) => call.onProgress('runtime', loaded),
      (all, listener) =>
        OrtRuntime.create(this.#options, this.#store, this.#onFault, all, listener),
    );
    // Who comes now downloads nothing of it, and counts nothing.
    this.#runtime = runtime;
    return runtime;
  }
}

/** ONNX Runtime on one device: the only place that knows it. */
export class OrtRuntime {
  readonly #ort: Ort;
  readonly #gpu: Gpu | undefined;
  readonly #arithmetic: GpuArithmetic | undefined;
  #pass: FramePass | undefined;
  // One compilation or run at a time in the whole worker: ORT's WebGPU backend hangs on two runs at once,
  // and fails two compilations.
  readonly #turns = new TaskQueue();

  private constructor(ort: Ort, gpu: Gpu | undefined) {
    this.#ort = ort;
    this.#gpu = gpu;
    this.#arithmetic = gpu?.isSoftware === false ? new GpuArithmetic(gpu) : undefined;
  }

  /** Fetches and sets up the runtime; `unsupported` where it or the device is not to be had. */
  static async create(
    {device, threads, runtime}: RuntimeOptions,
    store: PackStore,
    onFault: (fault: DeviceError) => void,
    signal: AbortSignal,
    onProgress: LoadListener,
  ): Promise<OrtRuntime> {
    assertWasm();
    const gpu = device === 'webgpu' ? await Gpu.request(onFault) : undefined;
    if (threads > 1) trustWorkers();
    // One and the same code drives every build, with or without a GPU: which one, its files say.
    const ort = await import('onnxruntime-web/webgpu');
    const {wasm} = ort.env;
    const version = ort.env.versions.web ?? '';
    wasm.wasmBinary = await fetchCode(runtime, version, store, signal, onProgress);
    wasm.wasmPaths = {mjs: runtime.mjs, wasm: runtime.wasm};
    wasm.numThreads = threads;
    ort.env.logLevel = 'error';
    return new OrtRuntime(ort, gpu);
  }

  /** Throws `unsupported` for a part that this device cannot run, whatever is in its file. */
  assertRuns({dtype}: PackPart, source: string): void {
    if (dtype !== 'float16' || !this.#gpu || this.#gpu.device.features.has('shader-f16')) return;
    throw new DeviceError(
      'unsupported',
      `${source} computes in float16, which this GPU does not (shader-f16). Use device="wasm".`,
    );
  }

  /** What paints frames on a canvas, the first of them of this size: on the GPU, where networks run on one. */
  painter(frame: Size, canvas?: OffscreenCanvas): Painter {
    if (!this.#gpu || this.#gpu.isSoftware) return new PixelPainter(canvas);
    this.#pass ??= new FramePass(this.#gpu);
    return GpuPainter.create(this.#pass, frame, canvas) ?? new PixelPainter(canvas);
  }

  /**
   * Compiles an ONNX file; `bad-pack` when it is none, or its tensors are not those of the part. On a GPU,
   * what `stays` there is not read back.
   */
  async compile(
    files: NetworkFiles,
    part: PackPart,
    source: string,
    stays = false,
  ): Promise<Network> {
    const arithmetic = stays ? this.#arithmetic : undefined;
    const session = await this.#turns.push(() =>
      this.#createSession(files, part, source, arithmetic !== undefined),
    );
    try {
      checkNames(session, part, source);
    } catch (error) {
      await session.release();
      throw error;
    }
    const run =
      <T>(take: (tensor: Tensor) => T | Promise<T>) =>
      (inputs: Inputs<GpuTensor>): Promise<Record<string, T>> =>
        this.#turns.push(() => this.#run(session, part, inputs, source, take));
    return {
      run: run(read),
      ...(arithmetic && {onGpu: {run: run((tensor) => this.#keep(tensor)), arithmetic}}),
      inputShape: (role) => {
        const declared = inputOf(session, part.inputs[role] ?? role);
        return declared?.isTensor ? declared.shape : [];
      },
      release: () => this.#turns.push(() => session.release()),
    };
  }

  async #createSession(
    {bytes, externalData}: NetworkFiles,
    part: PackPart,
    source: string,
    onGpu: boolean,
  ): Promise<InferenceSession> {
    const size = externalData.reduce((sum, {data}) => sum + data.length, bytes.length);
    try {
      const session = await this.#ort.InferenceSession.create(bytes, {
        ...(size >= LARGE && SPARING),
        executionProviders: [this.#gpu ? {name: 'webgpu', device: this.#gpu.device} : 'wasm'],
        ...(onGpu && {preferredOutputLocation: 'gpu-buffer'}),
        externalData,
        freeDimensionOverrides: part.dimensions,
        logSeverityLevel: 3,
      });
      // It runs: its code need not lie here as bytes any longer.
      delete this.#ort.env.wasm.wasmBinary;
      return session;
    } catch (cause) {
      await this.#assertGpu(cause, source);
      throw this.#ofDevice(compileError(cause, source));
    }
  }

  async #run<T>(
    session: InferenceSession,
    part: PackPart,
    inputs: Inputs<GpuTensor>,
    source: string,
    take: (tensor: Tensor) => T | Promise<T>,
  ): Promise<Record<string, T>> {
    const feeds: Record<string, Tensor> = {};
    const converted: GpuTensor[] = [];
    for (const [role, input] of Object.entries(inputs)) {
      const name = part.inputs[role] ?? role;
      const declared = inputOf(session, name);
      feeds[name] =
        'buffer' in input
          ? this.#gpuTensor(input, declared, converted)
          : this.#tensor(input, declared);
    }
    try {
      const results = await session.run(feeds);
      const outputs: Record<string, T> = {};
      for (const [role, name] of Object.entries(part.outputs)) {
        const tensor = results[name];
        if (!tensor) continue;
        if (tensor.type !== 'float32' && tensor.type !== 'float16') {
          throw new LatentError(
            'bad-pack',
            `${source} gives "${name}" as ${tensor.type}, not float32 or float16.`,
          );
        }
        outputs[role] = await take(tensor);
      }
      return outputs;
    } catch (cause) {
      if (cause instanceof LatentError) throw cause;
      await this.#assertGpu(cause, source);
      throw this.#ofDevice(runError(cause, source));
    } finally {
      for (const tensor of converted) tensor.release();
    }
  }

  /** A tensor of the GPU as the file declares it; one made for that is added to `converted`. */
  #gpuTensor(
    tensor: GpuTensor,
    declared: InferenceSession.ValueMetadata | undefined,
    converted: GpuTensor[],
  ): Tensor {
    const type = declared?.isTensor && declared.type === 'float16' ? 'float16' : 'float32';
    let own = tensor;
    if (tensor.type !== type) converted.push((own = this.#arithmetic!.convert(tensor, type)));
    return this.#ort.Tensor.fromGpuBuffer(own.buffer, {dataType: type, dims: [...own.dims]});
  }

  #tensor({data, dims}: InputData, declared: InferenceSession.ValueMetadata | undefined): Tensor {
    const {Tensor} = this.#ort;
    const {type, shape} = declared?.isTensor ? declared : {type: 'float32', shape: dims};
    // A timestep is one number, which some files declare without an axis.
    const size = shape.length === 0 && data.length === 1 ? [] : dims;
    switch (type) {
      case 'int64':
        return new Tensor('int64', BigInt64Array.from(data, toBigInt), size);
      case 'int32':
        return new Tensor('int32', Int32Array.from(data, Math.round), size);
      case 'float16':
        return new Tensor('float16', toHalves(Float32Array.from(data)), size);
      default:
        return new Tensor(
          'float32',
          data instanceof Float32Array ? data : Float32Array.from(data),
          size,
        );
    }
  }

  #keep(tensor: Tensor): GpuTensor {
    return {
      buffer: tensor.gpuBuffer,
      type: tensor.type as GpuTensor['type'],
      dims: tensor.dims,
      read: async () => read(tensor),
      // Before whatever runs next, and never in the middle of what runs.
      release: () => {
        void this.#turns.push(() => {
          tensor.dispose();
          return Promise.resolve();
        });
      },
    };
  }

  async #assertGpu(cause: unknown, source: string): Promise<void> {
    const fault = await this.#gpu?.fault();
    if (fault) throw gpuError(fault.code, source, cause);
  }

  /** What a GPU has no memory for may yet fit elsewhere. */
  #ofDevice(error: LatentError): LatentError {
    if (!this.#gpu || error.code !== 'out-of-memory') return error;
    return new DeviceError(error.code, error.message, {cause: error.cause});
  }
}

/** An empty module. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Throws `unsupported` where the page's CSP forbids WebAssembly, before megabytes of it are fetched. */
function assertWasm(): void {
  try {
    new WebAssembly.Module(EMPTY);
  } catch (cause) {
    throw startError(cause);
  }
}

/** The runtime's code, from an earlier visit or from the network, which `onProgress` counts in bytes. */
async function fetchCode(
  {wasm, bytes}: RuntimeFiles,
  version: string,
  store: PackStore,
  signal: AbortSignal,
  onProgress: LoadListener,
): Promise<ArrayBuffer> {
  const kept = await store.get(wasm, version);
  if (kept && kept.length > 0) {
    onProgress(bytes);
    return kept.buffer;
  }
  try {
    const {bytes: code} = await fetchBytes(wasm, {
      what: 'code of ONNX Runtime',
      maxBytes: MAX_CODE_BYTES,
      tooLong: 'unsupported',
      signal,
      // What its size is said to be is right for the builds of this package alone.
      onLength: (length) => onProgress(Math.min(length, bytes)),
    });
    void store.put(wasm, version, code);
    return code.buffer;
  } catch (cause) {
    throw startError(cause);
  }
}

function toBigInt(value: number): bigint {
  return BigInt(Math.round(value));
}

/** The numbers of a tensor of float32 or float16, wherever it lies. */
async function read(tensor: Tensor): Promise<TensorData> {
  const {dims, location} = tensor;
  const data = location === 'cpu' ? tensor.data : await tensor.getData();
  if (data instanceof Float32Array) return {data, dims};
  // A Float16Array where the browser has it, else the bits; both lie in memory alike.
  const {buffer, byteOffset, length} = data as Uint16Array;
  return {data: fromHalves(new Uint16Array(buffer, byteOffset, length)), dims};
}

function inputOf(
  session: InferenceSession,
  name: string,
): InferenceSession.ValueMetadata | undefined {
  return session.inputMetadata.find((declared) => declared.name === name);
}

function checkNames(session: InferenceSession, part: PackPart, source: string): void {
  for (const side of ['input', 'output'] as const) {
    const present = session[`${side}Names`];
    for (const [role, name] of Object.entries(part[`${side}s`])) {
      if (present.includes(name)) continue;
      throw new LatentError(
        'bad-pack',
        `${source} has no ${side} named "${name}" for the role "${role}"; its ${side}s are ` +
          `${present.map((other) => `"${other}"`).join(', ')}. Correct parts.*.${side}s in pack.json.`,
      );
    }
  }
}

/**
 * Lets ONNX Runtime start its threads under Trusted Types, which this worker has from its page (as a
 * blob) or from its own headers.
 */
function trustWorkers(): void {
  if (!('trustedTypes' in globalThis)) return;
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(trustedScriptUrl(String(url)), options);
    }
  };
}
