import type {SearchResult} from '../search/types.js';

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

/** The address of the page that a result is a passage of; undefined for one that leads nowhere. */
export function pageOf({item: {href}}: SearchResult): string | undefined {
  if (typeof href !== 'string') return undefined;
  const [page] = href.split('#');
  return page === '' ? undefined : page;
}
