import {type Edits, neededBy, partsToEdit} from '../core/direction/direction.js';
import {LatentError} from '../core/errors.js';
import {assertOwnLatent} from '../core/pack/space.js';
import {frameOfLatent, type Size} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {Loadable, PackManifest} from '../core/pack/pack.js';
import {embeddingSpaceOf, type EmbeddingSpace} from '../core/text/embedding-space.js';
import type {Device, PackInfo} from '../shared/inference.js';
import type {Backend, WorkerCall} from './worker/backend.js';
import {encodeImage, sampleLatent} from './encode.js';
import type {ModelPlace, PartsOwner} from './place.js';
import {SurfaceHandle} from './surface-handle.js';
import type {
  CallOptions,
  DenoiseOptions,
  EmbedOptions,
  EncodeOptions,
  GenerateOptions,
  ImageSource,
  Model,
  Surface,
} from './types.js';

/** What a lease needs of the engine. */
export interface LeaseOwner extends PartsOwner {
  release(): void;
}

/** A lease on a model; everything it does runs in the backend's worker of the moment. */
export class ModelLease implements Model {
  readonly #backend: Backend;
  readonly #pack: PackInfo;
  readonly #owner: LeaseOwner;
  #released = false;

  constructor(backend: Backend, pack: PackInfo, owner: LeaseOwner) {
    this.#backend = backend;
    this.#pack = pack;
    this.#owner = owner;
  }

  get name(): string {
    return this.manifest.name;
  }

  get space(): string {
    return this.manifest.space.id;
  }

  get device(): Device {
    return this.#backend.device;
  }

  get manifest(): PackManifest {
    return this.#pack.manifest;
  }

  get embeddingSpace(): EmbeddingSpace | undefined {
    return embeddingSpaceOf(this.manifest);
  }

  async encode(image: ImageSource, options: EncodeOptions = {}): Promise<Latent> {
    return (await encodeImage(this.#place(), image, options)).latent;
  }

  async decode(
    latent: Latent,
    options: CallOptions & {readonly size?: Size} = {},
  ): Promise<ImageBitmap> {
    this.#image();
    assertOwnLatent(this.manifest, latent);
    const whole = frameOfLatent(this.manifest, latent.shape);
    const size = options.size ?? whole;
    if (size.width > whole.width || size.height > whole.height) {
      throw new LatentError(
        'bad-argument',
        `size is ${String(size.width)}×${String(size.height)}, but the latent makes only ` +
          `${String(whole.width)}×${String(whole.height)} pixels.`,
      );
    }
    const frame = {width: size.width, height: size.height, work: size, padded: whole.padded};
    return this.#run(
      ['decoder'],
      (api, request) => api.decode(request, this.#pack.url, latent, frame),
      options,
    );
  }

  async denoise(latent: Latent, options: DenoiseOptions = {}): Promise<Latent> {
    const place = this.#place();
    return (await diffusion()).denoise(place, latent, options);
  }

  async prepareDenoise(options: DenoiseOptions = {}): Promise<void> {
    const {neededToDenoise} = await diffusion();
    await this.#prepare(neededToDenoise(this.manifest, options), options);
  }

  async generateLatent(options: GenerateOptions = {}): Promise<Latent> {
    const place = this.#place();
    return (await diffusion()).generateLatent(place, options);
  }

  async generate(options: GenerateOptions = {}): Promise<ImageBitmap> {
    const place = this.#place();
    return (await diffusion()).generate(place, options);
  }

  async edit(latent: Latent, edits: Edits, options: CallOptions = {}): Promise<Latent> {
    assertOwnLatent(this.manifest, latent);
    const needed = partsToEdit(this.manifest, edits);
    return this.#run(
      needed,
      (api, request) => api.edit(request, this.#pack.url, latent, edits),
      options,
    );
  }

  async prepareDirections(names: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#prepare(neededBy(this.manifest, names), options);
  }

  async sample(seed: number, options: CallOptions = {}): Promise<Latent> {
    return sampleLatent(this.#place(), seed, options);
  }

  embed(input: ImageSource, options?: EmbedOptions): Promise<Latent>;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Latent[]>;
  async embed(
    input: ImageSource | readonly string[],
    options: EmbedOptions = {},
  ): Promise<Latent | Latent[]> {
    const place = this.#place();
    const {embedImage, embedTexts} = await embedding();
    if (typeof input === 'string') return (await embedTexts(place, [input], options))[0]!;
    if (isList(input)) return embedTexts(place, input, options);
    return embedImage(place, input, options);
  }

  async createSurface(canvas?: HTMLCanvasElement): Promise<Surface> {
    await this.#prepare([], {});
    const place = {backend: this.#backend, pack: this.#pack, owner: this.#owner};
    return SurfaceHandle.open(place, canvas);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#owner.release();
  }

  #place(): ModelPlace {
    this.#assertHeld();
    return {
      backend: this.#backend,
      pack: this.#pack,
      planStages: (stages) => this.#owner.planStages(stages),
      use: (parts, options, task) => this.#use(parts, options, task),
    };
  }

  #run<T>(
    parts: readonly Loadable[],
    call: WorkerCall<T>,
    {signal, onProgress}: CallOptions,
  ): Promise<T> {
    return this.#use(parts, {signal, onProgress}, () => this.#backend.run(call, {signal}));
  }

  #prepare(parts: readonly Loadable[], options: CallOptions): Promise<void> {
    return this.#use(parts, options, () => Promise.resolve());
  }

  async #use<T>(
    parts: readonly Loadable[],
    options: CallOptions,
    task: () => Promise<T>,
  ): Promise<T> {
    this.#assertHeld();
    return this.#owner.use(parts, options, task);
  }

  #image(): NonNullable<PackManifest['image']> {
    if (this.manifest.image) return this.manifest.image;
    throw new LatentError('unsupported', `The pack ${this.name} has no images.`);
  }

  #assertHeld(): void {
    if (!this.#released) return;
    throw new LatentError(
      'bad-argument',
      `This lease on the model ${this.name} was released. Load the model again.`,
    );
  }
}

// A page pays for what its elements do.
const diffusion = () => import('./diffusion.js');
const embedding = () => import('./embed.js');

// `Array.isArray` alone would make a readonly list `any[]`.
function isList(input: unknown): input is readonly string[] {
  return Array.isArray(input);
}
