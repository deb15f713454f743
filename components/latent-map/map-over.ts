import {css, html, nothing, type TemplateResult} from 'lit';
import {classMap} from 'lit/directives/class-map.js';
import {ref} from 'lit/directives/ref.js';
import type {LoadedMap} from '../../src/controllers/load-map.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import type {MapItem} from '../../src/controllers/map-pictures.js';
import {type Origins, pictureUrl} from '../internal/item-links.js';
import type {Place, ViewSize} from './map-lens.js';

/** The layer that hears of pointers and keys. */
export interface MapLayer {
  readonly localize: LocalizeController;
  readonly label: string;
  readonly map: LoadedMap | undefined;
  /** The row that an assistive tool is told of. */
  readonly row: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly disabled: boolean;
  readonly keydown: (event: KeyboardEvent) => void;
  readonly pointermove: (event: PointerEvent) => void;
  readonly pointerdown: (event: PointerEvent) => void;
  readonly pointerup: (event: PointerEvent) => void;
  readonly pointerleave: (event: PointerEvent) => void;
  readonly click: (event: MouseEvent) => void;
  readonly dblclick: (event: MouseEvent) => void;
  readonly blur: () => void;
}

/** The map for keys, pointers and screen readers: a listbox, of whose options one is there at a time. */
export function renderMap(layer: MapLayer): TemplateResult {
  const {map, label, row, isActive, disabled} = layer;
  const count = map?.items.length ?? 0;
  if (!map || count === 0) {
    return html`<div class="layer" part="map" role="img" aria-label=${label}></div>`;
  }
  return html`<div
    class=${classMap({layer: true, explored: map.pictures !== undefined})}
    part="map"
    role="listbox"
    tabindex=${disabled ? -1 : 0}
    aria-label=${label}
    aria-disabled=${disabled}
    aria-multiselectable="true"
    aria-activedescendant=${isActive ? 'active' : nothing}
    @keydown=${layer.keydown}
    @pointermove=${layer.pointermove}
    @pointerdown=${layer.pointerdown}
    @pointerup=${layer.pointerup}
    @pointercancel=${layer.pointerup}
    @pointerleave=${layer.pointerleave}
    @click=${layer.click}
    @auxclick=${layer.click}
    @dblclick=${layer.dblclick}
    @blur=${layer.blur}
  >
    <div
      id="active"
      class="unseen"
      role="option"
      aria-selected=${layer.isSelected}
      aria-setsize=${count}
      aria-posinset=${row + 1}
    >
      ${spoken(map, row, layer.localize)}
    </div>
  </div>`;
}

/** What lies over the map. */
export interface MapOver {
  readonly localize: LocalizeController;
  readonly label: string;
  readonly map: LoadedMap | undefined;
  readonly card: {readonly item: MapItem; readonly place: Place} | undefined;
  /** Where the picture between the items is shown, in CSS pixels. */
  readonly picture: Place | undefined;
  readonly size: ViewSize;
  readonly origins: Origins;
  readonly isTable: boolean;
  /** Rows of the table that are shown. */
  readonly rows: number;
  readonly lit: ReadonlySet<number> | undefined;
  readonly selected: ReadonlySet<number>;
  readonly disabled: boolean;
  readonly setPicture: (canvas: Element | undefined) => void;
  readonly choose: (row: number, event: MouseEvent) => void;
  readonly more: () => void;
  readonly toggleTable: () => void;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  readonly reset: () => void;
}

/** The card, the picture, the buttons, the table, and what is said of all of it. */
export function renderOver(over: MapOver): TemplateResult {
  const {localize, map, card, picture, isTable} = over;
  return html`
    ${isTable && map ? renderTable(over, map) : nothing} ${card ? renderCard(card, over) : nothing}
    ${
      picture
        ? html`<canvas
            class="picture"
            part="picture"
            role="img"
            aria-label=${localize.term('picture-here')}
            .style=${besides(picture, over.size)}
            ${ref((canvas) => over.setPicture(canvas))}
          ></canvas>`
        : nothing
    }
    ${map ? renderControls(over, map) : nothing}
    <p class="note" role="status">${map ? noteOf(map, over) : nothing}</p>
  `;
}

