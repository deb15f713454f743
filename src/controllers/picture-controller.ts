import {initialState, Task} from '@lit/task';
import {throwIfAborted} from '../core/abort.js';
import {isAbort, LatentError} from '../core/errors.js';
import type {PackManifest} from '../core/pack/pack.js';
import type {FrameSize} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {CallOptions, DenoiseStep, LoadOptions, Model, Progress} from '../engine/types.js';
import type {Frame, PaintReport} from '../shared/inference.js';
import {consentOf, type ModelHost} from './consent.js';
import {type ElementStatus, isWorkerGone, shareOf, toLatentError} from './element-status.js';
import {type ConnectionController, type LoadHost, LoadTrigger} from './load-trigger.js';
import {ModelController} from './model-controller.js';
import {OPENED_SHARE, openPicture, type Picture, type PictureInput} from './open-picture.js';
import {onServer} from './server.js';
import {SurfaceController} from './surface-controller.js';

export type {Picture, PictureInput, PictureSource} from './open-picture.js';

/** A frame to paint. */
export interface PlannedFrame {
  readonly frame: Frame;
  /** Default: the picture's. */
  readonly size?: FrameSize;
  /** The value that it was planned for. */
  readonly value?: number;
  /** Follows a frame that is denoised, which may take long. */
  readonly watch?: FrameWatch;
}

/** Follows a frame that is denoised. */
export interface FrameWatch {
  /** Hears of every step; whoever is given a preview closes it. */
  readonly onStep?: ((step: DenoiseStep) => void) | undefined;
  /** Hears once, before the frame is on screen, which latent came of it: none where it was given up. */
  settled(latent: Latent | undefined): void;
}

/** An element that shows frames. */
export interface PictureHost extends LoadHost, ModelHost {
  readonly resolution: number | undefined;
}

/** What a `PictureController` loads and paints. */
export interface PictureOptions {
  /** Images and latents to encode, none for nothing to show; throws `LatentError` for bad ones. */
  inputs(): readonly PictureInput[];
  /** Everything that `inputs` and `complete` depend on: a change of one of them loads anew. */
  dependencies(): readonly unknown[];
  /** The frame to show now. */
  plan(picture: Picture): PlannedFrame;
  /** Whether frames are denoised where they are painted, which needs the denoiser; default no. */
  readonly generates?: boolean;
  /** Called when a frame is on screen; it took so many milliseconds to paint. */
  painted?(frame: PlannedFrame, milliseconds: number, report: PaintReport): void;
  /** Loads what else there must be, once the picture is there; undefined where that is all. */
  complete?(picture: Picture, options: CallOptions): Promise<void> | undefined;
  /** Whether it is this controller that shows the picture, default yes; else it stays out of the way. */
  isActive?(): boolean;
  /**
   * Where the host edits the picture of another element instead of showing its own: that element's
   * controller, which loads and paints it; null while it is not known.
   */
  target?(): PictureController | null | undefined;
}

/** Loads what its host shows and paints it: from model and sources to a frame on the canvas. */
export class PictureController {
  readonly #surfaces: SurfaceController;
  readonly #trigger: LoadTrigger;
  readonly #host: PictureHost;
  readonly #status: ElementStatus;
  readonly #options: PictureOptions;
  readonly #models = new ModelController();
  readonly #task: Task;
  #picture: Picture | undefined;
  /** What is shown, also while something else loads. */
  #shown: Picture | undefined;
  #cancelled = false;
  #size: FrameSize | undefined;
  /** The newest frame that was asked for. */
  #painting: Promise<void> | undefined;
  #loads = 0;
  #tick = 0;

