import {imageDimensionsFromData} from 'image-dimensions';
import {LatentError} from '../core/errors.js';
import {fetchBytes, type FetchedBytes, type FetchOptions} from '../shared/fetch-bytes.js';
import {absoluteUrl} from './config.js';
import type {ImageSource} from './types.js';

/** Pixels beyond which a picture is refused before it is decoded: 100 megapixels take 400 MB. */
const MAX_PIXELS = 100e6;
/** Bytes of a file beyond which it is no picture for a page: 100 megapixels of PNG fit. */
const MAX_BYTES = 400e6;
/** An SVG without a size of its own is drawn this wide and high. */
const SVG_SIZE = 512;
/** Every format that we measure says its size within this many bytes. */
const HEADER_BYTES = 1 << 18;

/**
 * An `ImageBitmap` of any image source but `seed:N`; the caller owns it. Throws `not-found`,
 * `network`, `bad-image` or `tainted-image`, naming the image.
 */
export async function toBitmap(source: ImageSource, signal?: AbortSignal): Promise<ImageBitmap> {
  if (typeof source === 'string' || source instanceof URL) return fromUrl(String(source), signal);
  if (source instanceof Blob) return fromBlob(source, describe(source));
  if (source instanceof HTMLImageElement) return fromElement(source, signal);
  if (isPixels(source)) return fromPixels(source);
  throw new LatentError(
    'bad-argument',
    `${describe(source)} is no image source. Give a URL, <img>, <canvas>, ImageBitmap, ImageData ` +
      'or Blob.',
  );
}

async function fromUrl(address: string, signal?: AbortSignal): Promise<ImageBitmap> {
  let url: string;
  try {
    url = absoluteUrl(address);
  } catch (cause) {
    throw new LatentError('bad-argument', `"${address}" is not a URL.`, {cause});
  }
  const {bytes, type} = await fetchImage(url, signal);
  if (type.startsWith('text/html')) {
    throw new LatentError('bad-image', `${url} is an HTML page, not an image. Check the address.`);
  }
  return fromBlob(new Blob([bytes], {type}), url);
}

async function fetchImage(url: string, signal?: AbortSignal): Promise<FetchedBytes> {
  try {
    return await readImage(url, {signal});
  } catch (error) {
    // Only a request that failed as such is a matter of CORS.
    const failed = error instanceof LatentError && error.cause instanceof TypeError;
    if (!failed || error.code !== 'network') throw error;
    if (new URL(url).origin === globalThis.origin) throw error;
    return retryCrossOrigin(url, signal, error);
  }
}

function readImage(url: string, options: FetchOptions): Promise<FetchedBytes> {
  return fetchBytes(url, {what: 'image', maxBytes: MAX_BYTES, tooLong: 'bad-image', ...options});
}

// A plain <img> may have put an answer without CORS headers into the HTTP cache: ask once past it.
// If that fails too, an opaque request tells a refusal by CORS from a broken network.
async function retryCrossOrigin(
  url: string,
  signal: AbortSignal | undefined,
  cause: LatentError,
): Promise<FetchedBytes> {
  try {
    return await readImage(url, {signal, cache: 'reload'});
  } catch {
    const reachable = await fetch(url, {mode: 'no-cors', signal: signal ?? null}).then(
      () => true,
      () => false,
    );
    throw reachable ? taintedImage(url, cause) : cause;
  }
}

async function fromBlob(blob: Blob, name: string): Promise<ImageBitmap> {
  if (blob.type.startsWith('image/svg')) return fromSvg(blob, name);
  const header = new Uint8Array(await blob.slice(0, HEADER_BYTES).arrayBuffer());
  const size = imageDimensionsFromData(header);
  if (size) assertSize(size, name);
  try {
    return await createImageBitmap(blob);
  } catch (cause) {
    throw badImage(name, cause);
  }
}

