import type {LatentError} from '../core/errors.js';
import type {Edits} from '../core/direction/direction.js';
import type {FrameSize, Size} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {MorphAlignment, PointPair} from '../core/morph/plan.js';
import type {Loadable, PackManifest, PartName, PackNeeds} from '../core/pack/pack.js';
import type {Sampling} from '../core/diffusion/sampling.js';
import type {Strings} from '../core/strings/strings.js';
import type {Stage, StepReport} from '../shared/events.js';
import type {Priority} from '../shared/task-queue.js';
import type {EmbeddingSpace} from '../core/text/embedding-space.js';
import type {Device, Frame, PaintReport, TextKind} from '../shared/inference.js';

/** Where to run: `auto` takes a hardware WebGPU adapter for as long as there is one that can, else WASM. */
export type DevicePreference = 'auto' | Device;

/** Anything an image can come from; a string is a URL, or `seed:N` where the pack has samples. */
export type ImageSource =
  | string
  | URL
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | Blob;

/** How far a call is; `ratio` runs once from 0 to 1 over all its stages and never falls. */
export interface Progress {
  readonly stage: Stage;
  /** Bytes for `download`, else steps. */
  readonly loaded: number;
  readonly total: number;
  readonly ratio: number;
}

/** What every long call takes. */
export interface CallOptions {
  /** Rejects the call with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Default 0: somebody waits for it. Elements give their distance from the middle of the screen. */
  readonly priority?: Priority | undefined;
}

/** What `engine.load` takes. */
export interface LoadOptions extends CallOptions {
  /** The parts to have ready; the others come when first needed. Default: encoder and decoder. */
  readonly parts?: readonly PartName[];
  /** Names of the pack's directions to have ready too; `bad-argument` lists those that it has. */
  readonly directions?: readonly string[];
}

/** What `encode` takes. */
export interface EncodeOptions extends CallOptions {
  /** Pixels of the longer side for packs of any size; default: the pack's own working size. */
  readonly resolution?: number | undefined;
}

/** What `embed` takes. */
export interface EmbedOptions extends CallOptions {
  /**
   * What a text is embedded as: `query` and `document` for packs that tell them apart, `label` for the
   * name of a class (drawn towards the words around it where a pack is a table); default `document`.
   */
  readonly kind?: TextKind | undefined;
  /**
   * Keep the vectors in the browser's storage and take those that an earlier visit kept: for a
   * page's own items, not for what its visitors type. Default false.
   */
  readonly cache?: boolean | undefined;
}

/** A step of a denoising that is done. */
export type DenoiseStep = StepReport;

/** What `denoise` takes. */
export interface DenoiseOptions extends CallOptions, Partial<Sampling> {
  /**
   * How much of the latent is given up, 0 (nothing) to 1 (all of it), as in image-to-image; default
   * 0.5. The network then runs ⌈steps · strength⌉ times.
   */
  readonly strength?: number;
  /**
   * Hears of every step. The steps of a model that decodes fast bring a preview, few of one that does
   * not, so that they cost no more than a quarter of the whole; nobody who does not listen pays for one.
   */
  readonly onStep?: ((step: DenoiseStep) => void) | undefined;
}

/** What `generate` takes. */
export interface GenerateOptions extends DenoiseOptions {
  /** A picture to begin with, by default at strength 0.5; without one all begins as noise. */
  readonly image?: ImageSource | Latent | undefined;
  /** Pixels, for packs of any size; default: the picture's, or the pack's own. */
  readonly size?: Size | undefined;
}

/** What `paint` takes. */
export interface PaintOptions extends CallOptions {
  /**
   * Hears of every step of a frame's `denoise`, as in `DenoiseOptions`; the preview of the last one has
   * the pixels that are painted.
   */
  readonly onStep?: ((step: DenoiseStep) => void) | undefined;
}

