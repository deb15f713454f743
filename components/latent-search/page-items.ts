import type {SearchItem} from '../../src/search/types.js';
// eslint-disable-next-line house/rooms -- It cuts the reading of a long list into slices.
import {TimeSlice} from '../../src/shared/yield-to-events.js';
import {isFilteredOut} from './list-order.js';

export {ListOrder} from './list-order.js';

/** A child of the page's own list. */
export interface PageItem extends SearchItem {
  readonly element: HTMLElement;
}

/** What is in the page but not for readers. */
const UNREAD = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'NOSCRIPT']);

const generated = new WeakMap<Element, string>();
let count = 0;

/** Children that are read between two looks at the clock. */
const CLOCK_ITEMS = 16;

/**
 * The children of `list` as items, read in slices that no page notices: `id` is theirs, their `data-id`,
 * or one that stays with the element; `text` is what they say, `alt` texts included; `href` their first
 * link; `image` their first picture. An id that comes twice counts for the first. What the page hides is
 * none, unless it hides the whole list.
 */
export async function readItems(list: Element): Promise<PageItem[]> {
  const slice = new TimeSlice();
  const taken = new Set<string>();
  const items: PageItem[] = [];
  const isSeen = visibilityIn(list);
  // Unlike `children`, this is a list that stays as it is, and no wrapper is made before its turn: of 20 000
  // children, that alone held the page for 20 ms.
  for (const [i, element] of list.querySelectorAll(':scope > *').entries()) {
    if (i % CLOCK_ITEMS === 0 && slice.isOver) await slice.yieldToEvents();
    if (!(element instanceof HTMLElement) || UNREAD.has(element.tagName)) continue;
    if (!isSeen(element)) continue;
    const given = element.id || element.dataset.id;
    const id = given && !taken.has(given) ? given : generatedId(element);
    taken.add(id);
    items.push(readItem(element, id));
  }
  return items;
}

// Styles are worked out once, and then only looked up.
function visibilityIn(list: Element): (item: HTMLElement) => boolean {
  // Not in every browser: there, only the attribute tells.
  const knows = 'checkVisibility' in list && list.checkVisibility();
  return (item) => isFilteredOut(item) || (!item.hidden && (!knows || item.checkVisibility()));
}

function readItem(element: HTMLElement, id: string): PageItem {
  const text = readText(element);
  const link = first(element, 'a[href]');
  const image = first(element, 'img');
  return {
    id,
    element,
    ...(text && {text}),
    ...(link instanceof HTMLAnchorElement && {href: link.href}),
    ...(image instanceof HTMLImageElement && {image}),
  };
}

function first(element: Element, selector: string): Element | null {
  if (element.matches(selector)) return element;
  // Most items of most lists are nothing but a text.
  return element.firstElementChild && element.querySelector(selector);
}

function generatedId(element: Element): string {
  let id = generated.get(element);
  if (id === undefined) generated.set(element, (id = `item-${String(++count)}`));
  return id;
}

/** White space that is not one space already, as nearly all of it is. */
const ODD_SPACE = /\s{2,}|[^\S ]/g;

/** What an element says: its text and the `alt` of its pictures, blocks apart, white space as one. */
export function readText(element: Element): string {
  return collect(element).replace(ODD_SPACE, ' ').trim();
}

// Letters in spans of their own are still one word, paragraphs are not.
function collect(element: Element): string {
  if (element instanceof HTMLImageElement) return ` ${element.alt} `;
  if (!element.firstElementChild) return element.textContent;
  let text = '';
  for (const child of element.childNodes) {
    if (child instanceof Text) text += child.data;
    else if (!(child instanceof Element) || UNREAD.has(child.tagName)) continue;
    else if (child instanceof HTMLElement && child.hidden) continue;
    else text += INLINE.has(child.tagName) ? collect(child) : ` ${collect(child)} `;
  }
  return text;
}

/** Elements whose text runs on in the line around them. */
const INLINE = new Set(
  'A ABBR B BDI BDO CITE CODE DATA DEL DFN EM I INS KBD MARK Q S SAMP SMALL SPAN STRONG SUB SUP TIME U VAR WBR'.split(
    ' ',
  ),
);
