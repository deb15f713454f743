import {throwIfAborted} from '../core/abort.js';
import {assertOwnLatent} from '../core/pack/space.js';
import {type FrameSize, frameOfLatent} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {PackManifest, PartName} from '../core/pack/pack.js';
import type {LoadOptions, Model, Progress, Surface} from '../engine/types.js';
import type {Priority} from '../shared/task-queue.js';
import {shareOf} from './element-status.js';
import type {SourceInput, SurfaceController} from './surface-controller.js';

/** What frames are made from: a picture, a latent, or one that the model's manifest gives the shape of. */
export type PictureInput =
  SourceInput | {readonly latent: Latent} | {readonly blank: (manifest: PackManifest) => Latent};

/** An input once it is encoded. */
export interface PictureSource {
  readonly latent: Latent;
  /** Whether its own pixels can be shown, and the detail that the model lost be carried. */
  readonly isImage: boolean;
}

/** What is loaded: enough to paint any frame. */
export interface Picture {
  readonly model: Model;
  readonly surface: Surface;
  readonly sources: readonly PictureSource[];
  readonly size: FrameSize;
}

/** Shares of the bar: the model comes over the network, the rest is a moment. */
const MODEL_SHARE = 0.8;
/** The share after which a picture is open. */
export const OPENED_SHARE = 0.95;

/** Where a picture comes from. */
export interface PictureOrigin {
  acquire(options: LoadOptions): Promise<Model>;
  readonly surfaces: SurfaceController;
  readonly resolution: number | undefined;
  readonly signal: AbortSignal;
  readonly priority: Priority;
  /** Whether its frames are denoised where they are painted. */
  readonly generates: boolean;
  /** Over all of it, never falling. */
  onProgress(progress: Progress): void;
}

/** Loads the model, sets the canvas up, and encodes the inputs, of which there is one at least. */
export async function openPicture(
  inputs: readonly PictureInput[],
  origin: PictureOrigin,
): Promise<Picture> {
  const {signal, surfaces} = origin;
  let last: Progress | undefined;
  const report = (progress: Progress, from: number, to: number): void => {
    if (signal.aborted) return;
    last = shareOf(progress, from, to, last);
    origin.onProgress(last);
  };
  const parts = partsFor(inputs, origin);
  const model = await origin.acquire({
    signal,
    onProgress: (progress) => report(progress, 0, MODEL_SHARE),
    ...(parts && {parts}),
  });
  const surface = await surfaces.open(model, signal);
  // A model that was there already takes nothing of the bar.
  const start = last ? MODEL_SHARE : 0;
  const pictures = inputs.filter((input) => 'image' in input).length;
  const shares = pictures + (origin.generates ? 1 : 0);
  const shareAt = (count: number): number =>
    start + ((OPENED_SHARE - start) * count) / Math.max(1, shares);
  let done = 0;
  const encode = async (index: number, input: PictureInput, first?: Promise<OpenedSource>) => {
    const source = await openSource({model, surface, first, ...origin}, index, input);
    if (!('image' in input)) return source;
    done++;
    report({stage: 'encode', loaded: done, total: pictures, ratio: 1}, start, shareAt(done));
    return source;
  };
  // The first decides the size, to which the others are drawn; they are fetched and decoded beside it, so
  // that nothing else is encoded in between.
  const first = encode(0, inputs[0]!);
  const rest = inputs.slice(1).map((input, i) => encode(i + 1, input, first));
  const sources = await Promise.all([first, ...rest]);
  throwIfAborted(signal);
  return {model, surface, sources, size: sources[0].frame};
}

// Samples and latents are decoded only: the encoder's bytes are for those who bring a picture.
function partsFor(
  inputs: readonly PictureInput[],
  {generates}: PictureOrigin,
): PartName[] | undefined {
  const brings = inputs.some((input) => 'image' in input && !isSeed(input.image));
  if (brings && !generates) return undefined;
  return [
    ...(brings ? (['encoder'] as const) : []),
    ...(generates ? (['denoiser'] as const) : []),
    'decoder',
  ];
}

interface OpenedSource extends PictureSource {
  readonly frame: FrameSize;
}

async function openSource(
  to: PictureOrigin & {model: Model; surface: Surface; first: Promise<OpenedSource> | undefined},
  index: number,
  input: PictureInput,
): Promise<OpenedSource> {
  const {model, surface, first, priority, resolution, signal} = to;
  if (!('image' in input)) {
    const latent = 'latent' in input ? input.latent : input.blank(model.manifest);
    assertOwnLatent(model.manifest, latent);
    return {latent, isImage: false, frame: frameOfLatent(model.manifest, latent.shape)};
  }
  const frame = first?.then((opened) => opened.frame);
  // Where the first fails, so does this; but it may have failed before it asks.
  frame?.catch(() => undefined);
  const source = await to.surfaces.setSource(surface, index, input, {
    frame,
    priority,
    resolution,
    signal,
  });
  return {...source, isImage: !isSeed(input.image)};
}

/** Whether an image source is a sample of the model's own space. */
export function isSeed(image: unknown): image is string {
  return typeof image === 'string' && image.startsWith('seed:');
}
