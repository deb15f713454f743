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
import {seedOf} from './bitmaps.js';
import type {LoadedModel} from './model.js';
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
  model: LoadedModel,
  latent: Latent,
  options: DenoiseOptions,
): Promise<Latent> {
  const given = {...options, strength: options.strength ?? DEFAULT_STRENGTH};
  const watch = {frame: frameOfLatent(model.manifest, latent.shape), last: true};
  return inTurn(model, options, stagesToDenoise(model, given, latent), (call) =>
    run(model, latent, given, watch, call),
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
export function generateLatent(model: LoadedModel, options: GenerateOptions): Promise<Latent> {
  return inTurn(model, options, stagesToGenerate(model, options), async (call) => {
    const {latent} = await generateSized(model, options, true, call);
    return latent;
  });
}

/** The image of a latent from noise, or from a picture. */
export function generate(model: LoadedModel, options: GenerateOptions): Promise<ImageBitmap> {
  const stages = [...stagesToGenerate(model, options), ['decoder'] as const];
  return inTurn(model, options, stages, async (call) => {
    const {signal, onStep} = options;
    // The preview of the last step is the image itself, which is not made twice.
    let last: DenoiseStep | undefined;
    const listen = (step: DenoiseStep): void => {
      if (step.step < step.steps) onStep?.(step);
      else last = step;
    };
    const given = {...options, onStep: onStep && listen};
    const {latent, frame} = await generateSized(model, given, false, call);
    const image = await model.withParts(['decoder'], call.load(), () =>
      model.call((api, request) => api.decode(request, model.url, latent, frame), {signal}),
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
  model: LoadedModel,
  {onProgress, signal}: CallOptions,
  stages: Stages,
  task: (call: StagedCall) => Promise<T>,
): Promise<T> {
  const {atOnce, bytes} = model.planStages(stages);
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  const report = (progress: StageProgress): void => tracker.update(progress);
  const next = chainDownloads(bytes, report);
  const call = {atOnce, report, load: () => ({signal, onProgress: next()})};
  try {
    if (!atOnce) return await task(call);
    return await model.withParts(stages.flat(), call.load(), () => task(call));
  } finally {
    tracker.finish();
  }
}

function stagesToDenoise(
  {manifest}: LoadedModel,
  options: DenoiseOptions,
  latent?: Latent,
): Loadable[][] {
  return neededToDenoise(manifest, options, latent).map((part) => [part]);
}

function stagesToGenerate(model: LoadedModel, options: GenerateOptions): Loadable[][] {
  const {image} = options;
  const encodes = image !== undefined && !isLatent(image) && seedOf(image) === undefined;
  const stages = stagesToDenoise(model, {...options, strength: strengthOf(options)});
  return encodes ? [['encoder'], ...stages] : stages;
}

function strengthOf({image, strength}: GenerateOptions): number {
  return strength ?? (image === undefined ? 1 : DEFAULT_STRENGTH);
}

async function generateSized(
  model: LoadedModel,
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
  const {latent: begin, size} = await beginWith(model, options, call);
  const {padded} = frameOfLatent(model.manifest, begin.shape);
  const frame = {...size, work: size, padded};
  const watch = {frame, last: previewLast};
  const latent = await run(model, begin, {...options, strength}, watch, call);
  return {latent, frame};
}

async function beginWith(
  model: LoadedModel,
  options: GenerateOptions,
  call: StagedCall,
): Promise<{readonly latent: Latent; readonly size: Size}> {
  const {manifest} = model;
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
  const {latent, frame} = await model.encode(image, {size, ...call.load()});
  call.report({stage: 'encode', loaded: 1, total: 1});
  return {latent, size: frame.work};
}

async function run(
  model: LoadedModel,
  latent: Latent,
  options: DenoiseOptions & Sampling,
  watch: StepWatch,
  call: StagedCall,
): Promise<Latent> {
  const {signal, onStep} = options;
  const {strength, steps, seed, noise, prompt, negativePrompt, guidanceScale} = options;
  const sampling = {strength, steps, seed, noise, prompt, negativePrompt, guidanceScale};
  let parts = partsToSample(model.manifest, planSampling(model.manifest, sampling, latent));
  if (!call.atOnce && parts.includes('textEncoder')) {
    // What it says is remembered, so that it may go before the denoiser comes.
    await model.withParts(['textEncoder'], call.load(), () =>
      model.call((api, request) => api.tell(request, model.url, sampling), {signal}),
    );
    parts = parts.filter((part) => part !== 'textEncoder');
  }
  return model.withParts(parts, call.load(), () =>
    model.call(
      (api, request) =>
        api.denoise(request, model.url, latent, sampling, onStep ? watch : undefined),
      {signal, onProgress: call.report, onStep},
    ),
  );
}
