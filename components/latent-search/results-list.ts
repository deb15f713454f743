import {html, nothing, type TemplateResult} from 'lit';
import {classMap} from 'lit/directives/class-map.js';
import {repeat} from 'lit/directives/repeat.js';
import type {SearchResult} from '../../src/search/search-types.js';
import {fillTemplate, pictureUrl} from './result-template.js';
import {markSnippet, markTerms, type Piece} from './snippet.js';

/** What the list of results shows, and whom it tells. */
export interface ResultsView {
  readonly results: readonly SearchResult[];
  /** The option that the keys have come to. */
  readonly active: number | undefined;
  readonly label: string;
  readonly template: HTMLTemplateElement | undefined;
  /** What to say below the results; nothing for undefined. */
  readonly note: string | undefined;
  choose(event: MouseEvent, result: SearchResult): void;
}

/** The id of an option, for `aria-activedescendant`. */
export function optionId(index: number): string {
  return `option-${String(index)}`;
}

/** The popup below the field. */
export function renderResults(view: ResultsView): TemplateResult {
  const {results, note, label} = view;
  return html`<div class="popup" @pointerdown=${keepFocus}>
    <ul id="list" part="list" role="listbox" aria-label=${label} ?hidden=${results.length === 0}>
      ${repeat(
        results,
        ({id}) => id,
        (result, index) => renderResult(result, index, view),
      )}
    </ul>
    ${note === undefined ? nothing : html`<p class="note">${note}</p>`}
  </div>`;
}

function renderResult(result: SearchResult, index: number, view: ResultsView): TemplateResult {
  const active = index === view.active;
  const choose = (event: MouseEvent): void => view.choose(event, result);
  return html`<li
    id=${optionId(index)}
    part="item"
    role="option"
    class=${classMap({active})}
    aria-selected=${active}
    @click=${choose}
    @auxclick=${choose}
  >
    ${view.template ? fillTemplate(view.template, result.item) : renderItem(result)}
    <span class="score" part="score">${result.score.toFixed(2)}</span>
  </li>`;
}

function renderItem({item, terms}: SearchResult): TemplateResult {
  const {title, text} = item;
  const picture = pictureUrl(item.image);
  return html`
    ${picture ? html`<img src=${picture} alt="" loading="lazy" decoding="async" />` : nothing}
    <span class="words">
      ${title ? html`<span class="title" dir="auto">${marked(markTerms(title, terms))}</span>` : nothing}
      ${text ? html`<span class="text" dir="auto">${marked(markSnippet(text, terms))}</span>` : nothing}
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
