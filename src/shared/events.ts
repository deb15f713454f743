import type {ErrorCode} from '../core/errors.js';

/** What a long call is doing. */
export type Stage =
  'download' | 'compile' | 'encode' | 'denoise' | 'decode' | 'embed' | 'index' | 'align';

/** How far a stage is; `loaded` and `total` are bytes for `download`, else steps. */
export interface StageProgress {
  readonly stage: Stage;
  readonly loaded: number;
  readonly total: number;
}

/** A step of a denoising that is done. */
export interface StepReport {
  /** 1 … steps. */
  readonly step: number;
  readonly steps: number;
  /** How the image looks so far; the caller closes it. Not at every step where decoding is slow. */
  readonly preview?: ImageBitmap;
}

/** What a worker says without being asked. */
export type WorkerEvent =
  | ({readonly type: 'progress'; readonly request: number} & StageProgress)
  | ({readonly type: 'step'; readonly request: number} & StepReport)
  /** The GPU is of no use any more: it is lost, or out of memory. */
  | {readonly type: 'device-fault'; readonly code: ErrorCode; readonly message: string};

/** How a worker says it; in the worker it settles once that was heard. */
export type Emit = (event: WorkerEvent) => void | Promise<void>;
