import {paintPoints} from '../../src/core/map/paint-points.js';
import type {LoadedMap} from '../../src/controllers/load-map.js';
import {nameOf} from './map-over.js';
import type {Lens, Place, ViewSize} from './map-lens.js';

/** A place on the way of a pointer, and the picture that lay there; in the square of the map. */
export interface TrailStop extends Place {
  readonly image: ImageBitmap;
}

/** What is drawn. */
export interface Scene {
  readonly map: LoadedMap;
  /** Where the items are seen at this moment, on their way to where they lie. */
  readonly positions: Float32Array;
  /** Pictures of items, where they are there. */
  readonly thumbnails: readonly (ImageBitmap | undefined)[];
  /** Rows to light up; undefined for none in particular. */
  readonly lit: ReadonlySet<number> | undefined;
  readonly selected: ReadonlySet<number>;
  /** Row under the pointer; −1 for none. */
  readonly hovered: number;
  /** Row that the keys have come to; −1 for none. */
  readonly active: number;
  readonly trail: readonly TrailStop[];
  /** Where a pointer or the keys look between the items. */
  readonly probe: Place | undefined;
}

/** CSS pixels. */
const [FONT, TITLE_FONT] = ['600 13px system-ui, sans-serif', '12px system-ui, sans-serif'];
const [TRAIL_SIZE, RING] = [44, 2.5];
/** CSS pixels between a point and its name, and between what is written and the edge. */
const [GAP, RIM] = [5, 6];
/** CSS pixels of the corner at the end of the first line where the buttons lie. */
const [CONTROLS_WIDTH, CONTROLS_HEIGHT] = [144, 44];
/** So many points in view can have their titles beside them. */
const TITLED = 40;
const TITLE_LENGTH = 32;
/** Alpha of points in a cluster, in none, and of those that are not lit. */
const [CLUSTERED, LOOSE, DIM] = [230, 150, 44];
/** Degrees by which the hues of neighbouring numbers differ: the golden angle. */
const HUE_STEP = 137.508;

/** Pixels of a side of the canvas: as many as the largest screens have. Beyond, browsers have no memory for it. */
const MAX_SIDE = 8192;

interface Colours {
  readonly key: string;
  readonly ink: string;
  readonly accent: string;
  readonly paper: string;
  readonly clusters: readonly string[];
  /** Lit, then each colour plainly, then dimmed; the last is invisible. */
  readonly palette: Int32Array;
}

