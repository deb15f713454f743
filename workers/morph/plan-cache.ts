import {throwIfAborted} from '../../src/core/abort.js';
import type {MorphPlan, Pixels, PointPair} from '../../src/core/morph/plan.js';
import {prepareMorph} from '../../src/core/morph/prepare-morph.js';
import {TaskQueue} from '../../src/shared/task-queue.js';
import {TimeSlice} from '../../src/shared/yield-to-events.js';

/** Plans that are kept; one takes about 0.5 MB. */
const KEPT = 24;

/** How a pair is solved. */
export interface SolveOptions {
  /** Less is solved first. */
  readonly priority: number;
  readonly signal: AbortSignal;
  readonly onProgress: (ratio: number) => void;
}

/** Solves pairs of pictures, one at a time and in slices, and keeps the plans that were last used. */
export class PlanCache {
  // In order of use: the first is the next to go.
  readonly #plans = new Map<string, MorphPlan>();
  readonly #solves = new TaskQueue();

  /** The plan of two pictures where it is there. */
  get(a: Pixels, b: Pixels, pairs: readonly PointPair[]): MorphPlan | undefined {
    const key = keyOf(a, b, pairs);
    const plan = this.#plans.get(key);
    if (plan) this.#keep(key, plan);
    return plan;
  }

  /**
   * The plan of two pictures, solved in its turn: of those that wait, the one of the lowest `priority` is
   * next. `onProgress` hears of 0..1. Errors as `prepareMorph`.
   */
  solve(
    a: Pixels,
    b: Pixels,
    pairs: readonly PointPair[],
    {priority, signal, onProgress}: SolveOptions,
  ): Promise<MorphPlan> {
    const solve = async (): Promise<MorphPlan> => {
      const known = this.get(a, b, pairs);
      if (known) return known;
      const slice = new TimeSlice();
      const preparation = prepareMorph(a, b, {pairs});
      let step = preparation.next();
      while (!step.done) {
        if (slice.isOver) {
          onProgress(step.value);
          // Frames of what is shown already go first.
          await slice.yieldToEvents();
          throwIfAborted(signal);
        }
        step = preparation.next();
      }
      this.#keep(keyOf(a, b, pairs), step.value);
      return step.value;
    };
    return this.#solves.push(solve, {priority, signal});
  }

  #keep(key: string, plan: MorphPlan): void {
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    if (this.#plans.size <= KEPT) return;
    const [oldest] = this.#plans.keys();
    this.#plans.delete(oldest!);
  }
}

function keyOf(a: Pixels, b: Pixels, pairs: readonly PointPair[]): string {
  return [hashOf(a), hashOf(b), JSON.stringify(pairs)].join(' ');
}

const hashes = new WeakMap<Pixels, string>();

/** Two 32-bit FNV-1a hashes over the pixels, from the front and from the back, with the size. */
function hashOf(picture: Pixels): string {
  let hash = hashes.get(picture);
  if (hash === undefined) {
    const {width, height, data} = picture;
    const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
    let [forward, backward] = [0x811c9dc5, 0x811c9dc5];
    for (let i = 0, j = words.length - 1; j >= 0; i++, j--) {
      forward = Math.imul(forward ^ words[i]!, 0x01000193);
      backward = Math.imul(backward ^ words[j]!, 0x01000193);
    }
    hash = `${String(width)}×${String(height)} ${String(forward >>> 0)} ${String(backward >>> 0)}`;
    hashes.set(picture, hash);
  }
  return hash;
}
