import type {SearchItem} from '../../src/search/search-types.js';

/** Addresses that choosing a result may lead to; `javascript:` is none of them. */
const SAFE = new Set(['http:', 'https:', 'mailto:', 'tel:', 'file:', 'blob:']);

/** Goes where an item leads, in another tab if told so; whether it leads anywhere. */
export function followLink(item: SearchItem, elsewhere: boolean): boolean {
  const link = linkUrl(item);
  if (link === undefined) return false;
  if (elsewhere) window.open(link, '_blank', 'noopener');
  else location.assign(link);
  return true;
}

/** The absolute address of an item's link; undefined where it has none that is safe. */
export function linkUrl({href}: SearchItem): string | undefined {
  if (typeof href !== 'string' || href === '') return undefined;
  try {
    const url = new URL(href, document.baseURI);
    return SAFE.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
