import {orAbort} from '../../src/core/abort.js';
import {addStep, type Edits, planEdits, stepFits} from '../../src/core/direction/direction.js';
import {LatentError} from '../../src/core/errors.js';
import {type FrameSize, latentShapeOf, type Size} from '../../src/core/pack/image-size.js';
import {countOf, type Latent} from '../../src/core/latent/latent.js';
import type {PackAsset} from '../../src/core/pack/pack-asset.js';
import type {Loadable, PackManifest, PackPart, PartName} from '../../src/core/pack/pack.js';
import {readTensors, type Tensor} from '../../src/core/latent/safetensors.js';
import {
  assertLatentShape,
  assertOwnLatent,
  channelsOf,
  toPublic,
  toRaw,
} from '../../src/core/pack/space.js';
import {
  drawToSize,
  type GpuLatent,
  type GpuTensor,
  type PixelFormat,
  type TensorData,
  toTensor,
} from './image-tensor.js';
import {type Decode, type Painter, releaseDecode} from './painter.js';
import {assertFinite, Diffuser} from '../diffusion/diffuser.js';
import {Embedder} from '../text/embedder.js';
import type {EmbeddingStore} from '../text/embedding-store.js';
import type {ImageInput} from '../../src/shared/inference.js';
import type {Network, NetworkFiles, OrtRuntime, RuntimeStart} from './ort-runtime.js';
import {fileUrl, loadAsset} from '../loading/pack-loader.js';
import type {PackStore} from '../loading/pack-store.js';
import {joinDownloads, type LoadCall, SharedLoad} from '../loading/shared-load.js';

/** What packs share in this worker. */
export interface PackHost {
  readonly store: PackStore;
  readonly embeddings: EmbeddingStore;
  /** What starts ONNX Runtime where it does not run yet. */
  readonly runtime: RuntimeStart;
  /** The pack of a URL. */
  open(url: string, signal: AbortSignal): Promise<LoadedPack>;
}

/** A pack in this worker: its manifest, and the parts that were asked for so far. */
export class LoadedPack {
  readonly url: string;
  readonly manifest: PackManifest;
  /** What makes vectors of texts and images. */
  readonly embedder: Embedder;
  /** What makes latents of noise. */
  readonly diffuser: Diffuser;
  readonly #host: PackHost;
  readonly #downloads = new Map<string, SharedLoad<Uint8Array<ArrayBuffer>>>();
  readonly #networks = new Map<PartName, Promise<Network>>();
  #samples: TensorData | undefined;
  #vectors: DirectionVectors | undefined;

  constructor(url: string, manifest: PackManifest, host: PackHost) {
    this.url = url;
    this.manifest = manifest;
    this.embedder = new Embedder(this, host.embeddings);
    this.diffuser = new Diffuser(this);
    this.#host = host;
  }

  /** How the pack's images look; `unsupported` for a pack without images. */
  get format(): PixelFormat {
    if (this.manifest.image) return this.manifest.image;
    throw new LatentError('unsupported', `The pack ${this.manifest.name} has no images.`);
  }

  /** Has a part, or the vectors of directions, ready, with all that it needs. */
  async prepare(name: Loadable, call: LoadCall): Promise<void> {
    if (name === 'directionVectors') {
      await this.#directionVectors(call);
      return;
    }
    if (name !== 'textEncoder') await this.network(name, call);
    else if (this.manifest.embedding) await this.embedder.prepareTexts(call);
    else await this.diffuser.prepareTexts(call);
  }

  /** Whether a part is here, or soon will be. */
  has(name: PartName): boolean {
    return this.#networks.has(name);
  }

