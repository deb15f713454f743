/** What a long call is doing. */
export type Stage = 'download' | 'compile' | 'encode' | 'denoise' | 'decode' | 'embed' | 'index';

/** How far a stage is; `loaded` and `total` are bytes for `download`, else steps. */
export interface StageProgress {
  readonly stage: Stage;
  readonly loaded: number;
  readonly total: number;
}

/** What a worker says without being asked. */
export type WorkerEvent =
  | ({readonly type: 'progress'; readonly request: number} & StageProgress)
  | {readonly type: 'device-lost'; readonly message: string};
