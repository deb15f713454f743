import {isAbort} from '../core/errors.js';
import {isBlank} from '../core/text/clean.js';
import type {Answer} from '../search/session.js';
import type {QueryOptions, SearchQuery, SearchResult} from '../search/types.js';
import type {SearchController} from './search-controller.js';

/** What was found for a query so far, as it is shown: passages of one page together. */
export interface Found extends Answer {
  readonly query: SearchQuery;
  /** From the query to these results. */
  readonly milliseconds: number;
}

/** Results of an element that says nothing else, or no whole number above 0. */
export const DEFAULT_LIMIT = 10;

/** How an element's properties have it search: what is no number there is none. */
export function queryOptionsOf({
  limit,
  threshold,
  metric,
}: Pick<QueryOptions, 'limit' | 'threshold' | 'metric'>): QueryOptions & {readonly limit: number} {
  const whole = limit !== undefined && Number.isSafeInteger(limit) && limit > 0;
  return {
    limit: whole ? limit : DEFAULT_LIMIT,
    threshold: Number.isFinite(threshold) ? threshold : undefined,
    metric,
  };
}

/** Searches for what a visitor types: the newest query wins, and words answer before meaning can. */
export class LiveSearch {
  readonly #search: SearchController;
  readonly #options: () => QueryOptions;
  readonly #found: (found: Found | undefined) => void;
  readonly #failed: (error: unknown) => void;
  #abort: AbortController | undefined;

  /** `found` gets every list to show, and undefined when there is nothing to search for. */
  constructor(
    search: SearchController,
    options: () => QueryOptions,
    found: (found: Found | undefined) => void,
    failed: (error: unknown) => void,
  ) {
    this.#search = search;
    this.#options = options;
    this.#found = found;
    this.#failed = failed;
  }

  /** Searches anew, and forgets the query before. */
  run(query: SearchQuery): void {
    this.#abort?.abort();
    if (typeof query === 'string' && isBlank(query)) {
      this.#found(undefined);
      return;
    }
    const abort = (this.#abort = new AbortController());
    this.#run(query, abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted && !isAbort(error)) this.#failed(error);
    });
  }

  async #run(query: SearchQuery, signal: AbortSignal): Promise<void> {
    const {session} = this.#search;
    // A store knows no words: before the model is there it finds nothing, which is no answer.
    if (!session || (!session.loaded && !session.findsWords(query))) return;
    const began = performance.now();
    const show = (answer: Answer): void => {
      if (signal.aborted) return;
      const results = groupByPage(answer.results);
      this.#found({query, ...answer, results, milliseconds: performance.now() - began});
    };
    show(await session.ask(query, {...this.#options(), signal}, show));
  }
}

/** Results in an order in which passages of one page, whose links differ after `#` only, follow the best of them. */
export function groupByPage(results: readonly SearchResult[]): readonly SearchResult[] {
  const groups = new Map<string, SearchResult[]>();
  for (const result of results) {
    const page = pageOf(result);
    // What is of no page stays where it is, alone.
    const key = page ?? `#${result.id}`;
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return [...groups.values()].flat();
}

/**
 * The address of the page that a result is a passage of; undefined for one that leads nowhere, or to a place
 * of the page where it is shown: a table of contents is no page with passages.
 */
export function pageOf({item: {href}}: SearchResult): string | undefined {
  if (typeof href !== 'string') return undefined;
  const [page] = href.split('#');
  return page === '' || page === location.href.split('#')[0] ? undefined : page;
}
