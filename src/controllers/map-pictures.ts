import {LatentError} from '../core/errors.js';
import {average} from '../core/latent/arithmetic.js';
import {createLatent, type Latent} from '../core/latent/latent.js';
import {toBitmap} from '../engine/image-input.js';
import type {CallOptions, ImageSource, Model} from '../engine/types.js';
import type {SearchItem} from '../search/types.js';
import type {MapPoint} from '../shared/map.js';

/** One thing on a map: what a search has, or a latent that somebody made of it already. */
export interface MapItem extends SearchItem {
  /** Where it lies; all of a map are of one space. */
  readonly latent?: Latent | undefined;
}

/** Pixels a side at which pictures of any size are encoded, so that their latents can be mixed. */
const SIDE = 128;
/** Pictures that are mixed where a model's embeddings say who is near: more of them is a fog. */
const MIXED = 2;
/** Encoded pictures that are kept: as many as are around a pointer, many times over. */
const KEPT = 64;

/** Pictures of the items of a map, and of what lies between them. */
export class MapPictures {
  readonly #model: Model;
  readonly #items: readonly MapItem[];
  readonly #space: string;
  readonly #shape: readonly number[];
  readonly #encoded = new Map<number, Promise<Latent>>();

  constructor(
    model: Model,
    items: readonly MapItem[],
    {space, shape}: {readonly space: string; readonly shape: readonly number[]},
  ) {
    this.#model = model;
    this.#items = items;
    this.#space = space;
    this.#shape = shape;
  }

  /** The latent at a point: its own vector, or where that is an embedding, a mixture of the pictures around. */
  async latentOf({data, shares}: MapPoint, options: CallOptions): Promise<Latent> {
    if (this.#space === this.#model.space) return createLatent(this.#space, this.#shape, data);
    const near = [...shares]
      .filter(({row}) => this.#items[row]?.image !== undefined)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, MIXED);
    if (near.length === 0) {
      throw new LatentError('unsupported', 'No item near this place has a picture.');
    }
    const latents = await Promise.all(near.map(({row}) => this.#encode(row, options)));
    return average(
      latents,
      near.map(({weight}) => weight),
    );
  }

  /** What a latent looks like; whoever asked closes it. */
  decode(latent: Latent, options: CallOptions = {}): Promise<ImageBitmap> {
    return this.#model.decode(latent, options);
  }

  /** Lets encoded pictures go. */
  close(): void {
    this.#encoded.clear();
  }

  #encode(row: number, options: CallOptions): Promise<Latent> {
    const known = this.#encoded.get(row);
    if (known) return known;
    const {latent, image} = this.#items[row]!;
    if (latent) return Promise.resolve(latent);
    const encoded = this.#encodeSquare(image!, options);
    this.#encoded.set(row, encoded);
    encoded.catch(() => this.#encoded.delete(row));
    if (this.#encoded.size > KEPT) this.#encoded.delete(this.#encoded.keys().next().value!);
    return encoded;
  }

  // Without the caller's signal: the next place takes the same pictures.
  async #encodeSquare(image: ImageSource, {priority}: CallOptions): Promise<Latent> {
    const whole = await toBitmap(image);
    try {
      return await this.#model.encode(squareOf(whole), {priority, resolution: SIDE});
    } finally {
      whole.close();
    }
  }
}

function squareOf(image: ImageBitmap): OffscreenCanvas {
  const {width, height} = image;
  const side = Math.min(width, height);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  canvas.getContext('2d')!.drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
  return canvas;
}
