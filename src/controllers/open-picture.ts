import {throwIfAborted} from '../core/abort.js';
import {assertOwnLatent} from '../core/pack/space.js';
import {type FrameSize, frameOfLatent} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {PartName} from '../core/pack/pack.js';
import type {CallOptions, LoadOptions, Model, Progress, Surface} from '../engine/types.js';
import {shareOf} from './element-status.js';
import type {SourceInput, SurfaceController} from './surface-controller.js';

/** What frames are made from: a picture, a latent, or what the model makes by itself. */
export type PictureInput = SourceInput | {readonly latent: Latent} | GeneratedInput;

/** A latent that the model makes; `image` is the latent of the first input, where this is a later one. */
export interface GeneratedInput {
  readonly generate: (
    model: Model,
    image: Latent | undefined,
    options: CallOptions,
  ) => Promise<Latent>;
}

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
  const parts = partsFor(inputs);
  const model = await origin.acquire({
    signal,
    onProgress: (progress) => report(progress, 0, MODEL_SHARE),
    ...(parts && {parts}),
  });
  const surface = await surfaces.open(model, signal);
  // A model that was there already takes nothing of the bar.
  const start = last ? MODEL_SHARE : 0;
  const shareAt = (count: number): number =>
    start + ((OPENED_SHARE - start) * count) / inputs.length;
  let done = 0;
  const encode = async (index: number, input: PictureInput, first?: OpenedSource) => {
    const onProgress = (progress: Progress): void =>
      report(progress, shareAt(done), shareAt(done + 1));
    const to = {model, surface, first, ...origin, onProgress};
    const source = await openSource(to, index, input);
    done++;
    if ('generate' in input) return source;
    report({stage: 'encode', loaded: done, total: inputs.length, ratio: 1}, start, shareAt(done));
    return source;
  };
  // The first decides the size, to which the others are drawn.
  const first = await encode(0, inputs[0]!);
  const rest = await Promise.all(inputs.slice(1).map((input, i) => encode(i + 1, input, first)));
  throwIfAborted(signal);
  return {model, surface, sources: [first, ...rest], size: first.frame};
}

// Samples and latents are decoded only: the encoder's bytes are for those who bring a picture.
function partsFor(inputs: readonly PictureInput[]): PartName[] | undefined {
  const brings = inputs.some((input) => 'image' in input && !isSeed(input));
  if (!inputs.some((input) => 'generate' in input)) return brings ? undefined : ['decoder'];
  return brings ? ['encoder', 'denoiser', 'decoder'] : ['denoiser', 'decoder'];
}

interface OpenedSource extends PictureSource {
  readonly frame: FrameSize;
}

async function openSource(
  to: PictureOrigin & {model: Model; surface: Surface; first: OpenedSource | undefined},
  index: number,
  input: PictureInput,
): Promise<OpenedSource> {
  const {model, surface, first, resolution, signal} = to;
  const frame = first?.frame;
  if ('generate' in input) {
    const latent = await input.generate(model, first?.latent, {
      signal,
      onProgress: (progress) => to.onProgress(progress),
    });
    return {latent, isImage: false, frame: frame ?? frameOfLatent(model.manifest, latent.shape)};
  }
  if ('latent' in input) {
    const {latent} = input;
    assertOwnLatent(model.manifest, latent);
    return {latent, isImage: false, frame: frameOfLatent(model.manifest, latent.shape)};
  }
  const source = await to.surfaces.setSource(surface, index, input, {frame, resolution, signal});
  return {...source, isImage: !isSeed(input)};
}

/** Whether an input is a sample of the model's own space. */
export function isSeed({image}: SourceInput): boolean {
  return typeof image === 'string' && image.startsWith('seed:');
}
