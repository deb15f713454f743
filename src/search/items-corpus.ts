import {throwIfAborted} from '../core/abort.js';
import {isAbort, LatentError} from '../core/errors.js';
import type {Latent} from '../core/latent/latent.js';
import type {Metric} from '../core/search/metric.js';
import {embeds} from '../core/text/embedding-space.js';
import type {SearchItem} from './search-types.js';
import type {CallOptions, ImageSource, Model} from '../engine/types.js';
import {IndexCorpus} from './index-corpus.js';
import {assertIds, contentOf, storedFields, textOf} from './item-text.js';
import {SearchIndex} from './search-index.js';

/** Texts that are embedded and then found by meaning, while the others still wait. */
const BLOCK = 128;

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

/** Items of the page: found by their words at once, by their meaning as soon as they are embedded. */
export class ItemsCorpus extends IndexCorpus {
  readonly #entries = new Map<string, Entry>();

  /** Without any items yet. */
  static async open(metric: Metric | undefined, signal?: AbortSignal): Promise<ItemsCorpus> {
    return new ItemsCorpus(await SearchIndex.open({metric, signal}));
  }

  /** The items, in their order. */
  get all(): readonly SearchItem[] {
    return [...this.#entries.values()].map(({item}) => item);
  }

  override items(ids: readonly string[]): Promise<readonly (SearchItem | undefined)[]> {
    return Promise.resolve(ids.map((id) => this.#entries.get(id)?.item));
  }

  /**
   * Makes these what there is to find, by words first; whoever says the same as before stays as it
   * is. `bad-argument` for an id that is empty or comes twice.
   */
  async setItems(items: readonly SearchItem[], signal?: AbortSignal): Promise<void> {
    assertIds(items);
    const before = new Map(this.#entries);
    this.#entries.clear();
    const changed: Entry[] = [];
    for (const item of items) {
      const content = contentOf(item);
      const old = before.get(item.id);
      before.delete(item.id);
      const same = old !== undefined && content.every((part, i) => part === old.content[i]);
      const entry = {item, content, embedded: same && old.embedded};
      this.#entries.set(item.id, entry);
      if (same) continue;
      if (old) before.set(item.id, old);
      changed.push(entry);
    }
    const gone = [...before.keys()];
    if (gone.length > 0) await this.index.remove(gone);
    if (gone.length > 0) await this.index.removeTexts(gone);
    const texts = changed.flatMap(({item}) => lexicalText(item));
    if (texts.length > 0) await this.index.addTexts(texts);
    throwIfAborted(signal);
  }

  /** Embeds what is not yet; tells what could not be, which keeps nothing else from being found. */
  async embed(model: Model, {signal, onProgress}: CallOptions = {}): Promise<Unembedded[]> {
    const waiting = [...this.#entries.values()].filter((entry) => !entry.embedded);
    const failed: Unembedded[] = [];
    let done = 0;
    const advance = (count: number): void => {
      done += count;
      const total = waiting.length;
      onProgress?.({stage: 'index', loaded: done, total, ratio: done / total});
    };
    const readsTexts = embeds(model.manifest, 'text');
    const isText = ({item}: Entry): boolean => readsTexts && textOf(item) !== undefined;
    const texts = waiting.filter(isText);
    for (let from = 0; from < texts.length; from += BLOCK) {
      const block = texts.slice(from, from + BLOCK);
      const said = block.map(({item}) => textOf(item)!);
      await this.#add(block, await model.embed(said, {cache: true, kind: 'document', signal}));
      advance(block.length);
    }
    for (const entry of waiting.filter((each) => !isText(each))) {
      const error = await this.#embedImage(model, entry, signal);
      if (error) failed.push({id: entry.item.id, error});
      advance(1);
    }
    return failed;
  }

  async #embedImage(
    model: Model,
    entry: Entry,
    signal: AbortSignal | undefined,
  ): Promise<LatentError | undefined> {
    const {id, image} = entry.item;
    try {
      if (!image) {
        throw new LatentError('bad-argument', `The item "${id}" has nothing that the model reads.`);
      }
      await this.#add([entry], [await model.embed(pictureOf(image), {cache: true, signal})]);
      return undefined;
    } catch (error) {
      if (isAbort(error) || !(error instanceof LatentError)) throw error;
      // A model, a worker or a network that failed fails for the others too.
      if (!ITS_OWN_FAULT.has(error.code)) throw error;
      return error;
    }
  }

  // What changed meanwhile is embedded again by whoever changed it.
  async #add(entries: readonly Entry[], latents: readonly Latent[]): Promise<void> {
    const current = entries
      .map((entry, index) => ({entry, latent: latents[index]!}))
      .filter(({entry}) => this.#entries.get(entry.item.id) === entry);
    const [first] = current;
    if (!first) return;
    const size = first.latent.data.length;
    const data = new Float32Array(size * current.length);
    current.forEach(({latent}, index) => data.set(latent.data, index * size));
    await this.index.add({
      space: first.latent.space,
      ids: current.map(({entry}) => entry.item.id),
      data,
      items: current.map(({entry}) => storedFields(entry.item)),
    });
    for (const {entry} of current) entry.embedded = true;
  }
}

const ITS_OWN_FAULT: ReadonlySet<string> = new Set<LatentError['code']>([
  'bad-argument',
  'bad-image',
  'tainted-image',
  'not-found',
  'unsupported',
]);

function lexicalText(item: SearchItem): {id: string; text: string; title?: string}[] {
  if (textOf(item) === undefined) return [];
  const {id, text = '', title} = item;
  return [{id, text, ...(title !== undefined && {title})}];
}

// A string that is embedded is a text; an item's picture may well be an address.
function pictureOf(image: ImageSource): Exclude<ImageSource, string> {
  if (typeof image !== 'string') return image;
  return new URL(image, document.baseURI);
}
