import type {InferenceSession, Tensor} from 'onnxruntime-web';
import {LatentError} from '../src/core/errors.js';
import type {PackPart} from '../src/core/pack.js';
import type {RuntimeOptions} from '../src/protocol/inference.js';
import {isLost, requestGpu} from './gpu.js';
import {Serial} from './serial.js';
import {trustWorkers} from './trusted-workers.js';

type Ort = typeof import('onnxruntime-web');

/** A dense float32 tensor; `dims` include the batch. */
export interface TensorData {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** What a network is fed: whole numbers become int64 or int32, as the file declares its input. */
export interface InputData {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** One compiled ONNX file, fed and read by the roles that its pack gives to its tensors. */
export interface Network {
  run(inputs: Readonly<Record<string, InputData>>): Promise<Record<string, TensorData>>;
  /** The sizes that the file declares for an input, names where they are symbolic. */
  inputShape(role: string): readonly (number | string)[];
  release(): Promise<void>;
}

/** ONNX Runtime on one device: the only place that knows it. */
export class OrtRuntime {
  readonly #ort: Ort;
  readonly #gpu: GPUDevice | undefined;
  // One compilation or run at a time in the whole worker; see Serial.
  readonly #serial = new Serial();

  private constructor(ort: Ort, gpu: GPUDevice | undefined) {
    this.#ort = ort;
    this.#gpu = gpu;
  }

  /** Starts the runtime; `unsupported` where the device is not to be had. */
  static async create(options: RuntimeOptions, onLost: (why: string) => void): Promise<OrtRuntime> {
    const gpu = options.device === 'webgpu' ? await requestGpu(onLost) : undefined;
    if (options.threads > 1) trustWorkers();
    const ort = await importOrt(options.device);
    ort.env.wasm.wasmPaths = options.wasmBase;
    ort.env.wasm.numThreads = options.threads;
    ort.env.logLevel = 'error';
    return new OrtRuntime(ort, gpu);
  }

  /** Compiles an ONNX file; `bad-pack` when it is none, or its tensors are not those of the part. */
  async compile(bytes: Uint8Array, part: PackPart, source: string): Promise<Network> {
    const session = await this.#serial.run(() => this.#createSession(bytes, part, source));
    try {
      checkNames(session, part, source);
    } catch (error) {
      await session.release();
      throw error;
    }
    return {
      run: (inputs) => this.#serial.run(() => this.#run(session, part, inputs, source)),
      inputShape: (role) => {
        const declared = inputOf(session, part.inputs[role] ?? role);
        return declared?.isTensor ? declared.shape : [];
      },
      release: () => this.#serial.run(() => session.release()),
    };
  }

  async #createSession(
    bytes: Uint8Array,
    part: PackPart,
    source: string,
  ): Promise<InferenceSession> {
    try {
      return await this.#ort.InferenceSession.create(bytes, {
        executionProviders: [this.#gpu ? {name: 'webgpu', device: this.#gpu} : 'wasm'],
        freeDimensionOverrides: part.dimensions,
        logSeverityLevel: 3,
      });
    } catch (cause) {
      await this.#assertGpu(cause, source);
      throw compileError(cause, source);
    }
  }

  async #run(
    session: InferenceSession,
    part: PackPart,
    inputs: Readonly<Record<string, InputData>>,
    source: string,
  ): Promise<Record<string, TensorData>> {
    const feeds: Record<string, Tensor> = {};
    for (const [role, input] of Object.entries(inputs)) {
      const name = part.inputs[role] ?? role;
      feeds[name] = this.#tensor(input, inputOf(session, name));
    }
    try {
      const results = await session.run(feeds);
      const outputs: Record<string, TensorData> = {};
      for (const [role, name] of Object.entries(part.outputs)) {
        const tensor = results[name];
        if (!tensor) continue;
        if (!(tensor.data instanceof Float32Array)) {
          throw new LatentError(
            'bad-pack',
            `${source} gives "${name}" as ${tensor.type}, not float32.`,
          );
        }
        outputs[role] = {data: tensor.data, dims: tensor.dims};
      }
      return outputs;
    } catch (cause) {
      if (cause instanceof LatentError) throw cause;
      await this.#assertGpu(cause, source);
      throw runError(cause, source);
    }
  }

  #tensor({data, dims}: InputData, declared: InferenceSession.ValueMetadata | undefined): Tensor {
    const {Tensor} = this.#ort;
    if (data instanceof Float32Array) return new Tensor('float32', data, dims);
    return declared?.isTensor && declared.type === 'int32'
      ? new Tensor('int32', data, dims)
      : new Tensor('int64', BigInt64Array.from(data, BigInt), dims);
  }

  async #assertGpu(cause: unknown, source: string): Promise<void> {
    if (this.#gpu && (await isLost(this.#gpu))) throw deviceLost(cause, source);
  }
}

// The bundler makes a chunk of each, so that a page pays only for the backend that it uses.
async function importOrt(device: RuntimeOptions['device']): Promise<Ort> {
  if (device === 'wasm') return import('onnxruntime-web/wasm');
  // JSPI needs 10 MB of wasm less than asyncify, where the browser has it.
  return 'Suspending' in WebAssembly
    ? import('onnxruntime-web/jspi')
    : import('onnxruntime-web/webgpu');
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

const OUT_OF_MEMORY =
  /out of memory|bad_alloc|allocation failed|failed to allocate|cannot enlarge/i;
const DEVICE_LOST = /device (was |is |has been )?lost|lost device|device is destroyed|GPUDevice/i;

function compileError(cause: unknown, source: string): LatentError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (OUT_OF_MEMORY.test(message)) return outOfMemory(source, cause);
  // A runtime that cannot start has nothing to do with the pack.
  if (/no available backend|failed to fetch|initwasm|importing a module/i.test(message)) {
    return new LatentError(
      'unsupported',
      `ONNX Runtime could not start: ${message} Check that its .mjs and .wasm files lie in ` +
        "wasmBase and that the page's CSP allows 'wasm-unsafe-eval'.",
      {cause},
    );
  }
  return new LatentError('bad-pack', `${source} is not an ONNX model that runs here: ${message}`, {
    cause,
  });
}

function runError(cause: unknown, source: string): LatentError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (OUT_OF_MEMORY.test(message)) return outOfMemory(source, cause);
  if (DEVICE_LOST.test(message)) return deviceLost(cause, source);
  return new LatentError('bad-pack', `${source} failed while it ran: ${message}`, {cause});
}

function deviceLost(cause: unknown, source: string): LatentError {
  return new LatentError('device-lost', `The GPU was lost while ${source} was in use. Try again.`, {
    cause,
  });
}

function outOfMemory(source: string, cause: unknown): LatentError {
  return new LatentError(
    'out-of-memory',
    `There is not enough memory for ${source}. Use a smaller resolution or release other models.`,
    {cause},
  );
}
