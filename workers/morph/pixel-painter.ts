import type {FrameFields} from '../../src/core/morph/frame-fields.js';
import {CELLS, FLOW_POINTS, type MorphPlan, type Pixels} from '../../src/core/morph/plan.js';
import {PAINT_BASE64} from './kernel-bytes.js';

/** A frame between two pictures of one size. */
export interface MorphFrame {
  readonly a: Pixels;
  readonly b: Pixels;
  /** Where between the two, 0..1, at even pace. */
  readonly t: number;
  /** The morph; while there is none, the frame is the plain line: each pixel's average at `t`. */
  readonly plan?: MorphPlan | undefined;
  /** How much of the morph is seen, 0..1, while it takes over from the plain line; default 1. */
  readonly share?: number;
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly paint: (first: number, end: number) => void;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65536;
/** Addresses of the constants of a frame in the memory of paint.wat, which says what they are. */
const FRAME = {vectors: 0, shares: 64, places: 72, palettes: 128} as const;
const FLOW_AT = 256;
const FLOW_BYTES = 8 * FLOW_POINTS ** 2;
const MASK_AT = align(FLOW_AT + FLOW_BYTES);
const RESIDUAL_AT = MASK_AT + 4 * CELLS ** 2;
const ROW_AT = RESIDUAL_AT + 16 * CELLS ** 2;
/** The scratch row is read in pairs of points. */
const PICTURES_AT = align(ROW_AT + 8 * (FLOW_POINTS + 1));
/** Pixels around a picture that repeat its edge. */
const BORDER = 2;

/**
 * Makes frames of morphs on the CPU, by a SIMD kernel that agrees with `composeFrame` to one step of 255.
 * It holds the two pictures it last used.
 */
export class PixelPainter {
  readonly #kernel = instantiate();
  readonly #slots: (Pixels | undefined)[] = [undefined, undefined];
  #size = {width: 0, height: 0};

  /** The frame's straight RGBA bytes, at its pictures' size; the fields are those of `frameFields`. */
  paint(frame: MorphFrame, fields: FrameFields | undefined): Uint8ClampedArray<ArrayBuffer> {
    const {a, b, t, plan, share = 1} = frame;
    if (t <= 0 || t >= 1) return new Uint8ClampedArray(t <= 0 ? a.data : b.data);
    // Where there is no WebAssembly, there is no plan either.
    if (!plan || !fields || share <= 0 || !this.#kernel) return plainLine(a, b, t);
    return this.#run(this.#kernel, frame, fields);
  }

  #run(
    kernel: Kernel,
    {a, b, t, share = 1}: MorphFrame,
    fields: FrameFields,
  ): Uint8ClampedArray<ArrayBuffer> {
    const {width, height} = a;
    this.#makeRoom(kernel, width, height);
    const first = this.#load(kernel, a, b);
    const second = this.#load(kernel, b, a);
    const {buffer} = kernel.memory;
    const out = PICTURES_AT + 2 * pictureBytes(width, height);
    const numbers = new Float32Array(buffer);
    const vectors = [
      [2 * fields.t - 1, 2 * fields.t - 1],
      [2 * fields.t, 2 * fields.t],
      [2 * (1 - fields.t), 2 * (1 - fields.t)],
      [width, height],
    ];
    numbers.set(
      vectors.flatMap(([x = 0, y = 0]) => [x, y, 0, 0]),
      FRAME.vectors,
    );
    numbers.set([share, t], FRAME.shares / 4);
    new Int32Array(buffer).set(
      [width, first, second, FLOW_AT, MASK_AT, RESIDUAL_AT, out, ROW_AT],
      FRAME.places / 4,
    );
    numbers.set(kernelPalette(fields.paletteA), FRAME.palettes / 4);
    numbers.set(kernelPalette(fields.paletteB), FRAME.palettes / 4 + 16);
    numbers.set(fields.flow, FLOW_AT / 4);
    numbers.set(fields.mask, MASK_AT / 4);
    numbers.set(fields.residual, RESIDUAL_AT / 4);
    kernel.paint(0, height);
    return new Uint8ClampedArray(buffer, out, 4 * width * height).slice();
  }

  #makeRoom({memory}: Kernel, width: number, height: number): void {
    if (this.#size.width === width && this.#size.height === height) return;
    this.#size = {width, height};
    this.#slots.fill(undefined);
    const bytes = PICTURES_AT + 2 * pictureBytes(width, height) + 4 * width * height;
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
  }

  /** Where a picture lies, put there where it is not yet, in any place but that of `other`. */
  #load({memory}: Kernel, picture: Pixels, other: Pixels): number {
    const {width, height, data} = picture;
    let slot = this.#slots.indexOf(picture);
    const known = slot >= 0;
    if (!known) slot = this.#slots[0] === other ? 1 : 0;
    const at = PICTURES_AT + slot * pictureBytes(width, height);
    if (known) return at;
    this.#slots[slot] = picture;
    const stride = width + 2 * BORDER;
    const into = new Uint8ClampedArray(memory.buffer, at, 4 * stride * (height + 2 * BORDER));
    for (let y = 0, to = 0; y < height + 2 * BORDER; y++) {
      const row = Math.min(height - 1, Math.max(0, y - BORDER)) * width;
      for (let x = 0; x < stride; x++, to += 4) {
        const from = 4 * (row + Math.min(width - 1, Math.max(0, x - BORDER)));
        const alpha = data[from + 3]! / 255;
        into[to] = data[from]! * alpha;
        into[to + 1] = data[from + 1]! * alpha;
        into[to + 2] = data[from + 2]! * alpha;
        into[to + 3] = data[from + 3]!;
      }
    }
    return at;
  }
}

/** The average of two pictures, premultiplied: what a CSS cross-fade shows. */
function plainLine(a: Pixels, b: Pixels, t: number): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(a.data.length);
  for (let i = 0; i < data.length; i += 4) {
    const wa = (1 - t) * a.data[i + 3]!;
    const wb = t * b.data[i + 3]!;
    const alpha = wa + wb;
    for (let c = i; c < i + 3; c++) {
      data[c] = alpha > 0 ? (wa * a.data[c]! + wb * b.data[c]!) / alpha : 0;
    }
    data[i + 3] = alpha;
  }
  return data;
}

/** What takes weighted bytes of the kernel to 0..1. */
const UNIT = 1 / (255 * 2 ** 14);

function kernelPalette(map: Float32Array): number[] {
  return paletteColumns(map).map((value) => value * UNIT);
}

/**
 * A colour map of `FrameFields`, a 3×3 matrix by rows and an offset, as the four columns of a matrix of
 * premultiplied RGBA: of r, g, b and alpha.
 */
export function paletteColumns(map: Float32Array): number[] {
  const column = (c: number): number[] => [map[c]!, map[c + 3]!, map[c + 6]!, 0];
  return [...column(0), ...column(1), ...column(2), map[9]!, map[10]!, map[11]!, 1];
}

function pictureBytes(width: number, height: number): number {
  return align(4 * (width + 2 * BORDER) * (height + 2 * BORDER));
}

function align(address: number): number {
  return Math.ceil(address / 16) * 16;
}

// A CSP may refuse WebAssembly, and old engines have no SIMD.
function instantiate(): Kernel | undefined {
  try {
    const bytes = Uint8Array.from(atob(PAINT_BASE64), (character) => character.charCodeAt(0));
    const {exports} = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return exports as unknown as Kernel;
  } catch {
    return undefined;
  }
}
