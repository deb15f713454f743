import {LatentError} from '../core/errors.js';
import {frameOfLatent, frameToGenerate, latentShapeOf, type Size} from '../core/image-size.js';
import {isLatent, type Latent} from '../core/latent.js';
import type {PackManifest, PartName} from '../core/pack.js';
import {partsToSample, planSampling, type Sampling} from '../core/sampling.js';
import type {StageProgress} from '../protocol/events.js';
import {encodeImage} from './encode.js';
import type {ModelPlace} from './place.js';
import {ProgressTracker, type StageWeights} from './progress.js';
import type {DenoiseOptions, GenerateOptions} from './types.js';

/** Half of a latent is kept where nobody says how much. */
const DEFAULT_STRENGTH = 0.5;

/** The first call loads; what then takes longest are the steps. */
const STAGES: StageWeights = [
  ['download', 0.4],
  ['compile', 0.1],
  ['encode', 0.05],
  ['denoise', 0.4],
  ['decode', 0.05],
];

/** A latent noised and denoised. */
export function denoise(
  place: ModelPlace,
  latent: Latent,
  options: DenoiseOptions,
): Promise<Latent> {
  return tracked(options, (report) =>
    run(place, latent, {...options, strength: options.strength ?? DEFAULT_STRENGTH}, report),
  );
}

/** The parts that such a denoising runs; errors as `planSampling`. */
export function neededToDenoise(
  manifest: PackManifest,
  {strength = DEFAULT_STRENGTH, ...options}: DenoiseOptions,
): PartName[] {
  return partsToSample(manifest, planSampling(manifest, {...options, strength}));
}

/** A latent from noise, or from a picture. */
export function generateLatent(place: ModelPlace, options: GenerateOptions): Promise<Latent> {
  return tracked(options, async (report) => {
    const {latent} = await generateSized(place, options, report);
    return latent;
  });
}

/** The image of a latent from noise, or from a picture. */
export function generate(place: ModelPlace, options: GenerateOptions): Promise<ImageBitmap> {
  return tracked(options, async (report) => {
    const {backend, pack, prepare} = place;
    const {signal} = options;
    const {latent, size} = await generateSized(place, options, report);
    await prepare(['decoder'], {signal, onProgress: report});
    const {padded} = frameOfLatent(pack.manifest, latent.shape);
    const image = await backend.run(
      (api, request) => api.decode(request, pack.url, latent, {...size, work: size, padded}),
      {signal},
    );
    report({stage: 'decode', loaded: 1, total: 1});
    return image;
  });
}

type Report = (progress: StageProgress) => void;

async function tracked<T>(
  {onProgress}: DenoiseOptions,
  call: (report: Report) => Promise<T>,
): Promise<T> {
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  try {
    return await call((progress) => tracker.update(progress));
  } finally {
    tracker.finish();
  }
}

async function generateSized(
  place: ModelPlace,
  options: GenerateOptions,
  report: Report,
): Promise<{readonly latent: Latent; readonly size: Size}> {
  const {image, size} = options;
  const strength = options.strength ?? (image === undefined ? 1 : DEFAULT_STRENGTH);
  if (image === undefined && strength !== 1) {
    throw new LatentError(
      'bad-argument',
      `strength is ${String(strength)}, but there is no image of which it would keep a part. Give ` +
        'image, or leave strength out.',
    );
  }
  // Nothing is encoded for what cannot be denoised.
  planSampling(place.pack.manifest, {...options, strength});
  const begin = await beginWith(place, options, report);
  const latent = await run(place, begin.latent, {...options, strength}, report);
  return {latent, size: size ?? begin.size};
}

async function beginWith(
  place: ModelPlace,
  options: GenerateOptions,
  report: Report,
): Promise<{readonly latent: Latent; readonly size: Size}> {
  const {manifest} = place.pack;
  const {image, size, signal} = options;
  if (isLatent(image)) {
    return {latent: image, size: frameOfLatent(manifest, image.shape)};
  }
  if (image === undefined) {
    const frame = frameToGenerate(manifest, size);
    const shape = latentShapeOf(manifest, frame);
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    return {latent: {space: manifest.space.id, shape, data}, size: frame.work};
  }
  const call = {size, signal, onProgress: report};
  const {latent, frame} = await encodeImage(place, image, call);
  report({stage: 'encode', loaded: 1, total: 1});
  return {latent, size: frame.work};
}

async function run(
  {backend, pack, prepare}: ModelPlace,
  latent: Latent,
  options: DenoiseOptions & Sampling,
  report: Report,
): Promise<Latent> {
  const {signal, onStep} = options;
  const {strength, steps, seed, noise, prompt, negativePrompt, guidanceScale} = options;
  const sampling = {strength, steps, seed, noise, prompt, negativePrompt, guidanceScale};
  const plan = planSampling(pack.manifest, sampling, latent);
  await prepare(partsToSample(pack.manifest, plan), {signal, onProgress: report});
  return backend.run((api, request) => api.denoise(request, pack.url, latent, sampling), {
    signal,
    onProgress: (progress) => {
      report(progress);
      onStep?.({step: progress.loaded, steps: progress.total});
    },
  });
}
