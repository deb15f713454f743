import type {ReactiveControllerHost} from 'lit';
import {initialState, Task} from '@lit/task';
import {orAbort, throwIfAborted} from '../core/abort.js';
import {isAbort, LatentError} from '../core/errors.js';
import type {Size} from '../core/pack/image-size.js';
import {assertDevice} from '../engine/config.js';
import type {Morph, MorphPairs} from '../engine/morph.js';
import type {CallOptions, DevicePreference, ImageSource} from '../engine/types.js';
import {
  type ElementStatus,
  isWorkerGone,
  type LoadDetail,
  toLatentError,
} from './element-status.js';
import {type LoadHost, LoadTrigger} from './load-trigger.js';
import {fetched} from './page-engine.js';
import {onServer} from './server.js';
import {StageCanvas} from './stage-canvas.js';

/** Reduced motion also means that nothing slides into place by itself. */
const REDUCED_MOTION = '(prefers-reduced-motion: reduce)';

/** An element that morphs. */
export interface MorphHost extends LoadHost {
  readonly resolution: number | undefined;
  readonly device: DevicePreference | undefined;
}

/** What a `MorphController` shows. */
export interface MorphSource<Input> {
  /** Whether it is this controller that shows the picture; otherwise it stays out of the way. */
  isActive(): boolean;
  /** Pictures to morph between, none for nothing to show; throws `LatentError` for bad ones. */
  inputs(): readonly Input[];
  /** Everything that `inputs` depends on: a change of one of them loads anew. */
  dependencies(): readonly unknown[];
  /** The image of an input; undefined where it turns out that this controller is not the one. */
  toImages(
    inputs: readonly Input[],
    options: CallOptions,
  ): Promise<readonly ImageSource[] | undefined>;
  /** Points that the morph keeps; throws `LatentError` for what cannot be read. */
  pairs(): MorphPairs | undefined;
  /** Where on the path, 0..1. */
  value(): number;
  /** What `latent-load` says beside the time. */
  described(painter: 'webgl' | 'cpu'): Omit<LoadDetail, 'milliseconds'>;
  /** Called when a frame is on screen; it took so many milliseconds to paint. */
  painted(value: number, milliseconds: number): void;
}

/** Morphs between pictures on its host's canvas, without a model: what `PictureController` does with one. */
export class MorphController<Input> {
  readonly #host: MorphHost & ReactiveControllerHost;
  readonly #status: ElementStatus;
  readonly #source: MorphSource<Input>;
  readonly #trigger: LoadTrigger;
  readonly #canvas: StageCanvas;
  #morph: Morph | undefined;
  /** Whether the plain line between the pictures of this moment can be shown. */
  #isOpen = false;
  #size: Size | undefined;
  #failure: LatentError | undefined;
  #tick = 0;

  constructor(host: MorphHost, status: ElementStatus, source: MorphSource<Input>) {
    this.#host = host;
    this.#status = status;
    this.#source = source;
    this.#canvas = new StageCanvas(host);
    this.#trigger = new LoadTrigger(host, status, () => this.#close());
    // It lives with its host, which runs it.
    new Task(host, {
      task: ([active, wanted], {signal}) => this.#load(active && wanted, signal),
      args: () => {
        const active = !onServer && source.isActive();
        const [wanted, attempt] = this.#trigger.args;
        if (!active) return [active, wanted] as const;
        const {resolution, device} = host;
        return [active, wanted, attempt, resolution, device, ...source.dependencies()] as const;
      },
      autoRun: 'afterUpdate',
    });
  }

  /** Names the canvas that is wanted now. */
  get canvasKey(): string {
    return `morph ${String(this.#canvas.key)}`;
  }

  /** Takes the rendered canvas; a `ref` callback. */
  readonly attach = (canvas: Element | undefined): void => this.#canvas.attach(canvas);

  /** Size of what the canvas shows; undefined while it shows nothing. */
  get size(): Size | undefined {
    return this.#size;
  }

