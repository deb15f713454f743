import type {ReactiveControllerHost} from 'lit';
import {throwIfAborted} from '../core/abort.js';
import {type Direction, isDirection, stepFits} from '../core/direction/direction.js';
import {LatentError} from '../core/errors.js';
import {type Latent, spaceMismatch} from '../core/latent/latent.js';
import type {CallOptions, Model} from '../engine/types.js';
import {ChildImagesController} from './child-images-controller.js';
import type {ElementStatus} from './element-status.js';
import type {DirectionExamples, learnDirection} from './learn-direction.js';
import type {SourceInput} from './surface-controller.js';
import {assertType, type SignalOptions} from './to-blob.js';

/** Options of `learn`. */
export interface LearnOptions extends DirectionExamples, SignalOptions {}

/** Options of `directionToBlob`. */
export interface DirectionBlobOptions extends SignalOptions {
  /** `application/octet-stream` (safetensors, default) or `application/json`. */
  readonly type?: string;
}

/** An element that moves along a direction. */
export interface DirectionHost extends ReactiveControllerHost, HTMLElement {
  /** A name in the pack, the URL of a file, or the direction itself; default: the examples. */
  readonly direction: string | Direction | undefined;
  readonly label: string | undefined;
}

interface Resolved {
  readonly model: Model;
  readonly direction: string | Direction;
}

interface Known {
  readonly key: readonly unknown[];
  readonly direction: Direction;
}

const DIRECTION_TYPES = ['application/octet-stream', 'application/json'] as const;

/** Bytes of a direction file: the latent of a 1024² photo has 2 MB, as JSON five times as much. */
const MAX_BYTES = 64e6;

/** The direction of an element: of the pack, of a file, or learned from examples in its slots. */
export class DirectionController {
  readonly #host: DirectionHost;
  readonly #status: ElementStatus;
  readonly #positive: ChildImagesController;
  readonly #negative: ChildImagesController;
  #resolved: Resolved | undefined;
  /** The last one that had to be fetched or learned. */
  #known: Known | undefined;
  #progress: number | undefined;

  constructor(host: DirectionHost, status: ElementStatus) {
    this.#host = host;
    this.#status = status;
    this.#positive = new ChildImagesController(host, 'positive');
    this.#negative = new ChildImagesController(host, 'negative');
  }

  /** The direction, once it is known. */
  get resolved(): string | Direction | undefined {
    return this.#resolved?.direction;
  }

  /** The direction as numbers, where it was learned, read from a URL, or set; not that of a pack. */
  get data(): Direction | undefined {
    const {direction} = this.#host;
    if (isDirection(direction)) return direction;
    return isDirection(this.resolved) ? this.resolved : undefined;
  }

  /** How far `learn` is, 0..1; undefined where it is not at work. */
  get progress(): number | undefined {
    return this.#progress;
  }

