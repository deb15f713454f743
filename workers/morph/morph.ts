import {LatentError} from '../../src/core/errors.js';
import {type FrameFields, frameFields} from '../../src/core/morph/frame-fields.js';
import type {MorphAlignment, MorphPlan, Pixels, PointPair} from '../../src/core/morph/plan.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {MorphCanvasOptions, MorphReport} from '../../src/shared/morph.js';
import type {PixelPainter, MorphFrame} from './pixel-painter.js';
import type {PlanCache, SolveOptions} from './plan-cache.js';
import type {WebglPainter} from './webgl-painter.js';

/** Milliseconds of a frame on the CPU above which moving pictures are painted at half their size. */
const SLOW = 14;
/** Milliseconds without a new frame after which a small one is painted again at full size. */
const REST = 120;
/** Milliseconds in which a morph takes over from the plain line, where nobody says otherwise. */
const TAKEOVER = 300;
/** Milliseconds between the frames of a takeover. */
const TICK = 16;

/** Two neighbouring keyframes, and where between them a value lies. */
interface Place {
  readonly index: number;
  readonly t: number;
}

/** What the morphs of a worker share. */
export interface MorphTools {
  readonly plans: PlanCache;
  readonly pixels: PixelPainter;
  /** Made when first asked for; undefined where there is none. */
  webgl(options: {readonly software: boolean}): WebglPainter | undefined;
}

/** Keyframes, the plans between them, and the canvas that shows them. */
export class Morph {
  readonly #tools: MorphTools;
  readonly #canvas: OffscreenCanvas | undefined;
  readonly #context: OffscreenCanvasRenderingContext2D | undefined;
  readonly #painter: NonNullable<MorphCanvasOptions['painter']>;
  readonly #takeover: number;
  #keyframes: readonly Pixels[] = [];
  /** The keyframes at half their size, for a CPU that does not keep up. */
  #halves: readonly Pixels[] | undefined;
  /** By pair of keyframes: its plan, and when it took over, in milliseconds of `performance.now()`. */
  readonly #solved = new Map<number, {readonly plan: MorphPlan; readonly since: number}>();
  #fields: FrameFields | undefined;
  #value: number | undefined;
  #slow = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    tools: MorphTools,
    canvas?: OffscreenCanvas,
    {painter = 'auto', takeover = TAKEOVER}: MorphCanvasOptions = {},
  ) {
    this.#tools = tools;
    this.#canvas = canvas;
    this.#painter = painter;
    this.#takeover = takeover;
    this.#context = canvas?.getContext('2d') ?? undefined;
    // A GPU that was lost and came back has forgotten what was on the canvas.
    canvas?.addEventListener('contextrestored', () => this.#repaint());
  }

  /** Takes the images, which it closes, as keyframes; see `MorphApi.setKeyframes`. */
  setKeyframes(images: readonly ImageBitmap[], limit: number): Size {
    const [first] = images;
    if (!first || images.length < 2) {
      throw new LatentError(
        'bad-argument',
        `A morph needs two or more pictures, got ${String(images.length)}.`,
      );
    }
    const scale = Math.min(1, limit / Math.max(first.width, first.height));
    const width = Math.max(1, Math.round(first.width * scale));
    const height = Math.max(1, Math.round(first.height * scale));
    this.#keyframes = images.map((image) => draw(image, width, height));
    this.#halves = undefined;
    this.#solved.clear();
    return {width, height};
  }

  /** Solves every pair of neighbours; see `MorphApi.prepare`. */
  async prepare(
    pairs: readonly (readonly PointPair[])[],
    {onProgress, ...options}: SolveOptions,
  ): Promise<MorphAlignment[]> {
    const keyframes = this.#keyframes;
    const count = keyframes.length - 1;
    if (pairs.length > count) {
      throw new LatentError(
        'bad-argument',
        `pairs has ${String(pairs.length)} lists of points for ${String(count)} pairs of pictures.`,
      );
    }
    this.#solved.clear();
    for (let index = 0; index < count; index++) {
      // What is known already takes over nothing.
      const plan = this.#tools.plans.get(
        keyframes[index]!,
        keyframes[index + 1]!,
        pairs[index] ?? [],
      );
      if (plan) this.#solved.set(index, {plan, since: -Infinity});
    }
    const alignments: MorphAlignment[] = [];
    let done = 0;
    // What is seen comes first.
    const seen = this.#place(this.#value ?? 0).index;
    const order = keyframes.slice(1).map((_, index) => index);
    order.sort((a, b) => Math.abs(a - seen) - Math.abs(b - seen));
    for (const index of order) {
      const [a, b] = [keyframes[index]!, keyframes[index + 1]!];
      const plan = await this.#tools.plans.solve(a, b, pairs[index] ?? [], {
        ...options,
        onProgress: (ratio) => onProgress((done + ratio) / count),
      });
      onProgress(++done / count);
      alignments[index] = plan.alignment;
      if (this.#keyframes === keyframes && !this.#solved.has(index)) this.#begin(index, plan);
    }
    return alignments;
  }

  /** Paints the frame at `value`: on the GPU, or while that is gone, on the CPU. */
  paint(value: number): MorphReport {
    clearTimeout(this.#again);
    this.#value = value;
    const began = performance.now();
    const place = this.#place(value);
    const share = this.#shareOf(place);
    const webgl = this.#webgl;
    const inMotion = !webgl && this.#slow && place.t > 0 && place.t < 1;
    const frame = this.#frame(place, share, inMotion);
    if (webgl) this.#draw(webgl, frame);
    else this.#put(frame);
    const total = performance.now() - began;
    if (!webgl && !inMotion) this.#slow = total > SLOW;
    if (share > 0 && share < 1) this.#again = setTimeout(() => this.#repaint(), TICK);
    else if (inMotion) this.#again = setTimeout(() => this.#rest(place), REST);
    return {total, share, painter: webgl ? 'webgl' : 'cpu'};
  }

  /** The frame at `value` at full size, and exactly the same wherever it is made. */
  render(value: number): Promise<ImageBitmap> {
    const frame = this.#frame(this.#place(value), 1, false);
    return createImageBitmap(this.#image(frame));
  }

  /** Stops all that goes on by itself. */
  close(): void {
    clearTimeout(this.#again);
    this.#keyframes = [];
  }

  get #webgl(): WebglPainter | undefined {
    if (this.#painter === 'cpu') return undefined;
    const webgl = this.#tools.webgl({software: this.#painter === 'webgl'});
    return webgl?.isLost ? undefined : webgl;
  }

  #frame({index, t}: Place, share: number, half: boolean): MorphFrame {
    const plan = this.#solved.get(index)?.plan;
    if (half) this.#halves ??= this.#keyframes.map(halve);
    const pictures = half && this.#halves ? this.#halves : this.#keyframes;
    return {a: pictures[index]!, b: pictures[index + 1]!, t, plan, share: plan ? share : 0};
  }

  #place(value: number): Place {
    const count = this.#keyframes.length - 1;
    if (count < 1) {
      throw new LatentError('bad-argument', 'This morph has no pictures: give it some first.');
    }
    if (Number.isNaN(value)) {
      throw new LatentError('bad-argument', 'value must be a number from 0 to 1, got NaN.');
    }
    const along = Math.min(1, Math.max(0, value)) * count;
    const index = Math.min(count - 1, Math.floor(along));
    return {index, t: along - index};
  }

  #shareOf({index}: Place): number {
    const solved = this.#solved.get(index);
    if (!solved) return 0;
    if (this.#takeover <= 0) return 1;
    return Math.min(1, (performance.now() - solved.since) / this.#takeover);
  }

  // Where the plain line is seen now, the morph takes over from it bit by bit; elsewhere at once.
  #begin(index: number, plan: MorphPlan): void {
    const {index: seen, t} = this.#place(this.#value ?? 0);
    const isSeen = this.#value !== undefined && seen === index && t > 0 && t < 1;
    this.#solved.set(index, {plan, since: isSeen ? performance.now() : -Infinity});
    if (isSeen) this.#repaint();
  }

  #repaint(): void {
    if (this.#value !== undefined && this.#keyframes.length > 0) this.paint(this.#value);
  }

  #rest(place: Place): void {
    if (this.#keyframes.length > 0) this.#put(this.#frame(place, this.#shareOf(place), false));
  }

  #draw(webgl: WebglPainter, frame: MorphFrame): void {
    const context = this.#sized(frame);
    if (!context) return;
    webgl.paint(frame);
    context.globalCompositeOperation = 'copy';
    context.drawImage(webgl.canvas, 0, 0);
  }

  #put(frame: MorphFrame): void {
    this.#sized(frame)?.putImageData(this.#image(frame), 0, 0);
  }

  /** The context of the canvas, which takes the size of the frame. */
  #sized({a: {width, height}}: MorphFrame): OffscreenCanvasRenderingContext2D | undefined {
    const canvas = this.#canvas;
    if (canvas && (canvas.width !== width || canvas.height !== height)) {
      canvas.width = width;
      canvas.height = height;
    }
    return this.#context;
  }

  #image(frame: MorphFrame): ImageData {
    const {a, plan, t, share = 1} = frame;
    if (plan && share > 0) this.#fields = frameFields(plan, t, this.#fields);
    return new ImageData(this.#tools.pixels.paint(frame, this.#fields), a.width, a.height);
  }
}

