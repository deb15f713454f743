import {throwIfAborted} from '../core/abort.js';
import {LatentError} from '../core/errors.js';
import type {Metric} from '../core/search/metric.js';
import type {Corpus} from '../search/corpus.js';
import type {SearchItem} from '../search/search-types.js';
import type {Model} from '../engine/types.js';

/** Where the things to find are. */
export interface SearchPlace {
  readonly kind: 'items' | 'index' | 'store';
  /** Of the index or the store. */
  readonly url?: string | undefined;
  readonly items?: readonly SearchItem[] | undefined;
  readonly metric?: Metric | undefined;
}

/**
 * Opens what is to be searched, ready to be searched by words where it knows any; `model` is what it
 * must fit, and need not be there yet. What is opened and then given up is closed.
 */
export async function openCorpus(
  place: SearchPlace,
  model: Promise<Model>,
  signal: AbortSignal,
): Promise<Corpus> {
  // A page whose elements nobody scrolls to needs none of it.
  const engine = await import('../search/index.js');
  const corpus = await open(engine, place, model, signal);
  try {
    throwIfAborted(signal);
    return corpus;
  } catch (error) {
    corpus.close();
    throw error;
  }
}

async function open(
  engine: typeof import('../search/index.js'),
  {kind, url = '', items = [], metric}: SearchPlace,
  model: Promise<Model>,
  signal: AbortSignal,
): Promise<Corpus> {
  if (kind === 'items') {
    const corpus = await engine.ItemsCorpus.open(metric, signal);
    await corpus.setItems(items, signal);
    return corpus;
  }
  const {embeddingSpace: space, manifest, name} = await model;
  if (!space) {
    throw new LatentError('unsupported', `The model ${name} embeds nothing. Use "words".`);
  }
  if (kind === 'index') return engine.openIndex(url, {space: space.id, manifest, signal});
  return engine.openVectorStore(url, {space, signal});
}
