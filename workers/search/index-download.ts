import {LatentError} from '../../src/core/errors.js';
import {announcedBytes, HEADER_START} from '../../src/core/search/index-file.js';
import type {IndexSource} from '../../src/shared/search.js';
import {chunks, request} from '../loading/download.js';

/** A browser has no room for the numbers of a longer file. */
const MAX_BYTES = 2 ** 31;

/**
 * The bytes of an index file; `network` or `not-found` where they cannot be had, `bad-index` for what
 * does not begin as an index, or is longer than it says: of that no more is read.
 */
export async function readIndexFile(
  source: IndexSource,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  if ('bytes' in source) {
    return source.bytes instanceof Blob ? source.bytes.arrayBuffer() : source.bytes;
  }
  const response = await request(source.url, signal);
  try {
    return await readAll(response);
  } catch (cause) {
    if (cause instanceof LatentError) throw cause;
    if (signal.aborted) throw new LatentError('aborted', 'The download of the index was aborted.');
    throw new LatentError(
      'network',
      `The index ${source.url} could not be downloaded to its end. Try again.`,
      {cause},
    );
  }
}

// A server's compression could make any length of a small file.
async function readAll(response: Response): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let [loaded, limit] = [0, Infinity];
  for await (const part of chunks(response)) {
    parts.push(part);
    loaded += part.length;
    if (limit === Infinity && loaded >= HEADER_START) limit = limitOf(parts, loaded);
    if (loaded <= limit) continue;
    throw new LatentError(
      'bad-index',
      `The file is no index: it says that it has ${limit} bytes, and there are more.`,
    );
  }
  return join(parts, loaded).buffer;
}

function limitOf(parts: readonly Uint8Array[], loaded: number): number {
  const announced = announcedBytes(join(parts, loaded).subarray(0, HEADER_START));
  if (announced <= MAX_BYTES) return announced;
  throw new LatentError(
    'bad-index',
    `The index says that it has ${announced} bytes; at most ${MAX_BYTES} can be searched here.`,
  );
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