  /** How many examples the slots hold that are learned from. */
  get exampleCount(): number {
    if (this.#host.direction) return 0;
    return this.#positive.elements.length + this.#negative.elements.length;
  }

  /** Everything that the direction depends on, beside the model. */
  get dependencies(): readonly unknown[] {
    const {direction} = this.#host;
    const examples = direction ? [] : [this.#positive.images, this.#negative.images];
    return [
      direction,
      ...examples.flatMap((images) => [
        images.length,
        ...images.flatMap(({image, version}) => [image, version]),
      ]),
    ];
  }

  /** The direction for a latent of `model`; undefined where it does not fit that one. */
  for(model: Model, {shape}: Latent): string | Direction | undefined {
    if (this.#resolved?.model !== model) return undefined;
    const {direction} = this.#resolved;
    return typeof direction === 'string' || stepFits(direction.shape, shape)
      ? direction
      : undefined;
  }

  /** Finds the direction, and checks that `latent` can be moved along it. */
  async load(model: Model, latent: Latent, options: CallOptions): Promise<void> {
    const direction = await this.#resolve(model, options);
    throwIfAborted(options.signal);
    if (isDirection(direction)) assertMoves(direction, latent);
    this.#resolved = direction === undefined ? undefined : {model, direction};
  }

  /** Learns a direction from examples; progress is dispatched by the status of the host. */
  async learn(model: Model, examples: DirectionExamples, signal: AbortSignal): Promise<Direction> {
    try {
      return await learn(model, examples, {
        signal,
        label: this.#host.label,
        onProgress: (progress) => {
          this.#progress = progress.ratio;
          this.#status.report(progress);
          this.#host.requestUpdate();
        },
      });
    } finally {
      this.#progress = undefined;
      this.#host.requestUpdate();
    }
  }

  /** A file of the direction; `loaded` waits for one that is not known yet. */
  async toBlob(type: string, loaded: () => Promise<unknown>): Promise<Blob> {
    assertType(type, DIRECTION_TYPES);
    if (!this.data) await loaded();
    const direction = this.data;
    if (!direction) {
      throw new LatentError(
        'bad-argument',
        'There is no learned direction to write; one that the pack names is a part of the pack.',
      );
    }
    const {toDirectionFile} = await import('../core/direction/direction-file.js');
    const format = type === 'application/json' ? 'json' : 'safetensors';
    return new Blob([toDirectionFile(direction, format)], {type});
  }

  /** A name in the model's pack, or a direction; undefined where there is none. */
  async #resolve(model: Model, options: CallOptions): Promise<string | Direction | undefined> {
    const {direction} = this.#host;
    if (isDirection(direction)) return direction;
    if (!direction) return this.#learnExamples(model, options);
    if (Object.hasOwn(model.manifest.directions ?? {}, direction) || !isAddress(direction)) {
      await model.prepareDirections([direction], options);
      return direction;
    }
    return this.#keep([direction], () => fetchDirection(direction, options.signal));
  }

  async #learnExamples(model: Model, options: CallOptions): Promise<Direction | undefined> {
    const positive = this.#positive.images;
    const negative = this.#negative.images;
    const {label} = this.#host;
    if (positive.length === 0 && negative.length === 0) return undefined;
    for (const [slot, images] of Object.entries({positive, negative})) {
      if (images.length > 0) continue;
      throw new LatentError(
        'bad-argument',
        `There is no <img slot="${slot}">: a direction is learned from pictures of both kinds.`,
      );
    }
    const images = [...positive, ...negative].flatMap(({image, version}) => [image, version]);
    return this.#keep([model, positive.length, label, ...images], () =>
      learn(
        model,
        {positive: positive.map(imageOf), negative: negative.map(imageOf)},
        {...options, label},
      ),
    );
  }

  async #keep(key: readonly unknown[], find: () => Promise<Direction>): Promise<Direction> {
    const known = this.#known;
    if (known?.key.length === key.length && known.key.every((each, i) => each === key[i])) {
      return known.direction;
    }
    const direction = await find();
    this.#known = {key, direction};
    return direction;
  }
}

/** Throws `space-mismatch` or `bad-argument` unless the latent can be moved along the direction. */
export function assertMoves(direction: Direction, latent: Latent): void {
  if (direction.space !== latent.space) throw spaceMismatch(latent.space, direction.space);
  if (stepFits(direction.shape, latent.shape)) return;
  throw new LatentError(
    'bad-argument',
    `The direction has the shape [${direction.shape.join(', ')}], the picture's latent ` +
      `[${latent.shape.join(', ')}]. Learn it with {pool: true}, which fits every size.`,
  );
}

function imageOf({image}: SourceInput): SourceInput['image'] {
  return image;
}

// Names of a pack's directions are words.
function isAddress(text: string): boolean {
  return /[/.:?#]/.test(text);
}

/** Reads a direction file; `bad-argument` for one that is none, else errors as `fetchBytes`. */
async function fetchDirection(
  address: string,
  signal: AbortSignal | undefined,
): Promise<Direction> {
  const url = urlOf(address);
  // Most sliders move along what their pack brings: neither the fetch nor the reader is loaded for them.
  const {fetchBytes} = await import('../shared/fetch-bytes.js');
  const {bytes} = await fetchBytes(url, {
    what: 'direction',
    maxBytes: MAX_BYTES,
    tooLong: 'bad-argument',
    signal,
  });
  const {fromDirectionFile} = await import('../core/direction/direction-file.js');
  try {
    return fromDirectionFile(bytes.buffer);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LatentError('bad-argument', `${url}: ${why}`, {cause});
  }
}

function urlOf(address: string): string {
  try {
    return new URL(address, document.baseURI).href;
  } catch (cause) {
    throw new LatentError('bad-argument', `"${address}" is not a URL.`, {cause});
  }
}

// Most sliders learn nothing.
async function learn(...given: Parameters<typeof learnDirection>): Promise<Direction> {
  return (await import('./learn-direction.js')).learnDirection(...given);
}
