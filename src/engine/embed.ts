import {transfer} from 'comlink';
import {throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {fitFrame} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {PartName} from '../core/pack/pack.js';
import {isBlank} from '../core/text/clean.js';
import {assertEmbeds, embeddingSpaceOf, type EmbeddingSpace} from '../core/text/embedding-space.js';
import type {StageProgress} from '../shared/events.js';
import type {TextKind} from '../shared/inference.js';
import {withBitmap} from './bitmaps.js';
import type {LoadedModel} from './model.js';
import {LOAD_STAGES, ProgressTracker, type StageWeights} from './progress.js';
import type {EmbedOptions, ImageSource} from './types.js';

/** Texts that the worker gets at once: between chunks it paints frames, and hears of an abort. */
const CHUNK = 32;
/** Texts that are looked up at once: that is quick, and most of it waits for the disk. */
const RECALL_CHUNK = 512;

/** Loading takes most of the first call, and nothing of the later ones. */
const STAGES: StageWeights = [
  ...LOAD_STAGES.map(([stage, share]) => [stage, share / 2] as const),
  ['embed', 0.5],
];

/** The vectors of texts, in their order; `bad-argument` names the first that is no text or blank. */
export async function embedTexts(
  model: LoadedModel,
  texts: readonly string[],
  options: EmbedOptions,
): Promise<Latent[]> {
  const {cache = false, kind = 'document', onProgress, priority, signal} = options;
  assertEmbeds(model.manifest, 'text');
  texts.forEach(assertText);
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  const space = embeddingSpaceOf(model.manifest)!;
  try {
    const vectors = cache ? await recall(model, texts, kind, signal) : [];
    const missing = texts.map((_, index) => index).filter((index) => !vectors[index]);
    let done = texts.length - missing.length;
    const embedMissing = async (): Promise<void> => {
      while (missing.length > 0) {
        const chunk = missing.splice(0, CHUNK);
        const some = chunk.map((index) => texts[index]!);
        const block = await model.call(
          (api, request) => api.embedTexts(request, model.url, some, {kind, keep: cache}),
          {priority, signal},
        );
        chunk.forEach((index, i) => (vectors[index] = vectorAt(block, i, space)));
        done += chunk.length;
        tracker.update({stage: 'embed', loaded: done, total: texts.length});
      }
    };
    const report = (progress: StageProgress): void => tracker.update(progress);
    if (missing.length > 0) {
      await model.withParts(['textEncoder'], {signal, onProgress: report}, embedMissing);
    }
    throwIfAborted(signal);
    return texts.map((_, index) => toLatent(space, vectors[index]!));
  } finally {
    tracker.finish();
  }
}

async function recall(
  {backend, url}: LoadedModel,
  texts: readonly string[],
  kind: TextKind,
  signal: AbortSignal | undefined,
): Promise<(Float32Array | undefined)[]> {
  const vectors: (Float32Array | undefined)[] = [];
  while (vectors.length < texts.length) {
    const chunk = texts.slice(vectors.length, vectors.length + RECALL_CHUNK);
    const found = await backend.request(
      (api, request) => api.recallTexts(request, url, chunk, kind),
      {signal},
    );
    vectors.push(...found);
  }
  return vectors;
}

/** The vector of an image; errors as `toBitmap`. */
export async function embedImage(
  model: LoadedModel,
  image: Exclude<ImageSource, string>,
  options: EmbedOptions,
): Promise<Latent> {
  const {cache = false, onProgress, priority, signal} = options;
  const {manifest, url} = model;
  assertEmbeds(manifest, 'image');
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  try {
    const latents = manifest.parts.imageEncoder?.inputs.latent !== undefined;
    const parts: PartName[] = latents ? ['encoder', 'imageEncoder'] : ['imageEncoder'];
    const report = (progress: StageProgress): void => tracker.update(progress);
    const vector = await withBitmap(image, signal, (bitmap) => {
      const frame = fitFrame(manifest.image!.size, bitmap);
      return model.withParts(parts, {signal, onProgress: report}, () =>
        model.call(
          (api, request) => api.embedImage(request, url, transfer(bitmap, [bitmap]), frame, cache),
          {priority, signal},
        ),
      );
    });
    tracker.update({stage: 'embed', loaded: 1, total: 1});
    return toLatent(embeddingSpaceOf(manifest)!, vector);
  } finally {
    tracker.finish();
  }
}

function assertText(text: unknown, index: number, {length}: readonly unknown[]): void {
  const name = length === 1 ? 'The text' : `Text ${String(index)} of ${String(length)}`;
  if (typeof text !== 'string') {
    throw new LatentError('bad-argument', `${name} is no string but ${typeof text}.`);
  }
  if (!isBlank(text)) return;
  throw new LatentError(
    'bad-argument',
    `${name} is ${text === '' ? 'empty' : 'blank'}: there is nothing to embed. Leave it out.`,
  );
}

function vectorAt(block: Float32Array, index: number, {shape}: EmbeddingSpace): Float32Array {
  return block.slice(index * shape[0], (index + 1) * shape[0]);
}

function toLatent({id, shape}: EmbeddingSpace, data: Float32Array): Latent {
  return {space: id, shape, data};
}
