import {LatentError} from '../core/errors.js';
import {
  type FrameSize,
  frameOfLatent,
  frameToGenerate,
  latentShapeOf,
  type Size,
} from '../core/pack/image-size.js';
import {countOf, isLatent, type Latent} from '../core/latent/latent.js';
import type {Loadable, PackManifest, PartName} from '../core/pack/pack.js';
import {partsToSample, planSampling, type Sampling} from '../core/diffusion/sampling.js';
import type {StageProgress} from '../shared/events.js';
import type {StepWatch} from '../shared/inference.js';
import {encodeImage} from './encode.js';
import {seedOf} from './image-input.js';
import type {ModelPlace} from './place.js';
import {chainDownloads, ProgressTracker, type StageWeights} from './progress.js';
import type {CallOptions, DenoiseOptions, DenoiseStep, GenerateOptions} from './types.js';

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
  const watch = {frame: frameOfLatent(place.pack.manifest, latent.shape), last: true};
  return inTurn(place, options, stagesToDenoise(place, given, latent), (call) =>
    run(place, latent, given, watch, call),
  );
}

/** The parts that such a denoising runs; errors as `planSampling`. */
export function neededToDenoise(
  manifest: PackManifest,
  {strength = DEFAULT_STRENGTH, ...options}: DenoiseOptions,
  latent?: Latent,
): PartName[] {
  return partsToSample(manifest, planSampling(manifest, {...options, strength}, latent));
}

/** A latent from noise, or from a picture. */
export function generateLatent(place: ModelPlace, options: GenerateOptions): Promise<Latent> {
  return inTurn(place, options, stagesToGenerate(place, options), async (call) => {
    const {latent} = await generateSized(place, options, true, call);
    return latent;
  });
}

/** The image of a latent from noise, or from a picture. */
export function generate(place: ModelPlace, options: GenerateOptions): Promise<ImageBitmap> {
  const stages = [...stagesToGenerate(place, options), ['decoder'] as const];
  return inTurn(place, options, stages, async (call) => {
    const {backend, pack, use} = place;
    const {signal, onStep} = options;
    // The preview of the last step is the image itself, which is not made twice.
    let last: DenoiseStep | undefined;
    const listen = (step: DenoiseStep): void => {
      if (step.step < step.steps) onStep?.(step);
      else last = step;
    };
    const given = {...options, onStep: onStep && listen};
    const {latent, frame} = await generateSized(place, given, false, call);
    const image = await use(['decoder'], call.load(), () =>
      backend.run((api, request) => api.decode(request, pack.url, latent, frame), {signal}),
    );
    call.report({stage: 'decode', loaded: 1, total: 1});
    if (last) onStep?.({...last, preview: await createImageBitmap(image)});
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

function stagesToDenoise(
  {pack}: ModelPlace,
  options: DenoiseOptions,
  latent?: Latent,
): Loadable[][] {
  return neededToDenoise(pack.manifest, options, latent).map((part) => [part]);
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
  previewLast: boolean,
  call: StagedCall,
): Promise<{readonly latent: Latent; readonly frame: FrameSize}> {
  const {image} = options;
  const strength = strengthOf(options);
  if (image === undefined && strength !== 1) {
    throw new LatentError(
      'bad-argument',
      `strength is ${String(strength)}, but there is no image of which it would keep a part. Give ` +
        'image, or leave strength out.',
    );
  }
  const {latent: begin, size} = await beginWith(place, options, call);
  const {padded} = frameOfLatent(place.pack.manifest, begin.shape);
  const frame = {...size, work: size, padded};
  const watch = {frame, last: previewLast};
  const latent = await run(place, begin, {...options, strength}, watch, call);
  return {latent, frame};
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
    const data = new Float32Array(countOf(shape));
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
  watch: StepWatch,
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
    backend.run(
      (api, request) =>
        api.denoise(request, pack.url, latent, sampling, onStep ? watch : undefined),
      {signal, onProgress: call.report, onStep},
    ),
  );
}
