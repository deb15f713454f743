import type {Found} from '../../src/controllers/live-search.js';

/** What is said of an element beside its results. */
export interface SearchStand {
  readonly found: Found;
  /** 0..1 of loading; undefined where nothing loads. */
  readonly progress: number | undefined;
  readonly failed: boolean;
  /** Items that cannot be found by meaning. */
  readonly unembedded: number;
}

/** What to say below the results; undefined where they say it all. */
export function noteOf({found, progress, failed, unembedded}: SearchStand): string | undefined {
  const {results, complete, query} = found;
  if (!complete && !failed) {
    const share = progress === undefined ? '' : ` (${String(Math.floor(100 * progress))} %)`;
    const what = results.length > 0 ? 'By words so far' : 'No such words';
    return `${what}; search by meaning is loading${share} …`;
  }
  if (results.length === 0) {
    return typeof query === 'string' ? `Nothing found for “${brief(query)}”.` : 'Nothing found.';
  }
  if (!complete) return 'Found by words only.';
  if (unembedded === 0) return undefined;
  return unembedded === 1 ? '1 item could not be read.' : `${unembedded} items could not be read.`;
}

/** What a screen reader says of the results. */
export function spokenOf(found: Found | undefined): string {
  if (!found) return '';
  const count = found.results.length;
  if (count === 0) return found.complete ? 'Nothing found.' : '';
  return count === 1 ? '1 result.' : `${String(count)} results.`;
}

const BRIEF = 60;

function brief(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length > BRIEF ? `${line.slice(0, BRIEF)}…` : line;
}
