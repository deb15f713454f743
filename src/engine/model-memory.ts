import {orAbort} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {type Loadable, type PackManifest, partBytes} from '../core/pack/pack.js';
import type {PackInfo} from '../shared/inference.js';
import type {Backend} from './worker/backend.js';
import {planRoom, type Resident, type RoomPlan} from './eviction.js';

const MIB = 1024 * 1024;

interface Part {
  readonly name: Loadable;
  readonly bytes: number;
  users: number;
  lastUsed: number;
  /** Whether the worker has it; until then it is on its way. */
  loaded: boolean;
}

/** A model that a worker holds, and for whom. */
export interface ResidentModel extends Resident {
  readonly url: string;
  readonly backend: Backend;
  readonly manifest: PackManifest;
  /** The model that embeds the phrases of this one's prompts: it stays as long as this one. */
  words?: ResidentModel;
  leases: number;
}

/** What a call will load. */
export interface StagePlan {
  /** Whether the parts of all stages fit into memory together. */
  readonly atOnce: boolean;
  /** Bytes of the parts that are not in memory. */
  readonly bytes: number;
}

interface MutableModel extends ResidentModel {
  parts: Part[];
  lastUsed: number;
}

/** Which models and parts are in the workers' memory, kept within a budget. */
export class ModelMemory {
  readonly #budget: () => number;
  readonly #models = new Map<string, MutableModel>();
  readonly #waiting = new Set<() => void>();
  #clock = 0;

  /** `budget` is asked for, in bytes, whenever there is something to load. */
  constructor(budget: () => number) {
    this.#budget = budget;
  }

  /** The entry of a model, made where it has none. */
  model(backend: Backend, {url, manifest}: PackInfo): ResidentModel {
    const key = `${backend.device} ${url}`;
    let model = this.#models.get(key);
    if (!model) {
      model = {key, url, backend, manifest, parts: [], leases: 0, lastUsed: 0};
      this.#models.set(key, model);
    }
    return model;
  }

  /** Whether anything is leased, of all workers or of one. */
  isLeased(backend?: Backend): boolean {
    return [...this.#models.values()].some(
      (model) => model.leases > 0 && (!backend || model.backend === backend),
    );
  }

  /** Forgets everything: the workers have ended. */
  clear(): void {
    this.#models.clear();
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
    const missing = parts.filter((name) => !model.parts.some((part) => part.name === name));
    return {atOnce: this.fits(model, parts), bytes: partBytes(model.manifest, missing)};
  }

  /** Whether parts of a model fit into memory together, once what can go has gone. */
  fits(model: ResidentModel, parts: readonly Loadable[]): boolean {
    return this.#plan(model, parts, {idle: true}) !== 'never';
  }

  /**
   * Runs `task` with parts of a model in memory, made room for where they are not there yet: models
   * that nobody leases and parts that no call uses give way, and what other calls use is waited for.
   */
  async use<T>(
    model: ResidentModel,
    parts: readonly Loadable[],
    signal: AbortSignal | undefined,
    task: () => Promise<T>,
  ): Promise<T> {
    const held = await this.#hold(model as MutableModel, parts, signal);
    try {
      return await task();
    } finally {
      this.#giveBack(model as MutableModel, held);
    }
  }

  /** Notes that parts have arrived. */
  loaded(model: ResidentModel, parts: readonly Loadable[]): void {
    for (const part of (model as MutableModel).parts) {
      if (parts.includes(part.name)) part.loaded = true;
    }
  }

  async #hold(
    model: MutableModel,
    names: readonly Loadable[],
    signal: AbortSignal | undefined,
  ): Promise<Part[]> {
    for (;;) {
      const plan = this.#plan(model, names);
      if (plan === 'never') throw this.#tooLarge(model, names);
      if (plan !== 'wait') return this.#take(model, names, plan);
      await orAbort(new Promise<void>((resolve) => this.#waiting.add(resolve)), signal);
    }
  }

  // From the plan to here nothing waits, so that what was planned is still true.
  async #take(model: MutableModel, names: readonly Loadable[], plan: RoomPlan): Promise<Part[]> {
    const now = ++this.#clock;
    for (const key of plan.evict) this.#evict(key);
    model.parts = model.parts.filter(({name}) => !plan.release.includes(name));
    model.lastUsed = now;
    const held = names.map((name) => {
      let part = model.parts.find((each) => each.name === name);
      if (!part) {
        const bytes = partBytes(model.manifest, [name]);
        part = {name, bytes, users: 0, lastUsed: now, loaded: false};
        model.parts.push(part);
      }
      part.users++;
      part.lastUsed = now;
      return part;
    });
    const released = plan.release as readonly Loadable[];
    if (released.length > 0) await model.backend.release(model.url, released);
    return held;
  }

  #giveBack(model: MutableModel, held: readonly Part[]): void {
    for (const part of held) part.users--;
    // What nobody brought to its end is not there.
    model.parts = model.parts.filter(({loaded, users}) => loaded || users > 0);
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
      parts: idle ? model.parts.map((part) => ({...part, users: 0})) : model.parts,
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
    if (model) void model.backend.unload(model.url);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #tooLarge({key, manifest}: ResidentModel, names: readonly Loadable[]): LatentError {
    const others = [...this.#models.values()].filter(
      (model) => model.key !== key && this.#leases(model) > 0,
    );
    const taken = others.flatMap(({parts}) => parts).reduce((sum, {bytes}) => sum + bytes, 0);
    const beside = taken > 0 ? ` beside the ${inMiB(taken)} of models in use` : '';
    return new LatentError(
      'out-of-memory',
      `The model ${manifest.name} needs ${inMiB(partBytes(manifest, names))} at once ` +
        `(${names.join(', ')}), which does not fit the memory budget of ${inMiB(this.#budget())}` +
        `${beside}. Raise configure({memoryBudget}) or release other models.`,
    );
  }
}

function inMiB(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