/** Page-wide settings; see `configure`. */
export interface EngineOptions {
  /** Default model of elements that name none. */
  readonly model?: string;
  readonly device?: DevicePreference;
  /** Folder of the built package, absolute or relative to the page; ends with a slash. */
  readonly base?: string;
  readonly workerUrl?: string;
  readonly wasmBase?: string;
  /** Keep downloaded packs in the Cache API; default true. */
  readonly cache?: boolean;
  /**
   * Bytes of pack files to hold in memory at once; default 512 MiB. Models that nobody uses give way to
   * others, and the parts of one that is larger come and go in turn; each must fit by itself.
   */
  readonly memoryBudget?: number;
  /** WASM threads on a cross-origin isolated page; default: one for each core but one, at most 4. */
  readonly threads?: number;
  /** Milliseconds without any lease after which a worker ends; default 30 000. */
  readonly idleTimeout?: number;
}

/** What `configure` takes. */
export interface PageOptions extends EngineOptions {
  /**
   * The words of the interface in other languages, of which each element takes those of its `lang`; one
   * table or several. `de` and `fr` come with the package (`latent-elements/strings/de`).
   */
  readonly strings?: Strings | readonly Strings[];
}

/** What a model needs, before any of it is here. */
export interface ModelNeeds extends PackNeeds {
  /** Of the `pack.json`. */
  readonly url: string;
  readonly manifest: PackManifest;
  /** Whether the largest part fits the memory budget, so that the model can run at all. */
  readonly fits: boolean;
}