  /** Whether the host is idle because it was given nothing to show. */
  get isEmpty(): boolean {
    if (onServer || this.#status.state !== 'idle') return false;
    try {
      return this.#source.inputs().length === 0;
    } catch {
      return false;
    }
  }

  /** Loads even what nobody has seen. */
  want(): void {
    this.#trigger.want();
  }

  /** Loads once more from the start. */
  readonly retry = (): void => this.#trigger.retry();

  /** Shows the frame of this moment. */
  repaint(): void {
    if (this.#isOpen) this.#paint().catch((error: unknown) => this.#fail(error));
  }

  /** The morph, once it is solved; `bad-argument` where there is nothing to morph. */
  async loaded(signal?: AbortSignal): Promise<Morph> {
    throwIfAborted(signal);
    this.want();
    await this.#host.updateComplete;
    if (this.#source.inputs().length === 0) {
      throw new LatentError('bad-argument', `${this.#host.localName} was given nothing to show.`);
    }
    return this.#trigger.loaded(() => (this.#isOpen ? this.#morph : undefined), signal);
  }

  /** The frame at `t`, 0..1, once it is solved. */
  async render(t: number, signal?: AbortSignal): Promise<ImageBitmap> {
    const until = this.#trigger.until(signal);
    const morph = await this.loaded(signal);
    return this.#status.during(morph.frame(t, {signal: until}));
  }

  /** Aborts with `signal`, and when the host has left the document. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return this.#trigger.until(signal);
  }

  async #load(wanted: boolean, signal: AbortSignal): Promise<typeof initialState> {
    this.#isOpen = false;
    if (!this.#source.isActive()) {
      this.#close();
      return initialState;
    }
    if (!wanted) return initialState;
    try {
      const inputs = this.#source.inputs();
      if (inputs.length > 0) await this.#open(inputs, signal);
      else {
        this.#size = undefined;
        this.#status.reset();
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    return initialState;
  }

  async #open(inputs: readonly Input[], signal: AbortSignal): Promise<void> {
    const status = this.#status;
    status.begin();
    // A morph runs on none of them, but for a latent or a repair it will be asked for.
    assertDevice(this.#host.device);
    const pairs = this.#source.pairs();
    const onProgress: CallOptions['onProgress'] = (progress) => {
      if (!signal.aborted) status.advance(progress);
    };
    const images = await this.#source.toImages(inputs, {signal, onProgress});
    throwIfAborted(signal);
    if (!images) return;
    const {resolution} = this.#host;
    const {priority} = this.#trigger;
    const options = {pairs, priority, signal, onProgress, ...(resolution! > 0 && {resolution})};
    const morph = this.#morph ?? (await this.#create(images, options, signal));
    if (this.#morph) await morph.setKeyframes(images, options);
    throwIfAborted(signal);
    this.#morph = morph;
    this.#isOpen = true;
    const painter = await this.#paint();
    await orAbort(morph.ready, signal);
    status.advance({stage: 'align', loaded: 1, total: 1, ratio: 1});
    status.succeed(this.#source.described(painter));
  }

  async #create(
    images: readonly ImageSource[],
    options: CallOptions & {readonly pairs: MorphPairs | undefined},
    signal: AbortSignal,
  ): Promise<Morph> {
    // A page whose elements nobody scrolls to needs no morph.
    const {openMorph} = await fetched('morph', () => import('../engine/morph.js'));
    const canvas = await this.#canvas.take(signal);
    throwIfAborted(signal);
    const morph: Morph = await openMorph(images, {
      ...options,
      canvas,
      ...(matchMedia(REDUCED_MOTION).matches && {takeover: 0}),
      onLost: (why) => this.#lost(why),
    });
    if (!signal.aborted) return morph;
    morph.close();
    throw new LatentError('aborted', 'The call was aborted.');
  }

  async #paint(): Promise<'webgl' | 'cpu'> {
    const morph = this.#morph!;
    const value = this.#source.value();
    const began = performance.now();
    try {
      const {painter} = await morph.paint(value);
      if (morph === this.#morph) this.#see(value, performance.now() - began);
      return painter;
    } catch (error) {
      // A newer frame took its place, or another morph did.
      if (isAbort(error) || morph !== this.#morph) return 'cpu';
      throw error;
    }
  }

  #see(value: number, milliseconds: number): void {
    const size = this.#morph?.size;
    if (size?.width !== this.#size?.width || size?.height !== this.#size?.height) {
      this.#size = size;
      this.#host.requestUpdate();
    }
    cancelAnimationFrame(this.#tick);
    this.#tick = requestAnimationFrame(() => this.#source.painted(value, milliseconds));
  }

  #fail(thrown: unknown): void {
    const error = toLatentError(thrown);
    // All calls that a worker leaves open fail with the error by which it ended: once is enough.
    if (error === this.#failure) return;
    this.#failure = error;
    if (isWorkerGone(error)) this.#close();
    this.#trigger.fail(error);
  }

  #lost(why: LatentError): void {
    // Nobody else hears of it while no call is open.
    if (this.#isOpen) this.#fail(why);
  }

  #close(): void {
    this.#isOpen = false;
    if (!this.#morph && !this.#size) return;
    this.#morph?.close();
    this.#morph = undefined;
    this.#size = undefined;
    this.#host.requestUpdate();
  }
}
