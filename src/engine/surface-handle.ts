import {transfer} from 'comlink';
import {LatentError} from '../core/errors.js';
import {fitFrame, type FrameSize, frameOfLatent} from '../core/pack/image-size.js';
import type {Loadable} from '../core/pack/pack.js';
import type {PackInfo, Frame, PaintReport} from '../shared/inference.js';
import type {Backend} from './worker/backend.js';
import {partsOfFrame} from './frame-parts.js';
import {seedOf, toBitmap} from './image-input.js';
import type {PartsOwner} from './place.js';
import type {CallOptions, EncodeOptions, ImageSource, Surface, SurfaceSource} from './types.js';
import type {WorkerHost} from './worker/host.js';

/** Where a surface is opened. */
export interface SurfacePlace {
  readonly backend: Backend;
  readonly pack: PackInfo;
  readonly owner: PartsOwner;
}

let surfaces = 0;

/** The main thread's end of a canvas that a worker paints. */
export class SurfaceHandle implements Surface {
  readonly #backend: Backend;
  readonly #pack: PackInfo;
  readonly #owner: PartsOwner;
  // The canvas lives in this worker alone, and dies with it.
  readonly #host: WorkerHost;
  readonly #id = ++surfaces;
  /** Sources whose pixels the worker keeps: not `seed:N`, whose decode is all there is. */
  readonly #pictures = new Set<number>();

  private constructor({backend, pack, owner}: SurfacePlace) {
    this.#backend = backend;
    this.#pack = pack;
    this.#owner = owner;
    this.#host = backend.host;
  }

  /** Hands the canvas over; `bad-argument` for one that is in use already. */
  static async open(
    place: SurfacePlace,
    canvas: HTMLCanvasElement | undefined,
  ): Promise<SurfaceHandle> {
    const {pack} = place;
    const surface = new SurfaceHandle(place);
    const offscreen = canvas && transferControl(canvas);
    await surface.#host.call((api) =>
      offscreen
        ? api.openSurface(surface.#id, pack.url, transfer(offscreen, [offscreen]))
        : api.openSurface(surface.#id, pack.url),
    );
    return surface;
  }

  onLost(listener: () => void): () => void {
    return this.#host.onEnd(() => listener());
  }

  async setSource(
    index: number,
    image: ImageSource,
    {frame, resolution, signal}: EncodeOptions & {readonly frame?: FrameSize | undefined} = {},
  ): Promise<SurfaceSource> {
    const {url, manifest} = this.#pack;
    const seed = seedOf(image);
    if (seed !== undefined) {
      const latent = await this.#run((api, request) => api.sample(request, url, seed), {signal});
      this.#pictures.delete(index);
      return {latent, frame: frameOfLatent(manifest, latent.shape)};
    }
    const rule = manifest.image?.size;
    if (!rule) throw new LatentError('unsupported', `The pack ${manifest.name} has no images.`);
    const bitmap = await toBitmap(image, signal);
    const size = frame ?? fitFrame(rule, bitmap, resolution);
    const latent = await this.#use(['encoder'], signal, () =>
      this.#run(
        (api, request) => api.setSource(request, this.#id, index, transfer(bitmap, [bitmap]), size),
        {signal},
      ),
    );
    this.#pictures.add(index);
    return {latent, frame: size};
  }

  clearSources(): void {
    this.#pictures.clear();
    void this.#host.call((api) => api.clearSources(this.#id)).catch(() => undefined);
  }

  async paint(frame: Frame, size: FrameSize, {signal}: CallOptions = {}): Promise<PaintReport> {
    const known = this.#known(frame);
    return this.#use(partsOfFrame(this.#pack.manifest, known), signal, () =>
      this.#run((api, request) => api.paint(request, this.#id, known, size), {signal, key: this}),
    );
  }

  async render(frame: Frame, size: FrameSize, {signal}: CallOptions = {}): Promise<ImageBitmap> {
    const known = this.#known(frame);
    return this.#use(partsOfFrame(this.#pack.manifest, known), signal, () =>
      this.#run((api, request) => api.render(request, this.#id, known, size), {signal}),
    );
  }

  close(): void {
    void this.#host.call((api) => api.closeSurface(this.#id)).catch(() => undefined);
  }

  /** Runs `task` with parts in memory; of a canvas that is dead it is left to say so. */
  #use<T>(
    parts: readonly Loadable[],
    signal: AbortSignal | undefined,
    task: () => Promise<T>,
  ): Promise<T> {
    return this.#host.alive ? this.#owner.use(parts, {signal}, task) : task();
  }

  #run: Backend['run'] = (call, options) => this.#backend.run(call, options, this.#host);

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
