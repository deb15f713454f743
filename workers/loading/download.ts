import {LatentError} from '../../src/core/errors.js';
import type {LoadListener} from './shared-load.js';

/** A response that may be read; `network` or `not-found` otherwise, naming the URL. */
export async function request(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {signal, credentials: 'same-origin'});
  } catch (cause) {
    throw networkError(url, cause, signal);
  }
  if (response.ok) return response;
  const status = `${String(response.status)} ${response.statusText}`.trim();
  await response.body?.cancel();
  throw response.status === 404 || response.status === 410
    ? new LatentError('not-found', `There is no file at ${url} (${status}). Check the address.`)
    : new LatentError('network', `The server answered ${status} for ${url}. Try again later.`);
}

/**
 * Exactly `bytes` bytes from `url`, streamed; `integrity` when the file is shorter or longer, and
 * then nothing more than that is read.
 */
export async function download(
  url: string,
  bytes: number,
  signal: AbortSignal,
  onProgress: LoadListener,
): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = allocate(url, bytes);
  const response = await request(url, signal);
  let loaded = 0;
  try {
    for await (const chunk of chunks(response)) {
      if (loaded + chunk.length > bytes)
        throw wrongLength(url, `more than ${String(bytes)}`, bytes);
      buffer.set(chunk, loaded);
      loaded += chunk.length;
      onProgress(loaded);
    }
  } catch (cause) {
    throw cause instanceof LatentError ? cause : networkError(url, cause, signal);
  }
  if (loaded < bytes) throw wrongLength(url, String(loaded), bytes);
  return buffer;
}

function allocate(url: string, bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new LatentError(
      'out-of-memory',
      `There is no room for the ${String(bytes)} bytes of ${url} in this browser's memory.`,
      {cause},
    );
  }
}

/** The parts of a response as they come; what is not asked for is not read. */
// Not every browser iterates a ReadableStream yet.
export async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function wrongLength(url: string, found: string, bytes: number): LatentError {
  return new LatentError(
    'integrity',
    `${url} has ${found} bytes where its pack.json says ${String(bytes)}: ` +
      'it was cut short or changed. Publish the pack again.',
  );
}

function networkError(url: string, cause: unknown, signal: AbortSignal): LatentError {
  if (signal.aborted) return new LatentError('aborted', `The download of ${url} was aborted.`);
  const remedy = navigator.onLine
    ? 'Check the address, and that its server allows this page (CORS, CSP connect-src).'
    : 'The device is offline.';
  return new LatentError('network', `${url} could not be fetched. ${remedy}`, {cause});
}
