import type {Latent} from '../../src/core/latent/latent.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import type {ImageInput} from '../../src/shared/inference.js';

/** A dense float32 tensor; `dims` include the batch. */
export interface TensorData {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A dense tensor that a network left on the GPU. */
export interface GpuTensor {
  readonly buffer: GPUBuffer;
  readonly type: 'float32' | 'float16';
  readonly dims: readonly number[];
  /** Its numbers, read back. */
  read(): Promise<TensorData>;
  /** Lets it go: whoever has it must. */
  release(): void;
}

/** A latent whose numbers lie on the GPU. */
export interface GpuLatent extends Omit<Latent, 'data'> {
  readonly tensor: GpuTensor;
}

/** Lets the numbers of a latent go where nothing else does. */
export function releaseLatent(latent: Latent | GpuLatent | undefined): void {
  if (latent && 'tensor' in latent) latent.tensor.release();
}

/** How a model's numbers stand for colours. */
export type PixelFormat = Pick<NonNullable<PackManifest['image']>, 'channels' | 'range'>;

const RGBA = 4;

/**
 * The picture as the reader will see it: scaled to cover the size and cropped around its centre,
 * transparency on white, 8 bits a channel.
 */
export function drawToSize(image: ImageInput, {width, height}: Size): ImageData {
  if (image instanceof ImageData && image.width === width && image.height === height) {
    if (isOpaque(image.data)) return image;
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', {willReadFrequently: true})!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  const scale = Math.max(width / image.width, height / image.height);
  const [w, h] = [image.width * scale, image.height * scale];
  const box = [(width - w) / 2, (height - h) / 2, w, h] as const;
  context.imageSmoothingQuality = 'high';
  if (image instanceof ImageBitmap) context.drawImage(image, ...box);
  else context.drawImage(toCanvas(image), ...box);
  return context.getImageData(0, 0, width, height);
}

/** Pixels → [1, 3, height, width] of `padded`, in the model's range; the padding repeats the edge. */
export function toTensor(image: ImageData, padded: Size, format: PixelFormat): TensorData {
  const plane = padded.width * padded.height;
  const data = new Float32Array(3 * plane);
  const {data: pixels, width, height} = image;
  const [low, high] = format.range;
  const step = (high - low) / 255;
  const [r, g, b] = planeOffsets(format, plane);
  let to = 0;
  for (let y = 0; y < padded.height; y++) {
    const row = Math.min(y, height - 1) * width;
    for (let x = 0; x < padded.width; x++, to++) {
      const from = RGBA * (row + Math.min(x, width - 1));
      data[r + to] = low + step * pixels[from]!;
      data[g + to] = low + step * pixels[from + 1]!;
      data[b + to] = low + step * pixels[from + 2]!;
    }
  }
  return {data, dims: [1, 3, padded.height, padded.width]};
}

/** Where the numbers of red, green and blue begin, in planes of this many. */
export function planeOffsets({channels}: PixelFormat, plane: number): [number, number, number] {
  return channels === 'rgb' ? [0, plane, 2 * plane] : [2 * plane, plane, 0];
}

function isOpaque(data: Uint8ClampedArray): boolean {
  for (let i = 3; i < data.length; i += RGBA) if (data[i] !== 255) return false;
  return true;
}

function toCanvas(image: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}