/** The pixels of an image, drawn to cover a size; the image is closed. */
function draw(image: ImageBitmap, width: number, height: number): Pixels {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', {willReadFrequently: true})!;
  context.imageSmoothingQuality = 'high';
  const scale = Math.max(width / image.width, height / image.height);
  const [w, h] = [image.width * scale, image.height * scale];
  context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  image.close();
  return context.getImageData(0, 0, width, height);
}

/** A picture at half its size: the mean of each 2×2 pixels, weighted by alpha. */
function halve({width, height, data}: Pixels): Pixels {
  const [w, h] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
  const out = new Uint8ClampedArray(4 * w * h);
  for (let y = 0, to = 0; y < h; y++) {
    for (let x = 0; x < w; x++, to += 4) {
      let [r, g, b, a] = [0, 0, 0, 0];
      for (let k = 0; k < 4; k++) {
        const px = Math.min(width - 1, 2 * x + (k & 1));
        const py = Math.min(height - 1, 2 * y + (k >> 1));
        const from = 4 * (py * width + px);
        const alpha = data[from + 3]!;
        r += alpha * data[from]!;
        g += alpha * data[from + 1]!;
        b += alpha * data[from + 2]!;
        a += alpha;
      }
      if (a > 0) {
        out[to] = r / a;
        out[to + 1] = g / a;
        out[to + 2] = b / a;
        out[to + 3] = a / 4;
      }
    }
  }
  return {width: w, height: h, data: out};
}