function renderCard(
  {item, place}: NonNullable<MapOver['card']>,
  {origins, size}: MapOver,
): TemplateResult {
  const {title, text, id} = item;
  const url = pictureUrl(item.image, origins);
  const isShown = url !== undefined && !url.startsWith('seed:');
  return html`<div class="card" part="card" aria-hidden="true" .style=${besides(place, size)}>
    ${isShown ? html`<img src=${url} alt="" decoding="async" />` : nothing}
    ${title ? html`<b dir="auto">${title}</b>` : nothing}
    ${text ? html`<span dir="auto">${text}</span>` : nothing}
    ${title || text ? nothing : html`<span dir="auto">${id}</span>`}
  </div>`;
}

// Over the place where there is room, else under it; never over the edge.
function besides({x, y}: Place, {width, height}: ViewSize): string {
  const across = width > 0 ? Math.min(100, Math.max(0, (100 * x) / width)) : 50;
  const above = y > height / 2;
  const shift = above ? 'calc(-100% - 1.5rem)' : '1.5rem';
  return `left: ${String(x)}px; top: ${String(y)}px; transform: translate(-${String(across)}%, ${shift})`;
}

type Button = 'zoom-in' | 'zoom-out' | 'show-all' | 'show-table';

function renderControls(over: MapOver, map: LoadedMap): unknown {
  const {localize, isTable, disabled} = over;
  if (map.items.length === 0) return nothing;
  const button = (text: string, name: Button, click: () => void, pressed?: boolean) => {
    const label = localize.term(name);
    return html`<button
      ?disabled=${disabled}
      aria-label=${label}
      title=${label}
      aria-pressed=${pressed ?? nothing}
      @click=${click}
    >
      ${text}
    </button>`;
  };
  return html`<div class="controls ${classMap({fixed: isTable})}" part="controls">
    ${
      isTable
        ? nothing
        : [
            button('+', 'zoom-in', over.zoomIn),
            button('−', 'zoom-out', over.zoomOut),
            button('⤢', 'show-all', over.reset),
          ]
    }
    ${button('☰', 'show-table', over.toggleTable, isTable)}
  </div>`;
}

