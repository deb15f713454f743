import {isAbort, LatentError} from '../core/errors.js';
import type {Latent} from '../core/latent/latent.js';
import {isBlank, readableText} from '../core/text/clean.js';
import {embeds} from '../core/text/embedding-space.js';
import type {CallOptions, ImageSource, Model} from '../engine/types.js';
import type {ItemRecord} from '../shared/search.js';
import {TimeSlice} from '../shared/yield-to-events.js';
import type {SearchItem} from './types.js';

/** What is copied into one message: well under a millisecond of a page's time. */
const SLICE_ITEMS = 500;
const SLICE_CHARACTERS = 1 << 17;
/** Items that a network embeds, and that are then found by meaning, while the others still wait. */
const BLOCK = 128;
/** Items between two looks at the clock. */
const CLOCK_ITEMS = 32;

/** What could not be embedded, and why. */
export interface Unembedded {
  readonly id: string;
  readonly error: LatentError;
}

interface Entry {
  readonly item: SearchItem;
  readonly content: ReturnType<typeof contentOf>;
  embedded: boolean;
}

/** What became of a list: what must be forgotten, and what must be taken up. */
export interface ItemChanges {
  readonly gone: readonly string[];
  readonly changed: readonly SearchItem[];
}

/** The items of a search, in their order, and which of them have been embedded. */
export class ItemList {
  #entries = new Map<string, Entry>();

