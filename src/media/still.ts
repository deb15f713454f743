import {LatentError} from '../core/errors.js';

/** Encodes a bitmap, which it closes, as PNG or WebP; `quality` 0..1 is for the latter. */
export async function encodeStill(
  bitmap: ImageBitmap,
  type: 'image/png' | 'image/webp',
  quality?: number,
): Promise<Blob> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  // Not `bitmaprenderer`, which would save a copy: WebKit writes nothing of such a canvas.
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
  bitmap.close();
  const options = {type, ...(quality !== undefined && {quality})};
  // Browsers without an encoder write PNG and say nothing, except for WebKit, which throws.
  const blob = await canvas.convertToBlob(options).catch((cause: unknown) => {
    throw cannotWrite(type, cause);
  });
  if (blob.type !== type) throw cannotWrite(type);
  return blob;
}

function cannotWrite(type: string, cause?: unknown): LatentError {
  const remedy = type === 'image/png' ? '' : ' Ask for image/png instead.';
  return new LatentError('unsupported', `This browser cannot write ${type}.${remedy}`, {cause});
}
