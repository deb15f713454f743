import type {SearchItem} from '../../src/search/types.js';

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
function linkUrl({href}: SearchItem): string | undefined {
  if (typeof href !== 'string' || href === '') return undefined;
  try {
    const url = new URL(href, document.baseURI);
    return SAFE.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Where pictures of items may come from; undefined for anywhere, where the page gave the items. */
export type Origins = ReadonlySet<string> | undefined;

/**
 * The origins for what a search finds: an index or a store of elsewhere may show its own pictures and the
 * page's, since its author named both.
 */
export function pictureOrigins({
  items,
  index,
  store,
}: {
  readonly items?: unknown;
  readonly index?: string | undefined;
  readonly store?: string | undefined;
}): Origins {
  const source = items ? undefined : (index ?? store);
  if (source === undefined) return undefined;
  const url = source.replace(/^chroma\+/, '');
  return new Set([location.origin, new URL(url, document.baseURI).origin]);
}

/**
 * The address of an item's picture, where it has one that may be fetched: what a server says of its
 * items must not make the page ask others.
 */
export function pictureUrl(image: unknown, origins: Origins): string | undefined {
  const url = addressOf(image);
  if (url === undefined || !origins) return url;
  try {
    const {origin, protocol} = new URL(url, document.baseURI);
    return origins.has(origin) || protocol === 'data:' || protocol === 'blob:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function addressOf(image: unknown): string | undefined {
  if (image instanceof HTMLImageElement) return image.currentSrc || image.src;
  if (image instanceof URL) return image.href;
  return typeof image === 'string' && image !== '' ? image : undefined;
}
