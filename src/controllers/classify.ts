import {cosineSimilarity} from '../core/latent/arithmetic.js';
import type {Latent} from '../core/latent/latent.js';
import type {SearchQuery} from '../search/search-types.js';
import type {Model} from '../engine/types.js';

/** How well a label fits. */
export interface LabelScore {
  readonly label: string;
  /** The cosine of its vector and the query's, −1..1; only the order of labels means anything. */
  readonly score: number;
}

/** Which of some labels a text or an image comes nearest to, best first; errors as `Model.embed`. */
export async function classify(
  model: Model,
  query: Exclude<SearchQuery, Latent>,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<LabelScore[]> {
  // Two calls for one overload each: a text and a picture are embedded by different networks.
  const latent = await (typeof query === 'string'
    ? model.embed(query, {signal})
    : model.embed(query, {signal}));
  const known = await model.embed(labels, {kind: 'label', cache: true, signal});
  return known
    .map((other, place) => ({label: labels[place]!, score: cosineSimilarity(latent, other)}))
    .sort((a, b) => b.score - a.score);
}
