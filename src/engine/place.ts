import type {Loadable} from '../core/pack.js';
import type {PackInfo} from '../protocol/inference.js';
import type {Backend} from './backend.js';
import type {CallOptions} from './types.js';

/** A loaded pack, where it runs, and how it gets parts ready. */
export interface ModelPlace {
  readonly backend: Backend;
  readonly pack: PackInfo;
  readonly prepare: (parts: readonly Loadable[], options: CallOptions) => Promise<void>;
}
