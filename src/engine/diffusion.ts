import {LatentError} from '../core/errors.js';
import {
  type FrameSize,
  frameOfLatent,
  frameToGenerate,
  latentShapeOf,
  type Size,
} from '../core/pack/image-size.js';
import {countOf, isLatent, type Latent} from '../core/latent/latent.js';
import type {Loadable, PackManifest} from '../core/pack/pack.js';
import {assertNoise, planSampling, type SamplingPlan} from '../core/diffusion/sampling.js';
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

/** Noises and denoises a latent. Errors as `planSampling`. */
export async function denoise(
  model: LoadedModel,
  latent: Latent,
  options: DenoiseOptions,
): Promise<Latent> {
  return denoisePlanned(model, latent, planDenoise(model.manifest, options, latent), options);
}

/** Plans how a latent is noised and denoised; errors as `planSampling`. */
export function planDenoise(
  manifest: PackManifest,
  options: DenoiseOptions,
  latent?: Latent,
): SamplingPlan {
  return planSampling(
    manifest,
    {...options, strength: options.strength ?? DEFAULT_STRENGTH},
    latent,
  );
}

/** Noises and denoises a latent as it was planned. */
export function denoisePlanned(
  model: LoadedModel,
  latent: Latent,
  plan: SamplingPlan,
  options: DenoiseOptions,
): Promise<Latent> {
  const watch = {frame: frameOfLatent(model.manifest, latent.shape), last: true};
  return inTurn(model, options, stagesOf(plan), (call) =>
    run(model, latent, plan, options, watch, call),
  );
}

/** A latent from noise, or from a picture. */
export async function generateLatent(
  model: LoadedModel,
  options: GenerateOptions,
): Promise<Latent> {
  const plan = planGenerate(model, options);
  return inTurn(model, options, stagesToGenerate(options, plan), async (call) => {
    const {latent} = await generateSized(model, options, plan, true, call);
    return latent;
  });
}

/** The image of a latent from noise, or from a picture. */
export async function generate(model: LoadedModel, options: GenerateOptions): Promise<ImageBitmap> {
  const plan = planGenerate(model, options);
  const stages = [...stagesToGenerate(options, plan), ['decoder'] as const];
  return inTurn(model, options, stages, async (call) => {
    const {onStep, priority, signal} = options;
    // The preview of the last step is the image itself, which is not made twice.
    let last: DenoiseStep | undefined;
    const listen = (step: DenoiseStep): void => {
      if (step.step < step.steps) onStep?.(step);
      else last = step;
    };
    const given = {...options, onStep: onStep && listen};
    const {latent, frame} = await generateSized(model, given, plan, false, call);
    const image = await model.withParts(['decoder'], call.load(), () =>
      model.call((api, request) => api.decode(request, model.url, latent, frame), {
        priority,
        signal,
      }),
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

/** Each part by itself: the first has done its work when the next comes. */
function stagesOf({parts}: SamplingPlan): Loadable[][] {
  return parts.map((part) => [part]);
}

function stagesToGenerate({image}: GenerateOptions, plan: SamplingPlan): Loadable[][] {
  const encodes = image !== undefined && !isLatent(image) && seedOf(image) === undefined;
  return encodes ? [['encoder'], ...stagesOf(plan)] : stagesOf(plan);
}

function planGenerate({manifest}: LoadedModel, options: GenerateOptions): SamplingPlan {
  const {image, strength = image === undefined ? 1 : DEFAULT_STRENGTH} = options;
  const plan = planSampling(manifest, {...options, strength}, isLatent(image) ? image : undefined);
  if (image !== undefined || strength === 1) return plan;
  throw new LatentError(
    'bad-argument',
    `strength is ${String(strength)}, but there is no image of which it would keep a part. Give ` +
      'image, or leave strength out.',
  );
}

async function generateSized(
  model: LoadedModel,
  options: GenerateOptions,
  plan: SamplingPlan,
  previewLast: boolean,
  call: StagedCall,
): Promise<{readonly latent: Latent; readonly frame: FrameSize}> {
  const {latent: begin, size} = await beginWith(model, options, call);
  if (plan.noise) assertNoise(plan.noise, begin);
  const {padded} = frameOfLatent(model.manifest, begin.shape);
  const frame = {...size, work: size, padded};
  const watch = {frame, last: previewLast};
  return {latent: await run(model, begin, plan, options, watch, call), frame};
}

async function beginWith(
  model: LoadedModel,
  options: GenerateOptions,
  call: StagedCall,
): Promise<{readonly latent: Latent; readonly size: Size}> {
  const {manifest} = model;
  const {image, priority, size} = options;
  if (isLatent(image)) {
    return {latent: image, size: frameOfLatent(manifest, image.shape)};
  }
  if (image === undefined) {
    const frame = frameToGenerate(manifest, size);
    const shape = latentShapeOf(manifest, frame);
    const data = new Float32Array(countOf(shape));
    return {latent: {space: manifest.space.id, shape, data}, size: frame.work};
  }
  const {latent, frame} = await model.encode(image, {size, priority, ...call.load()});
  call.report({stage: 'encode', loaded: 1, total: 1});
  return {latent, size: frame.work};
}

async function run(
  model: LoadedModel,
  latent: Latent,
  plan: SamplingPlan,
  {onStep, priority, signal}: DenoiseOptions,
  watch: StepWatch,
  call: StagedCall,
): Promise<Latent> {
  let {parts} = plan;
  if (!call.atOnce && parts.includes('textEncoder')) {
    // What it makes of prompts is remembered, so that it may go before the denoiser comes.
    await model.withParts(['textEncoder'], call.load(), () =>
      model.call((api, request) => api.encodePrompts(request, model.url, plan), {priority, signal}),
    );
    parts = parts.filter((part) => part !== 'textEncoder');
  }
  return model.withParts(parts, call.load(), () =>
    model.call(
      (api, request) => api.denoise(request, model.url, latent, plan, onStep ? watch : undefined),
      {priority, signal, onProgress: call.report, onStep},
    ),
  );
}
