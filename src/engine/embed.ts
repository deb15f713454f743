import {transfer} from 'comlink';
import {throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import {fitFrame} from '../core/pack/image-size.js';
import type {Latent} from '../core/latent/latent.js';
import type {PartName} from '../core/pack/pack.js';
import {isBlank} from '../core/text/clean.js';
import {assertEmbeds, embeddingSpaceOf, type EmbeddingSpace} from '../core/text/embedding-space.js';
import type {StageProgress} from '../shared/events.js';
import type {PackInfo, TextKind} from '../shared/inference.js';
import type {Backend} from './worker/backend.js';
import {toBitmap} from './image-input.js';
import type {ModelPlace} from './place.js';
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
  {backend, pack, use}: ModelPlace,
  texts: readonly string[],
  {cache = false, kind = 'document', onProgress, signal}: EmbedOptions,
): Promise<Latent[]> {
  assertEmbeds(pack.manifest, 'text');
  texts.forEach(assertText);
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  const space = embeddingSpaceOf(pack.manifest)!;
  try {
    const vectors = cache ? await recall(backend, pack, texts, kind, signal) : [];
    const missing = texts.map((_, index) => index).filter((index) => !vectors[index]);
    let done = texts.length - missing.length;
    const embedMissing = async (): Promise<void> => {
      while (missing.length > 0) {
        const chunk = missing.splice(0, CHUNK);
        const some = chunk.map((index) => texts[index]!);
        const block = await backend.run(
          (api, request) => api.embedTexts(request, pack.url, some, {kind, keep: cache}),
          {signal},
        );
        chunk.forEach((index, i) => (vectors[index] = vectorAt(block, i, space)));
        done += chunk.length;
        tracker.update({stage: 'embed', loaded: done, total: texts.length});
      }
    };
    const report = (progress: StageProgress): void => tracker.update(progress);
    if (missing.length > 0) {
      await use(['textEncoder'], {signal, onProgress: report}, embedMissing);
    }
    throwIfAborted(signal);
    return texts.map((_, index) => toLatent(space, vectors[index]!));
  } finally {
    tracker.finish();
  }
}

async function recall(
  backend: Backend,
  {url}: PackInfo,
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
  {backend, pack, use}: ModelPlace,
  image: Exclude<ImageSource, string>,
  {cache = false, onProgress, signal}: EmbedOptions,
): Promise<Latent> {
  const {manifest, url} = pack;
  assertEmbeds(manifest, 'image');
  const tracker = new ProgressTracker(STAGES, (progress) => onProgress?.(progress));
  try {
    const bitmap = await toBitmap(image, signal);
    const frame = fitFrame(manifest.image!.size, bitmap);
    const latents = manifest.parts.imageEncoder?.inputs.latent !== undefined;
    const parts: PartName[] = latents ? ['encoder', 'imageEncoder'] : ['imageEncoder'];
    const report = (progress: StageProgress): void => tracker.update(progress);
    const vector = await use(parts, {signal, onProgress: report}, () =>
      backend.run(
        (api, request) => api.embedImage(request, url, transfer(bitmap, [bitmap]), frame, cache),
        {signal},
      ),
    );
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
