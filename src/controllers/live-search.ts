import {isAbort} from '../core/errors.js';
import {isBlank} from '../core/text/clean.js';
import type {SearchQuery, SearchResult} from '../search/search-types.js';
import {byMeaning, byWords, type FindOptions, rankAll, rankOptions} from './find.js';
import type {SearchController} from './search-controller.js';

/** What was found for a query so far. */
export interface Found {
  readonly query: SearchQuery;
  readonly results: readonly SearchResult[];
  /** Whether meaning was asked too; false while the model is on its way. */
  readonly complete: boolean;
  /** From the query to these results. */
  readonly milliseconds: number;
}

/** Milliseconds that results by words wait for those by meaning, so that a list need not change twice. */
const PATIENCE = 30;

/** Searches for what a visitor types: the newest query wins, and words answer before meaning can. */
export class LiveSearch {
  readonly #search: SearchController;
  readonly #options: () => FindOptions;
  readonly #found: (found: Found | undefined) => void;
  readonly #failed: (error: unknown) => void;
  #abort: AbortController | undefined;

  /** `found` is told of every list to show, and of undefined when there is nothing to search for. */
  constructor(
    search: SearchController,
    options: () => FindOptions,
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
    const {corpus, model} = this.#search;
    if (!corpus) return;
    const began = performance.now();
    const options = {...this.#options(), signal};
    const rules = model ? rankOptions(corpus, model, query, options) : options;
    const show = async (lists: Lists, complete: boolean): Promise<void> => {
      const results = await rankAll(corpus, ...lists, rules);
      if (signal.aborted) return;
      const milliseconds = performance.now() - began;
      this.#found({query, results, complete, milliseconds});
    };
    const words = byWords(corpus, query, options);
    if (!model) {
      if (words) await show([await words, undefined], false);
      return;
    }
    const near = byMeaning(corpus, model, query, options);
    // Given up while the other is waited for, neither must be an unhandled rejection.
    for (const list of [words, near]) list?.catch(() => undefined);
    if (words && near && (await isSlow(near))) await show([await words, undefined], false);
    await show([await words, await near], true);
  }
}

type Lists = [Parameters<typeof rankAll>[1], Parameters<typeof rankAll>[2]];

function isSlow(job: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    job.then(
      () => false,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, true)),
  ]);
}
