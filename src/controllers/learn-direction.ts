import {throwIfAborted} from '../core/abort.js';
import type {Direction} from '../core/direction/direction.js';
import {fitDirection} from '../core/direction/fit-direction.js';
import {LatentError} from '../core/errors.js';
import {isLatent, type Latent} from '../core/latent/latent.js';
import type {CallOptions, ImageSource, Model} from '../engine/types.js';

/** Examples that a direction is learned from. */
export interface DirectionExamples {
  /** Pictures, or latents, of what it leads to. */
  readonly positive: readonly (ImageSource | Latent)[];
  /** Pictures, or latents, of what it leads away from. */
  readonly negative: readonly (ImageSource | Latent)[];
}

/**
 * Learns the direction from the negative examples to the positive ones. One picture is encoded at a time,
 * so that frames which the visitor waits for pass between them; progress has the stage `encode`.
 */
export async function learnDirection(
  model: Model,
  {positive, negative}: DirectionExamples,
  {signal, onProgress, label}: CallOptions & {readonly label?: string | undefined},
): Promise<Direction> {
  assertList('positive', positive);
  assertList('negative', negative);
  const total = positive.length + negative.length;
  let loaded = 0;
  const encodeAll = async (examples: DirectionExamples['positive']): Promise<Latent[]> => {
    const latents: Latent[] = [];
    for (const example of examples) {
      latents.push(isLatent(example) ? example : await model.encode(example, {signal}));
      throwIfAborted(signal);
      loaded++;
      onProgress?.({stage: 'encode', loaded, total, ratio: loaded / total});
    }
    return latents;
  };
  const positives = await encodeAll(positive);
  const negatives = await encodeAll(negative);
  return fitDirection(positives, negatives, {
    // Examples of one size would teach a direction for pictures of that size alone.
    ...(isAnySize(model) && {pool: true}),
    ...(label && {label}),
  });
}

// A page's script may give anything, whatever the type says.
function assertList(name: string, examples: unknown): void {
  if (Array.isArray(examples)) return;
  throw new LatentError(
    'bad-argument',
    `learn: ${name} must be a list of images or latents, got ${String(examples)}.`,
  );
}

function isAnySize({manifest}: Model): boolean {
  return manifest.space.shape.some((dimension) => typeof dimension === 'string');
}
