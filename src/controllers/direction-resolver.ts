import {type Direction, isDirection, stepFits} from '../core/direction/direction.js';
import {LatentError} from '../core/errors.js';
import {type Latent, spaceMismatch} from '../core/latent/latent.js';
import type {CallOptions, Model} from '../engine/types.js';
import {fetchDirection} from './fetch-direction.js';
import {learnDirection} from './learn-direction.js';
import type {SourceInput} from './surface-controller.js';

/** Where a direction may come from, the first that says anything wins. */
export interface DirectionOrigins {
  /** A name in the pack, the URL of a file, or the direction itself. */
  readonly direction: string | Direction | undefined;
  readonly positive: readonly SourceInput[];
  readonly negative: readonly SourceInput[];
  readonly label: string | undefined;
}

interface Known {
  readonly key: readonly unknown[];
  readonly direction: Direction;
}

/** Finds directions, and keeps the last that had to be fetched or learned. */
export class DirectionResolver {
  #known: Known | undefined;

  /** A name in the model's pack, or a direction of its space; undefined where there is none. */
  async resolve(
    model: Model,
    origins: DirectionOrigins,
    options: CallOptions,
  ): Promise<string | Direction | undefined> {
    const {direction} = origins;
    if (isDirection(direction)) return direction;
    if (!direction) return this.#learn(model, origins, options);
    if (Object.hasOwn(model.manifest.directions ?? {}, direction) || !isAddress(direction)) {
      await model.prepareDirections([direction], options);
      return direction;
    }
    return this.#keep([direction], () => fetchDirection(direction, options.signal));
  }

  async #learn(
    model: Model,
    {positive, negative, label}: DirectionOrigins,
    options: CallOptions,
  ): Promise<Direction | undefined> {
    if (positive.length === 0 && negative.length === 0) return undefined;
    for (const [slot, images] of Object.entries({positive, negative})) {
      if (images.length > 0) continue;
      throw new LatentError(
        'bad-argument',
        `There is no <img slot="${slot}">: a direction is learned from pictures of both kinds.`,
      );
    }
    const images = [...positive, ...negative].flatMap(({image, version}) => [image, version]);
    return this.#keep([model, positive.length, label, ...images], () =>
      learnDirection(
        model,
        {positive: positive.map(imageOf), negative: negative.map(imageOf)},
        {...options, label},
      ),
    );
  }

  async #keep(key: readonly unknown[], find: () => Promise<Direction>): Promise<Direction> {
    const known = this.#known;
    if (known?.key.length === key.length && known.key.every((each, i) => each === key[i])) {
      return known.direction;
    }
    const direction = await find();
    this.#known = {key, direction};
    return direction;
  }
}

/** Throws `space-mismatch` or `bad-argument` unless the latent can be moved along the direction. */
export function assertMoves(direction: Direction, latent: Latent): void {
  if (direction.space !== latent.space) throw spaceMismatch(latent.space, direction.space);
  if (stepFits(direction.shape, latent.shape)) return;
  throw new LatentError(
    'bad-argument',
    `The direction has the shape [${direction.shape.join(', ')}], the picture's latent ` +
      `[${latent.shape.join(', ')}]. Learn it with {pool: true}, which fits every size.`,
  );
}

function imageOf({image}: SourceInput): SourceInput['image'] {
  return image;
}

// Names of a pack's directions are words.
function isAddress(text: string): boolean {
  return /[/.:?#]/.test(text);
}