  /** The items, in their order. */
  get all(): readonly SearchItem[] {
    return Array.from(this.#entries.values(), ({item}) => item);
  }

  /** Items that are not embedded yet. */
  get waiting(): readonly SearchItem[] {
    return [...this.#entries.values()].filter(({embedded}) => !embedded).map(({item}) => item);
  }

  get(id: string): SearchItem | undefined {
    return this.#entries.get(id)?.item;
  }

  /** Marks as embedded those of some items that are still the same. */
  markEmbedded(items: readonly SearchItem[]): void {
    for (const item of items) {
      const entry = this.#entries.get(item.id);
      if (entry?.item === item) entry.embedded = true;
    }
  }

  /**
   * Makes these the items, in slices that no page notices; whoever says the same as before stays as it
   * is. `bad-argument` for an id that is empty, no text, or comes twice.
   */
  async replace(items: readonly SearchItem[]): Promise<ItemChanges> {
    if (!(Array.isArray as (given: unknown) => boolean)(items)) {
      throw new LatentError('bad-argument', `items must be a list, got ${typeof items}.`);
    }
    const slice = new TimeSlice();
    const entries = new Map<string, Entry>();
    const before = new Map(this.#entries);
    const gone: string[] = [];
    const changed: SearchItem[] = [];
    for (const [i, item] of items.entries()) {
      assertId(item, entries);
      const content = contentOf(item);
      const old = before.get(item.id);
      before.delete(item.id);
      const same = old !== undefined && content.every((part, at) => part === old.content[at]);
      entries.set(item.id, {item, content, embedded: same && old.embedded});
      if (!same) changed.push(item);
      if (!same && old) gone.push(item.id);
      if (i % CLOCK_ITEMS === 0 && slice.isOver) await slice.yieldToEvents();
    }
    gone.push(...before.keys());
    this.#entries = entries;
    return {gone, changed};
  }
}

/** Items in parts of bounded length, as they cross to a worker: what says nothing stays here. */
export function* recordSlices(items: readonly SearchItem[]): Generator<ItemRecord[]> {
  let slice: ItemRecord[] = [];
  let characters = 0;
  for (const item of items) {
    slice.push({id: item.id, fields: storedFields(item)});
    characters += (item.title?.length ?? 0) + (item.text?.length ?? 0);
    if (slice.length < SLICE_ITEMS && characters < SLICE_CHARACTERS) continue;
    yield slice;
    [slice, characters] = [[], 0];
  }
  if (slice.length > 0) yield slice;
}

/**
 * Embeds items by a network, texts in blocks, then pictures; `take` gets the vectors as they come.
 * What cannot be embedded comes back, and keeps nothing else from being found.
 */
export async function embedByNetwork(
  model: Model,
  waiting: readonly SearchItem[],
  take: (items: readonly SearchItem[], latents: readonly Latent[]) => Promise<void>,
  {signal, onProgress}: CallOptions,
): Promise<readonly Unembedded[]> {
  const failed: Unembedded[] = [];
  const total = waiting.length;
  let loaded = 0;
  const advance = (count: number): void => {
    loaded += count;
    onProgress?.({stage: 'index', loaded, total, ratio: loaded / total});
  };
  const readsTexts = embeds(model.manifest, 'text');
  const isText = (item: SearchItem): boolean => readsTexts && documentText(item) !== undefined;
  const texts = waiting.filter(isText);
  for (let from = 0; from < texts.length; from += BLOCK) {
    const block = texts.slice(from, from + BLOCK);
    const said = block.map((item) => documentText(item)!);
    await take(block, await model.embed(said, {cache: true, kind: 'document', signal}));
    advance(block.length);
  }
  for (const item of waiting.filter((each) => !isText(each))) {
    try {
      if (!item.image) throw unreadable(item.id);
      await take([item], [await model.embed(pictureOf(item.image), {cache: true, signal})]);
    } catch (error) {
      if (isAbort(error) || !(error instanceof LatentError)) throw error;
      // A model, a worker or a network that failed fails for the others too.
      if (!OWN_FAULTS.has(error.code)) throw error;
      failed.push({id: item.id, error});
    }
    advance(1);
  }
  return failed;
}

/** Codes of what is wrong with one item, and with no other. */
const OWN_FAULTS: ReadonlySet<string> = new Set<LatentError['code']>([
  'bad-argument',
  'bad-image',
  'tainted-image',
  'not-found',
  'unsupported',
]);

/** The error for an item that cannot be found by meaning. */
export function unreadable(id: string): LatentError {
  return new LatentError('bad-argument', `The item "${id}" has nothing that the model reads.`);
}

// A string that is embedded is a text; an item's picture may well be an address.
function pictureOf(image: ImageSource): Exclude<ImageSource, string> {
  return typeof image === 'string' ? new URL(image, document.baseURI) : image;
}

/** What a network embeds of an item: what a person reads of its title and text; undefined for nothing. */
function documentText({title, text}: SearchItem): string | undefined {
  const read = [title, text]
    .map((part) => (typeof part === 'string' ? readableText(part) : ''))
    .filter((part) => !isBlank(part));
  return read.length > 0 ? read.join('\n') : undefined;
}

/** Whether an item says anything, be it readable or not. */
export function hasText({title, text}: SearchItem): boolean {
  return [title, text].some((part) => typeof part === 'string' && !isBlank(part));
}

// What an item can be found by: it is another one when a part of it changes.
function contentOf(item: SearchItem): readonly [title: unknown, text: unknown, picture: unknown] {
  const {title, text, image} = item;
  // The same element may show another picture.
  const isElement = 'HTMLImageElement' in globalThis && image instanceof HTMLImageElement;
  return [title, text, isElement ? image.src || image.currentSrc : image];
}

// What is kept of an item in a file: its fields that are JSON, pictures by their address.
function storedFields(item: SearchItem): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) {
    if (name === 'id') continue;
    const stored = value instanceof HTMLImageElement ? value.currentSrc || value.src : value;
    if (isJson(stored)) fields[name] = stored;
  }
  return fields;
}

/** Throws `bad-argument` for an item without an id, or with one that is taken. */
export function assertId(item: SearchItem, taken: Pick<ReadonlySet<string>, 'has'>): void {
  const id: unknown = (item as Partial<SearchItem> | null | undefined)?.id;
  if (typeof id !== 'string' || id === '') {
    throw new LatentError(
      'bad-argument',
      `An item has the id ${JSON.stringify(id)}; it must be a text that is not empty.`,
    );
  }
  if (!taken.has(id)) return;
  throw new LatentError('bad-argument', `Two items have the id "${id}". Give each its own.`);
}

function isJson(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    return (
      (Array.isArray(value) || prototype === Object.prototype) && Object.values(value).every(isJson)
    );
  }
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