  constructor(host: PictureHost, status: ElementStatus, options: PictureOptions) {
    this.#host = host;
    this.#status = status;
    this.#options = options;
    this.#trigger = new LoadTrigger(host, status, () => this.#tearDown());
    this.#surfaces = new SurfaceController(host, (why) => this.#lost(why));
    this.#task = new Task(host, {
      task: ([wanted], {signal}) => this.#load(wanted, signal),
      args: () => [
        ...this.#trigger.args,
        host.model,
        host.device,
        host.resolution,
        this.#isActive,
        this.#target?.loads,
        this.#target?.error !== undefined,
        ...this.#options.dependencies(),
      ],
      autoRun: 'afterUpdate',
    });
  }

  /** What is loaded, once it is. */
  get picture(): Picture | undefined {
    return this.#picture;
  }

  /** The size of what the canvas shows; undefined while it shows nothing. */
  get size(): FrameSize | undefined {
    return this.#size;
  }

  /** Why there is no picture. */
  get error(): LatentError | undefined {
    return this.#status.error;
  }

  /** Names the canvas that is wanted now. */
  get canvasKey(): unknown {
    return this.#surfaces.key;
  }

  /** Takes the rendered canvas; a `ref` callback. */
  readonly attach = (canvas: Element | undefined): void => this.#surfaces.attach(canvas);

  /** Whether the host is idle because it was given nothing to show. */
  get isEmpty(): boolean {
    if (onServer || this.#status.state !== 'idle') return false;
    try {
      return this.#options.inputs().length === 0;
    } catch {
      return false;
    }
  }

  /** Its stay in the document. */
  get connection(): ConnectionController {
    return this.#trigger.connection;
  }

  /** Loads even what nobody has seen. */
  want(): void {
    this.#trigger.want();
  }

  /** Loads once more from the start. */
  readonly retry = (): void => this.#trigger.retry();

  /**
   * Gives up what is loading: whoever waits hears `aborted`, and what was shown before stays. What is
   * asked for next loads again.
   */
  cancel(): void {
    if (this.#status.state !== 'loading') return;
    this.#task.abort();
    const shown = this.#shown;
    this.#picture = shown && this.#models.holds(shown.model) ? shown : undefined;
    this.#cancelled = true;
    this.#status.cancel(this.#picture !== undefined);
    // The new one may have been on its way to the canvas.
    this.repaint();
  }

  /** Counts the attempts to load. */
  get loads(): number {
    return this.#loads;
  }

  /** The model, loaded where nothing else has; it stays leased. */
  async model(options: CallOptions): Promise<Model> {
    const {signal} = options;
    if (this.#picture) return this.#picture.model;
    if (this.#options.target?.() !== undefined) return (await this.loaded(signal)).model;
    return this.#acquire(options);
  }

  /** The manifest of the model, of whose files nothing is fetched for it. */
  manifest(signal: AbortSignal): Promise<PackManifest> {
    const {model, needs} = this.#host;
    return this.#models.manifest(model, signal, needs.model);
  }

  /** Shows the frame of this moment; one that still waits in the worker's queue gives way to it. */
  repaint(): void {
    if (!this.#picture) return;
    const target = this.#target;
    if (target) target.repaint();
    else this.#paint().catch((error: unknown) => this.#fail(error));
  }

  /** What is loaded, as soon as it is; `bad-argument` where there is nothing to load. */
  async loaded(signal?: AbortSignal): Promise<Picture> {
    throwIfAborted(signal);
    // Cancelled, nothing comes by itself.
    if (this.#cancelled && !this.#picture) this.retry();
    else this.want();
    await this.#host.updateComplete;
    if (!this.#hasInput()) {
      throw new LatentError('bad-argument', `${this.#host.localName} was given nothing to show.`);
    }
    return this.#trigger.loaded(() => this.#picture, signal);
  }

  /** A frame of what is loaded, as an image. */
  async render(
    plan: (picture: Picture) => PlannedFrame,
    signal?: AbortSignal,
  ): Promise<ImageBitmap> {
    const picture = await this.loaded(signal);
    const {frame, size = picture.size} = plan(picture);
    return this.#status.during(picture.surface.render(frame, size, {signal: this.until(signal)}));
  }

  /** Aborts with `signal`, and when the host has left the document. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return this.#trigger.until(signal);
  }

  get #target(): PictureController | undefined {
    try {
      return this.#options.target?.() ?? undefined;
    } catch {
      // Reported when it is loaded.
      return undefined;
    }
  }

  get #isActive(): boolean {
    return this.#options.isActive?.() ?? true;
  }

  #hasInput(): boolean {
    const target = this.#options.target?.();
    if (target === null) return false;
    return target ? target.#hasInput() : !onServer && this.#options.inputs().length > 0;
  }

  async #load(wanted: boolean, signal: AbortSignal): Promise<typeof initialState> {
    this.#picture = undefined;
    this.#cancelled = false;
    if (!this.#isActive) {
      if (this.#shown) this.#dropCanvas();
      return initialState;
    }
    if (!wanted) return initialState;
    this.#loads++;
    try {
      if (this.#hasInput()) await this.#open(signal);
      else this.#empty();
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    return initialState;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const status = this.#status;
    status.begin();
    const picture = await (this.#target?.loaded(signal) ?? this.#openOwn(signal));
    throwIfAborted(signal);
    this.#picture = picture;
    await this.#complete(picture, signal);
    if (this.#target) this.#target.repaint();
    else await this.#paint(signal);
    if (this.#picture !== picture) return;
    this.#shown = picture;
    const {model} = picture;
    status.advance({stage: 'decode', loaded: 1, total: 1, ratio: 1});
    status.succeed({model: model.name, space: model.space, device: model.device});
  }

  async #complete(picture: Picture, signal: AbortSignal): Promise<void> {
    const from = this.#target ? 0 : OPENED_SHARE;
    let last: Progress | undefined;
    const completion = this.#options.complete?.(picture, {
      signal,
      onProgress: (progress) => {
        if (signal.aborted) return;
        last = shareOf(progress, from, 1, last);
        this.#status.advance(last);
      },
    });
    if (!completion) return;
    completion.catch(() => undefined);
    try {
      // What is there is seen while the rest comes.
      if (!this.#target) await this.#paint(signal);
      await completion;
      throwIfAborted(signal);
    } catch (error) {
      // A frame more would look like a recovery.
      if (this.#picture === picture) this.#picture = undefined;
      throw error;
    }
  }

  #openOwn(signal: AbortSignal): Promise<Picture> {
    return openPicture(this.#options.inputs(), {
      acquire: (options) => this.#acquire(options),
      surfaces: this.#surfaces,
      resolution: positive(this.#host.resolution),
      priority: this.#trigger.priority,
      generates: this.#options.generates ?? false,
      signal,
      onProgress: (progress) => this.#status.advance(progress),
    });
  }

  async #acquire(options: LoadOptions): Promise<Model> {
    await consentOf(this.#host, this.#status, options);
    const {model, device, needs} = this.#host;
    return this.#models.acquire(model, device, options, needs.model);
  }

  /**
   * Shows the frame of this moment: with the signal of a load as a part of that, in the turn of this host's
   * picture; else before all that loads. Settles as the newest frame does, where that took this one's
   * place in the queue.
   */
  #paint(loading?: AbortSignal): Promise<void> {
    const painting: Promise<void> = this.#paintFrame(loading).catch(
      (error: unknown): Promise<void> | undefined => {
        if (isAbort(error) && this.#painting !== painting) return this.#painting;
        throw error;
      },
    );
    this.#painting = painting;
    return painting;
  }

  async #paintFrame(loading: AbortSignal | undefined): Promise<void> {
    const picture = this.#picture;
    if (!picture) return;
    const began = performance.now();
    const planned = this.#options.plan(picture);
    const {frame, size = picture.size, watch} = planned;
    let report: PaintReport | undefined;
    try {
      report = await picture.surface.paint(frame, size, {
        ...(watch?.onStep && {onStep: watch.onStep}),
        ...(loading && this.#asLoad(loading, watch)),
      });
    } catch (error) {
      // Of a picture that is no longer shown.
      if (picture !== this.#picture) return;
      throw error;
    } finally {
      watch?.settled(report?.latent);
    }
    if (picture !== this.#picture) return;
    this.#see(planned, size, performance.now() - began, report);
  }

  /** How a frame is painted as a part of loading; where it is denoised, the bar shows that too. */
  #asLoad(signal: AbortSignal, watch: FrameWatch | undefined): CallOptions {
    const {priority} = this.#trigger;
    if (!watch) return {signal, priority};
    let last = this.#status.progress;
    const from = last?.ratio ?? 0;
    const onProgress = (progress: Progress): void => {
      if (signal.aborted) return;
      last = shareOf(progress, from, OPENED_SHARE, last);
      this.#status.advance(last);
    };
    return {signal, priority, onProgress};
  }

  #see(planned: PlannedFrame, size: FrameSize, milliseconds: number, report: PaintReport): void {
    if (this.#size?.width !== size.width || this.#size.height !== size.height) {
      this.#size = size;
      this.#host.requestUpdate();
    }
    this.#status.recover();
    // Two frames within one of the screen's: the first was never seen.
    cancelAnimationFrame(this.#tick);
    this.#tick = requestAnimationFrame(() =>
      this.#options.painted?.(planned, milliseconds, report),
    );
  }

  #fail(thrown: unknown): void {
    const error = toLatentError(thrown);
    if (isWorkerGone(error)) this.#dropCanvas();
    this.#trigger.fail(error);
  }

  #lost(why: LatentError): void {
    // While it loads, the call under way fails and tells more.
    if (!this.#picture) return;
    const ended = 'The worker that painted this ended. Try again.';
    this.#fail(isWorkerGone(why) ? why : new LatentError('worker-crashed', ended));
  }

  #dropCanvas(): void {
    this.#picture = undefined;
    this.#shown = undefined;
    this.#size = undefined;
    this.#surfaces.close();
    this.#host.requestUpdate();
  }

  #empty(): void {
    this.#size = undefined;
    this.#status.reset();
  }

  #tearDown(): void {
    this.#dropCanvas();
    this.#models.release();
  }
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
