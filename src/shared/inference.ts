import type {Edits} from '../core/direction/direction.js';
import type {FrameSize} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {Loadable, PackManifest} from '../core/pack/pack.js';
import type {Sampling, SamplingPlan} from '../core/diffusion/sampling.js';
import type {Emit} from './events.js';

/** Where the networks run. */
export type Device = 'webgpu' | 'wasm';

/** Where the two files of a build of ONNX Runtime are, absolute: its glue and its code. */
export interface RuntimeFiles {
  readonly mjs: string;
  readonly wasm: string;
  /** Of the code, which is all but a few kB of it. */
  readonly bytes: number;
}

/** What a fresh worker is told once, before anything else. */
export interface RuntimeOptions {
  readonly device: Device;
  /** Threads of the WASM backend; more than one needs a cross-origin isolated page. */
  readonly threads: number;
  readonly runtime: RuntimeFiles;
  /** Keep downloaded packs in the Cache API. */
  readonly cache: boolean;
  /** A Web Lock that the worker holds as long as it lives: whoever waits for it learns of its end. */
  readonly lifeLock: string;
}

/** Manifests by the URL of their pack: those that come with the code and are not fetched. */
export type PackManifests = Readonly<Record<string, PackManifest>>;

/** Where a pack is to be had. */
export interface PackSource {
  /** Of the `pack.json`; of a pack of this package, what it is known by: `latent-elements:<name>`. */
  readonly url: string;
  /**
   * Of a pack of this package, its manifest and those of the packs that it needs: complete, each file
   * under its whole URL, since a bundler may have put it anywhere.
   */
  readonly manifests?: PackManifests;
}

/** A pack that the worker holds: its manifest and where it came from. */
export interface PackInfo {
  readonly url: string;
  readonly manifest: PackManifest;
}

/** An image as it crosses the boundary; `ImageBitmap`s are transferred. */
export type ImageInput = ImageBitmap | ImageData;

/** What a surface shows next: `image` pixels as they are, or a decoded latent plus carried detail. */
export interface Frame {
  readonly latent: Latent;
  /** Noise and denoise the latent, before anything else. */
  readonly denoise?: Sampling | undefined;
  /** Directions of the pack → units, applied to the latent before it is decoded. */
  readonly edits?: Edits;
  /** Show this source's own pixels, nothing decoded: how a keyframe is exact. */
  readonly source?: number;
  /** Source → how much of what its reconstruction lost is added to the decode: 1 is all, more sharpens. */
  readonly detail?: Readonly<Record<number, number>>;
}

/** A frame as the worker is told it: whoever asks has planned its sampling. */
export interface FrameRequest extends Omit<Frame, 'denoise'> {
  readonly denoise?: SamplingPlan | undefined;
}

/** How the steps of a denoising are watched. */
export interface StepWatch {
  /** Of the previews, which are made where the decoder is in memory. */
  readonly frame: FrameSize;
  /** Whether the last step has one too. */
  readonly last: boolean;
}

/** What a text is embedded as: what searches, what is found, or the name of a group of either. */
export type TextKind = 'query' | 'document' | 'label';

/** How texts are embedded. */
export interface EmbedRules {
  readonly kind: TextKind;
  /** Keep the vectors for other visits. */
  readonly keep: boolean;
}

/** What painting cost, in milliseconds. */
export interface PaintReport {
  /** Inside `session.run`. */
  readonly run: number;
  /** All of the worker's work on the frame, `run` included. */
  readonly total: number;
  /** What `denoise` made of the frame's latent. */
  readonly latent?: Latent;
}

/**
 * What an inference worker does. `request` numbers are the caller's; they name a call in progress
 * events and in `cancel`. Errors arrive as `LatentError` with their code.
 */
export interface InferenceApi {
  /** Configures the worker; must be the first call. Whether the worker holds its life lock. */
  connect(options: RuntimeOptions, emit: Emit): Promise<boolean>;
  /** Fetches and checks a manifest, or takes the one that came with the code. */
  open(request: number, source: PackSource): Promise<PackInfo>;
  /** Downloads, verifies and compiles parts that are not there yet. */
  load(request: number, url: string, parts: readonly Loadable[]): Promise<void>;
  /** Lets a pack's sessions go. */
  unload(url: string): Promise<void>;
  /** Lets the sessions of some parts go. */
  release(url: string, parts: readonly Loadable[]): Promise<void>;
  /** The latent of an image, drawn to `frame` (cover) and padded. */
  encode(request: number, url: string, image: ImageInput, frame: FrameSize): Promise<Latent>;
  /** The image of a latent, cropped to `frame`. */
  decode(request: number, url: string, latent: Latent, frame: FrameSize): Promise<ImageBitmap>;
  /** Encodes the prompts of a sampling, so that `denoise` needs the part textEncoder no more. */
  encodePrompts(request: number, url: string, plan: SamplingPlan): Promise<void>;
  /** The latent noised and denoised; reports every step where somebody watches. */
  denoise(
    request: number,
    url: string,
    latent: Latent,
    plan: SamplingPlan,
    watch?: StepWatch,
  ): Promise<Latent>;
  /** The latent moved along directions of the pack, in units. */
  edit(request: number, url: string, latent: Latent, edits: Edits): Promise<Latent>;
  /** The pack's sample number `seed`, wrapping around. */
  sample(request: number, url: string, seed: number): Promise<Latent>;
  /** The vectors of texts, one after the other. */
  embedTexts(
    request: number,
    url: string,
    texts: readonly string[],
    rules: EmbedRules,
  ): Promise<Float32Array>;
  /** The vectors of texts that were kept, `undefined` for the others; loads no part. */
  recallTexts(
    request: number,
    url: string,
    texts: readonly string[],
    kind: TextKind,
  ): Promise<(Float32Array | undefined)[]>;
  /** The vector of an image, drawn to `frame` (cover) and padded; kept, and recalled, with `keep`. */
  embedImage(
    request: number,
    url: string,
    image: ImageInput,
    frame: FrameSize,
    keep: boolean,
  ): Promise<Float32Array>;
  /** Takes a canvas over; `surface` numbers are the caller's. */
  openSurface(surface: number, url: string, canvas?: OffscreenCanvas): Promise<void>;
  /** Encodes an image and keeps its pixels, so that frames can carry its detail. */
  setSource(
    request: number,
    surface: number,
    source: number,
    image: ImageInput,
    frame: FrameSize,
  ): Promise<Latent>;
  /** Decodes a frame and paints it on the surface's canvas; `watched` steps of its denoising are reported. */
  paint(
    request: number,
    surface: number,
    frame: FrameRequest,
    size: FrameSize,
    watched: boolean,
  ): Promise<PaintReport>;
  /** The same frame as an image, off the canvas. */
  render(
    request: number,
    surface: number,
    frame: FrameRequest,
    size: FrameSize,
  ): Promise<ImageBitmap>;
  /** Forgets a surface and its sources. */
  closeSurface(surface: number): Promise<void>;
  /** Gives up a call: a download stops at once, a network that already runs is left to end. */
  cancel(request: number): Promise<void>;
}
