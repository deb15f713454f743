import {select, type Selection} from 'd3-selection';
import {zoom, type ZoomBehavior, zoomIdentity, zoomTransform} from 'd3-zoom';
import type {TemplateResult} from 'lit';
import {LatestRun} from '../../src/controllers/latest-run.js';
import type {LoadedMap} from '../../src/controllers/load-map.js';
import type {MapController} from '../../src/controllers/map-controller.js';
import {isAbort} from '../../src/core/errors.js';
import {type Heading, nearestPoint, pointTowards} from '../../src/core/map/layout.js';
import {followLink, type Origins, pictureOrigins} from '../internal/item-links.js';
import type {LatentSearch, SelectDetail} from '../latent-search/latent-search.js';
import type {LatentMap, PointDetail} from './latent-map.js';
import {Thumbnails} from './map-thumbnails.js';
import {type Lens, MapPainter, radiusOf, thumbnailSize, type TrailStop} from './map-painter.js';
import {overStyles, renderMap, renderOver} from './map-over.js';

/** CSS pixels around the map. */
const PADDING = 36;
/** CSS pixels within which a pointer is at an item. */
const REACH = 14;
/** CSS pixels between two pictures of a trail. */
const TRAIL_STEP = 58;
const MAX_TRAIL = 24;
const MAX_ZOOM = 60;
const ZOOM_STEP = 1.6;
/** Share of the way to where an item lies that one frame takes. */
const EASE = 0.22;
/** Milliseconds after a scroll of the page in which the wheel goes on with that. */
const SCROLLING = 250;
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

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The map as one sees and handles it. */
export class MapView {
  readonly #host: LatentMap;
  readonly #controller: MapController;
  readonly #frame = new ResizeObserver(() => this.#resize());
  readonly #zoom: ZoomBehavior<Element, unknown>;
  readonly #thumbnails: Thumbnails;
  readonly #pointing = new LatestRun(() => this.#showPoint());
  #stage: Element | undefined;
  #canvas: HTMLCanvasElement | undefined;
  #painter: MapPainter | undefined;
  #map: LoadedMap | undefined;
  #shown = new Float32Array(0);
  #lit: ReadonlySet<number> | undefined;
  #selected: ReadonlySet<number> = new Set();
  #size = {width: 0, height: 0};
  #hovered = -1;
  #active = -1;
  #probe: Place | undefined;
  #picture: HTMLCanvasElement | undefined;
  #trail: TrailStop[] = [];
  #exploring = false;
  #scrolled = -Infinity;
  #tick = 0;
  #bounds: (Bounds & {of: Float32Array | undefined}) | undefined;
  #rows = TABLE_ROWS;

