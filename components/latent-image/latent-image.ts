import type {PropertyValues, TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import type {
  Picture,
  PictureInput,
  PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {assertOwnLatent, frameOfLatent} from '../../src/core/pack/image-size.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {ImageSource} from '../../src/engine/types.js';
import {optionalNumber, optionalText} from '../internal/attributes.js';
import {EditorRegistry, letEdit, type PictureEditor} from '../internal/editable.js';
import {type Edit, type EditBase, editedFrame, editedLatent} from '../internal/edited-frame.js';
import {LatentPictureElement} from '../internal/latent-picture-element.js';
import type {SignalOptions, ToBlobOptions} from '../internal/to-blob.js';

/**
 * Shows one latent as an image. A `src` is shown as it is, pixel for pixel, and encoded, so that
 * `latent` can be read. Every `<latent-slider for="…">` that names it edits what it shows: their
 * edits add up, in whatever order they were moved, and while all stand at 0 it shows its own pixels.
 *
 * Methods wait for `ready`, and begin loading where nothing else has; on an element outside of the
 * document they do nothing and resolve to `undefined`.
 *
 * @tag latent-image
 */
export class LatentImage extends LatentPictureElement {
  /** The image: a URL or `seed:N`; as a property any image source. */
  @property({converter: optionalText}) src: ImageSource | undefined;

  /** The number of a sample of the model's own space, where there is no `src`: `seed:N` in short. */
  @property({converter: optionalNumber}) seed: number | undefined;

  /** Shows pure decodes, without the detail that the model lost. Default `false`. */
  @property({type: Boolean}) reconstruct = false;

  #given: Latent | undefined;
  readonly #editors = new EditorRegistry();

  constructor() {
    super();
    letEdit(this, {
      editors: this.#editors,
      version: () => `${this.picture.loads} ${this.error ? 'failed' : ''}`,
      isEmpty: () => this.inputs().length === 0,
      error: () => this.error,
      loaded: (signal) => this.picture.loaded(signal),
      repaint: () => this.picture.repaint(),
      base: (picture) => this.#base(picture),
      image: () => (this.#given ? undefined : this.#image),
      plan: (picture, editor, instead) => this.#plan(picture, editor, instead),
    });
  }

  /**
   * The latent that is shown, without what sliders add (`editedLatent` has that): what was set, which
   * wins over `src` and `seed`, else what these were encoded to; `undefined` until then. Set it to
   * `undefined` to show `src` again.
   */
  // Taken away, it still reads the same until its source is encoded: a change all the same.
  @property({attribute: false, hasChanged: () => true})
  get latent(): Latent | undefined {
    return this.#given ?? this.picture.picture?.sources[0]?.latent;
  }

  set latent(latent: Latent | null | undefined) {
    this.#given = latent ?? undefined;
  }

  /** The latent of what is shown, with what every slider adds. */
  async editedLatent({signal}: SignalOptions = {}): Promise<Latent | undefined> {
    if (!this.isConnected) return undefined;
    const picture = await this.picture.loaded(signal);
    const {frame} = this.plan(picture);
    return this.status.during(editedLatent(picture.model, frame, this.picture.until(signal)));
  }

  /** What is shown as `image/png` (default) or `image/webp`. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    return this.isConnected ? this.toStill(options) : undefined;
  }

  protected override readonly frameProperties = ['latent', 'reconstruct'];

  protected override readonly description = 'Image';

  protected override inputs(): readonly PictureInput[] {
    if (this.#given) return [{latent: this.#given}];
    const image = this.#image;
    return image === undefined ? [] : [{image}];
  }

  // Not the latent itself: a new one needs no loading, only another frame.
  protected override dependencies(): readonly unknown[] {
    return [this.#given !== undefined, this.src, this.seed];
  }

  protected override plan(picture: Picture): PlannedFrame {
    return this.#plan(picture);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.#editors.changed();
  }

  protected override render(): TemplateResult {
    return this.renderStage();
  }

  get #image(): ImageSource | undefined {
    if (this.src) return this.src;
    return this.seed === undefined ? undefined : `seed:${this.seed}`;
  }

  #plan(picture: Picture, editor?: PictureEditor, instead?: Edit): PlannedFrame {
    const {model, size} = picture;
    const base = this.#base(picture);
    if (this.#given) assertOwnLatent(model.manifest, base.latent);
    const edits = this.#editors.edits(picture, editor, instead);
    return {
      frame: editedFrame(base, edits, this.reconstruct || this.#editors.reconstruct),
      size: this.#given ? frameOfLatent(model.manifest, base.latent.shape) : size,
    };
  }

  #base({sources: [source]}: Picture): EditBase {
    return this.#given ? {latent: this.#given, isImage: false} : source!;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-image': LatentImage;
  }
}
