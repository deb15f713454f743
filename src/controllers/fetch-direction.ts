import type {Direction} from '../core/direction/direction.js';
import {LatentError} from '../core/errors.js';

/**
 * The direction in the file at a URL; `not-found`, `network`, or `bad-argument` for a file that is
 * none.
 */
export async function fetchDirection(
  address: string,
  signal: AbortSignal | undefined,
): Promise<Direction> {
  const url = urlOf(address);
  const response = await fetch(url, {signal: signal ?? null}).catch((cause: unknown) => {
    if (signal?.aborted) throw new LatentError('aborted', 'The call was aborted.', {cause});
    const remedy = navigator.onLine ? 'Check the address.' : 'The device is offline.';
    const message = `The direction ${url} could not be fetched. ${remedy}`;
    throw new LatentError('network', message, {cause});
  });
  if (!response.ok) {
    const status = String(response.status);
    throw response.status === 404 || response.status === 410
      ? new LatentError('not-found', `There is no direction at ${url} (${status}).`)
      : new LatentError('network', `The server answered ${status} for the direction ${url}.`);
  }
  const file = await response.arrayBuffer();
  // Most sliders move along what their pack brings.
  const {fromDirectionFile} = await import('../core/direction/direction-file.js');
  try {
    return fromDirectionFile(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LatentError('bad-argument', `${url}: ${why}`, {cause});
  }
}

function urlOf(address: string): string {
  try {
    return new URL(address, document.baseURI).href;
  } catch (cause) {
    throw new LatentError('bad-argument', `"${address}" is not a URL.`, {cause});
  }
}