  /** The compiled part, downloaded and compiled first where it is not there yet. */
  async network(name: PartName, call: LoadCall): Promise<Network> {
    const part = this.part(name);
    const known = this.#networks.get(name);
    if (known) return orAbort(known, call.signal);
    // Comes while the file downloads; whether it could is seen when it is needed.
    const starting = this.#host.runtime.get(call);
    starting.catch(() => undefined);
    // Some devices cannot run such a part: better to know before its files are here.
    if (part.dtype === 'float16') (await starting).assertRuns(part, this.#urlOf(part));
    const files = await this.#files(part, call);
    const runtime = await starting;
    // Another caller may have begun to compile while this one waited for the same download.
    const network = this.#networks.get(name) ?? this.#compile(name, part, files, runtime);
    const compiled = await orAbort(network, call.signal);
    call.onProgress('compile', 1);
    return compiled;
  }

  /** The named part; `unsupported` names those that the pack has. */
  part(name: PartName): PackPart {
    const part = this.manifest.parts[name];
    if (part) return part;
    const parts = Object.keys(this.manifest.parts).join(', ');
    throw new LatentError(
      'unsupported',
      `The pack ${this.manifest.name} has no ${name}; its parts are: ${parts}.`,
    );
  }

  /** Another pack, by its URL relative to this one. */
  open(url: string, {signal}: LoadCall): Promise<LoadedPack> {
    return this.#host.open(fileUrl(this.url, url), signal);
  }

  /** An image → latent, scaled and shifted as the pack's space says. */
  async encode(image: ImageInput, frame: FrameSize, call: LoadCall): Promise<Latent> {
    const {work, padded} = frame;
    const encoder = await this.network('encoder', call);
    const {latent} = await encoder.run({
      image: toTensor(drawToSize(image, work), padded, this.format),
    });
    const shape = latentShapeOf(this.manifest, frame);
    const raw = expectOutput(latent, this.part('encoder'), [1, ...shape]);
    const {space} = this.manifest;
    return {space: space.id, shape, data: toPublic(raw.data, shape[0]!, space)};
  }

  /** What paints frames of this pack, the first of them of this size. */
  async painter(call: LoadCall, frame: Size, canvas?: OffscreenCanvas): Promise<Painter> {
    return (await this.#host.runtime.get(call)).painter(frame, canvas);
  }

  /** A latent → the image of its frame. Errors as `decode`. */
  async render(latent: Latent | GpuLatent, frame: FrameSize, call: LoadCall): Promise<ImageBitmap> {
    const {decode} = await this.decode(latent, frame, call);
    try {
      const painter = await this.painter(call, frame);
      return await painter.render({decode, carried: []});
    } finally {
      releaseDecode(decode);
    }
  }

  /**
   * A latent → what the decoder makes of it, and the milliseconds that the network ran. `bad-argument`
   * for a frame of another latent; `bad-pack` for a decoder that makes another size than the pack says:
   * its numbers would be painted as stripes.
   */
  async decode(
    latent: Latent | GpuLatent,
    frame: FrameSize,
    call: LoadCall,
  ): Promise<{decode: Decode; run: number}> {
    assertOwnLatent(this.manifest, latent);
    const {height, width} = frame.padded;
    if (latentShapeOf(this.manifest, frame).join() !== latent.shape.join()) {
      throw new LatentError(
        'bad-argument',
        `A latent of shape [${latent.shape.join(', ')}] is not that of a frame of ` +
          `${String(width)}×${String(height)} pixels.`,
      );
    }
    const decoder = await this.network('decoder', call);
    const raw = this.#rawOf(latent, decoder);
    const begin = performance.now();
    const {image} = await runDecoder(decoder, raw);
    const run = performance.now() - begin;
    const tensor = expectOutput(image, this.part('decoder'), [1, 3, height, width]);
    return {decode: {tensor, frame, format: this.format}, run};
  }

  /**
   * The latent moved along directions of the pack, and the milliseconds that the editor ran: first
   * the editor, with all its amounts at once, then the vectors. The latent itself when all are 0.
   */
  async edit<L extends Latent | GpuLatent>(
    given: L,
    edits: Edits,
    call: LoadCall,
  ): Promise<{latent: L | Latent; run: number}> {
    const {amounts, vectors} = planEdits(this.manifest, edits);
    if (!amounts && vectors.length === 0) return {latent: given, run: 0};
    assertOwnLatent(this.manifest, given);
    const latent = await this.diffuser.read(given);
    const edited = amounts ? await this.#runEditor(latent, amounts, call) : {latent, run: 0};
    if (vectors.length === 0) return edited;
    const steps = await this.#directionVectors(call);
    const data = edited.latent.data.slice();
    for (const {tensor, amount} of vectors) addStep(data, steps.get(tensor)!, amount);
    return {latent: {...latent, data}, run: edited.run};
  }

  /** Sample number `seed`, wrapping around; `unsupported` where the pack has none. */
  async sample(seed: number, call: LoadCall): Promise<Latent> {
    const {samples, space, name} = this.manifest;
    if (!samples) {
      throw new LatentError(
        'unsupported',
        `The pack ${name} has no samples, so seed:${String(seed)} shows nothing. Give an image.`,
      );
    }
    // The download is shared, and each caller may give up alone; whoever comes first reads the file.
    const bytes = this.#samples ? undefined : await this.file(samples, call);
    const {data, dims} = (this.#samples ??= this.#readSamples(bytes!));
    const shape = dims.slice(1);
    const size = countOf(shape);
    const start = (seed % dims[0]!) * size;
    return {space: space.id, shape, data: data.slice(start, start + size)};
  }

  /** Ends the sessions, of all parts or of some; a later call loads them again. */
  async release(names: readonly Loadable[] = [...this.#networks.keys()]): Promise<void> {
    if (names.includes('textEncoder')) this.embedder.release();
    const networks: Promise<Network>[] = [];
    for (const [name, network] of this.#networks) {
      if (!names.includes(name)) continue;
      this.#networks.delete(name);
      networks.push(network);
    }
    const settled = await Promise.allSettled(networks);
    for (const result of settled) if (result.status === 'fulfilled') await result.value.release();
  }

  /** What the decoder is fed: a public latent in the scale of its own, where it lies. */
  #rawOf(latent: Latent | GpuLatent, {onGpu}: Network): TensorData | GpuTensor {
    const {space} = this.manifest;
    const {shape} = latent;
    if (!('tensor' in latent)) {
      return {data: toRaw(latent.data, shape[0]!, space), dims: [1, ...shape]};
    }
    const channels = channelsOf(shape[0]!, space);
    const maps = channels.map(({scale, shift}) => ({scale: 1 / scale, shift}));
    return onGpu!.arithmetic.mapChannels(latent.tensor, maps);
  }

  async #runEditor(
    latent: Latent,
    amounts: Float32Array,
    call: LoadCall,
  ): Promise<{latent: Latent; run: number}> {
    const editor = await this.network('editor', call);
    const dims = [1, ...latent.shape];
    const begin = performance.now();
    const outputs = await editor.run({
      latent: {data: latent.data, dims},
      amounts: {data: amounts, dims: [1, amounts.length]},
    });
    const run = performance.now() - begin;
    const part = this.part('editor');
    const {data} = expectOutput(outputs.latent, part, dims);
    assertFinite(data, part);
    return {latent: {...latent, data}, run};
  }

  async #directionVectors(call: LoadCall): Promise<DirectionVectors> {
    const asset = this.manifest.directionVectors;
    if (!asset) {
      throw new LatentError('unsupported', `The pack ${this.manifest.name} has no vectors.`);
    }
    if (this.#vectors) return this.#vectors;
    const bytes = await this.file(asset, call);
    return (this.#vectors ??= readVectors(bytes, this.manifest));
  }

  #readSamples(bytes: Uint8Array): TensorData {
    const {samples} = this.manifest;
    const {file, tensor: name} = samples!;
    const broken = (why: string, cause?: unknown): LatentError =>
      new LatentError('bad-pack', `${file}: ${why}`, {cause});
    let tensor: Tensor | undefined;
    try {
      tensor = readTensors(bytes).get(name);
      if (tensor) assertLatentShape(this.manifest, tensor.shape.slice(1));
    } catch (cause) {
      throw broken(cause instanceof Error ? cause.message : String(cause), cause);
    }
    if (!tensor) throw broken(`it has no tensor "${name}".`);
    return {data: tensor.data, dims: tensor.shape};
  }

  /** The bytes of a file of the pack, verified; kept by whoever asked. */
  file(asset: PackAsset, call: LoadCall): Promise<Uint8Array<ArrayBuffer>> {
    let load = this.#downloads.get(asset.file);
    if (!load || load.abandoned) {
      load = new SharedLoad((signal, onProgress) =>
        loadAsset(this.url, asset, this.#host.store, signal, onProgress),
      );
      this.#downloads.set(asset.file, load);
      const started = load;
      const forget = (): void => {
        if (this.#downloads.get(asset.file) === started) this.#downloads.delete(asset.file);
      };
      // Sessions copy the bytes: keep neither them nor a failure.
      load.result.then(forget, forget);
    }
    return load.join(call.signal, (loaded) => {
      call.onProgress('download', loaded);
    });
  }

  async #files(part: PackPart, call: LoadCall): Promise<NetworkFiles> {
    const join = joinDownloads(call);
    const [bytes, ...externalData] = await Promise.all([
      this.file(part, join()),
      ...part.externalData.map(async (asset) => ({
        path: asset.path ?? asset.file.replace(/^.*\//, ''),
        data: await this.file(asset, join()),
      })),
    ]);
    return {bytes, externalData};
  }

  #urlOf({file}: PackAsset): string {
    return fileUrl(this.url, file);
  }

  #compile(
    name: PartName,
    part: PackPart,
    files: NetworkFiles,
    runtime: OrtRuntime,
  ): Promise<Network> {
    // What is denoised is decoded where it was made, and what is decoded painted.
    const stays = name === 'denoiser' || name === 'decoder';
    const network = runtime.compile(files, part, this.#urlOf(part), stays);
    this.#networks.set(name, network);
    network.catch(() => this.#networks.delete(name));
    return network;
  }
}

async function runDecoder(
  decoder: Network,
  latent: TensorData | GpuTensor,
): Promise<Record<string, TensorData | GpuTensor>> {
  if ('data' in latent) return (decoder.onGpu ?? decoder).run({latent});
  try {
    // What left a latent there runs where the decoder does.
    return await decoder.onGpu!.run({latent});
  } finally {
    latent.release();
  }
}

/** What a part made, of the size that the pack says. */
function expectOutput<T extends TensorData | GpuTensor>(
  tensor: T | undefined,
  part: PackPart,
  dims: readonly number[],
): T {
  if (!tensor) {
    throw new LatentError(
      'bad-pack',
      `${part.file} gave no output ${JSON.stringify(part.outputs)}.`,
    );
  }
  if (tensor.dims.join() === dims.join()) return tensor;
  if ('buffer' in tensor) tensor.release();
  throw new LatentError(
    'bad-pack',
    `${part.file} made [${tensor.dims.join(', ')}] where its pack.json says [${dims.join(', ')}].`,
  );
}

/** The steps of a pack's directions, by the names of their tensors. */
type DirectionVectors = ReadonlyMap<string, Float32Array>;

/**
 * Reads the file of vectors that a pack's directions name; `bad-pack`, naming direction and tensor,
 * when one is missing, does not fit the space or holds a number that is not finite.
 */
function readVectors(bytes: Uint8Array, manifest: PackManifest): DirectionVectors {
  const {directions = {}, directionVectors, space} = manifest;
  const file = directionVectors?.file ?? 'directionVectors';
  const tensors = readFile(bytes, file);
  const vectors = new Map<string, Float32Array>();
  for (const [name, {vector}] of Object.entries(directions)) {
    if (vector === undefined) continue;
    const tensor = tensors.get(vector);
    const fault = tensor ? faultOf(tensor, space) : 'is missing';
    if (!tensor || fault) {
      throw new LatentError(
        'bad-pack',
        `The tensor "${vector}" of the direction "${name}" ${String(fault)} in ${file}.`,
      );
    }
    vectors.set(vector, tensor.data);
  }
  return vectors;
}

function readFile(bytes: Uint8Array, file: string): ReadonlyMap<string, Tensor> {
  try {
    return readTensors(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LatentError('bad-pack', `${file}: ${why}`, {cause});
  }
}

function faultOf({shape, data}: Tensor, space: PackManifest['space']): string | undefined {
  // A side that follows the image has no size to match: only a step for all positions fits.
  const sizes = space.shape.map((side) => (typeof side === 'number' ? side : NaN));
  if (!stepFits(shape, sizes)) {
    return (
      `has the shape [${shape.join(', ')}], which fits no latent of the space ${space.id} ` +
      `([${space.shape.join(', ')}])`
    );
  }
  return data.every(Number.isFinite) ? undefined : 'holds numbers that are not finite';
}
