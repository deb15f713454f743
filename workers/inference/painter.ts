import type {FrameSize, Size} from '../../src/core/pack/image-size.js';
import {type GpuTensor, type PixelFormat, planeOffsets, type TensorData} from './image-tensor.js';

/** What a decoder made of a latent, not yet pixels; whoever has it calls `releaseDecode`. */
export interface Decode {
  readonly tensor: TensorData | GpuTensor;
  readonly frame: FrameSize;
  readonly format: PixelFormat;
}

/** How much of what a source's own decode lacks is added to a frame. */
export interface Carried {
  /** The number of the source. */
  readonly source: number;
  /** 0..1. */
  readonly weight: number;
}

/** What a frame shows: a source's own pixels, or a decode with the detail of sources of its size. */
export type Content =
  {readonly source: number} | {readonly decode: Decode; readonly carried: readonly Carried[]};

/** Makes the pixels of one surface: on the CPU, or where the networks left their numbers on the GPU. */
export interface Painter {
  /** Keeps the pixels of a source, in place of those that it had under this number. */
  setSource(source: number, pixels: ImageData): void;
  /** Takes the decode of a source's own latent: what it lacks of the source is the detail. */
  setReconstruction(source: number, decode: Decode): Promise<void>;
  /** Puts a frame on the canvas, if there is one. */
  show(content: Content): Promise<void>;
  /** The same frame as an image. */
  render(content: Content): Promise<ImageBitmap>;
  /** Lets the sources go. */
  close(): void;
}

/** Lets what a decoder made go. */
export function releaseDecode({tensor}: Decode): void {
  if ('buffer' in tensor) tensor.release();
}

interface Source {
  readonly pixels: ImageData;
  /** Its pixels minus those of its decode. */
  detail?: Int16Array;
}

/** Paints by the CPU, on a 2D canvas; numbers on a GPU are read back for it. */
export class PixelPainter implements Painter {
  readonly #canvas: OffscreenCanvas | undefined;
  readonly #context: OffscreenCanvasRenderingContext2D | undefined;
  readonly #sources = new Map<number, Source>();

  constructor(canvas?: OffscreenCanvas) {
    this.#canvas = canvas;
    this.#context = canvas?.getContext('2d', {alpha: false}) ?? undefined;
  }

  setSource(source: number, pixels: ImageData): void {
    this.#sources.set(source, {pixels});
  }

  async setReconstruction(source: number, decode: Decode): Promise<void> {
    const known = this.#sources.get(source)!;
    const made = await toPixels(decode);
    known.detail = Int16Array.from(known.pixels.data, (value, i) => value - made.data[i]!);
  }

  async show(content: Content): Promise<void> {
    if (!this.#canvas || !this.#context) return;
    const pixels = await this.#pixels(content);
    setSize(this.#canvas, pixels);
    this.#context.putImageData(pixels, 0, 0);
  }

  async render(content: Content): Promise<ImageBitmap> {
    return createImageBitmap(await this.#pixels(content));
  }

  close(): void {
    this.#sources.clear();
  }

  async #pixels(content: Content): Promise<ImageData> {
    if ('source' in content) return this.#sources.get(content.source)!.pixels;
    const pixels = await toPixels(content.decode);
    addDetail(
      pixels.data,
      content.carried.map(({source, weight}) => ({
        detail: this.#sources.get(source)!.detail!,
        weight,
      })),
    );
    return pixels;
  }
}

/** Sizes a canvas; setting even the same size would clear it and cost an allocation. */
export function setSize(canvas: OffscreenCanvas, {width, height}: Size): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** A frame's parts in pairs, as many as are added at a time: what a frame between keyframes has. */
export function inPairs<T>(parts: readonly T[]): (readonly T[])[] {
  const pairs: T[][] = [];
  for (let i = 0; i < parts.length; i += 2) pairs.push(parts.slice(i, i + 2));
  return pairs;
}

/** The weight of a detail in the whole numbers that both painters compute in: 256 restores the source. */
export function weightOf(carried: {readonly weight: number} | undefined): number {
  return carried ? Math.round(256 * carried.weight) : 0;
}

// In whole numbers, two at a time: that takes a third of the time of the obvious loop, and weight 1
// restores the source exactly.
function addDetail(
  pixels: Uint8ClampedArray,
  carried: readonly {readonly detail: Int16Array; readonly weight: number}[],
): void {
  const bytes = new Uint8Array(pixels.buffer);
  for (const [first, second] of inPairs(carried)) {
    const [a, b] = [first!.detail, (second ?? first!).detail];
    const [wa, wb] = [weightOf(first), weightOf(second)];
    for (let i = 0; i < bytes.length; i++) {
      const sum = bytes[i]! + ((wa * a[i]! + wb * b[i]! + 128) >> 8);
      bytes[i] = sum < 0 ? 0 : sum > 255 ? 255 : sum;
    }
  }
}

const RGBA = 4;

/** A decode → opaque pixels of its frame: the padding cut off, then scaled. */
async function toPixels({tensor, frame, format}: Decode): Promise<ImageData> {
  const {data} = 'buffer' in tensor ? await tensor.read() : tensor;
  const {width, height} = frame.work;
  const image = new ImageData(width, height);
  const pixels = image.data;
  const [low, high] = format.range;
  const step = 255 / (high - low);
  const [r, g, b] = planeOffsets(format, frame.padded.width * frame.padded.height);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = y * frame.padded.width;
    for (const end = from + width; from < end; from++, to += RGBA) {
      // A clamped array rounds and limits by itself.
      pixels[to] = (data[r + from]! - low) * step;
      pixels[to + 1] = (data[g + from]! - low) * step;
      pixels[to + 2] = (data[b + from]! - low) * step;
      pixels[to + 3] = 255;
    }
  }
  return width === frame.width && height === frame.height ? image : enlarge(image, frame);
}

// Kept from frame to frame: a canvas costs more than what is drawn on it.
const small = new OffscreenCanvas(1, 1);
const large = new OffscreenCanvas(1, 1);

function enlarge(image: ImageData, {width, height}: Size): ImageData {
  setSize(small, image);
  setSize(large, {width, height});
  small.getContext('2d', {willReadFrequently: true})!.putImageData(image, 0, 0);
  const context = large.getContext('2d', {willReadFrequently: true, alpha: false})!;
  // Bilinear: anything finer takes half as long again and is not seen under the detail.
  context.imageSmoothingQuality = 'medium';
  context.drawImage(small, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
