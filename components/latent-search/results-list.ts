import {html, nothing, type TemplateResult} from 'lit';
import {classMap} from 'lit/directives/class-map.js';
import {repeat} from 'lit/directives/repeat.js';
import {type Found, pageOf} from '../../src/controllers/live-search.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import {highlightRanges, type TextRange} from '../../src/core/search/words.js';
import type {SearchItem, SearchResult} from '../../src/search/types.js';
import {type Origins, pictureUrl} from '../internal/item-links.js';

/** What the list of results shows, and what it calls. */
export interface ResultsView extends SearchStand {
  readonly origins: Origins;
  /** The option that the keys have come to. */
  readonly active: number | undefined;
  readonly template: HTMLTemplateElement | undefined;
  choose(event: MouseEvent, result: SearchResult): void;
}

/** The id of an option, for `aria-activedescendant`. */
export function optionId(index: number): string {
  return `option-${String(index)}`;
}

/** The popup below the field. */
export function renderResults(view: ResultsView): TemplateResult {
  const {found, localize} = view;
  const {results} = found;
  const note = noteOf(view);
  return html`<div class="popup" @pointerdown=${keepFocus}>
    ${isUnsure(found) ? renderUnsure(view) : nothing}
    <ul
      id="list"
      part="list"
      role="listbox"
      aria-label=${localize.term('results')}
      ?hidden=${results.length === 0}
    >
      ${repeat(
        results,
        ({id}) => id,
        (result, index) => renderResult(result, index, view),
      )}
    </ul>
    ${note === undefined ? nothing : html`<p class="note">${note}</p>`}
  </div>`;
}

/** What there is to say where the results are shown in the page's own list. */
export function renderNotes(view: ResultsView): TemplateResult | typeof nothing {
  const {found} = view;
  if (isUnsure(found)) return renderUnsure(view);
  return found.results.length > 0 ? nothing : html`<p class="note">${noteOf(view)}</p>`;
}

/** Said above results of which none is better than chance. */
function renderUnsure({localize}: ResultsView): TemplateResult {
  return html`<p class="note" part="unsure">${localize.term('unsure')}</p>`;
}

const SCORE: Intl.NumberFormatOptions = {minimumFractionDigits: 2, maximumFractionDigits: 2};
const SHARE: Intl.NumberFormatOptions = {style: 'percent', maximumFractionDigits: 0};

function renderResult(result: SearchResult, index: number, view: ResultsView): TemplateResult {
  const active = index === view.active;
  const choose = (event: MouseEvent): void => view.choose(event, result);
  const page = pageOf(result);
  const before = view.found.results[index - 1];
  const isFurther = page !== undefined && before !== undefined && pageOf(before) === page;
  return html`<li
    id=${optionId(index)}
    part="item"
    role="option"
    class=${classMap({active, further: isFurther})}
    aria-selected=${active}
    @click=${choose}
    @auxclick=${choose}
  >
    ${view.template ? fillTemplate(view.template, result.item, view.origins) : renderItem(result, view.origins, isFurther)}
    <span class="score" part="score">${view.localize.number(result.score, SCORE)}</span>
  </li>`;
}

function renderItem(
  {item, terms, passage}: SearchResult,
  origins: Origins,
  isFurther: boolean,
): TemplateResult {
  const {title, text, page} = item;
  const picture = pictureUrl(item.image, origins);
  return html`
    ${picture ? html`<img src=${picture} alt="" loading="lazy" decoding="async" />` : nothing}
    <span class="words">
      ${
        typeof page === 'string'
          ? html`<span class=${isFurther ? 'unseen' : 'page'} dir="auto">${page}</span>`
          : nothing
      }
      ${title ? html`<span class="title" dir="auto">${marked(markTerms(title, terms))}</span>` : nothing}
      ${text ? html`<span class="text" dir="auto">${marked(markSnippet(text, terms, passage))}</span>` : nothing}
      ${title || text ? nothing : html`<span class="text" dir="auto">${item.id}</span>`}
    </span>
  `;
}

function marked(pieces: readonly Piece[]): unknown[] {
  return pieces.map((piece) => (piece.marked ? html`<mark>${piece.text}</mark>` : piece.text));
}

// The field keeps the focus, as in every combobox.
function keepFocus(event: Event): void {
  event.preventDefault();
}

/** What is said of an element beside its results. */
interface SearchStand {
  readonly localize: LocalizeController;
  readonly found: Found;
  /** 0..1 of loading; undefined where nothing loads. */
  readonly progress: number | undefined;
  readonly failed: boolean;
  /** Items that cannot be found by meaning. */
  readonly unembedded: number;
}

