import {transfer} from 'comlink';
import {partsToEdit} from '../core/direction/direction.js';
import {partsToSample, planSampling} from '../core/diffusion/sampling.js';
import {LatentError} from '../core/errors.js';
import {fitFrame, type FrameSize, frameOfLatent} from '../core/pack/image-size.js';
import type {Loadable, PackManifest} from '../core/pack/pack.js';
import type {Frame, PaintReport} from '../shared/inference.js';
import {closeIfAborted, seedOf, withBitmap} from './bitmaps.js';
import type {LoadedModel} from './model.js';
import {ProgressTracker, type StageWeights} from './progress.js';
import type {
  CallOptions,
  EncodeOptions,
  ImageSource,
  PaintOptions,
  Surface,
  SurfaceSource,
} from './types.js';
import type {WorkerCall} from './worker/backend.js';
import type {RequestOptions, WorkerHost} from './worker/host.js';
import type {TaskOptions} from './worker/queue.js';

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

  onLost(listener: () => void): () => void {
    if (this.#closed) return () => undefined;
    const leave = this.#host.onEnd(() => listener());
    this.#leaveHost.add(leave);
    return () => {
      this.#leaveHost.delete(leave);
      leave();
    };
  }

  async setSource(
    index: number,
    image: ImageSource,
    options: EncodeOptions & {readonly frame?: FrameSize | undefined} = {},
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
      const size = frame ?? fitFrame(rule, bitmap, resolution);
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
    if (frame.denoise) {
      const ahead = await this.#denoiseAhead(frame, options);
      if (ahead) {
        const report = await this.paint(ahead, size, {...options, onStep: undefined});
        return {...report, latent: ahead.latent};
      }
    }
    const {onStep} = options;
    return this.#show(frame, options, this, (api, request, made) =>
      api.paint(request, this.#id, made, size, onStep !== undefined),
    );
  }

  async render(frame: Frame, size: FrameSize, options: CallOptions = {}): Promise<ImageBitmap> {
    const {signal} = options;
    const ahead = frame.denoise && (await this.#denoiseAhead(frame, options));
    return this.#show(ahead ?? frame, options, undefined, async (api, request, made) =>
      closeIfAborted(await api.render(request, this.#id, made, size), signal),
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
    frame: Frame,
    options: PaintOptions,
    key: unknown,
    make: MakeFrame<T>,
  ): Promise<T> {
    this.#assertOpen();
    const {onProgress, onStep, priority, signal} = options;
    const known = this.#known(frame);
    const parts = partsOfFrame(this.#model.manifest, known);
    if (!known.denoise || !(onProgress ?? onStep)) {
      return this.#run(
        parts,
        (api, request) => make(api, request, known),
        {signal, onProgress},
        {signal, priority, key},
      );
    }
    const tracker = new ProgressTracker(SAMPLING_STAGES, (progress) => onProgress?.(progress));
    const report: RequestOptions['onProgress'] = (progress) => tracker.update(progress);
    try {
      return await this.#run(
        parts,
        (api, request) => make(api, request, known),
        {signal, onProgress: report},
        {signal, priority, key, onProgress: report, onStep},
      );
    } finally {
      tracker.finish();
    }
  }

  /** The frame denoised ahead, where its parts do not fit into memory together; undefined where they do. */
  async #denoiseAhead(
    {denoise: sampling, ...frame}: Frame,
    options: PaintOptions,
  ): Promise<Frame | undefined> {
    const parts = partsOfFrame(this.#model.manifest, {...frame, denoise: sampling});
    if (!sampling || this.#model.canHold(parts)) return undefined;
    const {denoise} = await import('./diffusion.js');
    return {...frame, latent: await denoise(this.#model, frame.latent, {...options, ...sampling})};
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

  #known({latent, denoise, edits, source, detail = {}}: Frame): Frame {
    const kept = Object.entries(detail).filter(
      ([index, weight]) => weight > 0 && this.#pictures.has(Number(index)),
    );
    return {
      latent,
      ...(denoise && {denoise}),
      ...(edits && {edits}),
      ...(source !== undefined && this.#pictures.has(source) && {source}),
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
  frame: Frame,
) => Promise<T>;

const CLOSED = 'This surface was closed.';

/** What a frame is made by: none of it for the pixels of a source; errors as the worker's own. */
function partsOfFrame(
  manifest: PackManifest,
  {latent, denoise, edits = {}, source}: Frame,
): Loadable[] {
  if (source !== undefined) return [];
  const sampled = denoise ? partsToSample(manifest, planSampling(manifest, denoise, latent)) : [];
  return [...sampled, ...partsToEdit(manifest, edits), 'decoder'];
}

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
