import {transfer} from 'comlink';
import {PreviewBudget} from '../../src/core/diffusion/sampling.js';
import {LatentError} from '../../src/core/errors.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {FrameSize} from '../../src/core/pack/image-size.js';
import {type Loadable, type PackManifest, partBytes} from '../../src/core/pack/pack.js';
import type {Stage, WorkerEvent} from '../../src/shared/events.js';
import type {ImageInput, InferenceApi, StepWatch} from '../../src/shared/inference.js';
import type {StepListener} from '../diffusion/diffuser.js';
import {loadManifest} from '../loading/pack-loader.js';
import {PackStore} from '../loading/pack-store.js';
import {joinShared, type LoadCall, type SharedLoad} from '../loading/shared-load.js';
import {type OpenCall, OpenCalls} from '../open-calls.js';
import {EmbeddingStore} from '../text/embedding-store.js';
import {type GpuLatent, releaseLatent} from './image-tensor.js';
import {LoadedPack} from './loaded-pack.js';
import {RuntimeStart} from './ort-runtime.js';
import {Surface} from './surface.js';

/**
 * Everything that an inference worker does, without the worker: packs, surfaces, open calls.
 *
 * Its calls come one at a time from the page's queue, all but `open`, `load` and `recallTexts`, which
 * wait for the network or the disk and run beside the others. Parameters are those of `InferenceApi`.
 */
export class InferenceService implements InferenceApi {
  #runtime: RuntimeStart | undefined;
  #runtimeBytes = 0;
  #store = new PackStore(false);
  #embeddings = new EmbeddingStore(false);
  readonly #packs = new Map<string, SharedLoad<LoadedPack>>();
  /** Manifests that came with the code of the page. */
  readonly #packaged = new Map<string, PackManifest>();
  readonly #surfaces = new Map<number, Surface>();
  readonly #calls = new OpenCalls();

  readonly connect: InferenceApi['connect'] = (options, emit) => {
    this.#store = new PackStore(options.cache);
    this.#embeddings = new EmbeddingStore(options.cache);
    // A pack without networks never needs it, and its page never pays for it.
    this.#runtime = new RuntimeStart(options, this.#store, ({code, message}) => {
      void emit({type: 'device-fault', code, message});
    });
    this.#runtimeBytes = options.runtime.bytes;
    return this.#calls.connect(options.lifeLock, emit);
  };

  readonly open: InferenceApi['open'] = (request, {url, manifests}) => {
    for (const [own, manifest] of Object.entries(manifests ?? {})) {
      this.#packaged.set(own, manifest);
    }
    return this.#run(request, async ({signal}) => {
      const {manifest} = await this.#pack(url, signal);
      return {url, manifest};
    });
  };

  readonly load: InferenceApi['load'] = (request, url, parts) =>
    this.#run(request, async (call, report) => {
      const pack = await this.#pack(url, call.signal);
      const join = joinProgress(
        pack.manifest,
        parts,
        this.#runtimeBytes,
        (stage, loaded, total) => {
          report({type: 'progress', request, stage, loaded, total});
        },
      );
      await Promise.all(parts.map((part) => pack.prepare(part, {...call, onProgress: join(part)})));
    });

  readonly unload: InferenceApi['unload'] = async (url) => {
    const pack = this.#packs.get(url);
    this.#packs.delete(url);
    await (await pack?.result.catch(() => undefined))?.release();
  };

  readonly release: InferenceApi['release'] = async (url, parts) => {
    const pack = await this.#packs.get(url)?.result.catch(() => undefined);
    await pack?.release(parts);
  };

  readonly encode: InferenceApi['encode'] = (request, url, image, frame) =>
    this.#run(request, (call) =>
      closing(image, async () => {
        const pack = await this.#pack(url, call.signal);
        return sendLatent(await pack.encode(image, frame, call));
      }),
    );

  readonly decode: InferenceApi['decode'] = (request, url, latent, frame) =>
    this.#run(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendBitmap(await pack.render(latent, frame, call));
    });

  readonly edit: InferenceApi['edit'] = (request, url, latent, edits) =>
    this.#run(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendLatent((await pack.edit(latent, edits, call)).latent);
    });

  readonly encodePrompts: InferenceApi['encodePrompts'] = (request, url, plan) =>
    this.#run(request, async (call) => {
      const {diffuser} = await this.#pack(url, call.signal);
      await diffuser.encodePrompts(plan, call);
    });

  readonly denoise: InferenceApi['denoise'] = (request, url, latent, plan, watch) =>
    this.#run(request, async (call, report) => {
      const pack = await this.#pack(url, call.signal);
      const listen = listenToSteps(request, pack, watch, call, report);
      const {latent: made} = await pack.diffuser.denoise(latent, plan, call, listen);
      try {
        return sendLatent(await pack.diffuser.read(made));
      } finally {
        releaseLatent(made);
      }
    });

  readonly sample: InferenceApi['sample'] = (request, url, seed) =>
    this.#run(request, async (call) => {
      const pack = await this.#pack(url, call.signal);
      return sendLatent(await pack.sample(seed, call));
    });

  readonly embedTexts: InferenceApi['embedTexts'] = (request, url, texts, rules) =>
    this.#run(request, async (call) => {
      const {embedder} = await this.#pack(url, call.signal);
      return sendAll(await embedder.embedTexts(texts, rules, call));
    });

  readonly recallTexts: InferenceApi['recallTexts'] = (request, url, texts, kind) =>
    this.#run(request, async ({signal}) => {
      const {embedder} = await this.#pack(url, signal);
      return embedder.recall(texts, kind);
    });

  readonly embedImage: InferenceApi['embedImage'] = (request, url, image, frame, keep) =>
    this.#run(request, (call) =>
      closing(image, async () => {
        const {embedder} = await this.#pack(url, call.signal);
        return sendAll([await embedder.embedImage(image, frame, keep, call)]);
      }),
    );

  readonly openSurface: InferenceApi['openSurface'] = async (surface, url, canvas) => {
    this.#surfaces.set(surface, new Surface(await this.#pack(url), canvas));
  };

  readonly setSource: InferenceApi['setSource'] = (request, surface, source, image, frame) =>
    this.#run(request, (call) =>
      closing(image, () => this.#surface(surface).setSource(source, image, frame, call)),
    );

  readonly paint: InferenceApi['paint'] = (request, surface, frame, size, watched) =>
    this.#run(request, async (call, report) => {
      const target = this.#surface(surface);
      if (!watched) return (await target.paint(frame, size, call)).report;
      const watch = {frame: size, last: false};
      const listen = listenToSteps(request, target.pack, watch, call, report);
      // The last step is reported with the pixels that are painted, which need no second decode.
      let last: {readonly step: number; readonly steps: number} | undefined;
      const onStep: StepListener = (step, steps, made) => {
        if (step < steps) return listen(step, steps, made);
        report({type: 'progress', request, stage: 'denoise', loaded: step, total: steps});
        last = {step, steps};
        return undefined;
      };
      const painted = await target.paint(frame, size, call, onStep, () => last !== undefined);
      if (last && painted.image) {
        report(sendStep({type: 'step', request, ...last, preview: painted.image}));
      }
      return painted.report;
    });

  readonly render: InferenceApi['render'] = (request, surface, frame, size) =>
    this.#run(request, async (call) =>
      sendBitmap(await this.#surface(surface).render(frame, size, call)),
    );

  readonly closeSurface: InferenceApi['closeSurface'] = (surface) => {
    this.#surfaces.get(surface)?.close();
    this.#surfaces.delete(surface);
    return Promise.resolve();
  };

  readonly cancel: InferenceApi['cancel'] = (request) => {
    this.#calls.cancel(request);
    return Promise.resolve();
  };

  #run<T>(
    request: number,
    task: (call: LoadCall, report: OpenCall['report']) => Promise<T>,
  ): Promise<T> {
    return this.#calls.run(request, ({signal, report}) =>
      task({signal, onProgress: () => undefined}, report),
    );
  }

  #pack(url: string, signal = new AbortController().signal): Promise<LoadedPack> {
    const runtime = this.#runtime;
    if (!runtime) throw new LatentError('bad-argument', 'connect() must come first.');
    return joinShared(this.#packs, url, signal, undefined, async (given) => {
      const manifest = this.#packaged.get(url) ?? (await loadManifest(url, this.#store, given));
      return new LoadedPack(url, manifest, {
        runtime,
        store: this.#store,
        embeddings: this.#embeddings,
        open: (other, wanted) => this.#pack(other, wanted),
      });
    });
  }

  #surface(surface: number): Surface {
    const found = this.#surfaces.get(surface);
    if (found) return found;
    throw new LatentError('bad-argument', 'This surface was closed. Create another.');
  }
}

