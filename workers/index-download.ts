import {LatentError} from '../src/core/errors.js';
import type {IndexSource} from '../src/protocol/search.js';
import {request} from './download.js';

/** The bytes of an index file; `network` or `not-found` where they cannot be had. */
export async function readIndexFile(
  source: IndexSource,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  if ('bytes' in source) {
    return source.bytes instanceof Blob ? source.bytes.arrayBuffer() : source.bytes;
  }
  const response = await request(source.url, signal);
  try {
    return await response.arrayBuffer();
  } catch (cause) {
    if (signal.aborted) throw new LatentError('aborted', 'The download of the index was aborted.');
    throw new LatentError(
      'network',
      `The index ${source.url} could not be downloaded to its end. Try again.`,
      {cause},
    );
  }
}