// createImageBitmap takes no SVG blob; an element draws it.
async function fromSvg(blob: Blob, name: string): Promise<ImageBitmap> {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const width = image.naturalWidth || SVG_SIZE;
    const height = image.naturalHeight || SVG_SIZE;
    assertSize({width, height}, name);
    // Not createImageBitmap(image): where an SVG lacks a size, Chromium's comes out empty.
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')!.drawImage(image, 0, 0, width, height);
    assertReadable(canvas);
    return canvas.transferToImageBitmap();
  } catch (cause) {
    // Its bitmap could be made, but not sent to the worker.
    if (isSecurityError(cause)) throw taintedSvg(name, cause);
    throw cause instanceof LatentError ? cause : badImage(name, cause);
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function fromElement(image: HTMLImageElement, signal?: AbortSignal): Promise<ImageBitmap> {
  const url = image.currentSrc || image.src;
  if (!url) throw new LatentError('bad-image', 'The <img> has no src.');
  if (image.complete && image.naturalWidth > 0) {
    assertSize({width: image.naturalWidth, height: image.naturalHeight}, url);
    try {
      assertReadable(image);
      return await createImageBitmap(image);
    } catch {
      // Without the `crossorigin` attribute it is tainted, yet CORS may allow a fetch of it.
    }
  }
  return fromUrl(url, signal);
}

async function fromPixels(
  source: HTMLCanvasElement | OffscreenCanvas | ImageBitmap | ImageData,
): Promise<ImageBitmap> {
  const name = describe(source);
  assertSize(source, name);
  try {
    if (!(source instanceof ImageData)) assertReadable(source);
    return await createImageBitmap(source);
  } catch (cause) {
    throw isSecurityError(cause) ? taintedImage(name, cause) : badImage(name, cause);
  }
}

// Reading one pixel of a copy is the only question to a canvas whether it is tainted.
function assertReadable(source: CanvasImageSource): void {
  const probe = new OffscreenCanvas(1, 1).getContext('2d')!;
  probe.drawImage(source, 0, 0, 1, 1, 0, 0, 1, 1);
  probe.getImageData(0, 0, 1, 1);
}

function assertSize({width, height}: {width: number; height: number}, name: string): void {
  const size = `${String(width)}×${String(height)}`;
  if (!(width >= 1 && height >= 1)) {
    throw new LatentError('bad-image', `${name} has ${size} pixels: there is nothing to show.`);
  }
  if (width * height <= MAX_PIXELS) return;
  throw new LatentError(
    'bad-image',
    `${name} has ${size} pixels, more than the ${String(MAX_PIXELS / 1e6)} megapixels that are ` +
      'decoded here. Scale it down first.',
  );
}

function badImage(name: string, cause: unknown): LatentError {
  return new LatentError('bad-image', `${name} is not an image that this browser can decode.`, {
    cause,
  });
}

function taintedImage(name: string, cause: unknown): LatentError {
  return new LatentError(
    'tainted-image',
    `${name} comes from another origin that does not let this page read its pixels. Serve it from ` +
      'this origin, or with the header Access-Control-Allow-Origin.',
    {cause},
  );
}

function taintedSvg(name: string, cause: unknown): LatentError {
  return new LatentError(
    'tainted-image',
    `${name} is an SVG with foreign content (<foreignObject>), whose pixels this browser lets no page ` +
      'read. Use it without that, or as a PNG.',
    {cause},
  );
}

function isSecurityError(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'SecurityError';
}

function isPixels(
  source: unknown,
): source is HTMLCanvasElement | OffscreenCanvas | ImageBitmap | ImageData {
  return (
    source instanceof HTMLCanvasElement ||
    source instanceof OffscreenCanvas ||
    source instanceof ImageBitmap ||
    source instanceof ImageData
  );
}

function describe(source: unknown): string {
  if (source instanceof File) return `The file "${source.name}"`;
  const name = Object.prototype.toString.call(source).slice('[object '.length, -1);
  return source === null || source === undefined ? `"${String(source)}"` : `The given ${name}`;
}
