import type {FrameSize} from '../src/core/image-size.js';
import type {PackManifest} from '../src/core/pack.js';
import type {ImageInput} from '../src/protocol/inference.js';
import type {TensorData} from './ort-runtime.js';

/** How a model's numbers stand for colours. */
export type PixelFormat = Pick<NonNullable<PackManifest['image']>, 'channels' | 'range'>;

const RGBA = 4;

/**
 * The picture as the reader will see it: scaled to cover the frame and cropped around its centre,
 * transparency on white, 8 bits a channel.
 */
export function drawToFrame(image: ImageInput, {width, height}: FrameSize): ImageData {
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

/** Pixels → [1, 3, paddedHeight, paddedWidth] in the model's range; the padding repeats the edge. */
export function toTensor(pixels: ImageData, frame: FrameSize, format: PixelFormat): TensorData {
  const {paddedWidth, paddedHeight} = frame;
  const plane = paddedWidth * paddedHeight;
  const data = new Float32Array(3 * plane);
  const [low, high] = format.range;
  const step = (high - low) / 255;
  const [r, g, b] = planeOffsets(format, plane);
  let to = 0;
  for (let y = 0; y < paddedHeight; y++) {
    const row = Math.min(y, frame.height - 1) * frame.width;
    for (let x = 0; x < paddedWidth; x++, to++) {
      const from = RGBA * (row + Math.min(x, frame.width - 1));
      data[r + to] = low + step * pixels.data[from]!;
      data[g + to] = low + step * pixels.data[from + 1]!;
      data[b + to] = low + step * pixels.data[from + 2]!;
    }
  }
  return {data, dims: [1, 3, paddedHeight, paddedWidth]};
}

/** A tensor of `toTensor`'s layout → opaque pixels of the frame, the padding cut off. */
export function toPixels(tensor: TensorData, frame: FrameSize, format: PixelFormat): ImageData {
  const {width, height, paddedWidth, paddedHeight} = frame;
  const image = new ImageData(width, height);
  const pixels = image.data;
  const {data} = tensor;
  const [low, high] = format.range;
  const step = 255 / (high - low);
  const [r, g, b] = planeOffsets(format, paddedWidth * paddedHeight);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = y * paddedWidth;
    for (const end = from + width; from < end; from++, to += RGBA) {
      // A clamped array rounds and limits by itself.
      pixels[to] = (data[r + from]! - low) * step;
      pixels[to + 1] = (data[g + from]! - low) * step;
      pixels[to + 2] = (data[b + from]! - low) * step;
      pixels[to + 3] = 255;
    }
  }
  return image;
}

function planeOffsets({channels}: PixelFormat, plane: number): [number, number, number] {
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
