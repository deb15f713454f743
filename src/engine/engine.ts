import {LatentError} from '../core/errors.js';
import {neededBy} from '../core/edits.js';
import {spaceMismatch} from '../core/latent.js';
import type {Loadable, PackManifest, PartName} from '../core/pack.js';
import {partBytes} from '../core/part-assets.js';
import {embeddingSpaceOf} from '../core/text/embedding-space.js';
import type {Device, PackInfo} from '../protocol/inference.js';
import {Backend} from './backend.js';
import {absoluteUrl, packageUrl, type Settings, settings} from './config.js';
import {resolveDevice} from './device.js';
import {chooseEvictions} from './eviction.js';
import {ModelLease} from './model-lease.js';
import {joinStages, LOAD_STAGES, ProgressTracker} from './progress.js';
import type {
  CallOptions,
  DevicePreference,
  Engine,
  EngineOptions,
  LoadOptions,
  Model,
} from './types.js';

/** After this many lost GPUs `auto` stops trying: the driver is not well. */
const MAX_LOST_DEVICES = 2;
const MIB = 1024 * 1024;

/** A model that a worker holds, and for whom. */
interface Resident {
  readonly key: string;
  readonly url: string;
  readonly backend: Backend;
  readonly manifest: PackManifest;
  readonly parts: Set<Loadable>;
  /** The model that embeds the phrases of this one's prompts. */
  words?: Resident;
  leases: number;
  lastUsed: number;
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
  readonly #residents = new Map<string, Resident>();
  #clock = 0;
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

  dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    for (const backend of this.#backends.values()) backend.terminate('The engine was disposed.');
    this.#residents.clear();
    return Promise.resolve();
  }

  async #load(model: string, device: Device, options: LoadOptions): Promise<Model> {
    this.#assertOpen();
    clearTimeout(this.#idle);
    const backend = this.#backend(device);
    const pack = await backend.open(packUrl(model, this.#settings), options.signal);
    const resident = this.#resident(backend, pack);
    resident.leases++;
    const lease = new ModelLease(backend, pack, {
      prepare: (parts, call) => this.#prepare(resident, parts, call),
      release: () => {
        this.#release(resident);
      },
    });
    try {
      const {manifest} = pack;
      const parts = options.parts ?? defaultParts(manifest);
      const needed = neededBy(manifest, options.directions ?? []);
      await this.#prepare(resident, [...new Set([...parts, ...needed])], options);
      return lease;
    } catch (error) {
      lease.release();
      if (isDeviceFault(error)) this.#retire(backend);
      throw error;
    }
  }

  // A runtime that could not start never will in that worker: the next load gets a fresh one.
  #retire(backend: Backend): void {
    const residents = [...this.#residents.values()];
    if (residents.some((other) => other.backend === backend && other.leases > 0)) return;
    backend.terminate('The worker could not start.');
  }

  async #prepare(
    resident: Resident,
    parts: readonly Loadable[],
    {signal, onProgress}: CallOptions,
  ): Promise<void> {
    this.#assertOpen();
    const loads = [{model: resident, parts}];
    if (parts.includes('textEncoder')) {
      const words = await this.#words(resident, signal);
      if (words) loads.push({model: words, parts: ['textEncoder']});
    }
    for (const {model, parts: needed} of loads) {
      model.lastUsed = ++this.#clock;
      this.#makeRoom(model, needed);
    }
    const tracker = new ProgressTracker(LOAD_STAGES, (progress) => onProgress?.(progress));
    const join = joinStages((progress) => tracker.update(progress));
    try {
      await Promise.all(
        loads.map(async ({model, parts: needed}) => {
          await model.backend.load(model.url, needed, {signal, onProgress: join()});
          for (const part of needed) model.parts.add(part);
        }),
      );
    } finally {
      tracker.finish();
    }
  }

  // Prompts that are cut into phrases need a second model, which stays as long as the first.
  async #words(resident: Resident, signal?: AbortSignal): Promise<Resident | undefined> {
    const {backend, manifest, url} = resident;
    const {tokenizer} = manifest;
    if (tokenizer?.type !== 'phrases') return undefined;
    const pack = await backend.open(new URL(tokenizer.pack, url).href, signal);
    const space = embeddingSpaceOf(pack.manifest)?.id ?? `none (${pack.manifest.name})`;
    if (space !== tokenizer.space) throw spaceMismatch(tokenizer.space, space);
    resident.words = this.#resident(backend, pack);
    return resident.words;
  }

  #assertOpen(): void {
    if (!this.#disposed) return;
    throw new LatentError('bad-argument', 'This engine was disposed. Create another.');
  }

  #makeRoom(resident: Resident, parts: readonly Loadable[]): void {
    const {memoryBudget} = this.#settings;
    const missing = parts.filter((part) => !resident.parts.has(part));
    const needed = partBytes(resident.manifest, missing);
    if (needed === 0) return;
    const residents = [...this.#residents.values()];
    const evicted = chooseEvictions(
      residents.map((other) => ({
        ...other,
        bytes: partBytes(other.manifest, other.parts),
        leases: residents.reduce(
          (sum, {words, leases}) => (words === other ? sum + leases : sum),
          other.leases,
        ),
      })),
      needed,
      memoryBudget,
    );
    if (!evicted) {
      throw new LatentError(
        'out-of-memory',
        `The model ${resident.manifest.name} needs ${inMiB(needed)} more, which does not fit the ` +
          `memory budget of ${inMiB(memoryBudget)} beside the models in use. Raise ` +
          'configure({memoryBudget}) or release other models.',
      );
    }
    for (const key of evicted) this.#evict(key);
  }

  #evict(key: string): void {
    const resident = this.#residents.get(key);
    this.#residents.delete(key);
    if (resident) void resident.backend.unload(resident.url);
  }

  #resident(backend: Backend, {url, manifest}: PackInfo): Resident {
    const key = `${backend.device} ${url}`;
    let resident = this.#residents.get(key);
    if (!resident) {
      resident = {key, url, backend, manifest, parts: new Set(), leases: 0, lastUsed: 0};
      this.#residents.set(key, resident);
    }
    return resident;
  }

  #release(resident: Resident): void {
    resident.leases--;
    if ([...this.#residents.values()].some(({leases}) => leases > 0)) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      for (const backend of this.#backends.values()) backend.terminate('The worker was idle.');
      this.#residents.clear();
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

function packUrl(model: string, given: Settings): string {
  if (/^[\w-]+$/.test(model)) return packageUrl(`models/${model}/pack.json`, given);
  try {
    return absoluteUrl(model);
  } catch (cause) {
    throw new LatentError(
      'bad-argument',
      `"${model}" is no model: give the name of a shipped pack or the URL of a pack.json.`,
      {cause},
    );
  }
}

/** What a model is mostly loaded for: pictures, or where it has none, texts. */
function defaultParts({embedding, image, parts}: PackManifest): PartName[] {
  const names: PartName[] = ['encoder', 'decoder'];
  if (image || !embedding) return names.filter((name) => parts[name]);
  return ['textEncoder'];
}

function inMiB(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

function isDeviceFault(error: unknown): boolean {
  return (
    error instanceof LatentError && (error.code === 'unsupported' || error.code === 'device-lost')
  );
}
