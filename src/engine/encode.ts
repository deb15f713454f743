import {transfer} from 'comlink';
import {LatentError} from '../core/errors.js';
import {
  fitFrame,
  type FrameSize,
  frameOfLatent,
  frameToGenerate,
  type Size,
} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import {assertSeed} from '../core/diffusion/sampling.js';
import {seedOf, toBitmap} from './image-input.js';
import type {ModelPlace} from './place.js';
import type {CallOptions, EncodeOptions, ImageSource} from './types.js';

/** The latent of an image, drawn to `size` (cover) where one is given, and the frame it was drawn to. */
export async function encodeImage(
  place: ModelPlace,
  image: ImageSource,
  {size, ...options}: EncodeOptions & {readonly size?: Size | undefined},
): Promise<{readonly latent: Latent; readonly frame: FrameSize}> {
  const {backend, pack, use} = place;
  const {manifest, url} = pack;
  const seed = seedOf(image);
  if (seed !== undefined) {
    const latent = await sampleLatent(place, seed, options);
    return {latent, frame: frameOfLatent(manifest, latent.shape)};
  }
  const rule = manifest.image?.size;
  if (!rule) throw new LatentError('unsupported', `The pack ${manifest.name} has no images.`);
  const {signal, resolution} = options;
  return use(['encoder'], options, async () => {
    const bitmap = await toBitmap(image, signal);
    const frame = size ? frameToGenerate(manifest, size) : fitFrame(rule, bitmap, resolution);
    const latent = await backend.run(
      (api, request) => api.encode(request, url, transfer(bitmap, [bitmap]), frame),
      {signal},
    );
    return {latent, frame};
  });
}

/** Sample number `seed` of the pack's own space. */
export async function sampleLatent(
  {backend, pack, use}: ModelPlace,
  seed: number,
  options: CallOptions,
): Promise<Latent> {
  assertSeed(seed);
  return use([], options, () =>
    backend.run((api, request) => api.sample(request, pack.url, seed), {signal: options.signal}),
  );
}
