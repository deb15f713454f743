import {orAbort, throwIfAborted} from '../core/abort.js';
import {isAbort, LatentError} from '../core/errors.js';
import {countOf, isLatent, type Latent, spaceMismatch} from '../core/latent/latent.js';
import type {PartName} from '../core/pack/pack.js';
import {embeddingSpaceOf, embeds} from '../core/text/embedding-space.js';
import {seedOf} from '../engine/bitmaps.js';
import {pageModel, settings} from '../engine/config.js';
import {sharedEngine} from '../engine/engine.js';
import {MapProjection} from '../engine/map.js';
import type {CallOptions, DevicePreference, Model, Progress} from '../engine/types.js';
import {assertId} from '../search/items.js';
import type {SearchSession} from '../search/session.js';
import type {NamedCluster, Projection} from '../shared/map.js';
import type {LoadDetail} from './element-status.js';
import {type MapItem, MapPictures} from './map-pictures.js';
import type {ModelController} from './model-controller.js';
import {isSeed} from './open-picture.js';
import type {SearchController} from './search-controller.js';

/** More are not drawn at 60 frames a second, and nobody tells them apart. */
const MAX_ITEMS = 100_000;
/** Finding all neighbours of more than these takes a visitor's minutes. */
const MAX_UMAP = 20_000;

/** What a map is of: the items of a search, or those that the page gave. */
export type MapSource = SearchController | readonly MapItem[];

/** What `openMap` takes. */
export interface MapOpening {
  readonly model: string | undefined;
  readonly device: DevicePreference | undefined;
  readonly models: ModelController;
  /** Resolves once these parts of a model may be downloaded; undefined for the page's default. */
  readonly agreed: (model: string | undefined, parts: readonly PartName[]) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Hears that the worker ended, and the map with it. */
  readonly onLost: () => void;
}

/** What lies at a place of a map. */
export interface MapPlace {
  /** In the unit square. */
  readonly x: number;
  readonly y: number;
  readonly latent: Latent;
}

/** Things with a vector each, before they have a place. */
interface Vectors {
  readonly items: readonly MapItem[];
  readonly data: Float32Array;
  readonly space: string;
  readonly shape: readonly number[];
  /** Whether they are embeddings, of which only the direction counts. */
  readonly isUnit: boolean;
  /** How many have none. */
  readonly unplaced: number;
  readonly from: Pick<LoadDetail, 'model' | 'device'>;
  /** What decodes here; undefined for nothing. */
  readonly decoder: Model | undefined;
  close?(): void;
}

/** Items with their places, and what lies between them. */
export class LoadedMap {
  readonly items: readonly MapItem[];
  /** How many items have no place, because nothing of them is read. */
  readonly unplaced: number;
  /** Pictures of items and places; undefined where nothing decodes here. */
  readonly pictures: MapPictures | undefined;
  /** Two numbers an item, in the unit square: where they lie so far. */
  positions: Float32Array;
  /** The cluster of each item, −1 for none. */
  memberships: Int16Array;
  clusters: readonly NamedCluster[] = [];
  /** How far the projection is, 0..1. */
  ratio = 0;
  readonly #vectors: Vectors;
  readonly #projection: MapProjection;
  readonly #named: Promise<void>;

  constructor(vectors: Vectors, {signal, onLost}: Pick<MapOpening, 'signal' | 'onLost'>) {
    const {items, data, shape, isUnit, decoder} = vectors;
    this.#vectors = vectors;
    this.items = items;
    this.unplaced = vectors.unplaced;
    this.positions = new Float32Array(2 * items.length).fill(0.5);
    this.memberships = new Int16Array(items.length).fill(-1);
    const dimension = items.length === 0 ? 0 : countOf(shape);
    this.#projection = new MapProjection({data, dimension, isUnit}, onLost);
    const texts = items.map(({title, text}) =>
      [title, text].filter((part) => typeof part === 'string').join('\n'),
    );
    this.#named = texts.some((text) => text !== '')
      ? this.#projection.addTexts(texts, signal)
      : Promise.resolve();
    this.#named.catch(() => undefined);
    this.pictures = decoder && new MapPictures(decoder, items, vectors);
  }

