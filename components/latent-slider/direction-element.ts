import {property} from 'lit/decorators.js';
import {ChildImagesController} from '../../src/controllers/child-images-controller.js';
import {assertMoves, DirectionResolver} from '../../src/controllers/direction-resolver.js';
import {type DirectionExamples, learnDirection} from '../../src/controllers/learn-direction.js';
import type {Picture} from '../../src/controllers/picture-controller.js';
import {throwIfAborted} from '../../src/core/abort.js';
import {type Direction, isDirection, stepFits} from '../../src/core/direction/direction.js';
import {LatentError} from '../../src/core/errors.js';
import type {CallOptions, Model} from '../../src/engine/types.js';
import {optionalText} from '../internal/attributes.js';
import type {Edit, EditBase} from '../internal/edited-frame.js';
import {assertType, type SignalOptions} from '../internal/to-blob.js';
import {RangeElement} from './range-element.js';

/** What `learn` takes. */
export interface LearnOptions extends DirectionExamples, SignalOptions {}

/** What `directionToBlob` takes. */
export interface DirectionBlobOptions extends SignalOptions {
  /** `application/octet-stream` (safetensors, default) or `application/json`. */
  readonly type?: string;
}

const DIRECTION_TYPES = ['application/octet-stream', 'application/json'] as const;

/**
 * A range whose values lie along a direction: one of the pack, of a file, or learned in the page.
 *
 * @slot positive - Pictures of what the direction leads to, where there is no `direction`: it is
 *   learned from them in the page. Without JavaScript they are simply shown.
 * @slot negative - Pictures of what it leads away from.
 */
export abstract class DirectionElement extends RangeElement {
  /**
   * Where it leads: a name in the model's pack, or the URL of a direction file (safetensors or JSON);
   * as a property the direction itself, too. Default: what the examples in the slots show.
   */
  @property({converter: optionalText}) direction: string | Direction | undefined;

  readonly #positive = new ChildImagesController(this, 'positive');
  readonly #negative = new ChildImagesController(this, 'negative');
  readonly #resolver = new DirectionResolver();
  #moves: {readonly model: Model; readonly direction: string | Direction} | undefined;
  #learning: number | undefined;

  /** The direction as numbers, where it was learned, read from a URL, or set; not that of a pack. */
  get directionData(): Direction | undefined {
    if (isDirection(this.direction)) return this.direction;
    const {moves} = this;
    return isDirection(moves) ? moves : undefined;
  }

  /**
   * Learns the direction from examples, any image sources or latents, three of each kind or more, and
   * takes it for its `direction`. Its `quality` says what it is worth. Nothing leaves the page.
   */
  async learn({positive, negative, signal}: LearnOptions): Promise<Direction | undefined> {
    if (!this.isConnected) return undefined;
    const direction = await this.status.during(this.#learn({positive, negative}, signal));
    this.direction = direction;
    if (!this.isEmpty) await this.picture.loaded(signal);
    return direction;
  }

  /** A file of the direction, which `direction` takes by its URL, here and on other pages. */
  async directionToBlob(options: DirectionBlobOptions = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    const {type = 'application/octet-stream', signal} = options;
    assertType(type, DIRECTION_TYPES);
    if (!this.directionData) await this.picture.loaded(signal);
    const direction = this.directionData;
    if (!direction) {
      throw new LatentError(
        'bad-argument',
        'There is no learned direction to write; one that the pack names is a part of the pack.',
      );
    }
    const {toDirectionFile} = await import('../../src/core/direction/direction-file.js');
    const format = type === 'application/json' ? 'json' : 'safetensors';
    return new Blob([toDirectionFile(direction, format)], {type});
  }

  /** What edits of a picture start from. */
  protected abstract base(picture: Picture): EditBase;

  /** Where it leads, once that is known. */
  protected get moves(): string | Direction | undefined {
    return this.#moves?.direction;
  }

  /** How far `learn` is, 0..1; undefined where it is not at work. */
  protected get learning(): number | undefined {
    return this.#learning;
  }

  /** How many examples the slots hold that are learned from. */
  protected get exampleCount(): number {
    if (this.direction) return 0;
    return this.#positive.elements.length + this.#negative.elements.length;
  }

  protected readonly examplesChanged = (): void => this.requestUpdate();

  /** What it asks of a picture at a value; undefined where it leads nowhere in its model. */
  protected editAt(picture: Picture, amount: number): Edit | undefined {
    if (this.#moves?.model !== picture.model) return undefined;
    const {direction} = this.#moves;
    const fits =
      typeof direction === 'string' || stepFits(direction.shape, this.base(picture).latent.shape);
    return fits ? {direction, amount} : undefined;
  }

  protected override dependencies(): readonly unknown[] {
    const {direction} = this;
    const examples = direction ? [] : [this.#positive.images, this.#negative.images];
    return [
      direction,
      ...examples.flatMap((images) => [
        images.length,
        ...images.flatMap(({image, version}) => [image, version]),
      ]),
    ];
  }

  protected override async complete(picture: Picture, options: CallOptions): Promise<void> {
    const {model} = picture;
    const direction = await this.#resolver.resolve(
      model,
      {
        direction: this.direction,
        positive: this.#positive.images,
        negative: this.#negative.images,
        label: this.label,
      },
      options,
    );
    throwIfAborted(options.signal);
    if (isDirection(direction)) assertMoves(direction, this.base(picture).latent);
    this.#moves = direction === undefined ? undefined : {model, direction};
  }

  async #learn(examples: DirectionExamples, given: AbortSignal | undefined): Promise<Direction> {
    const signal = this.picture.until(given);
    const model = await this.picture.model({signal});
    try {
      return await learnDirection(model, examples, {
        signal,
        label: this.label,
        onProgress: (progress) => {
          this.#learning = progress.ratio;
          this.status.tell(progress);
          this.requestUpdate();
        },
      });
    } finally {
      this.#learning = undefined;
      this.requestUpdate();
    }
  }
}
