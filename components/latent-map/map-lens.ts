import {select, type Selection} from 'd3-selection';
import {zoom, type ZoomBehavior, zoomIdentity, zoomTransform} from 'd3-zoom';

/** A place: on the screen in CSS pixels from the map's corner, or in the square of the map, 0..1. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** How the square of the map lies on the canvas, in CSS pixels: `x · scale + left`. */
export interface Lens {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** How many times it is enlarged. */
  readonly zoom: number;
}

/** Width and height in CSS pixels. */
export interface ViewSize {
  readonly width: number;
  readonly height: number;
}

/** CSS pixels around the map. */
const PADDING = 40;
const MAX_ZOOM = 60;
/** How much one press of a button enlarges. */
const STEP = 1.6;
/** A map that is a point or a line is not enlarged to fill the view. */
const LEAST_EXTENT = 0.25;
/** Milliseconds after a scroll of the page in which the wheel goes on with that. */
const SCROLLING = 250;

/** Where one looks on a map: what fits, moved and enlarged by d3-zoom. */
export class MapLens {
  readonly #zoom: ZoomBehavior<Element, unknown>;
  readonly #observer: ResizeObserver;
  #stage: Element | undefined;
  #size: ViewSize = {width: 0, height: 0};
  #positions: Float32Array | undefined;
  #bounds = boundsOf(undefined);
  #scrolled = -Infinity;

  /** `takes` tells whether a press is to move the map; `changed` hears of every move. */
  constructor(takes: (event: MouseEvent | TouchEvent) => boolean, changed: () => void) {
    this.#zoom = zoom()
      .scaleExtent([1, MAX_ZOOM])
      .filter((event: MouseEvent | TouchEvent) => {
        if (event.type === 'wheel') return this.#takesWheel(event as WheelEvent);
        if ('touches' in event) return this.#takesTouch(event) && takes(event);
        return event.button <= 1 && takes(event);
      })
      .on('zoom', () => {
        this.#mark();
        changed();
      });
    this.#observer = new ResizeObserver(() => {
      this.#measure();
      changed();
    });
  }

  get size(): ViewSize {
    return this.#size;
  }

  get lens(): Lens {
    const {width, height} = this.#size;
    const {k, x, y} = this.#stage ? zoomTransform(this.#stage) : zoomIdentity;
    const {middle, extent} = this.#bounds;
    const scale = Math.max(
      1,
      Math.min((width - 2 * PADDING) / extent.width, (height - 2 * PADDING) / extent.height),
    );
    return {
      scale: scale * k,
      left: (width / 2 - middle.x * scale) * k + x,
      top: (height / 2 - middle.y * scale) * k + y,
      zoom: k,
    };
  }

  /** Looks at all of these. */
  set positions(positions: Float32Array | undefined) {
    if (positions === this.#positions) return;
    this.#positions = positions;
    this.#bounds = boundsOf(positions);
  }

  /** Hears of wheels and fingers on this element from now on. */
  connect(stage: Element): void {
    this.#stage = stage;
    this.#observer.observe(stage);
    // One press more for a double click would be one too many: whoever listens to clicks does that.
    this.#selection.call(this.#zoom).on('dblclick.zoom', null);
    this.#mark();
    addEventListener('scroll', this.#onScroll, {passive: true, capture: true});
  }

  disconnect(): void {
    removeEventListener('scroll', this.#onScroll, {capture: true});
    this.#observer.disconnect();
    if (this.#stage) this.#selection.on('.zoom', null);
    this.#stage = undefined;
  }

  toScreen({x, y}: Place): Place {
    const {scale, left, top} = this.lens;
    return {x: x * scale + left, y: y * scale + top};
  }

  toMap({x, y}: Place): Place {
    const {scale, left, top} = this.lens;
    return {x: (x - left) / scale, y: (y - top) / scale};
  }

  /** Where a pointer is on the screen. */
  offsetOf({clientX, clientY}: MouseEvent): Place {
    const {left, top} = this.#stage!.getBoundingClientRect();
    return {x: clientX - left, y: clientY - top};
  }

  /** Enlarges, or makes smaller, around a place on the screen; default its middle. */
  zoomIn(isOut = false, around?: Place): void {
    if (!this.#stage) return;
    const {width, height} = this.#size;
    const {x, y} = around ?? {x: width / 2, y: height / 2};
    this.#zoom.scaleBy(this.#selection, isOut ? 1 / STEP : STEP, [x, y]);
  }

  /** Shows all again. */
  reset(): void {
    if (this.#stage) this.#zoom.transform(this.#selection, zoomIdentity);
  }

  /** Brings a place of the screen to its middle, where it lies within `rim` of the edge or beyond. */
  reveal({x, y}: Place, rim: number): void {
    const {width, height} = this.#size;
    const isSeen = x > rim && y > rim && x < width - rim && y < height - rim;
    if (isSeen || !this.#stage) return;
    const {k} = zoomTransform(this.#stage);
    this.#zoom.translateBy(this.#selection, (width / 2 - x) / k, (height / 2 - y) / k);
  }

  get #selection(): Selection<Element, unknown, null, undefined> {
    return select(this.#stage!);
  }

  // A scroll of the page that comes across the map goes on, and so does one out of the whole map.
  #takesWheel({ctrlKey, deltaY}: WheelEvent): boolean {
    if (!ctrlKey && performance.now() - this.#scrolled < SCROLLING) return false;
    return deltaY < 0 || zoomTransform(this.#stage!).k > 1;
  }

  // Nor is a map that is seen as a whole in the way of a finger that swipes across it; two enlarge it.
  #takesTouch({touches}: TouchEvent): boolean {
    return touches.length > 1 || zoomTransform(this.#stage!).k > 1;
  }

  // For styles: what a finger does, a browser must know before it does it.
  #mark(): void {
    this.#stage?.classList.toggle('whole', zoomTransform(this.#stage).k === 1);
  }

  #measure(): void {
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
  }

  readonly #onScroll = (): void => {
    this.#scrolled = performance.now();
  };
}

/** The middle of some positions, and how much of the square they take. */
interface Bounds {
  readonly middle: Place;
  readonly extent: ViewSize;
}

function boundsOf(positions: Float32Array | undefined): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; positions && i < positions.length; i += 2) {
    left = Math.min(left, positions[i]!);
    right = Math.max(right, positions[i]!);
    top = Math.min(top, positions[i + 1]!);
    bottom = Math.max(bottom, positions[i + 1]!);
  }
  if (left > right) [left, top, right, bottom] = [0, 0, 1, 1];
  return {
    middle: {x: (left + right) / 2, y: (top + bottom) / 2},
    extent: {
      width: Math.max(LEAST_EXTENT, right - left),
      height: Math.max(LEAST_EXTENT, bottom - top),
    },
  };
}
