import {countOf} from '../core/latent/latent.js';
import type {PackManifest} from '../core/pack/pack.js';
import type {EmbeddingSpace} from '../core/text/embedding-space.js';
import {absoluteUrl} from '../engine/config.js';
import {SearchIndex} from './search-index.js';
import {openStore} from './stores/open-store.js';
import type {Corpus} from './corpus.js';
import {IndexCorpus} from './index-corpus.js';
import {StoreCorpus} from './store-corpus.js';

export {rank} from './hybrid-search.js';
export {ItemsCorpus} from './items-corpus.js';

/** A prebuilt index; `space-mismatch` unless the model, and the version of it, made its vectors. */
export async function openIndex(
  url: string,
  expected: {readonly space: string; readonly manifest: PackManifest; readonly signal: AbortSignal},
): Promise<Corpus> {
  const {space, manifest, signal} = expected;
  const model = {name: manifest.name, version: manifest.version};
  return new IndexCorpus(await SearchIndex.load(absoluteUrl(url), {space, model, signal}));
}

/** A vector database whose vectors have as many numbers as those of the model. */
export async function openVectorStore(
  url: string,
  {space, signal}: {readonly space: EmbeddingSpace; readonly signal: AbortSignal},
): Promise<Corpus> {
  const store = openStore(url);
  const dimension = countOf(space.shape);
  await store.open({space: space.id, dimension, signal});
  return new StoreCorpus(store, space.id);
}