  /** Of `latent-load`. */
  get loadedFrom(): Omit<LoadDetail, 'milliseconds'> {
    return {...this.#vectors.from, space: this.#vectors.space};
  }

  /** Has the items where a projection puts them; `progress` hears how far it is, 0..1. */
  async project(
    projection: Projection,
    progress: (ratio: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const {length} = this.items;
    if (projection === 'umap' && length > MAX_UMAP) {
      throw new LatentError(
        'unsupported',
        `umap takes ${String(MAX_UMAP)} items at most, and there are ${String(length)}. ` +
          'Use projection="pca", or fewer items.',
      );
    }
    this.ratio = 0;
    await this.#projection.project(
      projection,
      ({positions, ratio}) => {
        this.positions = positions;
        // Clusters are still to come.
        if (ratio < 1) progress(ratio);
      },
      signal,
    );
    await orAbort(this.#named, signal);
    const {memberships, clusters} = await orAbort(this.#projection.clusters(), signal);
    this.memberships = memberships;
    this.clusters = clusters;
    this.ratio = 1;
  }

  /** What lies at a place, `bad-argument` for an empty map; `unsupported` where nothing decodes it. */
  async latentAt(x: number, y: number, options: CallOptions = {}): Promise<Latent> {
    const {pictures} = this;
    if (!pictures) {
      throw new LatentError(
        'unsupported',
        'What lies between these items cannot be shown: it takes a model that decodes them, as avatars.',
      );
    }
    const point = await orAbort(this.#projection.pointAt(x, y), options.signal);
    if (!point) throw new LatentError('bad-argument', 'An empty map has nothing at any place.');
    return pictures.latentOf(point, options);
  }

  close(): void {
    this.#projection.close();
    this.#vectors.close?.();
    this.pictures?.close();
  }
}

/** Opens a map of what a search or a page has, without places yet. */
export async function openMap(source: MapSource, opening: MapOpening): Promise<LoadedMap> {
  const vectors = await (isItems(source)
    ? openItems(source, opening)
    : ofSession(await source.loaded(opening.signal), opening.signal));
  try {
    throwIfAborted(opening.signal);
    assertCount(vectors.items.length);
    return new LoadedMap(vectors, opening);
  } catch (error) {
    vectors.close?.();
    throw error;
  }
}

function isItems(source: MapSource): source is readonly MapItem[] {
  return !('loaded' in source);
}

function assertCount(count: number): void {
  if (count <= MAX_ITEMS) return;
  throw new LatentError(
    'unsupported',
    `A map draws ${String(MAX_ITEMS)} items at most, and there are ${String(count)}. Draw a sample of them.`,
  );
}

async function openItems(items: readonly MapItem[], opening: MapOpening): Promise<Vectors> {
  assertItems(items);
  const name = opening.model === undefined || opening.model === '' ? undefined : opening.model;
  const isMade = items.some((item) => item.latent !== undefined || isSeed(item.image));
  if (isMade) {
    const isWhole = items.every(({latent}) => latent !== undefined);
    // Latents are places already: only what lies between them takes a model.
    return isWhole && name === undefined
      ? ofLatents(items, undefined)
      : openPictures(items, name, opening);
  }
  const says = items.some(({title, text}) => Boolean(title ?? text));
  const model = name ?? (says || items.length === 0 ? 'words' : pageModel(settings().model));
  if (name !== undefined) {
    const {manifest} = await sharedEngine().inspect(name, {signal: opening.signal});
    if (!embeddingSpaceOf(manifest)) return openPictures(items, name, opening);
  }
  return openSearch(items, model, opening);
}

// Texts, and pictures of a model that embeds: what a search does with them.
async function openSearch(
  items: readonly MapItem[],
  model: string,
  {device, signal, agreed, onProgress}: MapOpening,
): Promise<Vectors> {
  const hasTexts = items.some(({title, text}) => Boolean(title ?? text));
  await agreed(model, [hasTexts || items.length === 0 ? 'textEncoder' : 'imageEncoder']);
  const {SearchSession: Session} = await import('../search/session.js');
  const session = new Session(
    {items},
    {
      model,
      engine: {},
      device,
      load: (options) => sharedEngine().load(model, options),
    },
  );
  try {
    await session.open(signal);
    const failed = await session.load({signal, onProgress});
    const vectors = await ofSession(session, signal);
    return {...vectors, unplaced: failed.length, close: () => session.close()};
  } catch (error) {
    session.close();
    throw error;
  }
}

async function ofSession(session: SearchSession, signal: AbortSignal): Promise<Vectors> {
  const {items, data, space, shape} = await session.vectors(signal);
  const {network, pack} = session.model;
  const hasPictures = items.some(({image}) => image !== undefined);
  return {
    items,
    data,
    space: space === '' ? (embeddingSpaceOf(pack.manifest)?.id ?? '') : space,
    shape,
    isUnit: true,
    unplaced: 0,
    from: {model: pack.manifest.name, device: network?.device ?? 'wasm'},
    decoder: network && hasPictures && decodes(network) ? network : undefined,
  };
}

// Pictures and latents in the space of a model that decodes them.
async function openPictures(
  items: readonly MapItem[],
  name: string | undefined,
  {device, models, signal, agreed, onProgress}: MapOpening,
): Promise<Vectors> {
  const brings = items.some(({latent, image}) => !latent && image && !isSeed(image));
  const parts: readonly PartName[] = brings ? ['encoder', 'decoder'] : ['decoder'];
  await agreed(name, parts);
  const model = await models.acquire(name, device, {
    signal,
    parts,
    onProgress: (progress) => onProgress({...progress, ratio: progress.ratio / 2}),
  });
  const placed: MapItem[] = [];
  let done = 0;
  for (const item of items) {
    const latent = await latentOf(item, model, signal);
    if (latent) placed.push({...item, latent});
    throwIfAborted(signal);
    done++;
    const ratio = 0.5 + done / items.length / 2;
    onProgress({stage: 'encode', loaded: done, total: items.length, ratio});
  }
  return {...ofLatents(placed, model), unplaced: items.length - placed.length};
}

async function latentOf(
  {latent, image}: MapItem,
  model: Model,
  signal: AbortSignal,
): Promise<Latent | undefined> {
  if (latent) return latent;
  if (!image) return undefined;
  const seed = seedOf(image);
  if (seed !== undefined) return model.sample(seed, {signal});
  try {
    return await model.encode(image, {signal});
  } catch (error) {
    // One picture that cannot be read is no reason to draw none.
    if (isAbort(error) || !(error instanceof LatentError) || !OWN_FAULTS.has(error.code))
      throw error;
    return undefined;
  }
}

/** Codes of what is wrong with one picture, and with no other. */
const OWN_FAULTS: ReadonlySet<string> = new Set<LatentError['code']>([
  'bad-image',
  'tainted-image',
  'not-found',
]);

function ofLatents(items: readonly MapItem[], model: Model | undefined): Vectors {
  const first = items[0]?.latent;
  const shape = first?.shape ?? [];
  const size = countOf(shape);
  const data = new Float32Array(items.length * size);
  items.forEach(({id, latent}, i) => {
    assertOwn(id, latent, model?.space ?? first!.space, shape);
    data.set(latent.data, i * size);
  });
  return {
    items,
    data,
    space: model?.space ?? first?.space ?? '',
    shape,
    isUnit: false,
    unplaced: 0,
    from: {model: model?.name ?? '', device: model?.device ?? 'wasm'},
    decoder: model && decodes(model) ? model : undefined,
  };
}

function assertOwn(
  id: string,
  latent: unknown,
  space: string,
  shape: readonly number[],
): asserts latent is Latent {
  const complain = (what: string): never => {
    throw new LatentError('bad-argument', `The latent of the item "${id}" ${what}.`);
  };
  if (!isLatent(latent)) return complain('is none: {space, shape, data} is what it takes');
  if (latent.space !== space) throw spaceMismatch(space, latent.space);
  if (latent.shape.join() !== shape.join()) {
    const [own, others] = [latent.shape.join(', '), shape.join(', ')];
    complain(`has the shape [${own}], the others [${others}]: encode all at the same size`);
  }
  if (!latent.data.every(Number.isFinite)) complain('has numbers that are not finite');
}

function decodes({manifest}: Model): boolean {
  return manifest.parts.decoder !== undefined && !embeds(manifest, 'text');
}

function assertItems(items: readonly MapItem[]): void {
  if (!Array.isArray(items)) {
    throw new LatentError('bad-argument', `items must be a list, got ${typeof items}.`);
  }
  assertCount(items.length);
  const taken = new Set<string>();
  for (const item of items as readonly MapItem[]) {
    assertId(item, taken);
    taken.add(item.id);
  }
}