/**
 * Adds the bytes of parts that load side by side, and of the runtime where that comes with them, up to
 * one download, then one compilation.
 */
function joinProgress(
  manifest: PackManifest,
  parts: readonly Loadable[],
  runtimeBytes: number,
  report: (stage: Stage, loaded: number, total: number) => void,
): (part: Loadable) => LoadCall['onProgress'] {
  const bytes = partBytes(manifest, parts);
  const downloaded = new Map<Loadable | 'runtime', number>();
  const networks = parts.filter((part) => part !== 'directionVectors').length;
  let compiled = 0;
  return (part) => (stage, loaded) => {
    if (stage === 'compile') {
      report(stage, ++compiled, networks);
      return;
    }
    downloaded.set(stage === 'runtime' ? stage : part, loaded);
    report(
      'download',
      [...downloaded.values()].reduce((sum, value) => sum + value, 0),
      downloaded.has('runtime') ? bytes + runtimeBytes : bytes,
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

/** Reports every step that is done, with a preview where the decoder is here and it costs little. */
function listenToSteps(
  request: number,
  pack: LoadedPack,
  watch: StepWatch | undefined,
  call: LoadCall,
  report: OpenCall['report'],
): StepListener {
  const previewer = watch && pack.has('decoder') ? new Previewer(pack, watch.frame) : undefined;
  return async (step, steps, made) => {
    report({type: 'progress', request, stage: 'denoise', loaded: step, total: steps});
    if (!watch) return;
    const wanted = step < steps || watch.last;
    const preview = wanted ? await previewer?.paint(made, call) : undefined;
    report(sendStep({type: 'step', request, step, steps, ...(preview && {preview})}));
  };
}

/** Paints how the image of a denoising looks so far, at as many steps as its budget allows. */
class Previewer {
  readonly #pack: LoadedPack;
  readonly #frame: FrameSize;
  readonly #budget = new PreviewBudget();
  readonly #began = performance.now();
  #spent = 0;

  constructor(pack: LoadedPack, frame: FrameSize) {
    this.#pack = pack;
    this.#frame = frame;
  }

  /** The image of a step's latent; undefined where it would cost too much. */
  async paint(latent: Latent | GpuLatent, call: LoadCall): Promise<ImageBitmap | undefined> {
    const begin = performance.now();
    if (!this.#budget.allows(begin - this.#began - this.#spent)) return undefined;
    const bitmap = await this.#pack.render(latent, this.#frame, call);
    const milliseconds = performance.now() - begin;
    this.#budget.spend(milliseconds);
    this.#spent += milliseconds;
    return bitmap;
  }
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
