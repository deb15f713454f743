import {type Edits, neededBy, partsToEdit} from '../core/direction/direction.js';
import {orAbort} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {Latent} from '../core/latent/latent.js';
import {frameOfLatent, type Size} from '../core/pack/image-size.js';
import {assertOwnLatent} from '../core/pack/space.js';
import type {PackManifest} from '../core/pack/pack.js';
import {embeddingSpaceOf, type EmbeddingSpace} from '../core/text/embedding-space.js';
import type {Device} from '../shared/inference.js';
import {closeIfAborted} from './bitmaps.js';
import type {Settings} from './config.js';
import type {LoadedModel} from './model.js';
import {CanvasSurface} from './surface.js';
import type {
  CallOptions,
  DenoiseOptions,
  EmbedOptions,
  EncodeOptions,
  GenerateOptions,
  ImageSource,
  Model,
  MorphOptions,
  SolvedMorph,
  Surface,
} from './types.js';

/**
 * The public face of a loaded model. What it does beyond encoding and decoding lies in files of its own,
 * which a page fetches when it asks for it.
 */
export class ModelLease implements Model {
  readonly #model: LoadedModel;
  readonly #settings: () => Settings;
  readonly #onRelease: () => void;

  constructor(model: LoadedModel, settings: () => Settings, onRelease: () => void) {
    this.#model = model;
    this.#settings = settings;
    this.#onRelease = onRelease;
  }

  get name(): string {
    return this.manifest.name;
  }

  get space(): string {
    return this.manifest.space.id;
  }

  get device(): Device {
    return this.#model.backend.device;
  }

  get manifest(): PackManifest {
    return this.#model.manifest;
  }

  get embeddingSpace(): EmbeddingSpace | undefined {
    return embeddingSpaceOf(this.manifest);
  }

  async encode(image: ImageSource, options: EncodeOptions = {}): Promise<Latent> {
    return (await this.#model.encode(image, options)).latent;
  }

  async decode(
    latent: Latent,
    options: CallOptions & {readonly size?: Size} = {},
  ): Promise<ImageBitmap> {
    this.#model.imageRules();
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
    const {url} = this.#model;
    return this.#model.run(
      ['decoder'],
      async (api, request) =>
        closeIfAborted(await api.decode(request, url, latent, frame), options.signal),
      options,
    );
  }

  async denoise(latent: Latent, options: DenoiseOptions = {}): Promise<Latent> {
    this.#model.assertHeld();
    return (await diffusion()).denoise(this.#model, latent, options);
  }

  async prepareDenoise(options: DenoiseOptions = {}): Promise<void> {
    const {planDenoise} = await diffusion();
    await this.#model.prepare(planDenoise(this.manifest, options).parts, options);
  }

  async generateLatent(options: GenerateOptions = {}): Promise<Latent> {
    this.#model.assertHeld();
    return (await diffusion()).generateLatent(this.#model, options);
  }

  async generate(options: GenerateOptions = {}): Promise<ImageBitmap> {
    this.#model.assertHeld();
    return (await diffusion()).generate(this.#model, options);
  }

  async edit(latent: Latent, edits: Edits, options: CallOptions = {}): Promise<Latent> {
    assertOwnLatent(this.manifest, latent);
    const {url} = this.#model;
    return this.#model.run(
      partsToEdit(this.manifest, edits),
      (api, request) => api.edit(request, url, latent, edits),
      options,
    );
  }

  async prepareDirections(names: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#model.prepare(neededBy(this.manifest, names), options);
  }

  sample(seed: number, options: CallOptions = {}): Promise<Latent> {
    return this.#model.sample(seed, options);
  }

  embed(input: ImageSource, options?: EmbedOptions): Promise<Latent>;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Latent[]>;
  async embed(
    input: ImageSource | readonly string[],
    options: EmbedOptions = {},
  ): Promise<Latent | Latent[]> {
    const model = this.#model;
    model.assertHeld();
    const {embedImage, embedTexts} = await import('./embed.js');
    if (typeof input === 'string') return (await embedTexts(model, [input], options))[0]!;
    return isList(input) ? embedTexts(model, input, options) : embedImage(model, input, options);
  }

  async morph(
    from: ImageSource,
    to: ImageSource,
    {signal, ...options}: MorphOptions = {},
  ): Promise<SolvedMorph> {
    this.#model.assertHeld();
    const {openMorph} = await import('./morph.js');
    const morph = await openMorph([from, to], {...options, signal, settings: this.#settings()});
    try {
      await orAbort(morph.ready, signal);
      return morph;
    } catch (error) {
      morph.close();
      throw error;
    }
  }

  async createSurface(canvas?: HTMLCanvasElement): Promise<Surface> {
    this.#model.assertHeld();
    return CanvasSurface.open(this.#model, canvas);
  }

  release(): void {
    if (this.#model.release()) this.#onRelease();
  }
}

const diffusion = () => import('./diffusion.js');

// `Array.isArray` alone would make a readonly list `any[]`.
function isList(input: unknown): input is readonly string[] {
  return Array.isArray(input);
}