/** What to say below the results; undefined where they say it all. */
function noteOf({localize, ...stand}: SearchStand): string | undefined {
  const {found, progress, failed, unembedded} = stand;
  const {results, complete, query} = found;
  const {term} = localize;
  if (!complete && !failed) {
    const share = progress === undefined ? '' : `(${localize.number(progress, SHARE)})`;
    return term(results.length > 0 ? 'by-words' : 'no-words', {share});
  }
  if (results.length === 0) {
    return typeof query === 'string'
      ? term('nothing-found-for', {query: brief(query)})
      : term('nothing-found');
  }
  if (!complete) return term('words-only');
  if (isUnsure(found) || unembedded === 0) return undefined;
  return term('unreadable', {count: unembedded});
}

/** What a screen reader says of the results. */
export function spokenOf(found: Found | undefined, localize: LocalizeController): string {
  if (!found) return '';
  const {term} = localize;
  const count = found.results.length;
  if (count === 0) return found.complete ? term('nothing-found') : '';
  if (isUnsure(found)) return `${term('unsure')} ${localize.number(count)}.`;
  return term('result-count', {count});
}

const BRIEF = 60;

function brief(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length > BRIEF ? `${line.slice(0, BRIEF)}…` : line;
}

/** Whether none of the results is better than chance. */
function isUnsure({results}: Found): boolean {
  return results.length > 0 && results.every(({confident}) => !confident);
}

const filled = new WeakMap<HTMLTemplateElement, WeakMap<SearchItem, HTMLElement>>();

/**
 * A copy of the author's template, filled in: an element with `data-field="name"` gets the item's
 * field of that name, a picture as its `src`, everything else as its text. Nothing of an item is
 * ever read as HTML. The same item gives the same element again.
 */
function fillTemplate(
  template: HTMLTemplateElement,
  item: SearchItem,
  origins: Origins,
): HTMLElement {
  let copies = filled.get(template);
  if (!copies) filled.set(template, (copies = new WeakMap()));
  let copy = copies.get(item);
  if (!copy) copies.set(item, (copy = fill(template, item, origins)));
  return copy;
}

function fill(template: HTMLTemplateElement, item: SearchItem, origins: Origins): HTMLElement {
  const copy = document.createElement('div');
  copy.className = 'words';
  copy.append(document.importNode(template.content, true));
  for (const element of copy.querySelectorAll<HTMLElement>('[data-field]')) {
    const value = item[element.dataset.field!];
    if (element instanceof HTMLImageElement) element.src = pictureUrl(value, origins) ?? '';
    else if (typeof value === 'string' || typeof value === 'number') {
      element.textContent = String(value);
    }
  }
  return copy;
}

/** A piece of text, and whether it answers to the query. */
interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** Characters of a snippet: about two lines. */
const SNIPPET = 160;
/** Characters before the first match, so that one sees where it stands. */
const LEAD = 40;

/** The text with the words marked that the item was found by. */
function markTerms(text: string, terms: readonly string[]): Piece[] {
  return piecesOf(text, highlightRanges(text, terms), 0, text.length);
}

/** As `markTerms`, of two lines around the first of them; without any, of the `passage`. */
function markSnippet(text: string, terms: readonly string[], passage?: TextRange): Piece[] {
  const ranges = highlightRanges(text, terms);
  const from = text.length > SNIPPET ? startOf(text, ranges[0], passage) : 0;
  const to = from + SNIPPET < text.length ? wordEnd(text, from + SNIPPET) : text.length;
  const pieces = piecesOf(text, ranges, from, to);
  if (from > 0) pieces.unshift({text: '… ', marked: false});
  if (to < text.length) pieces.push({text: ' …', marked: false});
  return pieces;
}

function startOf(text: string, first?: TextRange, passage?: TextRange): number {
  if (!first) return passage?.start ?? 0;
  return first.start > LEAD ? wordStart(text, first.start - LEAD) : 0;
}

function piecesOf(text: string, ranges: readonly TextRange[], from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  const push = (end: number, marked: boolean): void => {
    if (end > at) pieces.push({text: text.slice(at, end), marked});
    at = Math.max(at, end);
  };
  for (const {start, end} of ranges) {
    if (end <= from || start >= to) continue;
    push(Math.max(start, from), false);
    push(Math.min(end, to), true);
  }
  push(to, false);
  return pieces;
}

function wordStart(text: string, near: number): number {
  const space = text.indexOf(' ', near);
  return space < 0 || space > near + LEAD ? near : space + 1;
}

function wordEnd(text: string, near: number): number {
  const space = text.lastIndexOf(' ', near);
  return space < near - LEAD ? near : space;
}
