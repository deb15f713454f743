import type {TemplateResult} from 'lit';
import type {LoadedMap} from '../../src/controllers/load-map.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import type {MapController, MapHost} from '../../src/controllers/map-controller.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {mapWords} from '../../src/core/strings/strings.js';
import {type Heading, nearestPoint, pointTowards} from '../../src/core/map/layout.js';
import {followLink, type Origins, pictureOrigins} from '../internal/item-links.js';
import type {LatentSearch, SelectDetail} from '../latent-search/latent-search.js';
import {MapLens, type Place} from './map-lens.js';
import {Thumbnails} from './map-thumbnails.js';
import {MapPainter, radiusOf, thumbnailSize} from './map-painter.js';
import {MapProbe} from './map-probe.js';
import {overStyles, renderMap, renderOver} from './map-over.js';

/** What `latent-point` tells. */
export interface PointDetail {
  /** In the square that the map fills, 0..1 from its left. */
  readonly x: number;
  /** 0..1 from its top. */
  readonly y: number;
  readonly latent: Latent;
}

/** The element, as far as its view cares. */
export interface MapViewHost extends MapHost {
  readonly localize: LocalizeController;
  readonly renderRoot: HTMLElement | DocumentFragment;
  readonly disabled: boolean;
  selected: readonly string[];
  table: boolean;
}

/** CSS pixels within which a pointer is at an item. */
const REACH = 14;
/** Share of the way to where an item lies that one frame takes. */
const EASE = 0.22;
/** Share of the view that the keys move a probe by. */
const PROBE_STEP = 0.03;
/** Rows of the table that are shown at first, and more at a time. */
const TABLE_ROWS = 100;

