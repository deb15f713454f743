import {orAbort} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {spaceMismatch} from '../core/latent/latent.js';
import {isNetwork, type Loadable, type PackManifest, partBytes} from '../core/pack/pack.js';
import {embeddingSpaceOf} from '../core/text/embedding-space.js';
import type {PackInfo} from '../shared/inference.js';
import {joinStages, LOAD_STAGES, ProgressTracker} from './progress.js';
import type {CallOptions} from './types.js';
import type {Backend} from './worker/backend.js';

const MIB = 1024 * 1024;

/** What memory asks of a worker. */
export type PartsHost = Pick<
  Backend,
  'device' | 'runtime' | 'open' | 'load' | 'release' | 'unload'
>;

/** A part in memory, or on its way there. */
interface Part {
  readonly model: ResidentModel;
  readonly name: Loadable;
  readonly bytes: number;
  /** Calls that need it at this moment; it stays as long as there are any. */
  users: number;
  /** Ticks of this memory's clock. */
  lastUsed: number;
  /** Whether the worker of the moment has it; until then it is on its way. */
  ready: boolean;
}

/** A model that a worker holds, and for whom. */
export interface ResidentModel {
  readonly key: string;
  readonly url: string;
  readonly host: PartsHost;
  readonly manifest: PackManifest;
  readonly parts: Map<Loadable, Part>;
  /** The model that embeds the phrases of this one's prompts: it stays as long as this one. */
  words?: ResidentModel;
  /** Leases that are out; a leased model keeps its parts while others ask for room. */
  leases: number;
  lastUsed: number;
}

/** What a call will load. */
export interface StagePlan {
  /** Whether the parts of all stages fit into memory together. */
  readonly atOnce: boolean;
  /** Bytes of the parts that are not in memory, and of the runtime where no network runs yet. */
  readonly bytes: number;
}

/** Parts of one model. */
export interface Need {
  readonly model: ResidentModel;
  readonly parts: readonly Loadable[];
}

/** Which models and parts are in the workers' memory, kept within a budget. */
export class ModelMemory {
  readonly #budget: () => number;
  readonly #models = new Map<string, ResidentModel>();
  readonly #waiting = new Set<() => void>();
  #clock = 0;

  /** `budget` is asked for, in bytes, whenever there is something to load. */
  constructor(budget: () => number) {
    this.#budget = budget;
  }

  /** The entry of a model, made where it has none. */
  model(host: PartsHost, {url, manifest}: PackInfo): ResidentModel {
    const key = `${host.device} ${url}`;
    let model = this.#models.get(key);
    if (!model) {
      model = {key, url, host, manifest, parts: new Map(), leases: 0, lastUsed: 0};
      this.#models.set(key, model);
    }
    return model;
  }

  /** Whether anything is leased, of all workers or of one. */
  isLeased(host?: PartsHost): boolean {
    return [...this.#models.values()].some(
      (model) => model.leases > 0 && (!host || model.host === host),
    );
  }

  /** Whether a network is ready in a worker, so that its runtime is there. */
  runsNetworks(host: PartsHost): boolean {
    return [...this.#models.values()].some(
      (model) =>
        model.host === host &&
        [...model.parts.values()].some(({name, ready}) => ready && isNetwork(model.manifest, name)),
    );
  }

  /** Forgets what a worker held: it has ended. */
  lose(host: PartsHost): void {
    for (const model of this.#models.values()) {
      if (model.host !== host) continue;
      for (const part of model.parts.values()) part.ready = false;
      dropUnused(model.parts.values());
    }
    this.#wake();
  }

  /**
   * What the stages of a call will load, each of which needs its parts together; `out-of-memory`,
   * naming what is needed and what the budget is, where one of them does not fit.
   */
  planStages(model: ResidentModel, stages: readonly (readonly Loadable[])[]): StagePlan {
    for (const stage of stages) {
      if (!this.fits(model, stage)) throw this.#tooLarge(model, stage);
    }
    const parts = [...new Set(stages.flat())];
    const missing = parts.filter((name) => !model.parts.has(name));
    const runtime = this.runsNetworks(model.host) ? 0 : model.host.runtime.bytes;
    return {atOnce: this.fits(model, parts), bytes: partBytes(model.manifest, missing) + runtime};
  }

  /** Whether parts of a model are in memory. */
  isReady(model: ResidentModel, parts: readonly Loadable[]): boolean {
    return parts.every((name) => model.parts.get(name)?.ready);
  }

  /** Whether parts of a model fit into memory together, once what can go has gone. */
  fits(model: ResidentModel, parts: readonly Loadable[]): boolean {
    return this.#plan(model, parts, {idle: true}) !== 'never';
  }

  /**
   * Runs `task` with parts of a model ready in its worker. Parts that are there cost a look at them;
   * for those that are not, room is made (models that nobody leases and parts that no call uses give
   * way, and what other calls use is waited for), and they are loaded.
   */
  async use<T>(
    model: ResidentModel,
    parts: readonly Loadable[],
    options: CallOptions,
    task: () => Promise<T>,
  ): Promise<T> {
    const held = this.#takeReady(model, parts) ?? (await this.#bring(model, parts, options));
    try {
      return await task();
    } finally {
      this.#giveBack(held);
    }
  }

