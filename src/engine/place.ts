import type {Loadable} from '../core/pack/pack.js';
import type {PackInfo} from '../shared/inference.js';
import type {Backend} from './worker/backend.js';
import type {StagePlan} from './model-memory.js';
import type {CallOptions} from './types.js';

/** How a model's parts get into memory. */
export interface PartsOwner {
  /** What the stages of a call will load; `out-of-memory` where one of them never fits. */
  readonly planStages: (stages: readonly (readonly Loadable[])[]) => StagePlan;
  /** Runs `task` with parts ready, made room for and loaded first; they stay as long as it runs. */
  readonly use: <T>(
    parts: readonly Loadable[],
    options: CallOptions,
    task: () => Promise<T>,
  ) => Promise<T>;
}

/** A loaded pack, where it runs, and how it gets parts ready. */
export interface ModelPlace extends PartsOwner {
  readonly backend: Backend;
  readonly pack: PackInfo;
}
