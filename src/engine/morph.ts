import {transfer} from 'comlink';
import {orAbort, throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {MorphAlignment, PointPair} from '../core/morph/plan.js';
import type {Size} from '../core/pack/image-size.js';
import type {MorphApi, MorphCanvasOptions, MorphReport} from '../shared/morph.js';
import {TaskQueue, valueOf} from '../shared/task-queue.js';
import {type Settings, settings, workerScript} from './config.js';
import {toBitmap} from './image-input.js';
import type {CallOptions, ImageSource, SolvedMorph} from './types.js';
import {WorkerHost} from './worker/host.js';
import {SharedHost} from './worker/shared-host.js';

/** Pixels of a frame's longer side, unless a page says less: more is not seen while things move. */
const MAX_PIXELS = 1024;

/** Points of one picture and where they are in the next, in fractions: one list a pair of keyframes. */
export type MorphPairs = readonly PointPair[] | readonly (readonly PointPair[])[];

/** What `openMorph` takes. */
export interface MorphOpenOptions extends CallOptions, MorphCanvasOptions {
  /** Shown on it, if given: its control goes to the worker for ever. */
  readonly canvas?: HTMLCanvasElement | undefined;
  readonly pairs?: MorphPairs | undefined;
  /** Pixels of the longer side of a frame, at most 1 024 and at most the first picture's own. */
  readonly resolution?: number | undefined;
  /** @internal Default: those of `configure`. */
  readonly settings?: Settings | undefined;
  /** Hears why the worker ended, and the canvas with it: the error with which open calls reject. */
  readonly onLost?: ((why: LatentError) => void) | undefined;
}

const worker = new SharedHost((given) => {
  const {href} = new URL('../../workers/morph.worker.js', import.meta.url);
  return new WorkerHost<MorphApi>(workerScript('morph', href, given), {}, {name: 'morph'});
});
let morphs = 0;

/**
 * A morph between pictures: shapes travel along a correspondence, and each place belongs to one end at a
 * time. It needs no model. It is usable at once, as the plain line (a cross-fade); `ready` says when
 * the correspondence is there.
 *
 * @example
 * const morph = await openMorph(['a.jpg', 'b.jpg'], {signal});
 * await morph.ready;
 * const half = await morph.frame(0.5); // ImageBitmap
 * morph.close();
 */
export class Morph implements SolvedMorph {
  readonly #host: WorkerHost<MorphApi>;
  readonly #id = ++morphs;
  readonly #queue = new TaskQueue();
  readonly #closed = new AbortController();
  readonly #leave: () => void;
  /** Of a frame, in pixels: that of the first picture, within the limit. */
  size: Size = {width: 0, height: 0};
  /** Settles with the solving of what was last asked for; see `alignment`. */
  ready: Promise<readonly MorphAlignment[]> = Promise.resolve([]);
  /** How well each pair of neighbours was brought together; undefined until that is known. */
  alignment: readonly MorphAlignment[] | undefined;
  #latest: AbortController | undefined;

  private constructor(given: Settings, onLost: (why: LatentError) => void) {
    ({host: this.#host, leave: this.#leave} = worker.join(given, onLost));
  }

  /** See `openMorph`. */
  static async open(images: readonly ImageSource[], options: MorphOpenOptions): Promise<Morph> {
    const {canvas, painter, takeover, onLost, ...rest} = options;
    const morph = new Morph(options.settings ?? settings(), (why) => onLost?.(why));
    try {
      const offscreen = canvas?.transferControlToOffscreen();
      const given: MorphCanvasOptions = {
        ...(painter && {painter}),
        ...(takeover !== undefined && {takeover}),
      };
      await morph.#host.call((api) =>
        offscreen
          ? api.open(morph.#id, transfer(offscreen, [offscreen]), given)
          : api.open(morph.#id, undefined, given),
      );
      await morph.setKeyframes(images, rest);
      return morph;
    } catch (error) {
      morph.close();
      throw error;
    }
  }

  /**
   * Other keyframes on the same canvas; resolves when the plain line between them can be shown. Errors
   * as `toBitmap`, naming the picture; `bad-argument` for fewer than two.
   */
  async setKeyframes(
    images: readonly ImageSource[],
    options: Pick<MorphOpenOptions, 'pairs' | 'resolution' | keyof CallOptions> = {},
  ): Promise<void> {
    const {resolution = MAX_PIXELS, signal} = options;
    if (images.length < 2) {
      const got = String(images.length);
      throw new LatentError('bad-argument', `A morph needs two or more pictures, got ${got}.`);
    }
    const bitmaps = await toBitmaps(images, signal);
    const limit = Math.min(MAX_PIXELS, Math.max(1, Math.round(resolution)));
    this.size = await this.#host.call((api) =>
      api.setKeyframes(this.#id, transfer(bitmaps, bitmaps), limit),
    );
    throwIfAborted(signal);
    this.#solve(options);
  }

  /** Other points for the same keyframes; `ready` begins anew. */
  setPairs(pairs: MorphPairs | undefined, options: CallOptions = {}): void {
    this.#solve({...options, pairs});
  }

  /**
   * Paints the frame at `value` (0..1) on the canvas. A newer call replaces one that has not begun, whose
   * promise rejects `aborted`.
   */
  paint(value: number): Promise<MorphReport> {
    return this.#queue.push(() => this.#host.call((api) => api.paint(this.#id, value)), {
      signal: this.#closed.signal,
      key: this,
    });
  }

  /** The frame at `t` (0..1), once it is solved; at a keyframe its own pixels. The caller closes it. */
  async frame(t: number, {signal}: CallOptions = {}): Promise<ImageBitmap> {
    if (!Number.isFinite(t)) {
      throw new LatentError('bad-argument', `t must be a number from 0 to 1, got ${String(t)}.`);
    }
    await orAbort(this.ready, signal);
    const image = await this.#host.call((api) => api.render(this.#id, t));
    if (!signal?.aborted) return image;
    image.close();
    throw new LatentError('aborted', 'The call was aborted.');
  }

  /** Lets it go; open calls reject with `aborted`. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.#latest?.abort();
    void this.#host.call((api) => api.close(this.#id)).catch(() => undefined);
    this.#leave();
  }

  #solve({
    pairs,
    priority = 0,
    signal,
    onProgress,
  }: Pick<MorphOpenOptions, 'pairs' | keyof CallOptions>): void {
    this.#latest?.abort();
    const latest = new AbortController();
    this.#latest = latest;
    this.alignment = undefined;
    const given = signal ? AbortSignal.any([signal, latest.signal]) : latest.signal;
    let ratio = 0;
    const solved = this.#host.request(
      (api, request) => api.prepare(request, this.#id, listsOf(pairs), valueOf(priority)),
      {
        signal: given,
        onProgress: (progress) => {
          ratio = Math.max(ratio, progress.loaded / progress.total);
          onProgress?.({...progress, ratio});
        },
      },
    );
    this.ready = solved;
    solved.then(
      (alignment) => {
        if (this.#latest === latest) this.alignment = alignment;
      },
      () => undefined,
    );
  }
}

/** Opens a morph; resolves when the plain line can be shown. Errors as `setKeyframes`. */
export function openMorph(
  images: readonly ImageSource[],
  options: MorphOpenOptions = {},
): Promise<Morph> {
  return Morph.open(images, options);
}

/** All images; where one fails, none is left open. */
async function toBitmaps(
  images: readonly ImageSource[],
  signal: AbortSignal | undefined,
): Promise<ImageBitmap[]> {
  const results = await Promise.allSettled(images.map((image) => toBitmap(image, signal)));
  const bitmaps = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = results.find((each) => each.status === 'rejected');
  if (!failed && !signal?.aborted) return bitmaps;
  for (const bitmap of bitmaps) bitmap.close();
  throwIfAborted(signal);
  throw failed!.reason;
}

/** One list is for the only pair of keyframes. */
function listsOf(pairs: MorphPairs = []): (readonly PointPair[])[] {
  if (!Array.isArray(pairs)) {
    throw new LatentError(
      'bad-argument',
      'pairs must be a list of {from: [x, y], to: [x, y]}, or one such list a pair of keyframes.',
    );
  }
  const lists = pairs.filter((each): each is readonly PointPair[] => Array.isArray(each));
  return lists.length > 0 || pairs.length === 0 ? lists : [pairs as readonly PointPair[]];
}
