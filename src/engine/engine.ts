import {DeviceError, LatentError} from '../core/errors.js';
import {neededBy} from '../core/direction/direction.js';
import {type PackManifest, packNeeds, type PartName} from '../core/pack/pack.js';
import type {Device} from '../shared/inference.js';
import {STORAGE} from '../shared/storage.js';
import {findAvailability} from './availability.js';
import {assertDevice, canComputeOnGpu, type Settings, settings} from './config.js';
import {ModelLease} from './lease.js';
import {ModelMemory} from './memory.js';
import {LoadedModel} from './model.js';
import {findPack} from './shipped-packs.js';
import type {
  Availability,
  AvailabilityOptions,
  DevicePreference,
  Engine,
  EngineOptions,
  LoadOptions,
  Model,
  ModelNeeds,
} from './types.js';
import {Backend} from './worker/backend.js';

/**
 * Makes a headless engine. Options default to those of `configure`, taken when the first model
 * loads. Nothing starts and nothing is fetched before that.
 *
 * @example
 *   const engine = createEngine({device: 'auto'});
 *   const model = await engine.load('photos', {onProgress: ({ratio}) => (bar.value = ratio)});
 *   const [a, b] = await Promise.all([model.encode(imageA), model.encode(imageB)]);
 *   context.drawImage(await model.decode(lerp(a, b, 0.5)), 0, 0);
 *   await engine.dispose();
 */
export function createEngine(options: EngineOptions = {}): Engine {
  return new LatentEngine(options);
}

let shared: Engine | undefined;

/** The engine that every element of the page shares, made when the first of them loads. */
export function sharedEngine(): Engine {
  return (shared ??= createEngine());
}

class LatentEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #backends = new Map<Device, Backend>();
  readonly #memory = new ModelMemory(() => this.#settings.memoryBudget);
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Loads and inspections under way: they hold the workers, as leases do. */
  #opening = 0;
  #disposed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  load(
    model: string,
    options: LoadOptions & {readonly device?: DevicePreference} = {},
  ): Promise<Model> {
    return this.#awake(async () => {
      const preference = options.device ?? this.#settings.device;
      const device = await this.#device(preference);
      // Explicit wishes are not second-guessed.
      const isFree = preference === 'auto' && device === 'webgpu';
      try {
        return await this.#load(model, device, options, isFree);
      } catch (error) {
        // The adapter exists but cannot do this model.
        if (!isFree || !(error instanceof DeviceError)) throw error;
        return this.#load(model, 'wasm', options);
      }
    });
  }

  inspect(
    model: string,
    {signal}: {readonly signal?: AbortSignal | undefined} = {},
  ): Promise<ModelNeeds> {
    return this.#awake(async () => {
      const {device, memoryBudget} = this.#settings;
      const backend = this.#backend(await this.#device(device));
      const {manifest, url} = await backend.open(await findPack(model, this.#settings), signal);
      const needs = packNeeds(manifest);
      return {...needs, url, manifest, fits: needs.largest <= memoryBudget};
    });
  }

  availability(
    model: string,
    {device, parts, optional = [], signal}: AvailabilityOptions = {},
  ): Promise<Availability> {
    return this.#awake(async () => {
      const chosen = await this.#device(device ?? this.#settings.device);
      const runs = chosen === 'wasm' || (canComputeOnGpu(this.#settings) && (await findAdapter()));
      if (!runs) return {state: 'unavailable', bytes: 0};
      const backend = this.#backend(chosen);
      const needed = (manifest: PackManifest) => ({
        parts: parts ?? defaultParts(manifest),
        optional,
      });
      const open = async () => backend.open(await findPack(model, this.#settings), signal);
      return findAvailability(backend, this.#memory, open, needed);
    });
  }

  async forget(): Promise<void> {
    const storage = globalThis as Partial<WindowOrWorkerGlobalScope>;
    // Where storage is refused, nothing was kept.
    const packs = storage.caches?.delete(STORAGE.packs).catch(() => undefined);
    await Promise.all([packs, deleteEmbeddings()]);
  }

  dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    for (const backend of this.#backends.values()) backend.dispose();
    return Promise.resolve();
  }

  /** Loads on a device; `isFree` where WASM may take over from it later. */
  async #load(model: string, device: Device, options: LoadOptions, isFree = false): Promise<Model> {
    this.#assertOpen();
    const backend = this.#backend(device);
    const source = await findPack(model, this.#settings);
    const pack = await backend.open(source, options.signal);
    if (isFree && !(await runsTypes(pack.manifest))) return this.#load(model, 'wasm', options);
    const spare = (): Backend => {
      const wasm = this.#backend('wasm');
      // Whoever calls next hears what is wrong.
      wasm.open(source).catch(() => undefined);
      return wasm;
    };
    const loaded = new LoadedModel(backend, pack, this.#memory, isFree ? spare : undefined);
    try {
      const {manifest} = loaded;
      const parts = options.parts ?? defaultParts(manifest);
      const needed = [...new Set([...parts, ...neededBy(manifest, options.directions ?? [])])];
      await loaded.prepare(loaded.partsAhead(needed), options);
      return new ModelLease(
        loaded,
        () => this.#settings,
        () => this.#rest(),
      );
    } catch (error) {
      loaded.release();
      // A runtime that could not start never will in that worker: the next load gets a fresh one.
      if (error instanceof DeviceError && !this.#memory.isLeased(backend)) {
        backend.terminate('The worker could not start.');
      }
      throw error;
    }
  }

  /** Keeps the workers while `task` runs; what then has no lease rests. */
  async #awake<T>(task: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    clearTimeout(this.#idle);
    this.#opening++;
    try {
      return await task();
    } finally {
      this.#opening--;
      this.#rest();
    }
  }

  /** Ends the workers after a while in which nobody has a lease, or asks for one. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#disposed || this.#opening > 0 || this.#memory.isLeased()) return;
    this.#idle = setTimeout(() => {
      for (const backend of this.#backends.values()) backend.terminate('The worker was idle.');
    }, this.#settings.idleTimeout);
  }

  #backend(device: Device): Backend {
    let backend = this.#backends.get(device);
    if (!backend) {
      backend = new Backend(
        device,
        () => this.#settings,
        (ended) => this.#memory.lose(ended),
      );
      this.#backends.set(device, backend);
    }
    return backend;
  }

  async #device(preference: DevicePreference): Promise<Device> {
    assertDevice(preference);
    if (preference === 'webgpu' || preference === 'wasm') return preference;
    const worthwhile = !this.#backends.get('webgpu')?.isGivenUp && canComputeOnGpu(this.#settings);
    return worthwhile && (await hasHardwareAdapter()) ? 'webgpu' : 'wasm';
  }

  #assertOpen(): void {
    if (!this.#disposed) return;
    throw new LatentError('bad-argument', 'This engine was disposed. Create another.');
  }

  get #settings(): Settings {
    return settings(this.#options);
  }
}

/** What a model is mostly loaded for: pictures, or where it has none, texts. */
function defaultParts({embedding, image, parts}: PackManifest): PartName[] {
  const names: PartName[] = ['encoder', 'decoder'];
  if (image || !embedding) return names.filter((name) => parts[name]);
  return ['textEncoder'];
}

let adapter: Promise<GPUAdapter | undefined> | undefined;

/** The adapter that WebGPU would take, software included; undefined where there is none. */
function findAdapter(): Promise<GPUAdapter | undefined> {
  return (adapter ??= (async () => {
    try {
      return (await (navigator as Partial<Navigator>).gpu?.requestAdapter()) ?? undefined;
    } catch {
      return undefined;
    }
  })());
}

/**
 * Whether there is a GPU to compute on. A software adapter computes the same numbers some hundred times
 * slower than WASM, so it counts as none.
 */
async function hasHardwareAdapter(): Promise<boolean> {
  const found = await findAdapter();
  return found !== undefined && !found.info.isFallbackAdapter;
}

/** Whether the GPU computes in the types of all networks of a pack, also of those that come later. */
async function runsTypes({parts}: PackManifest): Promise<boolean> {
  const isHalf = Object.values(parts).some(({dtype}) => dtype === 'float16');
  return !isHalf || (await findAdapter())?.features.has('shader-f16') === true;
}

function deleteEmbeddings(): Promise<void> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(STORAGE.embeddings);
      request.onsuccess = request.onerror = () => resolve();
    } catch {
      resolve();
    }
  });
}
