import {createEngine} from '../../src/engine/engine.js';
import {LatentError} from '../../src/core/errors.js';
import type {Engine, EngineOptions} from '../../src/engine/types.js';

const engines: Engine[] = [];

/** The built worker. */
const BUILT: EngineOptions = {base: '/dist/', device: 'wasm', threads: 1};

let runtime: Promise<WebAssembly.Module> | undefined;

/**
 * Keeps ONNX Runtime compiled as long as the page lives. V8 shares machine code between workers that compile the
 * same bytes while one of them holds it: else the worker of every test optimizes the same functions again.
 */
async function compileRuntime(): Promise<WebAssembly.Module> {
  // The file that was copied to dist/: what is fetched from there, tests count.
  const response = await fetch('/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm');
  return WebAssembly.compile(await response.arrayBuffer());
}

/** An engine on the built worker; `disposeEngines` ends it. */
export function testEngine(options: EngineOptions = {}): Engine {
  runtime ??= compileRuntime();
  const engine = createEngine({...BUILT, ...options});
  engines.push(engine);
  return engine;
}

const shared = new Map<string, Engine>();

/**
 * The engine that all tests of a file share, one for each set of options: a worker takes a second to start.
 * For tests that neither mind what was loaded before them nor end its worker.
 */
export function sharedEngine(options: EngineOptions = {}): Engine {
  const key = JSON.stringify(options);
  let engine = shared.get(key);
  if (!engine) {
    engine = createEngine({...BUILT, ...options});
    shared.set(key, engine);
  }
  return engine;
}

/** Ends every engine of `testEngine`. */
export async function disposeEngines(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
}

/** The URL of a pack from test/fixtures/packs.mjs. */
export function pack(name: string): string {
  return `/fixtures/packs/${name}/pack.json`;
}

/** The `LatentError` that a promise rejects with; fails where it resolves or rejects otherwise. */
export async function errorOf(promise: Promise<unknown>): Promise<LatentError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof LatentError) return error;
    throw error;
  }
  throw new Error('Expected a rejection.');
}

/** Pixels made by a function of the place, opaque. */
export function picture(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number],
): ImageData {
  const image = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) image.data.set([...colour(x, y), 255], 4 * (y * width + x));
  }
  return image;
}

/** A picture with detail at every scale. */
export function noisy(width: number, height: number): ImageData {
  return picture(width, height, (x, y) => [
    (x * 37 + y * 11) % 256,
    (x * 5 + y * 91) % 256,
    (x * x + y) % 256,
  ]);
}

/** The pixels of a bitmap. */
export function pixelsOf(bitmap: ImageBitmap): ImageData {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** The largest difference of two pictures of one size, 0..255. */
export function difference(a: ImageData, b: ImageData): number {
  if (a.width !== b.width || a.height !== b.height) return Infinity;
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

/** Every worker that the page starts from now on, until `restore`. */
export function watchWorkers(): {readonly workers: Worker[]; restore(): void} {
  const workers: Worker[] = [];
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers.push(this);
    }
  };
  return {
    workers,
    restore: () => {
      globalThis.Worker = Original;
    },
  };
}

/** Runs `task` while the only adapter here, which is software and counts as none, passes for a card. */
export async function asHardware(task: () => Promise<void>): Promise<void> {
  const {prototype} = GPUAdapterInfo;
  const own = Object.getOwnPropertyDescriptor(prototype, 'isFallbackAdapter')!;
  Object.defineProperty(prototype, 'isFallbackAdapter', {configurable: true, get: () => false});
  try {
    await task();
  } finally {
    Object.defineProperty(prototype, 'isFallbackAdapter', own);
  }
}

/** Waits so many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until a condition holds; fails after 30 s, which a busy machine may need. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await pause(10);
  }
}