  /** Holds parts that are all ready; undefined where one is not. */
  #takeReady(model: ResidentModel, names: readonly Loadable[]): readonly Part[] | undefined {
    const held: Part[] = [];
    for (const name of names) {
      const part = model.parts.get(name);
      if (!part?.ready) return undefined;
      held.push(part);
    }
    if (needsWords(model, names)) {
      const words = model.words?.parts.get('textEncoder');
      if (!words?.ready) return undefined;
      held.push(words);
    }
    return this.#hold(held);
  }

  /** Makes room for parts, loads those that are not there, and holds all of them. */
  async #bring(
    model: ResidentModel,
    parts: readonly Loadable[],
    options: CallOptions,
  ): Promise<readonly Part[]> {
    const {signal} = options;
    const needs = await this.needs(model, parts, signal);
    const held: Part[] = [];
    try {
      for (const need of needs) held.push(...(await this.#makeRoom(need, signal)));
      await this.#load(held, options);
      return held;
    } catch (error) {
      this.#giveBack(held);
      throw error;
    }
  }

  /** Parts of a model, after those of the one that embeds the phrases of its prompts, where it needs one. */
  async needs(
    model: ResidentModel,
    parts: readonly Loadable[],
    signal?: AbortSignal,
  ): Promise<readonly Need[]> {
    if (!needsWords(model, parts)) return [{model, parts}];
    const words = await this.#openWords(model, signal);
    return [
      {model: words, parts: ['textEncoder']},
      {model, parts},
    ];
  }

  async #openWords(model: ResidentModel, signal?: AbortSignal): Promise<ResidentModel> {
    const {host, manifest, url} = model;
    const {tokenizer} = manifest;
    if (tokenizer?.type !== 'phrases') throw new TypeError(`${manifest.name} takes no phrases.`);
    const pack = await host.open({url: new URL(tokenizer.pack, url).href}, signal);
    const space = embeddingSpaceOf(pack.manifest)?.id ?? `none (${pack.manifest.name})`;
    if (space !== tokenizer.space) throw spaceMismatch(tokenizer.space, space);
    model.words = this.model(host, pack);
    return model.words;
  }

  async #makeRoom({model, parts}: Need, signal: AbortSignal | undefined): Promise<readonly Part[]> {
    for (;;) {
      const plan = this.#plan(model, parts);
      if (plan === 'never') throw this.#tooLarge(model, parts);
      // From the plan to the taking nothing waits, so that what was planned is still true.
      if (plan !== 'wait') return this.#take(model, parts, plan);
      await orAbort(new Promise<void>((resolve) => this.#waiting.add(resolve)), signal);
    }
  }

  async #take(
    model: ResidentModel,
    names: readonly Loadable[],
    {evict, release}: RoomPlan,
  ): Promise<readonly Part[]> {
    for (const key of evict) this.#evict(key);
    for (const name of release) model.parts.delete(name);
    const held = names.map((name) => {
      let part = model.parts.get(name);
      if (!part) {
        const bytes = partBytes(model.manifest, [name]);
        part = {model, name, bytes, users: 0, lastUsed: 0, ready: false};
        model.parts.set(name, part);
      }
      return part;
    });
    this.#hold(held);
    if (release.length > 0) await model.host.release(model.url, release);
    return held;
  }

  async #load(held: readonly Part[], {signal, onProgress}: CallOptions): Promise<void> {
    const missing = held.filter(({ready}) => !ready);
    if (missing.length === 0) return;
    const tracker = new ProgressTracker(LOAD_STAGES, (progress) => onProgress?.(progress));
    const join = joinStages((progress) => tracker.update(progress));
    try {
      await Promise.all(
        [...new Set(missing.map(({model}) => model))].map(async (model) => {
          const own = missing.filter((part) => part.model === model);
          const names = own.map(({name}) => name);
          await model.host.load(model.url, names, {signal, onProgress: join()});
          for (const part of own) part.ready = true;
        }),
      );
    } finally {
      tracker.finish();
    }
  }

  #hold(parts: readonly Part[]): readonly Part[] {
    this.#clock++;
    for (const part of parts) {
      part.users++;
      part.lastUsed = part.model.lastUsed = this.#clock;
    }
    return parts;
  }

  #giveBack(held: readonly Part[]): void {
    for (const part of held) part.users--;
    dropUnused(held);
    this.#wake();
  }

  #plan(
    {key, manifest}: ResidentModel,
    names: readonly Loadable[],
    {idle = false} = {},
  ): ReturnType<typeof planRoom> {
    const residents = [...this.#models.values()].map((model) => ({
      ...model,
      leases: this.#leases(model),
      parts: [...model.parts.values()].map((part) => (idle ? {...part, users: 0} : part)),
    }));
    const parts = [...new Set(names)].map((name) => ({name, bytes: partBytes(manifest, [name])}));
    return planRoom(residents, {key, parts}, this.#budget());
  }

  #leases(model: ResidentModel): number {
    const users = [...this.#models.values()].filter(({words}) => words === model);
    return users.reduce((sum, {leases}) => sum + leases, model.leases);
  }

  #evict(key: string): void {
    const model = this.#models.get(key);
    this.#models.delete(key);
    if (model) void model.host.unload(model.url);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #tooLarge({key, manifest}: ResidentModel, names: readonly Loadable[]): LatentError {
    const others = [...this.#models.values()].filter(
      (model) => model.key !== key && this.#leases(model) > 0,
    );
    const taken = sum(others.flatMap(({parts}) => [...parts.values()]));
    const beside = taken > 0 ? ` beside the ${inMiB(taken)} of models in use` : '';
    return new LatentError(
      'out-of-memory',
      `The model ${manifest.name} needs ${inMiB(partBytes(manifest, names))} at once ` +
        `(${names.join(', ')}), which does not fit the memory budget of ${inMiB(this.#budget())}` +
        `${beside}. Raise configure({memoryBudget}) or release other models.`,
    );
  }
}

