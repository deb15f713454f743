import {LatentError} from '../core/errors.js';
import {frameOfLatent, frameToGenerate, latentShapeOf, type Size} from '../core/image-size.js';
import {isLatent, type Latent} from '../core/latent.js';
import type {Loadable, PackManifest, PartName} from '../core/pack.js';
import {partsToSample, planSampling, type Sampling} from '../core/sampling.js';
import type {StageProgress} from '../protocol/events.js';
import {encodeImage} from './encode.js';
import {seedOf} from './image-input.js';
import type {ModelPlace} from './place.js';
import {chainDownloads, ProgressTracker, type StageWeights} from './progress.js';
import type {CallOptions, DenoiseOptions, GenerateOptions} from './types.js';

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
  const given = {...options, strength: options.strength ?? DEFAULT_STRENGTH};
  return inTurn(place, options, stagesToDenoise(place, given), (call) =>
    run(place, latent, given, call),
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
  return inTurn(place, options, stagesToGenerate(place, options), async (call) => {
    const {latent} = await generateSized(place, options, call);
    return latent;
  });
}

/** The image of a latent from noise, or from a picture. */
export function generate(place: ModelPlace, options: GenerateOptions): Promise<ImageBitmap> {
  const stages = [...stagesToGenerate(place, options), ['decoder'] as const];
  return inTurn(place, options, stages, async (call) => {
    const {backend, pack, use} = place;
    const {signal} = options;
    const {latent, size} = await generateSized(place, options, call);
    const {padded} = frameOfLatent(pack.manifest, latent.shape);
    const frame = {...size, work: size, padded};
    const image = await use(['decoder'], call.load(), () =>
      backend.run((api, request) => api.decode(request, pack.url, latent, frame), {signal}),
    );
    call.report({stage: 'decode', loaded: 1, total: 1});
    return image;
  });
}

/** A call whose parts are loaded in stages. */
interface StagedCall {
  /** Whether the parts of all stages are in memory together. */
  readonly atOnce: boolean;
  readonly report: (progress: StageProgress) => void;
  /** Options for the next load. */
  load(): CallOptions;
}

type Stages = readonly (readonly Loadable[])[];

/** Runs `task` with the parts of all stages in memory, or where they do not fit, stage by stage. */
async function inTurn<T>(
  place: ModelPlace,
  {onProgress, signal}: CallOptions,
  stages: Stages,
  task: (call: StagedCall) => Promise<T>,
): Promise<T> {
  const {atOnce, bytes} = place.planStages(stages);
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  const report = (progress: StageProgress): void => tracker.update(progress);
  const next = chainDownloads(bytes, report);
  const call = {atOnce, report, load: () => ({signal, onProgress: next()})};
  try {
    if (!atOnce) return await task(call);
    return await place.use(stages.flat(), call.load(), () => task(call));
  } finally {
    tracker.finish();
  }
}

function stagesToDenoise({pack}: ModelPlace, options: DenoiseOptions): Loadable[][] {
  return neededToDenoise(pack.manifest, options).map((part) => [part]);
}

function stagesToGenerate(place: ModelPlace, options: GenerateOptions): Loadable[][] {
  const {image} = options;
  const encodes = image !== undefined && !isLatent(image) && seedOf(image) === undefined;
  const stages = stagesToDenoise(place, {...options, strength: strengthOf(options)});
  return encodes ? [['encoder'], ...stages] : stages;
}

function strengthOf({image, strength}: GenerateOptions): number {
  return strength ?? (image === undefined ? 1 : DEFAULT_STRENGTH);
}

async function generateSized(
  place: ModelPlace,
  options: GenerateOptions,
  call: StagedCall,
): Promise<{readonly latent: Latent; readonly size: Size}> {
  const {image, size} = options;
  const strength = strengthOf(options);
  if (image === undefined && strength !== 1) {
    throw new LatentError(
      'bad-argument',
      `strength is ${String(strength)}, but there is no image of which it would keep a part. Give ` +
        'image, or leave strength out.',
    );
  }
  const begin = await beginWith(place, options, call);
  const latent = await run(place, begin.latent, {...options, strength}, call);
  return {latent, size: size ?? begin.size};
}

async function beginWith(
  place: ModelPlace,
  options: GenerateOptions,
  call: StagedCall,
): Promise<{readonly latent: Latent; readonly size: Size}> {
  const {manifest} = place.pack;
  const {image, size} = options;
  if (isLatent(image)) {
    return {latent: image, size: frameOfLatent(manifest, image.shape)};
  }
  if (image === undefined) {
    const frame = frameToGenerate(manifest, size);
    const shape = latentShapeOf(manifest, frame);
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    return {latent: {space: manifest.space.id, shape, data}, size: frame.work};
  }
  const {latent, frame} = await encodeImage(place, image, {size, ...call.load()});
  call.report({stage: 'encode', loaded: 1, total: 1});
  return {latent, size: frame.work};
}

async function run(
  {backend, pack, use}: ModelPlace,
  latent: Latent,
  options: DenoiseOptions & Sampling,
  call: StagedCall,
): Promise<Latent> {
  const {signal, onStep} = options;
  const {strength, steps, seed, noise, prompt, negativePrompt, guidanceScale} = options;
  const sampling = {strength, steps, seed, noise, prompt, negativePrompt, guidanceScale};
  let parts = partsToSample(pack.manifest, planSampling(pack.manifest, sampling, latent));
  if (!call.atOnce && parts.includes('textEncoder')) {
    // What it says is remembered, so that it may go before the denoiser comes.
    await use(['textEncoder'], call.load(), () =>
      backend.run((api, request) => api.tell(request, pack.url, sampling), {signal}),
    );
    parts = parts.filter((part) => part !== 'textEncoder');
  }
  return use(parts, call.load(), () =>
    backend.run((api, request) => api.denoise(request, pack.url, latent, sampling), {
      signal,
      onProgress: (progress) => {
        call.report(progress);
        onStep?.({step: progress.loaded, steps: progress.total});
      },
    }),
  );
}
