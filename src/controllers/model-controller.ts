import {orAbort} from '../core/abort.js';
import type {PackManifest} from '../core/pack/pack.js';
import {assertDevice, settings} from '../engine/config.js';
import {bringPack} from '../engine/shipped-packs.js';
import type {DevicePreference, LoadOptions, Model, Progress} from '../engine/types.js';
import {engine, modelName} from './page-engine.js';

bringPack('photos', () => import('../engine/packs/photos.js'));
bringPack('avatars', () => import('../engine/packs/avatars.js'));

interface Lease {
  readonly key: string;
  readonly model: Promise<Model>;
  readonly abort: AbortController;
  current?: Model;
}

/** An element's lease on a model of the page's engine: one at a time. */
export class ModelController {
  #lease: Lease | undefined;
  #onProgress: ((progress: Progress) => void) | undefined;

  /**
   * The model, which stays leased until another is asked for or `release` is called; where neither the
   * host nor the page names one, `fallback`.
   */
  async acquire(
    name: string | undefined,
    device: DevicePreference | undefined,
    {signal, onProgress, parts}: LoadOptions = {},
    fallback = settings().model,
  ): Promise<Model> {
    const model = modelName(name, fallback);
    assertDevice(device);
    const key = `${device ?? ''} ${model}`;
    if (onProgress) this.#onProgress = onProgress;
    let lease = this.#lease;
    if (lease?.key !== key) {
      this.release();
      lease = this.#lease = this.#begin(key, model, device, parts);
    }
    // Giving up the wait does not give up the download: a new source wants the same model.
    return orAbort(lease.model, signal);
  }

  /** The manifest of the model that `acquire` would get; of its files nothing is fetched. */
  async manifest(
    name: string | undefined,
    signal: AbortSignal,
    fallback = settings().model,
  ): Promise<PackManifest> {
    const shared = await engine();
    return (await shared.inspect(modelName(name, fallback), {signal})).manifest;
  }

  /** Whether this is the model that is leased. */
  holds(model: Model): boolean {
    return this.#lease?.current === model;
  }

  /** Gives the lease back, or the attempt to get it up. */
  release(): void {
    this.#lease?.abort.abort();
    this.#lease?.model.then(
      (model) => model.release(),
      () => undefined,
    );
    this.#lease = undefined;
  }

  #begin(
    key: string,
    name: string,
    device: DevicePreference | undefined,
    parts: LoadOptions['parts'],
  ): Lease {
    const abort = new AbortController();
    const model = engine().then((shared) =>
      shared.load(name, {
        ...(device && {device}),
        ...(parts && {parts}),
        signal: abort.signal,
        onProgress: (progress) => this.#onProgress?.(progress),
      }),
    );
    const lease: Lease = {key, model, abort};
    model.then(
      (current) => (lease.current = current),
      () => {
        // A failure must not be remembered: the next attempt begins anew.
        if (this.#lease === lease) this.#lease = undefined;
      },
    );
    return lease;
  }
}
