import type {LoadedMap} from '../../src/controllers/load-map.js';
import type {MapItem} from '../../src/controllers/map-pictures.js';
import {isSeed} from '../../src/controllers/open-picture.js';
import {type Origins, pictureUrl} from '../internal/item-links.js';

/** Pixels a side: as large as they are seen on most screens. */
const SIDE = 112;
/** Maps of more items than these show points: pictures would be as small as those. */
const MAX_PICTURES = 1500;
/** Pictures that are fetched or decoded at a time. */
const AT_ONCE = 4;

/** Round pictures of the items of a map, which come one by one. */
export class Thumbnails {
  readonly #arrived: () => void;
  #images: (ImageBitmap | undefined)[] = [];
  #map: LoadedMap | undefined;
  #abort = new AbortController();

  /** `arrived` hears of every picture. */
  constructor(arrived: () => void) {
    this.#arrived = arrived;
  }

  /** By row; empty where the items have none. */
  get images(): readonly (ImageBitmap | undefined)[] {
    return this.#images;
  }

  /** Begins with those of a map, unless it has; addresses elsewhere than `origins` are left alone. */
  load(map: LoadedMap, origins: Origins): void {
    if (map === this.#map || map.items.length > MAX_PICTURES) return;
    this.#map = map;
    const {signal} = (this.#abort = new AbortController());
    const waiting = map.items.keys();
    for (let i = 0; i < AT_ONCE; i++) void this.#loadSome(map, waiting, origins, signal);
  }

  /** Lets all of them go. */
  clear(): void {
    this.#abort.abort();
    for (const image of this.#images) image?.close();
    this.#images = [];
    this.#map = undefined;
  }

  async #loadSome(
    map: LoadedMap,
    waiting: Iterator<number>,
    origins: Origins,
    signal: AbortSignal,
  ): Promise<void> {
    for (let next = waiting.next(); !next.done && !signal.aborted; next = waiting.next()) {
      const row = next.value;
      // What cannot be shown stays a point.
      const image = await pictureOf(map, map.items[row]!, origins, signal).catch(() => undefined);
      if (map !== this.#map) image?.close();
      else if (image) {
        this.#images[row] = image;
        this.#arrived();
      }
    }
  }
}

async function pictureOf(
  {pictures}: LoadedMap,
  {image, latent}: MapItem,
  origins: Origins,
  signal: AbortSignal,
): Promise<ImageBitmap | undefined> {
  if (latent && (image === undefined || isSeed(image))) {
    const decoded = await pictures?.decode(latent, {signal, priority: -1});
    if (!decoded) return undefined;
    try {
      return round(decoded);
    } finally {
      decoded.close();
    }
  }
  if (image === undefined) return undefined;
  if (image instanceof Blob || image instanceof ImageData) {
    const bitmap = await createImageBitmap(image);
    try {
      return round(bitmap);
    } finally {
      bitmap.close();
    }
  }
  if (
    typeof image !== 'string' &&
    !(image instanceof URL) &&
    !(image instanceof HTMLImageElement)
  ) {
    return round(image);
  }
  const url = pictureUrl(image, origins);
  if (url === undefined) return undefined;
  const element = new Image();
  element.src = url;
  await element.decode();
  return round(element);
}

// Its middle, as a disc.
function round(
  image: HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap,
): ImageBitmap {
  const isElement = image instanceof HTMLImageElement;
  const width = isElement ? image.naturalWidth : image.width;
  const height = isElement ? image.naturalHeight : image.height;
  const side = Math.min(width, height);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d')!;
  context.beginPath();
  context.arc(SIDE / 2, SIDE / 2, SIDE / 2, 0, 2 * Math.PI);
  context.clip();
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  return canvas.transferToImageBitmap();
}
