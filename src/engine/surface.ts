import {transfer} from 'comlink';
import {partsToEdit} from '../core/direction/direction.js';
import {planSampling} from '../core/diffusion/sampling.js';
import {LatentError} from '../core/errors.js';
import {fitFrame, type FrameSize, frameOfLatent} from '../core/pack/image-size.js';
import type {Loadable} from '../core/pack/pack.js';
import type {Frame, FrameRequest, PaintReport} from '../shared/inference.js';
import type {TaskOptions} from '../shared/task-queue.js';
import {closeIfAborted, seedOf, withBitmap} from './bitmaps.js';
import type {LoadedModel} from './model.js';
import {ProgressTracker, type StageWeights} from './progress.js';
import type {
  CallOptions,
  ImageSource,
  PaintOptions,
  SourceOptions,
  Surface,
  SurfaceSource,
} from './types.js';
import type {WorkerCall} from './worker/backend.js';
import type {RequestOptions, WorkerHost} from './worker/host.js';

/** Of a frame that is denoised where it is painted. */
const SAMPLING_STAGES: StageWeights = [
  ['download', 0.4],
  ['compile', 0.1],
  ['denoise', 0.5],
];

let surfaces = 0;

/** The page's end of a canvas that a worker paints. */
export class CanvasSurface implements Surface {
  readonly #model: LoadedModel;
  // The canvas lives in this worker alone, and dies with it.
  readonly #host: WorkerHost;
  readonly #id = ++surfaces;
  /** Sources whose pixels the worker keeps: not `seed:N`, whose decode is all there is. */
  readonly #pictures = new Set<number>();
  /** What takes the listeners of `onLost` back: nothing of a closed surface may stay at its worker. */
  readonly #leaveHost = new Set<() => void>();
  #closed = false;

  private constructor(model: LoadedModel) {
    this.#model = model;
    this.#host = model.backend.host;
  }

