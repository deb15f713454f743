import {throwIfAborted} from '../core/abort.js';
import {assertOwnLatent, type FrameSize, frameOfLatent} from '../core/image-size.js';
import type {Latent} from '../core/latent.js';
import type {LoadOptions, Model, Progress, Surface} from '../engine/types.js';
import {shareOf} from './status.js';
import type {SourceInput, SurfaceController} from './surface-controller.js';

/** A picture or a latent that frames are made from. */
export type PictureInput = SourceInput | {readonly latent: Latent};

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
  const model = await origin.acquire({
    signal,
    onProgress: (progress) => report(progress, 0, MODEL_SHARE),
    // Samples and latents are decoded only: the encoder's bytes are for those who bring a picture.
    ...(inputs.every((input) => 'latent' in input || isSeed(input)) && {parts: ['decoder']}),
  });
  const surface = await surfaces.open(model, signal);
  let done = 0;
  const encode = async (index: number, input: PictureInput, frame?: FrameSize) => {
    const source = await openSource({model, surface, frame, ...origin}, index, input);
    const progress = {stage: 'encode', loaded: ++done, total: inputs.length} as const;
    report({...progress, ratio: done / inputs.length}, MODEL_SHARE, OPENED_SHARE);
    return source;
  };
  // The first decides the size, to which the others are drawn.
  const first = await encode(0, inputs[0]!);
  const rest = await Promise.all(
    inputs.slice(1).map((input, i) => encode(i + 1, input, first.frame)),
  );
  throwIfAborted(signal);
  return {model, surface, sources: [first, ...rest], size: first.frame};
}

async function openSource(
  to: PictureOrigin & {model: Model; surface: Surface; frame: FrameSize | undefined},
  index: number,
  input: PictureInput,
): Promise<PictureSource & {readonly frame: FrameSize}> {
  const {model, surface, frame, resolution, signal} = to;
  if ('latent' in input) {
    const {latent} = input;
    assertOwnLatent(model.manifest, latent);
    return {latent, isImage: false, frame: frameOfLatent(model.manifest, latent.shape)};
  }
  const source = await to.surfaces.setSource(surface, index, input, {frame, resolution, signal});
  return {...source, isImage: !isSeed(input)};
}

function isSeed({image}: SourceInput): boolean {
  return typeof image === 'string' && image.startsWith('seed:');
}
