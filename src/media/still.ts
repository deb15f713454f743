import {LatentError} from '../core/errors.js';

/** Encodes a bitmap, which it closes, as PNG or WebP; `quality` 0..1 is for the latter. */
export async function encodeStill(
  bitmap: ImageBitmap,
  type: 'image/png' | 'image/webp',
  quality?: number,
): Promise<Blob> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('bitmaprenderer')!.transferFromImageBitmap(bitmap);
  const blob = await canvas.convertToBlob({type, ...(quality !== undefined && {quality})});
  // A browser that cannot write a format silently writes PNG.
  if (blob.type === type) return blob;
  throw new LatentError(
    'unsupported',
    `This browser cannot write ${type}. Ask for image/png instead.`,
  );
}
