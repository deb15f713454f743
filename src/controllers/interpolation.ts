import type {ReactiveControllerHost} from 'lit';
import {LatentError} from '../core/errors.js';
import type {Interpolation} from '../core/latent/path.js';
import type {Size} from '../core/pack/image-size.js';
import type {PackManifest} from '../core/pack/pack.js';
import type {MorphPairs} from '../engine/morph.js';
import type {LoadDetail} from './element-status.js';
import {modelName} from './page-engine.js';

/** The way from one picture to the next: shapes that travel, or a path in a latent space. */
export type Way = 'morph' | Interpolation;

/** What is known of a shipped pack before its manifest is here. */
interface ShippedPack {
  /** Id of its latent space. */
  readonly space: string;
  readonly way: Way;
  /** Pixels of its pictures, where all have the same. */
  readonly size?: Size;
  /** Whether it takes prompts, and has much to offer for them. */
  readonly prompts?: boolean;
}

/**
 * Packs with images by name: an element that morphs shapes needs no model, and should not wait for a
 * manifest to learn so. A test compares them with their manifests.
 */
export const SHIPPED_PACKS: ReadonlyMap<string, ShippedPack> = new Map([
  ['photos', {space: 'photos-1', way: 'morph'}],
  ['avatars', {space: 'avatars-2', way: 'lerp', size: {width: 128, height: 128}, prompts: true}],
]);

/**
 * What is known of the model of an element that names `model`; undefined for no shipped one. `fallback` is
 * the model where neither the element nor the page names one.
 */
export function shippedPack(model: string | undefined, fallback?: string): ShippedPack | undefined {
  return SHIPPED_PACKS.get(modelName(model, fallback));
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

/** An element that goes from picture to picture. */
export interface InterpolationHost extends ReactiveControllerHost {
  readonly model: string | undefined;
  readonly interpolation: string | undefined;
}

/** What else decides on the way of an element. */
export interface InterpolationSource {
  /** Whether the element asks for what only latents on a line have. */
  isLine(): boolean;
  /** The manifest of the element's model. */
  manifest(signal: AbortSignal): Promise<PackManifest>;
}

/** Chooses the way of an element: the one that it names, else the one that suits its model. */
export class InterpolationController {
  readonly #host: InterpolationHost;
  readonly #source: InterpolationSource;
  /** Of a model that is no shipped one. */
  #manifest: {readonly model: string | undefined; readonly pack: PackManifest} | undefined;

  constructor(host: InterpolationHost, source: InterpolationSource) {
    this.#host = host;
    this.#source = source;
  }

  /** The way of this moment; undefined until the model's manifest says what suits it. */
  get way(): Way | undefined {
    const {interpolation, model} = this.#host;
    if (isWay(interpolation)) return interpolation;
    if (this.#source.isLine()) return 'lerp';
    return shippedPack(model)?.way ?? (this.#pack && defaultWay(this.#pack.space.shape));
  }

  /** Whether pictures morph; also while that is not known yet: what is shown first is the same. */
  get mayMorph(): boolean {
    return this.way === 'morph' || this.way === undefined;
  }

  /** The model and its space, as far as they are known without loading it. */
  get described(): Pick<LoadDetail, 'model' | 'space'> {
    const {model} = this.#host;
    return {
      model: this.#pack?.name ?? modelName(model),
      space: this.#pack?.space.id ?? shippedPack(model)?.space ?? '',
    };
  }

  /** Whether pictures morph, once that is known. */
  async morphs(signal: AbortSignal): Promise<boolean> {
    if (this.way === undefined) {
      const {model} = this.#host;
      this.#manifest = {model, pack: await this.#source.manifest(signal)};
      this.#host.requestUpdate();
    }
    return this.way === 'morph';
  }

  get #pack(): PackManifest | undefined {
    const manifest = this.#manifest;
    return manifest?.model === this.#host.model ? manifest?.pack : undefined;
  }
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
