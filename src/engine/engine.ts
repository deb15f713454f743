import {LatentError} from '../core/errors.js';
import {neededBy} from '../core/direction/direction.js';
import {spaceMismatch} from '../core/latent/latent.js';
import {type Loadable, type PackManifest, type PartName, packNeeds} from '../core/pack/pack.js';
import {embeddingSpaceOf} from '../core/text/embedding-space.js';
import type {Device} from '../shared/inference.js';
import {Backend} from './worker/backend.js';
import {packUrl, type Settings, settings} from './config.js';
import {resolveDevice} from './device.js';
import {ModelLease} from './model-lease.js';
import {ModelMemory, type ResidentModel} from './model-memory.js';
import {joinStages, LOAD_STAGES, ProgressTracker} from './progress.js';
import type {
  CallOptions,
  DevicePreference,
  Engine,
  EngineOptions,
  LoadOptions,
  Model,
  ModelNeeds,
} from './types.js';

/** After this many lost GPUs `auto` stops trying: the driver is not well. */
const MAX_LOST_DEVICES = 2;

interface Load {
  readonly model: ResidentModel;
  readonly parts: readonly Loadable[];
}

/**
 * Makes a headless engine. Options default to those of `configure`, taken when the first model
 * loads. Nothing starts and nothing is fetched before that.
 */
export function createEngine(options: EngineOptions = {}): Engine {
  return new LatentEngine(options);
}

class LatentEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #backends = new Map<Device, Backend>();
  readonly #memory = new ModelMemory(() => this.#settings.memoryBudget);
  #idle: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async load(
    model: string,
    options: LoadOptions & {readonly device?: DevicePreference} = {},
  ): Promise<Model> {
    const preference = options.device ?? this.#settings.device;
    const device = await this.#device(preference);
    try {
      return await this.#load(model, device, options);
    } catch (error) {
      // The adapter exists but cannot do this model; explicit wishes are not second-guessed.
      if (preference !== 'auto' || device !== 'webgpu' || !isDeviceFault(error)) throw error;
      return this.#load(model, 'wasm', options);
    }
  }

  async inspect(
    model: string,
    {signal}: {readonly signal?: AbortSignal | undefined} = {},
  ): Promise<ModelNeeds> {
    this.#assertOpen();
    clearTimeout(this.#idle);
    try {
      const {device, memoryBudget} = this.#settings;
      const backend = this.#backend(await this.#device(device));
      const {manifest, url} = await backend.open(packUrl(model, this.#settings), signal);
      const needs = packNeeds(manifest);
      return {...needs, url, manifest, fits: needs.largest <= memoryBudget};
    } finally {
      this.#rest();
    }
  }

  dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    for (const backend of this.#backends.values()) backend.terminate('The engine was disposed.');
    this.#memory.clear();
    return Promise.resolve();
  }

  async #load(model: string, device: Device, options: LoadOptions): Promise<Model> {
    this.#assertOpen();
    clearTimeout(this.#idle);
    const backend = this.#backend(device);
    const pack = await backend.open(packUrl(model, this.#settings), options.signal);
    const held = this.#memory.model(backend, pack);
    held.leases++;
    const lease = new ModelLease(backend, pack, {
      planStages: (stages) => this.#memory.planStages(held, stages),
      use: (parts, call, task) => this.#use(held, parts, call, task),
      release: () => {
        held.leases--;
        this.#rest();
      },
    });
    try {
      const {manifest} = pack;
      const parts = options.parts ?? defaultParts(manifest);
      const needed = [...new Set([...parts, ...neededBy(manifest, options.directions ?? [])])];
      const ahead = this.#fitsWhole(held) ? needed : [];
      return await this.#use(held, ahead, options, () => Promise.resolve(lease));
    } catch (error) {
      lease.release();
      if (isDeviceFault(error)) this.#retire(backend);
      throw error;
    }
  }

  // A runtime that could not start never will in that worker: the next load gets a fresh one.
  #retire(backend: Backend): void {
    if (!this.#memory.isLeased(backend)) backend.terminate('The worker could not start.');
  }

  // Of a model that generates, and is larger than the budget, all that came ahead would go again: its
  // parts come in turn. Others hold what they were asked for, or say that they cannot.
  #fitsWhole(model: ResidentModel): boolean {
    const {parts} = model.manifest;
    return !parts.denoiser || this.#memory.fits(model, Object.keys(parts) as PartName[]);
  }

  /** Runs `task` with parts of a model in memory. */
  async #use<T>(
    model: ResidentModel,
    parts: readonly Loadable[],
    options: CallOptions,
    task: () => Promise<T>,
  ): Promise<T> {
    this.#assertOpen();
    const {signal} = options;
    const words = parts.includes('textEncoder') ? await this.#words(model, signal) : undefined;
    const loads: Load[] = [{model, parts}];
    if (words) loads.push({model: words, parts: ['textEncoder']});
    const own = (): Promise<T> =>
      this.#memory.use(model, parts, signal, async () => {
        await this.#fetch(loads, options);
        return task();
      });
    return words ? this.#memory.use(words, ['textEncoder'], signal, own) : own();
  }

  async #fetch(loads: readonly Load[], {signal, onProgress}: CallOptions): Promise<void> {
    // The room for them may have been waited for.
    this.#assertOpen();
    const tracker = new ProgressTracker(LOAD_STAGES, (progress) => onProgress?.(progress));
    const join = joinStages((progress) => tracker.update(progress));
    try {
      await Promise.all(
        loads.map(async ({model, parts}) => {
          await model.backend.load(model.url, parts, {signal, onProgress: join()});
          this.#memory.loaded(model, parts);
        }),
      );
    } finally {
      tracker.finish();
    }
  }

  // Prompts that are cut into phrases need a second model, which stays as long as the first.
  async #words(model: ResidentModel, signal?: AbortSignal): Promise<ResidentModel | undefined> {
    const {backend, manifest, url} = model;
    const {tokenizer} = manifest;
    if (tokenizer?.type !== 'phrases') return undefined;
    const pack = await backend.open(new URL(tokenizer.pack, url).href, signal);
    const space = embeddingSpaceOf(pack.manifest)?.id ?? `none (${pack.manifest.name})`;
    if (space !== tokenizer.space) throw spaceMismatch(tokenizer.space, space);
    model.words = this.#memory.model(backend, pack);
    return model.words;
  }

  #assertOpen(): void {
    if (!this.#disposed) return;
    throw new LatentError('bad-argument', 'This engine was disposed. Create another.');
  }

  /** Ends the workers after a while in which nobody has a lease. */
  #rest(): void {
    if (this.#memory.isLeased()) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      for (const backend of this.#backends.values()) backend.terminate('The worker was idle.');
      this.#memory.clear();
    }, this.#settings.idleTimeout);
  }

  #backend(device: Device): Backend {
    let backend = this.#backends.get(device);
    if (!backend) {
      backend = new Backend(device, () => this.#settings);
      this.#backends.set(device, backend);
    }
    return backend;
  }

  async #device(preference: DevicePreference): Promise<Device> {
    const device = await resolveDevice(preference);
    const lost = this.#backends.get('webgpu')?.lostDevices ?? 0;
    return preference === 'auto' && lost >= MAX_LOST_DEVICES ? 'wasm' : device;
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

function isDeviceFault(error: unknown): boolean {
  return (
    error instanceof LatentError && (error.code === 'unsupported' || error.code === 'device-lost')
  );
}
