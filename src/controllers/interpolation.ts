import {LatentError} from '../core/errors.js';
import type {Interpolation} from '../core/latent/path.js';
import type {MorphPairs} from '../engine/morph.js';
import {modelName} from './page-engine.js';

/** The way from one picture to the next: shapes that travel, or a path in a latent space. */
export type Way = 'morph' | Interpolation;

/** What is known of a shipped pack before its manifest is here. */
interface ShippedPack {
  /** Id of its latent space. */
  readonly space: string;
  readonly way: Way;
}

/**
 * Packs with images by name: an element that morphs shapes needs no model, and should not wait for a
 * manifest to learn so. A test compares them with their manifests.
 */
export const SHIPPED_PACKS: ReadonlyMap<string, ShippedPack> = new Map([
  ['photos', {space: 'photos-1', way: 'morph'}],
  ['avatars', {space: 'avatars-2', way: 'lerp'}],
]);

/** What is known of the model of an element that names `model`; undefined for no shipped one. */
export function shippedPack(model: string | undefined): ShippedPack | undefined {
  return SHIPPED_PACKS.get(modelName(model));
}

/**
 * The way that suits a space: `morph` where a latent has places (channels, height, width), since a
 * straight line between those is a cross-fade; else `lerp`, which in a space of the whole picture goes
 * through pictures.
 */
export function defaultWay(shape: readonly unknown[]): Way {
  return shape.length > 1 ? 'morph' : 'lerp';
}

/** Whether an attribute names a way; any other text leaves it to the model. */
export function isWay(text: unknown): text is Way {
  return text === 'morph' || text === 'lerp' || text === 'slerp';
}

/** The points of a property, or of an attribute's JSON; `bad-argument` for a text that is none. */
export function readPairs(pairs: string | MorphPairs | undefined): MorphPairs | undefined {
  if (typeof pairs !== 'string') return pairs;
  if (pairs.trim() === '') return undefined;
  try {
    return JSON.parse(pairs) as MorphPairs;
  } catch (cause) {
    throw new LatentError(
      'bad-argument',
      'The attribute pairs is no JSON. Write [{"from": [x, y], "to": [x, y]}], in fractions of the picture.',
      {cause},
    );
  }
}
