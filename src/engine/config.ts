import {LatentError} from '../core/errors.js';
import type {EngineOptions} from './types.js';

const KIB = 1024;

/** The settings of elements and of engines that set nothing themselves. */
export type Settings = Required<Omit<EngineOptions, 'base' | 'workerUrl' | 'wasmBase'>> &
  Pick<EngineOptions, 'base' | 'workerUrl' | 'wasmBase'>;

const defaults: Settings = {
  model: 'photos',
  device: 'auto',
  cache: true,
  memoryBudget: 512 * KIB * KIB,
  // More than four threads win little on networks this small, and take the cores from the page.
  threads: 4,
  idleTimeout: 30_000,
};

let page: EngineOptions = {};
// Module builds keep the folders of the source tree: this file lies at <root>/src/engine/.
let root = new URL(/* @vite-ignore */ '../../', import.meta.url).href;

/**
 * Sets the defaults of the whole page: call it before the first element loads. Later calls add to
 * earlier ones and hold for what is loaded after them; a worker that runs already keeps its own.
 */
export function configure(options: EngineOptions): void {
  page = {...page, ...options};
}

/** The defaults of the page, under `options`. */
export function settings(options: EngineOptions = {}): Settings {
  return {...defaults, ...page, ...options};
}

/** The model that the page named, else `fallback`: for what the default model cannot do. */
export function pageModel(fallback: string): string {
  return page.model ?? fallback;
}

/** Where the built package lies, when the code itself was bundled elsewhere. */
export function setPackageRoot(url: string): void {
  root = url;
}

/** An absolute URL inside the built package. */
export function packageUrl(path: string, {base}: Pick<EngineOptions, 'base'>): string {
  return new URL(path, base ? absoluteUrl(base) : root).href;
}

/** `url` against the page. */
export function absoluteUrl(url: string): string {
  return new URL(url, document.baseURI).href;
}

/** The URL of a model's manifest; `bad-argument` for what is neither a name nor a URL. */
export function packUrl(model: string, given: Settings): string {
  if (/^[\w-]+$/.test(model)) return packageUrl(`models/${model}/pack.json`, given);
  try {
    return absoluteUrl(model);
  } catch (cause) {
    throw new LatentError(
      'bad-argument',
      `"${model}" is no model: give the name of a shipped pack or the URL of a pack.json.`,
      {cause},
    );
  }
}
