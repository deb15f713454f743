import type {Stage, StageProgress} from '../shared/events.js';
import type {Progress} from './types.js';

/** The share of the whole that each stage takes, in the order in which they come. */
export type StageWeights = readonly (readonly [stage: Stage, share: number])[];

/** What loading a model consists of: mostly the network, as visitors know it. */
export const LOAD_STAGES: StageWeights = [
  ['download', 0.8],
  ['compile', 0.2],
];

/** Turns the progress of stages into one ratio that runs from 0 to 1 and never falls. */
export class ProgressTracker {
  readonly #weights: StageWeights;
  readonly #report: (progress: Progress) => void;
  #last: Progress | undefined;
  /** The share of the stages before the first that there was: of what is done already no bar tells. */
  #skipped: number | undefined;

  constructor(weights: StageWeights, report: (progress: Progress) => void) {
    this.#weights = weights;
    this.#report = report;
  }

  update({stage, loaded, total}: StageProgress): void {
    let before = 0;
    for (const [name, share] of this.#weights) {
      if (name === stage) {
        this.#skipped ??= before;
        const at = before + share * (total > 0 ? loaded / total : 0);
        this.#emit(stage, loaded, total, (at - this.#skipped) / (1 - this.#skipped));
        return;
      }
      before += share;
    }
  }

  /** Closes the bar, whether the work succeeded or not; call it in `finally`. */
  finish(): void {
    if (this.#last && this.#last.ratio < 1) {
      const {stage, total} = this.#last;
      this.#emit(stage, total, total, 1);
    }
  }

  #emit(stage: Stage, loaded: number, total: number, ratio: number): void {
    const next = Math.min(1, Math.max(ratio, this.#last?.ratio ?? 0));
    this.#last = {stage, loaded, total, ratio: next};
    this.#report(this.#last);
  }
}

/** Adds the stages of loads that run side by side up to those of one; each takes a listener of its own. */
export function joinStages(
  report: (progress: StageProgress) => void,
): () => (progress: StageProgress) => void {
  const last: Partial<Record<Stage, StageProgress>>[] = [];
  return () => {
    const own: Partial<Record<Stage, StageProgress>> = {};
    last.push(own);
    return (progress) => {
      own[progress.stage] = progress;
      let [loaded, total] = [0, 0];
      for (const {[progress.stage]: each} of last) {
        loaded += each?.loaded ?? 0;
        total += each?.total ?? 0;
      }
      report({stage: progress.stage, loaded, total});
    };
  };
}

/**
 * Adds the downloads of loads that come one after the other up to one of `total` bytes, or more where a
 * load turns out to be larger; each takes a listener of its own. Other stages pass as they are.
 */
export function chainDownloads(
  total: number,
  report: (progress: StageProgress) => void,
): () => (progress: StageProgress) => void {
  let before = 0;
  let own = 0;
  return () => {
    before += own;
    own = 0;
    return (progress) => {
      if (progress.stage !== 'download') {
        report(progress);
        return;
      }
      own = progress.loaded;
      const whole = Math.max(total, before + progress.total);
      report({stage: 'download', loaded: before + own, total: whole});
    };
  };
}