/** What `availability` takes. */
export interface AvailabilityOptions {
  readonly device?: DevicePreference | undefined;
  /** What is needed; default: encoder and decoder, or of a pack for texts its text encoder. */
  readonly parts?: readonly Loadable[] | undefined;
  /** What is needed too, where the pack has it. */
  readonly optional?: readonly Loadable[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a model can be used, and what that costs. */
export interface Availability {
  /**
   * `unavailable` where the model or the device is not to be had, or the model lacks what is needed;
   * `available` where nothing needs to be downloaded.
   */
  readonly state: 'unavailable' | 'downloadable' | 'downloading' | 'available';
  /** Bytes of the model's files that are not here yet, and of the runtime where that is not. */
  readonly bytes: number;
}

/** The headless engine: loads models into workers that all elements share. */
export interface Engine {
  /** A lease on a model: a shipped pack's name or the URL of a `pack.json`. */
  load(model: string, options?: LoadOptions & {readonly device?: DevicePreference}): Promise<Model>;
  /** What a model needs, by its manifest alone: of its files nothing is fetched. */
  inspect(
    model: string,
    options?: {readonly signal?: AbortSignal | undefined},
  ): Promise<ModelNeeds>;
  /** Whether a model can be used here, and what it would download: of its files nothing is fetched. */
  availability(model: string, options?: AvailabilityOptions): Promise<Availability>;
  /** Empties what this origin kept for later visits: packs and embeddings, of all engines. */
  forget(): Promise<void>;
  /** Ends the workers; every open call rejects with `aborted`. */
  dispose(): Promise<void>;
}

/** Options of `morph`. */
export interface MorphOptions extends CallOptions {
  /** Points of the first picture and where they are in the second, in fractions, which are kept. */
  readonly pairs?: readonly PointPair[] | undefined;
  /** Pixels of the longer side of a frame; default: the first picture's own, at most 1 024. */
  readonly resolution?: number | undefined;
}

/** A morph between two pictures; close it when it is no longer needed. */
export interface SolvedMorph {
  /** Pixels of a frame. */
  readonly size: Size;
  /** How well the pictures were brought together. */
  readonly alignment: readonly MorphAlignment[] | undefined;
  /** The frame at `t`, 0..1; at the ends the picture's own pixels. The caller closes it. */
  frame(t: number, options?: CallOptions): Promise<ImageBitmap>;
  close(): void;
}

/** A lease on a loaded model. It survives a crashed worker: the next call loads it again. */
export interface Model {
  readonly name: string;
  /** The id of its latent space. */
  readonly space: string;
  /** Where it runs now: on `auto` a GPU that is given up leaves it to WASM. */
  readonly device: Device;
  readonly manifest: PackManifest;
  /** The image's latent, at the size that the pack's rule gives it. */
  encode(image: ImageSource, options?: EncodeOptions): Promise<Latent>;
  decode(latent: Latent, options?: CallOptions & {readonly size?: Size}): Promise<ImageBitmap>;
  /**
   * The latent moved along directions of the pack (`manifest.directions`), by name, in units; the
   * order of the names makes no difference. `bad-argument` for an unknown name, listing the known
   * ones, or an amount that is not finite; `space-mismatch` for a latent of another space.
   */
  edit(latent: Latent, edits: Edits, options?: CallOptions): Promise<Latent>;
  /** Has ready what these directions need, so that their first frame waits for no download. */
  prepareDirections(names: readonly string[], options?: CallOptions): Promise<void>;
  /** Sample number `seed` of the pack's own space; `unsupported` where it has none. */
  sample(seed: number, options?: CallOptions): Promise<Latent>;
  /**
   * The latent noised and denoised again, so that it becomes one that the model knows; `unsupported`
   * where the pack has no denoiser, or a prompt is given to one that takes none; `bad-argument` for
   * numbers out of range.
   */
  denoise(latent: Latent, options?: DenoiseOptions): Promise<Latent>;
  /** Has ready what such a denoising needs, so that its first frame waits for no download. */
  prepareDenoise(options?: DenoiseOptions): Promise<void>;
  /** A new latent: the same for the same pack, seed, steps and prompt. Errors as `denoise`. */
  generateLatent(options?: GenerateOptions): Promise<Latent>;
  /** The image of a new latent. */
  generate(options?: GenerateOptions): Promise<ImageBitmap>;
  /** Where its embeddings lie; `undefined` where it makes none. */
  readonly embeddingSpace: EmbeddingSpace | undefined;
  /**
   * The vector of a text by its meaning, or of an image by what it shows. A string is a text, never
   * the URL of an image: for that, `new URL(…)`.
   */
  embed(input: ImageSource, options?: EmbedOptions): Promise<Latent>;
  /** The vectors of texts, in their order. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Latent[]>;
  /**
   * The morph from one picture to another, solved: shapes travel, nothing is transparent. The model itself
   * takes no part; `encode` gives the latent of a frame. Errors as `encode`, and `bad-argument` for points
   * that cannot be kept.
   */
  morph(from: ImageSource, to: ImageSource, options?: MorphOptions): Promise<SolvedMorph>;
  /** Something to paint frames on; with a canvas, its control goes to the worker for ever. */
  createSurface(canvas?: HTMLCanvasElement): Promise<Surface>;
  /** Gives the lease back; the model may then be evicted. */
  release(): void;
}

/** What `setSource` takes. */
export interface SourceOptions extends EncodeOptions {
  /**
   * Size that the picture is drawn to (cover crop), awaited once the picture is decoded; default: by the
   * pack's rule from the picture.
   */
  readonly frame?: FrameSize | PromiseLike<FrameSize> | undefined;
}

/** A source that a surface holds. */
export interface SurfaceSource {
  readonly latent: Latent;
  readonly frame: FrameSize;
}

/** A canvas in the worker, with the pictures whose detail its frames carry. */
export interface Surface {
  /**
   * Calls `listener` with the reason when the worker that held the canvas ends: the canvas is dead, make
   * another. Gives what takes the listener back; until then the worker keeps it.
   */
  onLost(listener: (why: LatentError) => void): () => void;
  /** Encodes a picture and keeps its pixels as source number `index`. */
  setSource(index: number, image: ImageSource, options?: SourceOptions): Promise<SurfaceSource>;
  /** Paints; a newer call replaces one that has not begun, whose promise rejects `aborted`. */
  paint(frame: Frame, size: FrameSize, options?: PaintOptions): Promise<PaintReport>;
  /** The frame as an image. */
  render(frame: Frame, size: FrameSize, options?: CallOptions): Promise<ImageBitmap>;
  /** Lets it go: calls that wait reject with `aborted`. */
  close(): void;
}
