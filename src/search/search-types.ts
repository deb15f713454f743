import type {Latent} from '../core/latent/latent.js';
import type {ImageSource} from '../engine/types.js';

/** One thing to find: whatever else it has is its author's, and comes back with the results. */
export interface SearchItem {
  /** Not empty, and no other's. */
  readonly id: string;
  /** What it is found by. */
  readonly text?: string | undefined;
  /** A heading over the text; it is searched with it. */
  readonly title?: string | undefined;
  /** What it is found by, with a model that embeds images: where there is no text, or it embeds none. */
  readonly image?: ImageSource | undefined;
  /** Where choosing it leads. */
  readonly href?: string | undefined;
  readonly [field: string]: unknown;
}

/** What may be searched for. */
export type SearchQuery = string | Exclude<ImageSource, string> | Latent;

/** Something found. */
export interface SearchResult {
  readonly id: string;
  /**
   * What the order comes from, higher first: for a text, by how well words and meaning agree on it,
   * 0..1, where 1 is the first by both (reciprocal rank fusion); for an image or a latent, and where
   * only meaning was asked, the same as `similarity`.
   */
  readonly score: number;
  /** How near it is by meaning, under the metric; undefined for what only its words found. */
  readonly similarity?: number | undefined;
  /** Words of the item that answer to words of the query; none where only its meaning found it. */
  readonly terms: readonly string[];
  readonly item: SearchItem;
}