/** Draws a map on a canvas: its points in one pass over pixels, all else on top of them. */
export class MapPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #image: ImageData | undefined;
  #indexes = new Uint8Array(0);
  #colours: Colours | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
  }

  /** Draws all of it. */
  paint(scene: Scene, lens: Lens, size: ViewSize): void {
    const ratio = Math.min(devicePixelRatio, MAX_SIDE / Math.max(size.width, size.height));
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (width === 0 || height === 0) return;
    const canvas = this.#canvas;
    if (canvas.width !== width || canvas.height !== height)
      [canvas.width, canvas.height] = [width, height];
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = new ImageData(width, height);
    }
    const {length} = scene.map.items;
    const colours = this.#coloursFor(scene.map.clusters.length);
    const radius = radiusOf(length, lens.zoom);
    if (this.#indexes.length !== length) this.#indexes = new Uint8Array(length);
    const indexes = this.#indexes;
    const count = colours.clusters.length;
    const hidden = colours.palette.length - 1;
    for (let row = 0; row < length; row++) {
      const colour = scene.map.memberships[row]! + 1;
      if (scene.thumbnails[row]) indexes[row] = hidden;
      else if (!scene.lit) indexes[row] = 1 + colour;
      else indexes[row] = scene.lit.has(row) ? 0 : 2 + count + colour;
    }
    const pixels = new Int32Array(this.#image.data.buffer);
    paintPoints(pixels, width, height, {
      positions: scene.positions,
      colours: indexes,
      palette: colours.palette,
      scale: lens.scale * ratio,
      left: lens.left * ratio,
      top: lens.top * ratio,
      radius: radius * ratio,
    });
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(this.#image, 0, 0);
    context.scale(ratio, ratio);
    this.#paintThumbnails(scene, lens, size, colours);
    this.#paintTrail(scene, lens, colours);
    this.#paintMarks(scene, lens, radius, colours);
    this.#paintLabels(scene, lens, size, radius, colours);
  }

  #paintThumbnails(
    {map, positions, thumbnails, lit, hovered, active, selected}: Scene,
    {scale, left, top, zoom}: Lens,
    size: ViewSize,
    {accent, paper}: Colours,
  ): void {
    const context = this.#context;
    const side = thumbnailSize(map.items.length, size, zoom);
    const draw = (row: number, enlarged: number): void => {
      const image = thumbnails[row];
      if (!image) return;
      const [x, y] = [positions[2 * row]! * scale + left, positions[2 * row + 1]! * scale + top];
      if (x < -side || y < -side || x > size.width + side || y > size.height + side) return;
      const drawn = side * enlarged;
      context.drawImage(image, x - drawn / 2, y - drawn / 2, drawn, drawn);
      const isMarked = selected.has(row) || row === active || (lit?.has(row) ?? false);
      if (!isMarked && enlarged === 1) return;
      context.beginPath();
      context.arc(x, y, drawn / 2, 0, 2 * Math.PI);
      context.lineWidth = RING;
      context.strokeStyle = isMarked ? accent : paper;
      context.stroke();
    };
    for (let row = 0; row < map.items.length; row++) {
      if (row === hovered || row === active || lit?.has(row)) continue;
      context.globalAlpha = lit ? 0.22 : 1;
      draw(row, 1);
    }
    context.globalAlpha = 1;
    for (const row of lit ?? []) draw(row, 1.15);
    for (const row of new Set([hovered, active])) draw(row, 1.35);
  }

  #paintTrail({trail, probe}: Scene, {scale, left, top}: Lens, {accent, paper}: Colours): void {
    const context = this.#context;
    const at = ({x, y}: Place): [number, number] => [x * scale + left, y * scale + top];
    if (trail.length > 0) {
      context.beginPath();
      for (const stop of probe ? [...trail, probe] : trail) context.lineTo(...at(stop));
      context.strokeStyle = accent;
      context.lineWidth = 2;
      context.setLineDash([1, 5]);
      context.lineCap = 'round';
      context.stroke();
      context.setLineDash([]);
    }
    for (const stop of trail) {
      const [x, y] = at(stop);
      context.save();
      context.beginPath();
      context.arc(x, y, TRAIL_SIZE / 2, 0, 2 * Math.PI);
      context.lineWidth = 4;
      context.strokeStyle = accent;
      context.stroke();
      context.lineWidth = 2;
      context.strokeStyle = paper;
      context.stroke();
      context.clip();
      const half = TRAIL_SIZE / 2;
      context.drawImage(stop.image, x - half, y - half, TRAIL_SIZE, TRAIL_SIZE);
      context.restore();
    }
    if (!probe) return;
    const [x, y] = at(probe);
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fillStyle = accent;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = paper;
    context.stroke();
  }

  #paintMarks(
    {positions, thumbnails, lit, selected, active, hovered}: Scene,
    {scale, left, top}: Lens,
    radius: number,
    {accent, paper, ink}: Colours,
  ): void {
    const context = this.#context;
    const ring = (row: number, distance: number, colour: string, width: number): void => {
      if (row < 0 || thumbnails[row]) return;
      context.beginPath();
      context.arc(
        positions[2 * row]! * scale + left,
        positions[2 * row + 1]! * scale + top,
        radius + distance,
        0,
        2 * Math.PI,
      );
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    };
    for (const row of lit ?? []) {
      ring(row, 2, paper, 1.5);
      ring(row, 3.5, accent, 1.5);
    }
    for (const row of selected) ring(row, 3, accent, RING);
    ring(hovered, 2.5, ink, 1.5);
    ring(active, 5, accent, RING);
  }

  #paintLabels(
    {map, positions, lit, thumbnails}: Scene,
    {scale, left, top}: Lens,
    size: ViewSize,
    radius: number,
    {ink, paper, clusters}: Colours,
  ): void {
    const context = this.#context;
    const isFromRight = getComputedStyle(this.#canvas).direction === 'rtl';
    const controls = isFromRight ? 0 : size.width - CONTROLS_WIDTH;
    const taken: [number, number, number, number][] = [
      [controls, 0, controls + CONTROLS_WIDTH, CONTROLS_HEIGHT],
    ];
    context.lineJoin = 'round';
    context.textBaseline = 'middle';
    // Nothing is written over anything else: whoever comes first is more important.
    const write = (text: string, x: number, y: number, colour: string, centred: boolean): void => {
      const {width} = context.measureText(text);
      const end = size.width - width - RIM;
      // A name that would be cut off stands on the other side of its point.
      const beside = x > end ? x - width - 2 * (radius + GAP) : x;
      const from = centred ? Math.min(Math.max(x - width / 2, RIM), end) : beside;
      const box: [number, number, number, number] = [from - 4, y - 10, from + width + 4, y + 10];
      const [l, t, r, b] = box;
      if (r < 0 || l > size.width || b < 0 || t > size.height) return;
      if (taken.some(([l2, t2, r2, b2]) => l < r2 && r > l2 && t < b2 && b > t2)) return;
      taken.push(box);
      context.lineWidth = 4;
      context.strokeStyle = paper;
      context.strokeText(text, from, y);
      context.fillStyle = colour;
      context.fillText(text, from, y);
    };
    context.font = FONT;
    context.globalAlpha = lit ? 0.6 : 1;
    map.clusters.forEach(({x, y, words}, i) => {
      const text = words.join(' · ');
      if (text)
        write(text, x * scale + left, y * scale + top - radius - 14, clusters[i + 1] ?? ink, true);
    });
    context.globalAlpha = 1;
    context.font = TITLE_FONT;
    const inView: number[] = [];
    for (let row = 0; row < map.items.length && inView.length <= TITLED; row++) {
      if (thumbnails[row]) continue;
      const [x, y] = [positions[2 * row]! * scale + left, positions[2 * row + 1]! * scale + top];
      if (x > 0 && y > 0 && x < size.width && y < size.height) inView.push(row);
    }
    const titled = inView.length <= TITLED ? inView : [...(lit ?? [])];
    for (const row of titled) {
      const said = nameOf(map.items[row]!);
      const short = said.length > TITLE_LENGTH ? `${said.slice(0, TITLE_LENGTH)}…` : said;
      const [x, y] = [positions[2 * row]! * scale + left, positions[2 * row + 1]! * scale + top];
      write(short, x + radius + GAP, y, ink, false);
    }
  }

  // The page may change its colour scheme at any time, and tells nobody.
  #coloursFor(count: number): Colours {
    const {color, caretColor, outlineColor} = getComputedStyle(this.#canvas);
    const forced = matchMedia('(forced-colors: active)').matches;
    const key = [color, caretColor, outlineColor, count, forced].join();
    if (this.#colours?.key === key) return this.#colours;
    const [red, green, blue] = channelsOf(color);
    const isDark = 0.3 * red + 0.59 * green + 0.11 * blue > 128;
    const hue = (i: number): string =>
      forced
        ? color
        : `oklch(${isDark ? '0.78 0.12' : '0.56 0.15'} ${String((264 + i * HUE_STEP) % 360)})`;
    const clusters = [color, ...Array.from({length: count}, (_, i) => hue(i))];
    const alphas = clusters.map((_, i) => (i === 0 ? LOOSE : CLUSTERED));
    const palette = Int32Array.of(
      wordOf(caretColor, 255),
      ...clusters.map((each, i) => wordOf(each, alphas[i]!)),
      ...clusters.map((each) => wordOf(each, DIM)),
      0,
    );
    this.#colours = {key, ink: color, accent: caretColor, paper: outlineColor, clusters, palette};
    return this.#colours;
  }
}

/** CSS pixels: many points are small ones, and near ones grow a little. */
export function radiusOf(count: number, zoom: number): number {
  return Math.min(9, Math.max(1.4, 5 * Math.pow(200 / Math.max(200, count), 0.28)) * zoom ** 0.3);
}

/** CSS pixels a side of the pictures of items: about as many as have room beside each other. */
export function thumbnailSize(count: number, {width, height}: ViewSize, zoom: number): number {
  const room = Math.sqrt((width * height) / Math.max(1, count));
  return Math.min(112, Math.min(64, Math.max(18, 0.62 * room)) * zoom ** 0.6);
}

let pixel: CanvasRenderingContext2D | undefined;

function channelsOf(colour: string): [number, number, number] {
  pixel ??= new OffscreenCanvas(1, 1).getContext('2d', {
    willReadFrequently: true,
  }) as unknown as CanvasRenderingContext2D;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pixel.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

function wordOf(colour: string, alpha: number): number {
  const [red, green, blue] = channelsOf(colour);
  return (alpha << 24) | (blue << 16) | (green << 8) | red;
}
