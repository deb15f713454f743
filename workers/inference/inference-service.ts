import {transfer} from 'comlink';
import {LatentError} from '../../src/core/errors.js';
import type {Edits} from '../../src/core/direction/direction.js';
import type {FrameSize} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import {type Loadable, type PackManifest, partBytes} from '../../src/core/pack/pack.js';
import type {Sampling} from '../../src/core/diffusion/sampling.js';
import type {Emit, Stage, WorkerEvent} from '../../src/shared/events.js';
import type {
  EmbedRules,
  Frame,
  ImageInput,
  InferenceApi,
  PackInfo,
  PaintReport,
  RuntimeOptions,
  StepWatch,
  TextKind,
} from '../../src/shared/inference.js';
import {EmbeddingStore} from '../text/embedding-store.js';
import {toPixels} from './image-tensor.js';
import {holdForLife} from '../life-lock.js';
import {type LoadCall, LoadedPack} from './loaded-pack.js';
import {OrtRuntime} from './ort-runtime.js';
import {loadManifest} from '../loading/pack-loader.js';
import {PackStore} from '../loading/pack-store.js';
import {Previewer} from './previewer.js';
import {SharedLoad} from '../loading/shared-load.js';
import {Surface} from './surface.js';

/** Everything that an inference worker does, without the worker: packs, surfaces, open calls. */
export class InferenceService implements InferenceApi {
  #runtime: (() => Promise<OrtRuntime>) | undefined;
  #store = new PackStore(false);
  #embeddings = new EmbeddingStore(false);
  #emit: Emit = () => undefined;
  readonly #packs = new Map<string, SharedLoad<LoadedPack>>();
  readonly #surfaces = new Map<number, Surface>();
  readonly #calls = new Map<number, AbortController>();

  async connect(options: RuntimeOptions, emit: Emit): Promise<boolean> {
    this.#emit = emit;
    this.#store = new PackStore(options.cache);
    this.#embeddings = new EmbeddingStore(options.cache);
    // A pack without networks never needs it, and its page never pays for it.
    let runtime: Promise<OrtRuntime> | undefined;
    this.#runtime = () =>
      (runtime ??= OrtRuntime.create(options, (message) => {
        void emit({type: 'device-lost', message});
      }));
    return holdForLife(options.lifeLock);
  }

