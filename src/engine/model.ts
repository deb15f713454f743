import {transfer} from 'comlink';
import {assertSeed} from '../core/diffusion/sampling.js';
import {LatentError} from '../core/errors.js';
import type {Latent} from '../core/latent/latent.js';
import {
  fitFrame,
  type FrameSize,
  frameOfLatent,
  frameToGenerate,
  type Size,
} from '../core/pack/image-size.js';
import type {Loadable, PackManifest, PartName} from '../core/pack/pack.js';
import type {PackInfo} from '../shared/inference.js';
import type {TaskOptions} from '../shared/task-queue.js';
import {seedOf, withBitmap} from './bitmaps.js';
import type {ModelMemory, ResidentModel, StagePlan} from './memory.js';
import type {CallOptions, EncodeOptions, ImageSource} from './types.js';
import type {Backend, WorkerCall} from './worker/backend.js';
import type {RequestOptions, WorkerHost} from './worker/host.js';

/**
 * A model as somebody leases it: what encoding, decoding, embedding, diffusion and surfaces share. It
 * has parts ready and calls the worker of the moment; it survives that worker, whose next one loads
 * them again.
 */
export class LoadedModel {
  readonly url: string;
  readonly manifest: PackManifest;
  readonly #memory: ModelMemory;
  readonly #spare: (() => Backend) | undefined;
  #place: Place;
  #released = false;

  /** Takes a lease, which `release` gives back. `spare` is asked for where to go on from a GPU that is given up. */
  constructor(backend: Backend, pack: PackInfo, memory: ModelMemory, spare?: () => Backend) {
    this.url = pack.url;
    this.manifest = pack.manifest;
    this.#memory = memory;
    this.#spare = spare;
    this.#place = this.#take(backend);
  }

  /** The device that calls go to: another one as soon as a GPU that nobody insists on is given up. */
  get backend(): Backend {
    return this.#here.backend;
  }

  /** Gives the lease back; whether it was out. */
  release(): boolean {
    if (this.#released) return false;
    this.#released = true;
    this.#place.resident.leases--;
    return true;
  }

  /** Throws `bad-argument` once the lease was given back. */
  assertHeld(): void {
    if (!this.#released) return;
    throw new LatentError(
      'bad-argument',
      `This lease on the model ${this.manifest.name} was released. Load the model again.`,
    );
  }

  /** Runs `task` with parts ready, made room for and loaded first; they stay as long as it runs. */
  async withParts<T>(
    parts: readonly Loadable[],
    options: CallOptions,
    task: () => Promise<T>,
  ): Promise<T> {
    this.assertHeld();
    return this.#memory.use(this.#here.resident, parts, options, task);
  }

  /** A call to the worker in its turn; `host` pins it to the one that holds a surface. */
  call<T>(
    call: WorkerCall<T>,
    options: RequestOptions & TaskOptions,
    host?: WorkerHost,
  ): Promise<T> {
    // What waits while a GPU is given up need not fail there too.
    return this.backend.run(call, options, () => host ?? this.backend.host);
  }

  /** A call with parts ready. */
  run<T>(parts: readonly Loadable[], call: WorkerCall<T>, options: CallOptions): Promise<T> {
    // The progress of a caller is that of the load: the call itself is one step.
    const {priority, signal} = options;
    return this.withParts(parts, options, () => this.call(call, {priority, signal}));
  }

  /** Has parts ready. */
  async prepare(parts: readonly Loadable[], options: CallOptions): Promise<void> {
    await this.withParts(parts, options, () => Promise.resolve());
  }

  /** What the stages of a call will load; `out-of-memory` where one of them never fits. */
  planStages(stages: readonly (readonly Loadable[])[]): StagePlan {
    this.assertHeld();
    return this.#memory.planStages(this.#here.resident, stages);
  }

  /** Whether parts can be in memory together. */
  fits(parts: readonly Loadable[]): boolean {
    return this.#memory.fits(this.#here.resident, parts);
  }

  /** Whether parts are in memory together, or can be. */
  canHold(parts: readonly Loadable[]): boolean {
    return this.#memory.isReady(this.#here.resident, parts) || this.fits(parts);
  }

  /** What to load ahead of the first call, of what is wanted. */
  partsAhead(wanted: readonly Loadable[]): readonly Loadable[] {
    const all = Object.keys(this.manifest.parts) as PartName[];
    // Of a model that generates, and is larger than the budget, all that came ahead would go again: its
    // parts come in turn. Others hold what they were asked for, or say that they cannot.
    return !this.manifest.parts.denoiser || this.fits(all) ? wanted : [];
  }

  /** How the pack's images look; `unsupported` for a pack without images. */
  imageRules(): NonNullable<PackManifest['image']> {
    if (this.manifest.image) return this.manifest.image;
    throw new LatentError('unsupported', `The pack ${this.manifest.name} has no images.`);
  }

  /** Sample number `seed` of the pack's own space. */
  async sample(seed: number, options: CallOptions): Promise<Latent> {
    assertSeed(seed);
    return this.run([], (api, request) => api.sample(request, this.url, seed), options);
  }

  /** The latent of an image, drawn to `size` (cover) where one is given, and the frame it was drawn to. */
  async encode(
    image: ImageSource,
    options: EncodeOptions & {readonly size?: Size | undefined},
  ): Promise<{readonly latent: Latent; readonly frame: FrameSize}> {
    const seed = seedOf(image);
    if (seed !== undefined) {
      const latent = await this.sample(seed, options);
      return {latent, frame: frameOfLatent(this.manifest, latent.shape)};
    }
    const {size: rule} = this.imageRules();
    const {priority, resolution, signal, size} = options;
    return this.withParts(['encoder'], options, () =>
      withBitmap(image, signal, async (bitmap) => {
        const frame = size
          ? frameToGenerate(this.manifest, size)
          : fitFrame(rule, bitmap, resolution);
        const latent = await this.call(
          (api, request) => api.encode(request, this.url, transfer(bitmap, [bitmap]), frame),
          {priority, signal},
        );
        return {latent, frame};
      }),
    );
  }

  get #here(): Place {
    const {backend, resident} = this.#place;
    if (this.#spare && backend.isGivenUp && !this.#released) {
      resident.leases--;
      this.#place = this.#take(this.#spare());
    }
    return this.#place;
  }

  #take(backend: Backend): Place {
    const resident = this.#memory.model(backend, this);
    resident.leases++;
    return {backend, resident};
  }
}

/** A device, and what of a model it holds. */
interface Place {
  readonly backend: Backend;
  readonly resident: ResidentModel;
}
