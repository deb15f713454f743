import {LatentError} from '../core/errors.js';
import {pageModel, settings} from '../engine/config.js';
import type {Engine} from '../engine/types.js';

/** The name or URL of a host's model: an empty attribute names none. */
export function modelName(name: string | undefined, fallback = settings().model): string {
  return name === undefined || name === '' ? pageModel(fallback) : name;
}

/** The engine of the page, fetched for the first element that somebody scrolls to. */
export async function engine(): Promise<Engine> {
  const {sharedEngine} = await fetched('engine', () => import('../engine/engine.js'));
  return sharedEngine();
}

/** A module that comes when it is needed; `network` where it cannot be had. */
export async function fetched<T>(what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const remedy = navigator.onLine ? 'Reload the page.' : 'The device is offline.';
    throw new LatentError('network', `The ${what} could not be fetched. ${remedy}`, {cause});
  }
}
