import {transfer} from 'comlink';
import {LatentError} from '../src/core/errors.js';
import type {FrameSize} from '../src/core/image-size.js';
import type {Latent} from '../src/core/latent.js';
import type {PackManifest, PartName} from '../src/core/pack.js';
import type {Stage, WorkerEvent} from '../src/protocol/events.js';
import type {
  Frame,
  ImageInput,
  InferenceApi,
  PackInfo,
  PaintReport,
  RuntimeOptions,
} from '../src/protocol/inference.js';
import {toPixels} from './image-tensor.js';
import {type LoadCall, LoadedPack} from './loaded-pack.js';
import {OrtRuntime} from './ort-runtime.js';
import {loadManifest} from './pack-loader.js';
import {PackStore} from './pack-store.js';
import {SharedLoad} from './shared-load.js';
import {Surface} from './surface.js';

/** Everything that an inference worker does, without the worker: packs, surfaces, open calls. */
export class InferenceService implements InferenceApi {
  #runtime: Promise<OrtRuntime> | undefined;
  #store = new PackStore(false);
  #emit: (event: WorkerEvent) => void = () => undefined;
  readonly #packs = new Map<string, SharedLoad<LoadedPack>>();
  readonly #surfaces = new Map<number, Surface>();
  readonly #calls = new Map<number, AbortController>();

  async connect(options: RuntimeOptions, emit: (event: WorkerEvent) => void): Promise<boolean> {
    this.#emit = emit;
    this.#store = new PackStore(options.cache);
    // Begins now, so that the runtime starts while packs still download.
    this.#runtime = OrtRuntime.create(options, (message) => {
      emit({type: 'device-lost', message});
    });
    this.#runtime.catch(() => undefined);
    return holdForLife(options.lifeLock);
  }

  open(request: number, url: string): Promise<PackInfo> {
    return this.#call(request, async ({signal}) => {
      const {manifest} = await this.#pack(url, signal);
      return {url, manifest};
    });
  }

  load(request: number, url: string, parts: readonly PartName[]): Promise<void> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      const join = joinProgress(pack.manifest, parts, (stage, loaded, total) => {
        this.#progress(request, stage, loaded, total);
      });
      await Promise.all(parts.map((part) => pack.network(part, {...call, onProgress: join(part)})));
    });
  }

  async unload(url: string): Promise<void> {
    const pack = this.#packs.get(url);
    this.#packs.delete(url);
    await (await pack?.result.catch(() => undefined))?.release();
  }

  encode(request: number, url: string, image: ImageInput, frame: FrameSize): Promise<Latent> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendLatent(await pack.encode(image, frame, call));
    });
  }

  decode(request: number, url: string, latent: Latent, frame: FrameSize): Promise<ImageBitmap> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      const {image} = await pack.decode(latent, call);
      const bitmap = await createImageBitmap(toPixels(image, frame, pack.format));
      return transfer(bitmap, [bitmap]);
    });
  }

  sample(request: number, url: string, seed: number): Promise<Latent> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendLatent(await pack.sample(seed, call));
    });
  }

  async openSurface(surface: number, url: string, canvas?: OffscreenCanvas): Promise<void> {
    this.#surfaces.set(surface, new Surface(await this.#pack(url), canvas));
  }

  setSource(
    request: number,
    surface: number,
    source: number,
    image: ImageInput,
    frame: FrameSize,
  ): Promise<Latent> {
    return this.#call(request, (call) =>
      this.#surface(surface).setSource(source, image, frame, call),
    );
  }

  clearSources(surface: number): Promise<void> {
    this.#surfaces.get(surface)?.clearSources();
    return Promise.resolve();
  }

  paint(request: number, surface: number, frame: Frame, size: FrameSize): Promise<PaintReport> {
    return this.#call(request, (call) => this.#surface(surface).paint(frame, size, call));
  }

  render(request: number, surface: number, frame: Frame, size: FrameSize): Promise<ImageBitmap> {
    return this.#call(request, async (call) => {
      const bitmap = await this.#surface(surface).render(frame, size, call);
      return transfer(bitmap, [bitmap]);
    });
  }

  closeSurface(surface: number): Promise<void> {
    this.#surfaces.delete(surface);
    return Promise.resolve();
  }

  cancel(request: number): Promise<void> {
    this.#calls.get(request)?.abort();
    return Promise.resolve();
  }

  async #call<T>(request: number, run: (call: LoadCall) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(request, controller);
    try {
      return await run({signal: controller.signal, onProgress: () => undefined});
    } finally {
      this.#calls.delete(request);
    }
  }

  #progress(request: number, stage: Stage, loaded: number, total: number): void {
    this.#emit({type: 'progress', request, stage, loaded, total});
  }

  #pack(url: string, signal = new AbortController().signal): Promise<LoadedPack> {
    let load = this.#packs.get(url);
    if (!load || load.abandoned) {
      const runtime = this.#runtime;
      if (!runtime) throw new LatentError('bad-argument', 'connect() must come first.');
      const begun = new SharedLoad(async (given) => {
        const manifest = await loadManifest(url, this.#store, given);
        return new LoadedPack(url, manifest, runtime, this.#store);
      });
      load = begun;
      this.#packs.set(url, load);
      load.result.catch(() => {
        if (this.#packs.get(url) === begun) this.#packs.delete(url);
      });
    }
    return load.join(signal, () => undefined);
  }

  #surface(surface: number): Surface {
    const found = this.#surfaces.get(surface);
    if (found) return found;
    throw new LatentError('worker-crashed', 'The worker that held this surface has ended.');
  }
}

/** Takes a lock that comes free only when this worker ends; whether it could, once it is held. */
function holdForLife(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const refused = (): void => {
      resolve(false);
    };
    // Plain-http pages have no locks, and sandboxed or storage-less frames are refused them: there
    // only the worker's own error events tell of its end.
    const locks = (navigator as Partial<WorkerNavigator>).locks;
    if (!locks) refused();
    locks
      ?.request(name, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(refused);
  });
}

/** Adds the bytes of parts that load side by side up to one download, then one compilation. */
function joinProgress(
  manifest: PackManifest,
  parts: readonly PartName[],
  report: (stage: Stage, loaded: number, total: number) => void,
): (part: PartName) => LoadCall['onProgress'] {
  const bytes = parts.reduce((sum, part) => sum + (manifest.parts[part]?.bytes ?? 0), 0);
  const downloaded = new Map<PartName, number>();
  let compiled = 0;
  return (part) => (stage, loaded) => {
    if (stage === 'compile') {
      report(stage, ++compiled, parts.length);
      return;
    }
    downloaded.set(part, loaded);
    report(
      stage,
      [...downloaded.values()].reduce((sum, value) => sum + value, 0),
      bytes,
    );
  };
}

function sendLatent(latent: Latent): Latent {
  return transfer(latent, [latent.data.buffer]);
}
