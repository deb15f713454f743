import type {PropertyValues, TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {PictureController} from '../../src/controllers/picture-controller.js';
import type {Target} from '../../src/controllers/target-controller.js';
import {LatentError} from '../../src/core/errors.js';
import {type SignalOptions, type ToBlobOptions, toStill} from '../../src/controllers/to-blob.js';
import {assertOwnLatent} from '../../src/core/pack/space.js';
import {frameOfLatent} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {ImageSource} from '../../src/engine/types.js';
import {optionalNumber, optionalText} from '../internal/attributes.js';
import {editedLatent, EditStack} from '../internal/edits.js';
import {LatentElement} from '../internal/latent-element.js';
import {renderStage} from '../internal/stage.js';
import {stageStyles} from '../internal/stage.styles.js';

/** The edits of a `<latent-image>`, which sliders add to; undefined for any other element. */
export let editsOf: (element: Element) => EditStack | undefined;

/**
 * The picture of the `<latent-image>` that the attribute `for` names; null while that is not there,
 * undefined without `for`. `bad-argument` where it names none.
 */
export function targetPicture(
  target: Target,
  id: string | undefined,
): PictureController | null | undefined {
  if (target === undefined) return undefined;
  if (target === 'pending') return null;
  if (target === 'missing') {
    throw new LatentError(
      'bad-argument',
      `for: there is no <latent-image> with the id "${id ?? ''}" here. Give one that id, or give src.`,
    );
  }
  const edits = editsOf(target);
  if (edits) return edits.picture;
  throw new LatentError(
    'bad-argument',
    `for: the element with the id "${id ?? ''}" is a <${target.localName}>, not a <latent-image>.`,
  );
}

/**
 * Shows one latent as an image. A `src` is shown as it is, pixel for pixel, and encoded, so that
 * `latent` can be read. Every `<latent-slider for="…">` that names it edits what it shows: their
 * edits add up, in whatever order they were moved, and while all stand at 0 it shows its own pixels.
 *
 * Methods wait for `ready`, and begin loading where nothing else has; on an element outside of the
 * document they do nothing and resolve to `undefined`.
 *
 * @example
 * ```html
 * <latent-image id="portrait" src="ada.png"></latent-image>
 * <latent-slider for="portrait" direction="smile"></latent-slider>
 * ```
 *
 * @attr {number} width - Pixels that the page holds free for the picture before it is there, with `height`,
 *   as of an `<img>`: nothing moves when it comes.
 * @attr {number} height - See `width`.
 *
 * @tag latent-image
 *
 * @slot poster - Shown until the first frame is there.
 *
 * @csspart canvas - The picture.
 *
 * @cssprop [--latent-object-fit=contain] - How the picture fills an element of another shape.
 * @cssprop [--latent-placeholder] - Background before the first frame.
 * @cssprop [--latent-placeholder-size=10rem] - Height before the first frame.
 */
export class LatentImage extends LatentElement {
  static {
    editsOf = (element) => (#edits in element ? element.#edits : undefined);
  }

  static override styles = [stageStyles];

  /** The image: a URL or `seed:N`; as a property any image source. */
  @property({converter: optionalText}) src: ImageSource | undefined;

  /** The number of a sample of the model's own space, where there is no `src`: `seed:N` in short. */
  @property({converter: optionalNumber}) seed: number | undefined;

  /**
   * Pixels of the longer side at which the image is encoded and decoded, for models of any size; it is
   * shown at up to twice that. Default: the model's own working size, also for what is not above 0; the
   * model states its limit.
   */
  @property({converter: optionalNumber}) resolution: number | undefined;

  /** Shows pure decodes, without the detail that the model lost. Default `false`. */
  @property({type: Boolean}) reconstruct = false;

  #given: Latent | undefined;
  readonly #picture: PictureController = new PictureController(this, this.status, {
    inputs: () => {
      if (this.#given) return [{latent: this.#given}];
      const image = this.#image;
      return image === undefined ? [] : [{image}];
    },
    // Not the latent itself: a new one needs no loading, only another frame.
    dependencies: () => [this.#given !== undefined, this.src, this.seed],
    plan: (picture) => this.#edits.plan(picture),
  });
  readonly #edits: EditStack = new EditStack(this.#picture, {
    base: ({model, sources: [source]}) => {
      if (!this.#given) return source!;
      assertOwnLatent(model.manifest, this.#given);
      return {latent: this.#given, isImage: false};
    },
    image: () => (this.#given ? undefined : this.#image),
    reconstruct: () => this.reconstruct,
    size: ({model, size}) =>
      this.#given ? frameOfLatent(model.manifest, this.#given.shape) : size,
  });

  /**
   * The latent that is shown, without what sliders add (`editedLatent` has that): what was set, which
   * wins over `src` and `seed`, else what these were encoded to; `undefined` until then. Set it to
   * `undefined` to show `src` again.
   */
  // Taken away, it still reads the same until its source is encoded: a change all the same.
  @property({attribute: false, hasChanged: () => true})
  get latent(): Latent | undefined {
    return this.#given ?? this.#picture.picture?.sources[0]?.latent;
  }

  set latent(latent: Latent | null | undefined) {
    this.#given = latent ?? undefined;
  }

  /** The latent of what is shown, with what every slider adds. */
  async editedLatent({signal}: SignalOptions = {}): Promise<Latent | undefined> {
    if (!this.isConnected) return undefined;
    const picture = await this.#picture.loaded(signal);
    const {frame} = this.#edits.plan(picture);
    return this.status.during(editedLatent(picture.model, frame, this.#picture.until(signal)));
  }

  /** What is shown as `image/png` (default) or `image/webp`. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    return toStill(this.#picture, (picture) => this.#edits.plan(picture), options);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('latent') || changed.has('reconstruct')) this.#picture.repaint();
    this.#edits.changed();
  }

  protected override render(): TemplateResult {
    const {status, label} = this;
    return renderStage({
      element: this,
      picture: this.#picture,
      status,
      label: label === undefined || label === '' ? this.localize.term('image') : label,
    });
  }

  get #image(): ImageSource | undefined {
    if (this.src) return this.src;
    return this.seed === undefined ? undefined : `seed:${this.seed}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-image': LatentImage;
  }
}
