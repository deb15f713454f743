import {selectAll, selectOne} from 'css-select';
import {type AnyNode, type Document, type Element, isTag, isText} from 'domhandler';
import {textContent} from 'domutils';
import {parse} from 'parse5';
import {adapter} from 'parse5-htmlparser2-tree-adapter';
import {LatentError} from '../core/errors.js';
import {isBlank} from '../core/text/clean.js';

/** A part of a page that makes a result of its own. */
export interface Passage {
  /** The heading over it, else the page's title; may be empty. */
  readonly title: string;
  /** The title of the page. */
  readonly page: string;
  readonly text: string;
  /** The id in the page that leads there; empty for its beginning. */
  readonly anchor: string;
}

/** Longer passages are cut at the next block: a vector of everything is near to nothing. */
const MAX_CHARACTERS = 1000;
const HEADING = /^h[1-6]$/;
const BREAKS =
  /^(address|article|aside|blockquote|br|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|header|hr|li|main|ol|p|pre|section|summary|table|td|th|tr|ul)$/;
/** What search engines leave out, by the page's own wish. */
const NOINDEX = 'meta[name=robots i][content*=noindex i]';
/** What a reader of the page does not read. */
const UNREAD =
  /^(script|style|template|noscript|nav|svg|math|iframe|object|canvas|select|textarea|button|head)$/;

/**
 * The passages of a page, in order: of the elements that `selector` names, else of its main content;
 * none where there is nothing to read, or where the page says that it is not to be indexed (its print
 * version, say). `bad-argument` for a selector that is none.
 */
export function passagesOf(html: string, selector?: string): Passage[] {
  const document = parse(html, {treeAdapter: adapter});
  if (selectOne<AnyNode, Element>(NOINDEX, document)) return [];
  const name = selectOne<AnyNode, Element>('title', document);
  const collector = new Collector(name ? collapse(textContent(name)) : '');
  for (const root of rootsOf(document, selector)) collector.read(root);
  return collector.finish();
}

function rootsOf(document: Document, selector: string | undefined): Element[] {
  if (selector === undefined) {
    const main = selectOne<AnyNode, Element>('main, [role=main]', document);
    return [main ?? selectOne<AnyNode, Element>('body', document)].filter((root) => root !== null);
  }
  let found: Element[];
  try {
    found = selectAll<AnyNode, Element>(selector, document);
  } catch (cause) {
    throw new LatentError('bad-argument', `"${selector}" is not a CSS selector.`, {cause});
  }
  // An element within another that was found is read with it.
  return found.filter((each) => !found.some((other) => other !== each && contains(other, each)));
}

/** Walks through a page and cuts it at headings. */
class Collector {
  readonly #page: string;
  readonly #passages: Passage[] = [];
  #title = '';
  #anchor = '';
  #text = '';

  constructor(page: string) {
    this.#page = page;
  }

  read(node: AnyNode): void {
    if (isText(node)) {
      this.#text += node.data;
      return;
    }
    if (!isTag(node) || isUnread(node)) return;
    if (HEADING.test(node.name)) {
      this.#cut();
      this.#title = collapse(readable(node));
      this.#anchor = anchorOf(node) ?? this.#anchor;
      return;
    }
    const breaks = BREAKS.test(node.name);
    if (breaks) this.#break();
    for (const child of node.children) this.read(child);
    if (breaks) this.#break();
  }

  finish(): Passage[] {
    this.#cut();
    return this.#passages;
  }

  #break(): void {
    this.#text += '\n';
    if (this.#text.length > MAX_CHARACTERS) this.#push();
  }

  // A heading with nothing below is still something to find.
  #cut(): void {
    const isNew = this.#passages.at(-1)?.title !== this.#title;
    if (collapse(this.#text) !== '' || (this.#title !== '' && isNew)) this.#push();
    this.#text = '';
  }

  #push(): void {
    const text = collapse(this.#text);
    this.#text = '';
    const title = this.#title || this.#page;
    if (isBlank(`${title}${text}`) || (text === '' && this.#title === '')) return;
    for (const part of split(text)) {
      this.#passages.push({title, page: this.#page, text: part, anchor: this.#anchor});
    }
  }
}

/** Cuts what is too long between words. */
function split(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > 2 * MAX_CHARACTERS) {
    const space = rest.lastIndexOf(' ', MAX_CHARACTERS);
    const end = space > 0 ? space : MAX_CHARACTERS;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...parts, rest];
}

// The heading's own id; one inside of it, as old generators have them; or that of the section that it
// opens.
function anchorOf(heading: Element): string | undefined {
  if (heading.attribs.id) return heading.attribs.id;
  const inside = selectOne<AnyNode, Element>('[id], a[name]', heading.children);
  if (inside) return inside.attribs.id ?? inside.attribs.name;
  const {parent} = heading;
  if (!parent || !isTag(parent) || !/^(section|article|div)$/.test(parent.name)) return undefined;
  const [first] = parent.children.filter((child) => isTag(child));
  return first === heading ? parent.attribs.id : undefined;
}

function readable(node: AnyNode): string {
  if (isText(node)) return node.data;
  if (!isTag(node) || isUnread(node)) return '';
  // The sign by which a heading links to itself is none of its words.
  if (node.name === 'a' && /^[#¶§🔗\s\u200B]*$/u.test(textContent(node))) return '';
  return node.children.map(readable).join('');
}

function isUnread({name, attribs}: Element): boolean {
  return UNREAD.test(name) || 'hidden' in attribs || attribs['aria-hidden'] === 'true';
}

function contains(outer: Element, inner: Element): boolean {
  for (let at = inner.parent; at; at = at.parent) if (at === outer) return true;
  return false;
}

function collapse(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