  open(request: number, url: string): Promise<PackInfo> {
    return this.#call(request, async ({signal}) => {
      const {manifest} = await this.#pack(url, signal);
      return {url, manifest};
    });
  }

  load(request: number, url: string, parts: readonly Loadable[]): Promise<void> {
    return this.#call(request, async (call, tell) => {
      const pack = await this.#pack(url, call.signal);
      const join = joinProgress(pack.manifest, parts, (stage, loaded, total) => {
        tell({type: 'progress', request, stage, loaded, total});
      });
      await Promise.all(parts.map((part) => pack.prepare(part, {...call, onProgress: join(part)})));
    });
  }

  async unload(url: string): Promise<void> {
    const pack = this.#packs.get(url);
    this.#packs.delete(url);
    await (await pack?.result.catch(() => undefined))?.release();
  }

  async release(url: string, parts: readonly Loadable[]): Promise<void> {
    const pack = await this.#packs.get(url)?.result.catch(() => undefined);
    await pack?.release(parts);
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

  edit(request: number, url: string, latent: Latent, edits: Edits): Promise<Latent> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendLatent((await pack.edit(latent, edits, call)).latent);
    });
  }

  tell(request: number, url: string, sampling: Sampling): Promise<void> {
    return this.#call(request, async (call) => {
      const {diffuser} = await this.#pack(url, call.signal);
      await diffuser.tell(sampling, call);
    });
  }

  denoise(
    request: number,
    url: string,
    latent: Latent,
    sampling: Sampling,
    watch?: StepWatch,
  ): Promise<Latent> {
    return this.#call(request, async (call, tell) => {
      const pack = await this.#pack(url, call.signal);
      const previewer = watch && pack.has('decoder') ? new Previewer(pack, watch.frame) : undefined;
      const {diffuser} = pack;
      const denoised = await diffuser.denoise(latent, sampling, call, async (step, steps, made) => {
        tell({type: 'progress', request, stage: 'denoise', loaded: step, total: steps});
        if (!watch) return;
        const wanted = step < steps || watch.last;
        const preview = wanted ? await previewer?.paint(made, call) : undefined;
        tell(sendStep({type: 'step', request, step, steps, ...(preview && {preview})}));
      });
      return sendLatent(denoised.latent);
    });
  }

  sample(request: number, url: string, seed: number): Promise<Latent> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendLatent(await pack.sample(seed, call));
    });
  }

  embedTexts(
    request: number,
    url: string,
    texts: readonly string[],
    rules: EmbedRules,
  ): Promise<Float32Array> {
    return this.#call(request, async (call) => {
      const {embedder} = await this.#pack(url, call.signal);
      return sendAll(await embedder.embedTexts(texts, rules, call));
    });
  }

  recallTexts(
    request: number,
    url: string,
    texts: readonly string[],
    kind: TextKind,
  ): Promise<(Float32Array | undefined)[]> {
    return this.#call(request, async ({signal}) => {
      const {embedder} = await this.#pack(url, signal);
      return embedder.recall(texts, kind);
    });
  }

  embedImage(
    request: number,
    url: string,
    image: ImageInput,
    frame: FrameSize,
    keep: boolean,
  ): Promise<Float32Array> {
    return this.#call(request, async (call) => {
      const {embedder} = await this.#pack(url, call.signal);
      return sendAll([await embedder.embedImage(image, frame, keep, call)]);
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

  async #call<T>(
    request: number,
    run: (call: LoadCall, tell: (event: WorkerEvent) => void) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(request, controller);
    const told: unknown[] = [];
    try {
      const result = await run(
        {signal: controller.signal, onProgress: () => undefined},
        (event) => {
          told.push(this.#emit(event));
        },
      );
      // Events and results cross by ports of their own: the result must not overtake the last event.
      await Promise.all(told);
      return result;
    } finally {
      this.#calls.delete(request);
    }
  }

  #pack(url: string, signal = new AbortController().signal): Promise<LoadedPack> {
    let load = this.#packs.get(url);
    if (!load || load.abandoned) {
      const runtime = this.#runtime;
      if (!runtime) throw new LatentError('bad-argument', 'connect() must come first.');
      const begun = new SharedLoad(async (given) => {
        const manifest = await loadManifest(url, this.#store, given);
        return new LoadedPack(url, manifest, {
          runtime,
          store: this.#store,
          embeddings: this.#embeddings,
          open: (other, wanted) => this.#pack(other, wanted),
        });
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

/** Adds the bytes of parts that load side by side up to one download, then one compilation. */
function joinProgress(
  manifest: PackManifest,
  parts: readonly Loadable[],
  report: (stage: Stage, loaded: number, total: number) => void,
): (part: Loadable) => LoadCall['onProgress'] {
  const bytes = partBytes(manifest, parts);
  const downloaded = new Map<Loadable, number>();
  const networks = parts.filter((part) => part !== 'directionVectors').length;
  let compiled = 0;
  return (part) => (stage, loaded) => {
    if (stage === 'compile') {
      report(stage, ++compiled, networks);
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

function sendStep(event: WorkerEvent & {readonly type: 'step'}): WorkerEvent {
  return event.preview ? transfer(event, [event.preview]) : event;
}

/** Vectors of one length as one block, which crosses without a copy. */
function sendAll(vectors: readonly Float32Array[]): Float32Array {
  const size = vectors[0]?.length ?? 0;
  const block = new Float32Array(size * vectors.length);
  vectors.forEach((vector, i) => {
    block.set(vector, i * size);
  });
  return transfer(block, [block.buffer]);
}