/** A part, as far as the policy cares. */
export interface HeldPart {
  readonly name: Loadable;
  readonly bytes: number;
  /** Calls that need it at this moment; it stays as long as there are any. */
  readonly users: number;
  /** Any clock that grows. */
  readonly lastUsed: number;
}

/** A model in memory, as far as the policy cares. */
export interface Resident {
  readonly key: string;
  readonly parts: readonly HeldPart[];
  /** Leases that are out; a leased model keeps its parts while others ask for room. */
  readonly leases: number;
  /** Any clock that grows. */
  readonly lastUsed: number;
}

/** Who asks for room: parts of one model, which must be in memory together. */
export interface RoomRequest {
  readonly key: string;
  readonly parts: readonly Pick<HeldPart, 'name' | 'bytes'>[];
}

/** What must go, so that what was asked for fits. */
export interface RoomPlan {
  /** Keys of models that nobody leases. */
  readonly evict: readonly string[];
  /** Parts of the asking model that this request can do without. */
  readonly release: readonly Loadable[];
}

/**
 * Plans how to keep within `budget` bytes: models that nobody leases go first, least recently used
 * first, then parts of the asking model itself that the request does without; no more than needed.
 * `wait` when only what other calls use right now stands in the way; `never` when not even that would do.
 */
export function planRoom(
  residents: readonly Resident[],
  {key, parts}: RoomRequest,
  budget: number,
): RoomPlan | 'wait' | 'never' {
  const wanted = new Set(parts.map(({name}) => name));
  const own = residents.find((resident) => resident.key === key)?.parts ?? [];
  const held = new Set(own.map(({name}) => name));
  const missing = sum(parts.filter(({name}) => !held.has(name)));
  let excess = missing + sum(residents.flatMap((resident) => resident.parts)) - budget;
  let blocked = 0;
  const going: Going[] = [];
  const offer = (candidate: Pick<Going, 'evict' | 'release'>, given: readonly HeldPart[]): void => {
    const bytes = sum(given);
    if (given.some(({users}) => users > 0)) blocked += bytes;
    else if (excess > 0) {
      going.push({...candidate, bytes});
      excess -= bytes;
    }
  };
  const free = residents.filter((resident) => resident.key !== key && resident.leases === 0);
  for (const resident of free.sort(byUse)) offer({evict: resident.key}, resident.parts);
  const idle = own.filter(({name}) => !wanted.has(name));
  for (const part of idle.sort(byUse)) offer({release: part.name}, [part]);
  if (excess > 0) return excess <= blocked ? 'wait' : 'never';
  // The first of them may have been too small to make a difference: none goes for nothing.
  const stays = new Set<Going>();
  for (const each of [...going].reverse()) {
    if (excess + each.bytes > 0) continue;
    stays.add(each);
    excess += each.bytes;
  }
  const gone = going.filter((each) => !stays.has(each));
  return {
    evict: gone.flatMap(({evict}) => evict ?? []),
    release: gone.flatMap(({release}) => release ?? []),
  };
}

/** What may go: a model, or a part of the asking one. */
interface Going {
  readonly evict?: string;
  readonly release?: Loadable;
  readonly bytes: number;
}

function needsWords({manifest}: ResidentModel, names: readonly Loadable[]): boolean {
  return manifest.tokenizer?.type === 'phrases' && names.includes('textEncoder');
}

// What nobody brought to its end is not there. A part of the same name may have taken its place.
function dropUnused(parts: Iterable<Part>): void {
  for (const part of parts) {
    const {model, name, ready, users} = part;
    if (!ready && users === 0 && model.parts.get(name) === part) model.parts.delete(name);
  }
}

function byUse(a: {readonly lastUsed: number}, b: {readonly lastUsed: number}): number {
  return a.lastUsed - b.lastUsed;
}

function sum(parts: readonly {readonly bytes: number}[]): number {
  return parts.reduce((total, {bytes}) => total + bytes, 0);
}

function inMiB(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