  /** Hands the canvas over; `bad-argument` for one that is in use already. */
  static async open(model: LoadedModel, canvas?: HTMLCanvasElement): Promise<CanvasSurface> {
    const offscreen = canvas && transferControl(canvas);
    const surface = new CanvasSurface(model);
    await surface.#host.call((api) =>
      offscreen
        ? api.openSurface(surface.#id, model.url, transfer(offscreen, [offscreen]))
        : api.openSurface(surface.#id, model.url),
    );
    return surface;
  }

  onLost(listener: (why: LatentError) => void): () => void {
    if (this.#closed) return () => undefined;
    const leave = this.#host.onEnd(listener);
    this.#leaveHost.add(leave);
    return () => {
      this.#leaveHost.delete(leave);
      leave();
    };
  }

  async setSource(
    index: number,
    image: ImageSource,
    options: SourceOptions = {},
  ): Promise<SurfaceSource> {
    this.#assertOpen();
    const {manifest} = this.#model;
    const {frame, priority, resolution, signal} = options;
    const seed = seedOf(image);
    if (seed !== undefined) {
      const latent = await this.#model.sample(seed, options);
      this.#pictures.delete(index);
      return {latent, frame: frameOfLatent(manifest, latent.shape)};
    }
    const {size: rule} = this.#model.imageRules();
    return withBitmap(image, signal, async (bitmap) => {
      const size = (await frame) ?? fitFrame(rule, bitmap, resolution);
      const latent = await this.#run(
        ['encoder'],
        (api, request) => api.setSource(request, this.#id, index, transfer(bitmap, [bitmap]), size),
        {signal},
        {signal, priority},
      );
      this.#pictures.add(index);
      return {latent, frame: size};
    });
  }

  async paint(frame: Frame, size: FrameSize, options: PaintOptions = {}): Promise<PaintReport> {
    const {onStep} = options;
    const planned = this.#plan(frame);
    const ahead = await this.#denoiseAhead(planned, options);
    const report = await this.#show(ahead ?? planned, options, this, (api, request, made) =>
      // What was denoised ahead has been watched.
      api.paint(request, this.#id, made, size, onStep !== undefined && !ahead),
    );
    return ahead ? {...report, latent: ahead.latent} : report;
  }

  async render(frame: Frame, size: FrameSize, options: CallOptions = {}): Promise<ImageBitmap> {
    const planned = this.#plan(frame);
    const ahead = await this.#denoiseAhead(planned, options);
    return this.#show(ahead ?? planned, options, undefined, async (api, request, made) =>
      closeIfAborted(await api.render(request, this.#id, made, size), options.signal),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const leave of this.#leaveHost) leave();
    this.#leaveHost.clear();
    void this.#host.call((api) => api.closeSurface(this.#id)).catch(() => undefined);
  }

  /** Makes a frame where it is wanted; a waiting one of the same `key` gives way to it. */
  async #show<T>(
    frame: FrameRequest,
    options: PaintOptions,
    key: unknown,
    make: MakeFrame<T>,
  ): Promise<T> {
    const {onProgress, onStep, priority, signal} = options;
    const parts = this.#partsOf(frame);
    const call: WorkerCall<T> = (api, request) => make(api, request, frame);
    if (!frame.denoise || !(onProgress ?? onStep)) {
      return this.#run(parts, call, {signal, onProgress}, {signal, priority, key});
    }
    const tracker = new ProgressTracker(SAMPLING_STAGES, (progress) => onProgress?.(progress));
    const report: RequestOptions['onProgress'] = (progress) => tracker.update(progress);
    try {
      const loading = {signal, onProgress: report};
      return await this.#run(parts, call, loading, {...loading, priority, key, onStep});
    } finally {
      tracker.finish();
    }
  }

  /** The frame denoised ahead, where its parts do not fit into memory together; undefined where they do. */
  async #denoiseAhead(
    {denoise, ...frame}: FrameRequest,
    options: PaintOptions,
  ): Promise<FrameRequest | undefined> {
    if (!denoise || this.#model.canHold(this.#partsOf({...frame, denoise}))) return undefined;
    const {denoisePlanned} = await import('./diffusion.js');
    return {...frame, latent: await denoisePlanned(this.#model, frame.latent, denoise, options)};
  }

  /** What a frame is made by: nothing of it for the pixels of a source. */
  #partsOf({denoise, edits = {}, source}: FrameRequest): Loadable[] {
    if (source !== undefined) return [];
    const sampled: readonly Loadable[] = denoise?.parts ?? [];
    return [...sampled, ...partsToEdit(this.#model.manifest, edits), 'decoder'];
  }

  #run<T>(
    parts: readonly Loadable[],
    call: WorkerCall<T>,
    load: CallOptions,
    options: RequestOptions & TaskOptions,
  ): Promise<T> {
    const run: WorkerCall<T> = (api, request) => {
      // What waited while it was closed is nobody's fault.
      if (this.#closed) return Promise.reject(new LatentError('aborted', CLOSED));
      return call(api, request);
    };
    const inTurn = (): Promise<T> => this.#model.call(run, options, this.#host);
    // Of a worker that is dead it is left to say so: nothing is loaded into the next one for it.
    return this.#host.alive ? this.#model.withParts(parts, load, inTurn) : inTurn();
  }

  /** Checks a frame, plans its sampling, and leaves out the pixels that the worker does not have. */
  #plan({latent, denoise, edits, source, detail = {}}: Frame): FrameRequest {
    this.#assertOpen();
    const kept = Object.entries(detail).filter(
      ([index, weight]) => weight > 0 && this.#pictures.has(Number(index)),
    );
    const isSource = source !== undefined && this.#pictures.has(source);
    return {
      latent,
      ...(denoise && !isSource && {denoise: planSampling(this.#model.manifest, denoise, latent)}),
      ...(edits && {edits}),
      ...(isSource && {source}),
      detail: Object.fromEntries(kept),
    };
  }

  #assertOpen(): void {
    if (this.#closed) throw new LatentError('bad-argument', `${CLOSED} Create another.`);
  }
}

/** A call that makes a frame. */
type MakeFrame<T> = (
  api: Parameters<WorkerCall<T>>[0],
  request: number,
  frame: FrameRequest,
) => Promise<T>;

const CLOSED = 'This surface was closed.';

function transferControl(canvas: HTMLCanvasElement): OffscreenCanvas {
  try {
    return canvas.transferControlToOffscreen();
  } catch (cause) {
    throw new LatentError(
      'bad-argument',
      'The canvas has a context or was transferred before, and its control cannot be taken back. ' +
        'Give a new <canvas>.',
      {cause},
    );
  }
}