  constructor(host: LatentMap, controller: () => MapController) {
    this.#host = host;
    this.#controller = controller();
    this.#thumbnails = new Thumbnails(() => this.#request());
    this.#zoom = zoom()
      .scaleExtent([1, MAX_ZOOM])
      .filter((event: MouseEvent) => this.#isForZoom(event))
      .on('zoom', () => this.#request());
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
    this.#frame.observe(stage);
    this.#selection.call(this.#zoom).on('dblclick.zoom', null);
    addEventListener('scroll', this.#onScroll, {passive: true, capture: true});
    this.update();
  }

  disconnect(): void {
    cancelAnimationFrame(this.#tick);
    this.#tick = 0;
    removeEventListener('scroll', this.#onScroll, {capture: true});
    this.#frame.disconnect();
    if (this.#stage) this.#selection.on('.zoom', null);
    this.#stage = undefined;
    this.#clearTrail();
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
    const rows = new Map(map.items.map(({id}, row) => [id, row]));
    const rowsOf = (ids: readonly string[]): Set<number> =>
      new Set(ids.flatMap((id) => rows.get(id) ?? []));
    this.#lit = found && rowsOf(found);
    this.#selected = rowsOf(Array.isArray(this.#host.selected) ? this.#host.selected : []);
    this.#thumbnails.load(map, this.#origins);
    this.#request();
    this.#host.requestUpdate();
  }

  /** The option of the item that the keys have come to, and the layer that hears of the pointer. */
  renderMap(label: string): TemplateResult {
    const row = this.#active < 0 ? 0 : this.#active;
    return renderMap({
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
      label,
      map,
      card:
        map && row >= 0 && !this.#probe && !isTable
          ? {item: map.items[row]!, place: this.#toScreen(placeOf(this.#shown, row))}
          : undefined,
      picture: this.#probe && !isTable ? this.#toScreen(this.#probe) : undefined,
      size: this.#size,
      origins: this.#origins,
      isTable,
      rows: this.#rows,
      lit: this.#lit,
      selected: this.#selected,
      disabled: this.#host.disabled,
      setPicture: (canvas) => {
        this.#picture = canvas as HTMLCanvasElement | undefined;
      },
      choose: (chosen, event) => this.#choose(chosen, event),
      more: () => {
        this.#rows += TABLE_ROWS;
        this.#host.requestUpdate();
      },
      toggleTable: () => {
        this.#host.table = !this.#host.table;
      },
      zoomBy: (factor) => this.#zoomBy(factor),
    });
  }

  #begin(map: LoadedMap | undefined): void {
    this.#map = map;
    this.#hovered = -1;
    this.#active = -1;
    this.#rows = TABLE_ROWS;
    this.#probe = undefined;
    this.#clearTrail();
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

  get #selection(): Selection<Element, unknown, null, undefined> {
    return select(this.#stage!);
  }

  // What `zoom` sees is the stage; what is on it fills all but a rim.
  get #lens(): Lens {
    const {width, height} = this.#size;
    const {k, x, y} = this.#stage ? zoomTransform(this.#stage) : zoomIdentity;
    const side = Math.max(1, Math.min(width, height) - 2 * PADDING);
    const bounds = this.#boundsNow;
    const stretch = Math.min(
      (width - 2 * PADDING) / side / Math.max(bounds.width, 1e-6),
      (height - 2 * PADDING) / side / Math.max(bounds.height, 1e-6),
    );
    const scale = side * Math.max(1, Math.min(stretch, 4));
    return {
      scale: scale * k,
      left: (width / 2 - bounds.x * scale) * k + x,
      top: (height / 2 - bounds.y * scale) * k + y,
      zoom: k,
    };
  }

  get #boundsNow(): Bounds {
    const positions = this.#map?.positions;
    if (this.#bounds?.of !== positions) this.#bounds = {of: positions, ...boundsOf(positions)};
    return this.#bounds!;
  }

  #toScreen({x, y}: Place): Place {
    const {scale, left, top} = this.#lens;
    return {x: x * scale + left, y: y * scale + top};
  }

  #toMap({x, y}: Place): Place {
    const {scale, left, top} = this.#lens;
    return {x: (x - left) / scale, y: (y - top) / scale};
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
        trail: this.#trail,
        probe: this.#probe,
      },
      this.#lens,
      this.#size,
    );
    if (this.#hovered >= 0 || this.#active >= 0 || this.#probe) this.#host.requestUpdate();
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

  #resize(): void {
    const {clientWidth: width, clientHeight: height} = this.#stage!;
    this.#size = {width, height};
    this.#zoom
      .extent([
        [0, 0],
        [width, height],
      ])
      .translateExtent([
        [-width / 4, -height / 4],
        [1.25 * width, 1.25 * height],
      ]);
    this.#request();
    this.#host.requestUpdate();
  }

  #isForZoom(event: MouseEvent): boolean {
    if (this.#host.disabled || event.button > 1) return false;
    if (event.type === 'wheel') {
      const {deltaY} = event as WheelEvent;
      // A scroll of the page that comes across the map goes on, and so does one out of the whole map.
      if (!event.ctrlKey && performance.now() - this.#scrolled < SCROLLING) return false;
      return deltaY < 0 || zoomTransform(this.#stage!).k > 1;
    }
    if (!this.#map?.pictures) return !event.ctrlKey;
    if (event.type === 'touchstart') return (event as unknown as TouchEvent).touches.length > 1;
    return event.shiftKey || event.button === 1;
  }

  #zoomBy(factor: number | undefined): void {
    if (!this.#stage) return;
    if (factor === undefined) this.#zoom.transform(this.#selection, zoomIdentity);
    else this.#zoom.scaleBy(this.#selection, factor);
  }

  #rowAt(event: MouseEvent): number {
    const map = this.#map;
    if (!map) return -1;
    const {scale, zoom: times} = this.#lens;
    const hasPictures = this.#thumbnails.images.length > 0;
    const size = hasPictures
      ? thumbnailSize(map.items.length, this.#size, times) / 2
      : radiusOf(map.items.length, times) + 4;
    const {x, y} = this.#toMap(this.#offsetOf(event));
    return nearestPoint(this.#shown, x, y, Math.max(REACH, size) / scale);
  }

  #offsetOf({clientX, clientY}: MouseEvent): Place {
    const {left, top} = this.#stage!.getBoundingClientRect();
    return {x: clientX - left, y: clientY - top};
  }

  #hover(row: number): void {
    if (row === this.#hovered) return;
    this.#hovered = row;
    this.#request();
    this.#host.requestUpdate();
  }

  #explore(place: Place): void {
    this.#probe = place;
    this.#request();
    this.#host.requestUpdate();
    this.#pointing.request().catch((error: unknown) => {
      if (!isAbort(error)) this.#probe = undefined;
      this.#host.requestUpdate();
    });
  }

  async #showPoint(): Promise<void> {
    const [map, place] = [this.#map, this.#probe];
    if (!map?.pictures || !place) return;
    const options = {signal: this.#controller.until(undefined), priority: 1};
    const latent = await map.latentAt(place.x, place.y, options);
    if (map !== this.#map) return;
    this.#emit('latent-point', {...place, latent} satisfies PointDetail);
    const image = await map.pictures.decode(latent, options);
    await this.#host.updateComplete;
    const canvas = this.#picture;
    if (canvas) {
      [canvas.width, canvas.height] = [image.width, image.height];
      canvas.getContext('2d')!.drawImage(image, 0, 0);
    }
    this.#leave({...place, image});
  }

  // A picture of every so many pixels stays, so that a way can be seen at once.
  #leave(stop: TrailStop): void {
    const last = this.#trail.at(-1);
    const [here, there] = [this.#toScreen(stop), last && this.#toScreen(last)];
    const isFar = !there || Math.hypot(here.x - there.x, here.y - there.y) >= TRAIL_STEP;
    if (!this.#probe || !isFar) {
      stop.image.close();
      return;
    }
    this.#trail.push(stop);
    if (this.#trail.length > MAX_TRAIL) this.#trail.shift()!.image.close();
    this.#request();
  }

  #clearTrail(): void {
    for (const {image} of this.#trail) image.close();
    this.#trail = [];
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

  readonly #onScroll = (): void => {
    this.#scrolled = performance.now();
  };

  readonly #onPointerMove = (event: PointerEvent): void => {
    if (this.#exploring) this.#explore(this.#toMap(this.#offsetOf(event)));
    else if (event.buttons === 0) this.#hover(this.#rowAt(event));
  };

  readonly #onPointerDown = (event: PointerEvent): void => {
    if (!this.#map?.pictures || this.#host.disabled || event.button !== 0 || !event.isPrimary)
      return;
    if (event.shiftKey || event.ctrlKey || event.metaKey) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.#exploring = true;
    this.#clearTrail();
    this.#explore(this.#toMap(this.#offsetOf(event)));
  };

  readonly #onPointerUp = (): void => {
    this.#exploring = false;
  };

  readonly #onPointerLeave = (): void => this.#hover(-1);

  readonly #onClick = (event: MouseEvent): void => {
    if (event.button > 1) return;
    const row = this.#rowAt(event);
    // After a way through what lies between, letting go at an item does not mean it.
    if (this.#trail.length > 1) return;
    if (row >= 0) this.#choose(row, event);
    else if (!event.shiftKey && !event.ctrlKey && !event.metaKey) this.#selectOnly([]);
  };

  readonly #onDoubleClick = (event: MouseEvent): void => {
    if (this.#host.disabled || !this.#stage) return;
    const {x, y} = this.#offsetOf(event);
    this.#zoom.scaleBy(this.#selection, event.shiftKey ? 1 / ZOOM_STEP : ZOOM_STEP, [x, y]);
  };

  readonly #onBlur = (): void => {
    this.#active = -1;
    this.#request();
    this.#host.requestUpdate();
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
    if (key === '+' || key === '=') this.#zoomBy(ZOOM_STEP);
    else if (key === '-' || key === '−') this.#zoomBy(1 / ZOOM_STEP);
    else if (key === '0') this.#zoomBy(undefined);
    else if (key === 'Home' || key === 'End') this.#goTo(key === 'Home' ? 0 : this.#count - 1);
    else if (key === 'Escape') this.#letGo();
    else if ((key === 'Enter' || key === ' ') && this.#active >= 0)
      this.#choose(this.#active, event);
    else return false;
    return true;
  }

  #letGo(): void {
    this.#probe = undefined;
    this.#clearTrail();
    this.#selectOnly([]);
    this.#request();
    this.#host.requestUpdate();
  }

  get #count(): number {
    return this.#map?.items.length ?? 0;
  }

  #walk(heading: Heading): void {
    const positions = this.#map!.positions;
    const {x, y} = this.#toMap({x: this.#size.width / 2, y: this.#size.height / 2});
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
    this.#probe = undefined;
    const {x, y} = this.#toScreen(placeOf(this.#map!.positions, row));
    const {width, height} = this.#size;
    const isSeen = x > REACH && y > REACH && x < width - REACH && y < height - REACH;
    if (!isSeen && this.#stage) {
      const {k} = zoomTransform(this.#stage);
      this.#zoom.translateBy(this.#selection, (width / 2 - x) / k, (height / 2 - y) / k);
    }
    this.#request();
    this.#host.requestUpdate();
  }

  #moveProbe(heading: Heading): void {
    const {width, height} = this.#size;
    const start = this.#probe
      ? this.#toScreen(this.#probe)
      : this.#active >= 0
        ? this.#toScreen(placeOf(this.#shown, this.#active))
        : {x: width / 2, y: height / 2};
    const step = PROBE_STEP * Math.min(width, height);
    const dx = heading === 'left' ? -step : heading === 'right' ? step : 0;
    const dy = heading === 'up' ? -step : heading === 'down' ? step : 0;
    this.#explore(
      this.#toMap({
        x: Math.max(0, Math.min(width, start.x + dx)),
        y: Math.max(0, Math.min(height, start.y + dy)),
      }),
    );
  }
}

function placeOf(positions: Float32Array, row: number): Place {
  return {x: positions[2 * row]!, y: positions[2 * row + 1]!};
}

/** The middle of the positions, and how much of the square they take. */
interface Bounds extends Place {
  readonly width: number;
  readonly height: number;
}

function boundsOf(positions: Float32Array | undefined): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; positions && i < positions.length; i += 2) {
    left = Math.min(left, positions[i]!);
    right = Math.max(right, positions[i]!);
    top = Math.min(top, positions[i + 1]!);
    bottom = Math.max(bottom, positions[i + 1]!);
  }
  if (left > right) return {x: 0.5, y: 0.5, width: 1, height: 1};
  return {x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top};
}