const HEADINGS: Readonly<Record<string, Heading>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** The map as one sees and handles it. */
export class MapView {
  readonly #host: MapViewHost;
  readonly #controller: MapController;
  readonly #lens = new MapLens(
    (event) => this.#isForMoving(event),
    () => this.#request(),
  );
  readonly #thumbnails: Thumbnails;
  readonly #probe = new MapProbe({
    map: () => this.#map,
    lens: this.#lens,
    signal: () => this.#controller.until(undefined),
    rendered: () => this.#host.updateComplete,
    point: (place, latent) => this.#emit('latent-point', {...place, latent} satisfies PointDetail),
    changed: () => this.#refresh(),
  });
  #stage: Element | undefined;
  #canvas: HTMLCanvasElement | undefined;
  #painter: MapPainter | undefined;
  #map: LoadedMap | undefined;
  #rowsById: ReadonlyMap<string, number> = new Map();
  #shown = new Float32Array(0);
  #lit: ReadonlySet<number> | undefined;
  #selected: ReadonlySet<number> = new Set();
  #hovered = -1;
  #active = -1;
  #exploring = false;
  #tick = 0;
  #rows = TABLE_ROWS;

  constructor(host: MapViewHost, controller: MapController) {
    this.#host = host;
    this.#controller = controller;
    host.localize.add(mapWords);
    this.#thumbnails = new Thumbnails(() => this.#request());
    const sheet = overStyles.styleSheet;
    const root = host.renderRoot as ShadowRoot;
    if (sheet) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  /** Draws on this stage from now on. */
  connect(stage: Element): void {
    if (stage === this.#stage) return;
    this.disconnect();
    this.#stage = stage;
    this.#canvas = stage.querySelector('canvas')!;
    this.#painter = new MapPainter(this.#canvas);
    this.#lens.connect(stage);
    this.update();
  }

  disconnect(): void {
    cancelAnimationFrame(this.#tick);
    this.#tick = 0;
    this.#lens.disconnect();
    this.#stage = undefined;
    this.#probe.clearTrail();
    if (!this.#host.isConnected) this.#thumbnails.clear();
  }

  /** Takes up what has changed of the map, the search and the selection. */
  update(): void {
    const {map, found} = this.#controller;
    if (map !== this.#map) this.#begin(map);
    if (!map) {
      this.#host.requestUpdate();
      return;
    }
    const rowsOf = (ids: readonly string[]): Set<number> =>
      new Set(ids.flatMap((id) => this.#rowsById.get(id) ?? []));
    this.#lit = found && rowsOf(found);
    this.#selected = rowsOf(Array.isArray(this.#host.selected) ? this.#host.selected : []);
    this.#thumbnails.load(map, this.#origins);
    this.#refresh();
  }

  /** The option of the item that the keys have come to, and the layer that hears of the pointer. */
  renderMap(label: string): TemplateResult {
    const row = this.#active < 0 ? 0 : this.#active;
    return renderMap({
      localize: this.#host.localize,
      label,
      map: this.#map,
      row,
      isActive: this.#active >= 0,
      isSelected: this.#selected.has(row),
      disabled: this.#host.disabled,
      keydown: this.#onKeydown,
      pointermove: this.#onPointerMove,
      pointerdown: this.#onPointerDown,
      pointerup: this.#onPointerUp,
      pointerleave: this.#onPointerLeave,
      click: this.#onClick,
      dblclick: this.#onDoubleClick,
      blur: this.#onBlur,
    });
  }

  /** What lies over the map: the card, the picture under the pointer, buttons, the table. */
  renderOver(label: string): TemplateResult {
    const row = this.#hovered >= 0 ? this.#hovered : this.#active;
    const map = this.#map;
    const isTable = this.#host.table;
    return renderOver({
      localize: this.#host.localize,
      label,
      map,
      card:
        map && row >= 0 && !this.#probe.place && !isTable
          ? {item: map.items[row]!, place: this.#lens.toScreen(placeOf(this.#shown, row))}
          : undefined,
      picture: this.#probe.place && !isTable ? this.#lens.toScreen(this.#probe.place) : undefined,
      size: this.#lens.size,
      origins: this.#origins,
      isTable,
      rows: this.#rows,
      lit: this.#lit,
      selected: this.#selected,
      disabled: this.#host.disabled,
      setPicture: this.#probe.attach,
      choose: (chosen, event) => this.#choose(chosen, event),
      more: () => {
        this.#rows += TABLE_ROWS;
        this.#host.requestUpdate();
      },
      toggleTable: () => {
        this.#host.table = !this.#host.table;
      },
      zoomIn: () => this.#lens.zoomIn(),
      zoomOut: () => this.#lens.zoomIn(true),
      reset: () => this.#lens.reset(),
    });
  }

  #begin(map: LoadedMap | undefined): void {
    this.#map = map;
    this.#rowsById = new Map(map?.items.map(({id}, row) => [id, row]));
    this.#hovered = -1;
    this.#active = -1;
    this.#rows = TABLE_ROWS;
    this.#probe.leave();
    this.#thumbnails.clear();
    // What comes opens from the middle.
    this.#shown = map ? map.positions.slice() : new Float32Array(0);
  }

  // The items of a search that found them elsewhere may not make the page ask anybody for pictures.
  get #origins(): Origins {
    const {target} = this.#controller;
    return this.#host.items || typeof target !== 'object'
      ? undefined
      : pictureOrigins(target as Partial<Pick<LatentSearch, 'items' | 'index' | 'store'>>);
  }

  #refresh(): void {
    this.#request();
    this.#host.requestUpdate();
  }

  #request(): void {
    if (this.#tick === 0 && this.#stage) this.#tick = requestAnimationFrame(this.#paint);
  }

  readonly #paint = (): void => {
    this.#tick = 0;
    const map = this.#map;
    if (!this.#stage || !this.#painter) return;
    if (!map) {
      const {width, height} = this.#canvas!;
      this.#canvas!.getContext('2d')!.clearRect(0, 0, width, height);
      return;
    }
    this.#lens.positions = map.positions;
    if (this.#approach(map.positions)) this.#request();
    this.#painter.paint(
      {
        map,
        positions: this.#shown,
        thumbnails: this.#thumbnails.images,
        lit: this.#lit,
        selected: this.#selected,
        hovered: this.#hovered,
        active: this.#active,
        trail: this.#probe.trail,
        probe: this.#probe.place,
      },
      this.#lens.lens,
      this.#lens.size,
    );
    if (this.#hovered >= 0 || this.#active >= 0 || this.#probe.place) this.#host.requestUpdate();
  };

  // A step of everything towards where it lies; whether there are more to take.
  #approach(positions: Float32Array): boolean {
    const shown = this.#shown;
    if (shown === positions) return false;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (shown.length !== positions.length || isStill) {
      this.#shown = positions.slice();
      return false;
    }
    let most = 0;
    for (let i = 0; i < shown.length; i++) {
      const way = positions[i]! - shown[i]!;
      if (Math.abs(way) > most) most = Math.abs(way);
      shown[i]! += EASE * way;
    }
    if (most > 1e-4) return true;
    shown.set(positions);
    return false;
  }

  // Where pictures lie between the items, one pointer looks for them; two, or Shift, move the map.
  #isForMoving(event: MouseEvent | TouchEvent): boolean {
    if (this.#host.disabled) return false;
    if (!this.#map?.pictures) return !event.ctrlKey;
    if ('touches' in event) return event.touches.length > 1;
    return event.shiftKey || event.button === 1;
  }

  #rowAt(event: MouseEvent): number {
    const map = this.#map;
    if (!map) return -1;
    const {scale, zoom: times} = this.#lens.lens;
    const hasPictures = this.#thumbnails.images.length > 0;
    const size = hasPictures
      ? thumbnailSize(map.items.length, this.#lens.size, times) / 2
      : radiusOf(map.items.length, times) + 4;
    const {x, y} = this.#lens.toMap(this.#lens.offsetOf(event));
    const reach = Math.max(REACH, size) / scale;
    const seen = nearestPoint(this.#shown, x, y, reach);
    // On their way, items are also where they will be.
    return seen >= 0 ? seen : nearestPoint(map.positions, x, y, reach);
  }

  #hover(row: number): void {
    if (row === this.#hovered) return;
    this.#hovered = row;
    this.#refresh();
  }

  #choose(row: number, event: MouseEvent | KeyboardEvent): void {
    const item = this.#map?.items[row];
    if (!item || this.#host.disabled) return;
    const isMore = event.shiftKey || event.ctrlKey || event.metaKey;
    const {id} = item;
    const selected = [...this.#host.selected];
    const isTaken = selected.includes(id);
    if (isMore && isTaken) {
      this.#selectOnly(selected.filter((other) => other !== id));
      return;
    }
    if (!this.#emit('latent-select', {id, item} satisfies SelectDetail, true)) return;
    this.#selectOnly(isMore ? [...selected, id] : [id]);
    if (!isMore) followLink(item, event instanceof MouseEvent && event.button === 1);
  }

  #selectOnly(ids: readonly string[]): void {
    const before = this.#host.selected;
    if (ids.length === before.length && ids.every((id, i) => id === before[i])) return;
    this.#host.selected = ids;
    this.#host.dispatchEvent(new Event('change', {bubbles: true, composed: true}));
  }

  #emit(type: string, detail: object, cancelable = false): boolean {
    const init = {detail, bubbles: true, composed: true, cancelable};
    return this.#host.dispatchEvent(new CustomEvent(type, init));
  }

  readonly #onPointerMove = (event: PointerEvent): void => {
    if (this.#exploring) this.#probe.look(this.#lens.toMap(this.#lens.offsetOf(event)));
    else if (event.buttons === 0) this.#hover(this.#rowAt(event));
  };

  readonly #onPointerDown = (event: PointerEvent): void => {
    if (!this.#map?.pictures || this.#host.disabled || event.button !== 0 || !event.isPrimary)
      return;
    if (event.shiftKey || event.ctrlKey || event.metaKey) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.#exploring = true;
    this.#probe.clearTrail();
    this.#probe.look(this.#lens.toMap(this.#lens.offsetOf(event)));
  };

  readonly #onPointerUp = (): void => {
    this.#exploring = false;
  };

  readonly #onPointerLeave = (): void => this.#hover(-1);

  readonly #onClick = (event: MouseEvent): void => {
    if (event.button > 1) return;
    const row = this.#rowAt(event);
    // After a way through what lies between, letting go at an item does not mean it.
    if (this.#probe.trail.length > 1) return;
    if (row >= 0) this.#choose(row, event);
    else if (!event.shiftKey && !event.ctrlKey && !event.metaKey) this.#selectOnly([]);
  };

  readonly #onDoubleClick = (event: MouseEvent): void => {
    if (this.#host.disabled || !this.#stage) return;
    this.#lens.zoomIn(event.shiftKey, this.#lens.offsetOf(event));
  };

  readonly #onBlur = (): void => {
    this.#active = -1;
    this.#refresh();
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.altKey || this.#host.disabled || !this.#map) return;
    const heading = HEADINGS[event.key];
    if (heading && event.shiftKey && this.#map.pictures) this.#moveProbe(heading);
    else if (heading) this.#walk(heading);
    else if (!this.#press(event)) return;
    event.preventDefault();
  };

  #press(event: KeyboardEvent): boolean {
    const {key} = event;
    if (key === '+' || key === '=') this.#lens.zoomIn();
    else if (key === '-' || key === '−') this.#lens.zoomIn(true);
    else if (key === '0') this.#lens.reset();
    else if (key === 'Home' || key === 'End') this.#goTo(key === 'Home' ? 0 : this.#count - 1);
    else if (key === 'Escape') this.#letGo();
    else if ((key === 'Enter' || key === ' ') && this.#active >= 0)
      this.#choose(this.#active, event);
    else return false;
    return true;
  }

  #letGo(): void {
    this.#probe.leave();
    this.#selectOnly([]);
    this.#refresh();
  }

  get #count(): number {
    return this.#map?.items.length ?? 0;
  }

  #walk(heading: Heading): void {
    const positions = this.#map!.positions;
    const {x, y} = this.#lens.toMap({x: this.#lens.size.width / 2, y: this.#lens.size.height / 2});
    const next =
      this.#active < 0
        ? nearestPoint(positions, x, y)
        : pointTowards(positions, this.#active, heading);
    this.#goTo(next);
  }

  #goTo(row: number): void {
    if (row < 0 || row >= this.#count) return;
    this.#active = row;
    this.#hovered = -1;
    this.#probe.leave();
    this.#lens.reveal(this.#lens.toScreen(placeOf(this.#map!.positions, row)), REACH);
    this.#refresh();
  }

  #moveProbe(heading: Heading): void {
    const {width, height} = this.#lens.size;
    const start = this.#probe.place
      ? this.#lens.toScreen(this.#probe.place)
      : this.#active >= 0
        ? this.#lens.toScreen(placeOf(this.#shown, this.#active))
        : {x: width / 2, y: height / 2};
    const step = PROBE_STEP * Math.min(width, height);
    const dx = heading === 'left' ? -step : heading === 'right' ? step : 0;
    const dy = heading === 'up' ? -step : heading === 'down' ? step : 0;
    this.#probe.look(
      this.#lens.toMap({
        x: Math.max(0, Math.min(width, start.x + dx)),
        y: Math.max(0, Math.min(height, start.y + dy)),
      }),
    );
  }
}

function placeOf(positions: Float32Array, row: number): Place {
  return {x: positions[2 * row]!, y: positions[2 * row + 1]!};
}
