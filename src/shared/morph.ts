import type {MorphAlignment, PointPair} from '../core/morph/plan.js';
import type {Size} from '../core/pack/image-size.js';
import type {Emit} from './events.js';

/** What a morph worker is told once, before anything else. */
export interface MorphOptions {
  /** A Web Lock that the worker holds as long as it lives: whoever waits for it learns of its end. */
  readonly lifeLock: string;
}

/** How a canvas is painted. */
export interface MorphCanvasOptions {
  /** `auto`: on the GPU by WebGL2 where there is one, else on the CPU. Others are for tests. */
  readonly painter?: 'auto' | 'webgl' | 'cpu';
  /** Milliseconds in which a morph takes over from the plain line; 0 for at once. */
  readonly takeover?: number;
}

/** How a frame came about. */
export interface MorphReport {
  /** Milliseconds of the worker's work on it. */
  readonly total: number;
  /** How much of the morph was seen, 0..1: 0 is the plain line, which is shown until it is ready. */
  readonly share: number;
  readonly painter: 'webgl' | 'cpu';
}

/**
 * What a morph worker does: it needs no model, so that it is a worker of its own, which loads nothing
 * but itself. `request` numbers name a call in progress events and in `cancel`.
 */
export interface MorphApi {
  /** Configures the worker; must be the first call. Whether the worker holds its life lock. */
  connect(options: MorphOptions, emit: Emit): Promise<boolean>;
  /** A new morph under a number of the caller's, with a canvas or for images alone. */
  open(morph: number, canvas?: OffscreenCanvas, options?: MorphCanvasOptions): Promise<void>;
  /**
   * The keyframes, which are transferred: the first at its own size, at most `limit` pixels on the
   * longer side, the others drawn to that size (cover: cut where they have another shape). The size.
   */
  setKeyframes(morph: number, images: readonly ImageBitmap[], limit: number): Promise<Size>;
  /**
   * Solves every pair of neighbouring keyframes, the one that is seen first; `pairs` has a list of
   * points for each, or none. Of several morphs the one of the lowest `priority` is solved first.
   * `bad-argument` for points that cannot be kept; progress as `align`.
   */
  prepare(
    request: number,
    morph: number,
    pairs: readonly (readonly PointPair[])[],
    priority: number,
  ): Promise<MorphAlignment[]>;
  /** Paints the frame at `value` (0..1) on the canvas: the plain line until it is prepared. */
  paint(morph: number, value: number): Promise<MorphReport>;
  /** The frame at `value` at full size, by the CPU painter, so that it is the same everywhere. */
  render(morph: number, value: number): Promise<ImageBitmap>;
  /** Lets a morph go. */
  close(morph: number): Promise<void>;
  /** Gives up a call. */
  cancel(request: number): Promise<void>;
}
