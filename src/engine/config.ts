import {LatentError} from '../core/errors.js';
import {readStrings, type Strings} from '../core/strings/strings.js';
import type {Device, RuntimeFiles} from '../shared/inference.js';
import type {DevicePreference, EngineOptions, PageOptions} from './types.js';

const KIB = 1024;

/** The settings of elements and of engines that set nothing themselves. */
export type Settings = Required<Omit<EngineOptions, 'base' | 'workerUrl' | 'wasmBase'>> &
  Pick<EngineOptions, 'base' | 'workerUrl' | 'wasmBase'>;

const defaults: Omit<Settings, 'threads'> = {
  model: 'photos',
  device: 'auto',
  cache: true,
  memoryBudget: 512 * KIB * KIB,
  idleTimeout: 30_000,
};

let page: EngineOptions = {};
let strings: readonly Strings[] = [];
const stringsListeners = new Set<() => void>();

/**
 * Sets the defaults of the whole page: call it before the first element loads. Later calls add to
 * earlier ones and hold for what is loaded after them; a worker that runs already keeps its own. Only
 * `strings` may come at any time: elements that are there say the same in the new words.
 */
export function configure({strings: given, ...options}: PageOptions): void {
  if (given !== undefined) strings = readStrings(given);
  page = {...page, ...options};
  if (given !== undefined) for (const listener of [...stringsListeners]) listener();
}

/** The tables of words that the page gave. */
export function pageStrings(): readonly Strings[] {
  return strings;
}

/** Calls `listener` when the page gives other words; gives what takes it back. */
export function onStringsChange(listener: () => void): () => void {
  stringsListeners.add(listener);
  return () => stringsListeners.delete(listener);
}

/** The defaults of the page, under `options`. */
export function settings(options: EngineOptions = {}): Settings {
  return {...defaults, threads: defaultThreads(), ...page, ...options};
}

/** More win little on networks this small. */
const MAX_THREADS = 4;

/**
 * One core is left to the page: ONNX Runtime's threads spin while they wait, and on two cores two of them
 * take twice as long a frame as one.
 */
function defaultThreads(): number {
  const cores =
    (globalThis as {readonly navigator?: Navigator}).navigator?.hardwareConcurrency ?? 1;
  return Math.min(MAX_THREADS, Math.max(1, cores - 1));
}

const DEVICES: ReadonlySet<string> = new Set<DevicePreference>(['auto', 'webgpu', 'wasm']);

/** Throws `bad-argument` for what is no device: attributes hold anything. An empty one leaves it to the page. */
export function assertDevice(device: string | undefined): void {
  if (!device || DEVICES.has(device)) return;
  throw new LatentError(
    'bad-argument',
    `There is no device "${device}". Write auto, webgpu or wasm.`,
  );
}

/** The model that the page named, else `fallback`: for what the default model cannot do. */
export function pageModel(fallback: string): string {
  return page.model ?? fallback;
}

/** `url` against the page. */
export function absoluteUrl(url: string): string {
  return new URL(url, document.baseURI).href;
}

/**
 * The URL of a file in a folder that the page named in a setting, with or without its last slash.
 * `bad-argument` names the setting where it holds no URL.
 */
export function inFolder(setting: 'base' | 'wasmBase', folder: string, file: string): string {
  try {
    return new URL(file, absoluteUrl(folder.replace(/\/*$/, '/'))).href;
  } catch (cause) {
    throw new LatentError(
      'bad-argument',
      `${setting}: ${JSON.stringify(folder)} is no URL of a folder. Write one, absolute or relative to ` +
        `the page, as in configure({${setting}: '/latent-elements/'}).`,
      {cause},
    );
  }
}

/**
 * The URL of a worker's script. `shipped` is where a bundler, or the package's own folders, put it; a
 * page that names a `workerUrl` or a `base` knows better.
 */
export function workerScript(
  name: 'inference' | 'map' | 'morph' | 'search',
  shipped: string,
  {base, workerUrl}: Pick<EngineOptions, 'base' | 'workerUrl'>,
): string {
  const file = `${name}.worker.js`;
  if (workerUrl) {
    const inference = absoluteUrl(workerUrl);
    return name === 'inference' ? inference : new URL(file, inference).href;
  }
  return base ? inFolder('base', base, `workers/${file}`) : absoluteUrl(shipped);
}

/** Bytes of the code of each build of ONNX Runtime, by what its file name ends in. */
export const RUNTIME_BYTES = {
  '': 14_239_897,
  '.jspi': 16_758_545,
  '.asyncify': 26_781_914,
} as const;

/**
 * The URLs of the two files of ONNX Runtime that a device needs, and the size; `unsupported` for a GPU where
 * the package brings no build that this browser runs (see `canComputeOnGpu`).
 */
export function runtimeFiles(
  device: Device,
  {base, wasmBase}: Pick<EngineOptions, 'base' | 'wasmBase'>,
): RuntimeFiles {
  if (device === 'webgpu' && !canComputeOnGpu({wasmBase})) {
    throw new LatentError(
      'unsupported',
      'This browser cannot suspend WebAssembly (JSPI), which the build of ONNX Runtime for GPUs needs. Use ' +
        'device="auto", or serve its asyncify build in the folder of configure({wasmBase}).',
    );
  }
  const build = device === 'wasm' ? '' : canSuspend() ? '.jspi' : '.asyncify';
  const bytes = RUNTIME_BYTES[build];
  if (!base && !wasmBase) {
    const {mjs, wasm} = device === 'wasm' ? wasmRuntime() : webgpuRuntime();
    return {mjs: absoluteUrl(mjs), wasm: absoluteUrl(wasm), bytes};
  }
  const at = (end: string): string => {
    const file = `ort-wasm-simd-threaded${build}.${end}`;
    return wasmBase
      ? inFolder('wasmBase', wasmBase, file)
      : inFolder('base', base ?? '', `ort/${file}`);
  };
  return {mjs: at('mjs'), wasm: at('wasm'), bytes};
}

/**
 * Whether there is a build of ONNX Runtime for GPUs that this browser runs: the one that is shipped suspends
 * WASM (JSPI). Without that, only a page computes on a GPU that brings the asyncify build, 27 MB, itself.
 */
export function canComputeOnGpu({wasmBase}: Pick<EngineOptions, 'wasmBase'>): boolean {
  return canSuspend() || wasmBase !== undefined;
}

function canSuspend(): boolean {
  return 'Suspending' in WebAssembly;
}

// Bundlers carry what a literal URL of a file names, and nothing else.
function wasmRuntime(): Omit<RuntimeFiles, 'bytes'> {
  return {
    mjs: new URL('../../ort/ort-wasm-simd-threaded.mjs', import.meta.url).href,
    wasm: new URL('../../ort/ort-wasm-simd-threaded.wasm', import.meta.url).href,
  };
}

function webgpuRuntime(): Omit<RuntimeFiles, 'bytes'> {
  return {
    mjs: new URL('../../ort/ort-wasm-simd-threaded.jspi.mjs', import.meta.url).href,
    wasm: new URL('../../ort/ort-wasm-simd-threaded.jspi.wasm', import.meta.url).href,
  };
}