function renderTable(over: MapOver, map: LoadedMap): TemplateResult {
  const {localize, rows, lit, selected, disabled, choose, more, label} = over;
  const named = map.clusters.some(({words}) => words.length > 0);
  const all = lit ? [...lit] : [...map.items.keys()];
  // Groups together, those in none last.
  const order = lit ? all : all.sort((a, b) => rank(map, a) - rank(map, b) || a - b);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table part="table">
      <thead>
        <tr>
          <th scope="col">${localize.term('item')}</th>
          ${named ? html`<th scope="col">${localize.term('group')}</th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${order.slice(0, rows).map(
          (row) =>
            html`<tr>
              <td>
                <button
                  ?disabled=${disabled}
                  aria-pressed=${selected.has(row)}
                  @click=${(event: MouseEvent) => choose(row, event)}
                  dir="auto"
                >
                  ${nameOf(map.items[row]!)}
                </button>
              </td>
              ${named ? html`<td>${groupOf(map, row)}</td>` : nothing}
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      order.length > rows
        ? html`<button class="more" @click=${more}>
            ${localize.term('more', {count: order.length - rows})}
          </button>`
        : nothing
    }
  </div>`;
}

function rank({memberships}: LoadedMap, row: number): number {
  const cluster = memberships[row]!;
  return cluster < 0 ? Infinity : cluster;
}

function groupOf({memberships, clusters}: LoadedMap, row: number): string {
  return clusters[memberships[row]!]?.words.join(' · ') ?? '';
}

/** What an item is called; what an index file says may be anything. */
export function nameOf({title, text, id}: MapItem): string {
  const name: unknown = title ?? text;
  return typeof name === 'string' ? name : id;
}

function spoken(map: LoadedMap, row: number, {term}: LocalizeController): string {
  const group = groupOf(map, row);
  const item = nameOf(map.items[row]!);
  return group ? term('in-group', {item, group}) : item;
}

function noteOf({items, unplaced, ratio}: LoadedMap, {localize, lit}: MapOver): string {
  const {term} = localize;
  if (ratio < 1) return '';
  if (items.length === 0) return term('nothing-to-draw');
  if (lit) return term('found-of', {count: lit.size, total: items.length});
  return unplaced === 0 ? '' : term('unreadable', {count: unplaced});
}

/** The looks of what comes with the first map. */
export const overStyles = css`
  .layer {
    position: absolute;
    inset: 0;
    cursor: crosshair;
    touch-action: none;
    user-select: none;
    -webkit-user-select: none;
  }

  /* A swipe across a map of which there is nothing more to see goes on as one of the page. */
  .whole .layer:not(.explored) {
    touch-action: pan-y;
  }

  .frame .layer[aria-disabled='true'] {
    touch-action: auto;
  }

  .layer:focus-visible,
  .scroll:focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
    border-radius: var(--_radius);
  }

  .stage canvas {
    color: var(--latent-map-ink, currentColor);
    caret-color: var(--_accent);
    outline: 0 solid Canvas;
  }

  .card {
    position: absolute;
    z-index: 1;
    display: grid;
    gap: 0.25rem;
    inline-size: max-content;
    max-inline-size: min(18rem, 80%);
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: Canvas;
    color: CanvasText;
    box-shadow: 0 0.375rem 1.25rem rgb(0 0 0 / 0.18);
    pointer-events: none;
    overflow-wrap: anywhere;
  }

  .card img {
    inline-size: 100%;
    max-block-size: 9rem;
    border-radius: calc(var(--_radius) / 2);
    object-fit: cover;
  }

  .card span {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 4;
  }

  .picture {
    position: absolute;
    z-index: 1;
    inline-size: var(--latent-map-picture-size, 8rem);
    block-size: auto;
    aspect-ratio: 1;
    border: 3px solid Canvas;
    border-radius: 24%;
    background: Canvas;
    box-shadow:
      0 0 0 1px var(--_line),
      0 0.5rem 1.75rem rgb(0 0 0 / 0.28);
    pointer-events: none;
  }

  .controls {
    position: absolute;
    z-index: 2;
    inset-block-start: 0.5rem;
    inset-inline-end: 0.5rem;
    display: flex;
    gap: 0.25rem;
    opacity: 0.75;
    transition: opacity 0.15s;
  }

  .frame:hover .controls,
  .controls:focus-within,
  .controls.fixed {
    opacity: 1;
  }

  button {
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.75);
    background: Canvas;
    color: CanvasText;
    font: inherit;
    cursor: pointer;
  }

  .controls button {
    inline-size: 1.875rem;
    block-size: 1.875rem;
    padding: 0;
    line-height: 1;
  }

  .retry {
    margin-block-start: 0.75rem;
    padding: 0.375rem 0.875rem;
  }

  button:hover:enabled {
    border-color: var(--_accent);
  }

  button[aria-pressed='true'] {
    border-color: var(--_accent);
    color: var(--_accent);
  }

  button:focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 1px;
  }

  .note {
    position: absolute;
    z-index: 1;
    inset-block-end: 0.5rem;
    inset-inline-start: 0.75rem;
    margin: 0;
    font-size: 0.8125rem;
    color: color-mix(in srgb, currentColor 78%, transparent);
    pointer-events: none;
  }

  .scroll {
    position: absolute;
    inset: 0;
    padding: 0.75rem;
    padding-block-end: 2rem;
    overflow: auto;
  }

  table {
    inline-size: calc(100% - 2.5rem);
    border-collapse: collapse;
  }

  th {
    text-align: start;
    font-weight: 600;
  }

  th,
  td {
    padding: 0.25rem 0.5rem;
    border-block-end: 1px solid var(--_faint);
    vertical-align: top;
  }

  td button {
    padding: 0;
    border: 0;
    background: none;
    text-align: start;
    overflow-wrap: anywhere;
  }

  .more {
    margin: 0.5rem;
    padding: 0.25rem 0.75rem;
  }

  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    .controls {
      transition: none;
    }
  }

  @media (forced-colors: active) {
    .stage canvas {
      color: CanvasText;
      caret-color: Highlight;
    }
  }
`;
