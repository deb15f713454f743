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
  PackSource,
  PaintReport,
  RuntimeOptions,
  StepWatch,
  TextKind,
} from '../../src/shared/inference.js';
import type {StepListener} from '../diffusion/diffuser.js';
import {EmbeddingStore} from '../text/embedding-store.js';
import {holdForLife} from '../life-lock.js';
import {LoadedPack} from './loaded-pack.js';
import {OrtRuntime} from './ort-runtime.js';
import {loadManifest} from '../loading/pack-loader.js';
import {PackStore} from '../loading/pack-store.js';
import {Previewer} from './previewer.js';
import {type LoadCall, SharedLoad} from '../loading/shared-load.js';
import {Surface} from './surface.js';

/** Everything that an inference worker does, without the worker: packs, surfaces, open calls. */
export class InferenceService implements InferenceApi {
  #runtime: (() => Promise<OrtRuntime>) | undefined;
  #store = new PackStore(false);
  #embeddings = new EmbeddingStore(false);
  #emit: Emit = () => undefined;
  readonly #packs = new Map<string, SharedLoad<LoadedPack>>();
  /** Manifests that came with the code of the page. */
  readonly #packaged = new Map<string, PackManifest>();
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

  open(request: number, {url, manifests}: PackSource): Promise<PackInfo> {
    for (const [own, manifest] of Object.entries(manifests ?? {}))
      this.#packaged.set(own, manifest);
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
    return this.#call(request, (call) =>
      closing(image, async () => {
        const pack = await this.#pack(url, call.signal);
        return sendLatent(await pack.encode(image, frame, call));
      }),
    );
  }

  decode(request: number, url: string, latent: Latent, frame: FrameSize): Promise<ImageBitmap> {
    return this.#call(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      const {pixels} = await pack.decode(latent, frame, call);
      return sendBitmap(await createImageBitmap(pixels));
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
      const listen = listenToSteps(request, pack, watch, call, tell);
      const denoised = await pack.diffuser.denoise(latent, sampling, call, listen);
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
    return this.#call(request, (call) =>
      closing(image, async () => {
        const {embedder} = await this.#pack(url, call.signal);
        return sendAll([await embedder.embedImage(image, frame, keep, call)]);
      }),
    );
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
      closing(image, () => this.#surface(surface).setSource(source, image, frame, call)),
    );
  }

  paint(
    request: number,
    surface: number,
    frame: Frame,
    size: FrameSize,
    watched: boolean,
  ): Promise<PaintReport> {
    return this.#call(request, async (call, tell) => {
      const target = this.#surface(surface);
      if (!watched) return (await target.paint(frame, size, call)).report;
      const watch = {frame: size, last: false};
      const listen = listenToSteps(request, target.pack, watch, call, tell);
      // The last step is told with the pixels that are painted, which need no second decode.
      let last: {readonly step: number; readonly steps: number} | undefined;
      const onStep: StepListener = (step, steps, made) => {
        if (step < steps) return listen(step, steps, made);
        tell({type: 'progress', request, stage: 'denoise', loaded: step, total: steps});
        last = {step, steps};
        return undefined;
      };
      const {report, pixels} = await target.paint(frame, size, call, onStep);
      if (last) {
        const preview = await createImageBitmap(pixels);
        tell(sendStep({type: 'step', request, ...last, preview}));
      }
      return report;
    });
  }

  render(request: number, surface: number, frame: Frame, size: FrameSize): Promise<ImageBitmap> {
    return this.#call(request, async (call) => {
      return sendBitmap(await this.#surface(surface).render(frame, size, call));
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
    const sent: unknown[] = [];
    try {
      const result = await run(
        {signal: controller.signal, onProgress: () => undefined},
        (event) => {
          sent.push(this.#emit(event));
        },
      );
      // Events and results cross by ports of their own: the result must not overtake the last event.
      await Promise.all(sent);
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
        const manifest = this.#packaged.get(url) ?? (await loadManifest(url, this.#store, given));
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
    throw new LatentError('bad-argument', 'This surface was closed. Create another.');
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

/** Runs `task`, after which an image that crossed to this worker is closed: nobody else has it. */
async function closing<T>(image: ImageInput, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } finally {
    if (image instanceof ImageBitmap) image.close();
  }
}

/** Tells of every step that is done, with a preview where the decoder is here and it costs little. */
function listenToSteps(
  request: number,
  pack: LoadedPack,
  watch: StepWatch | undefined,
  call: LoadCall,
  tell: (event: WorkerEvent) => void,
): StepListener {
  const previewer = watch && pack.has('decoder') ? new Previewer(pack, watch.frame) : undefined;
  return async (step, steps, made) => {
    tell({type: 'progress', request, stage: 'denoise', loaded: step, total: steps});
    if (!watch) return;
    const wanted = step < steps || watch.last;
    const preview = wanted ? await previewer?.paint(made, call) : undefined;
    tell(sendStep({type: 'step', request, step, steps, ...(preview && {preview})}));
  };
}

function sendBitmap(bitmap: ImageBitmap): ImageBitmap {
  return transfer(bitmap, [bitmap]);
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
