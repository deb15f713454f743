import type {TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {encodeStill, STILL_TYPES} from '../../src/controllers/encode.js';
import type {
  Picture,
  PictureInput,
  PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {assertOwnLatent, frameOfLatent} from '../../src/core/image-size.js';
import type {Latent} from '../../src/core/latent.js';
import type {ImageSource} from '../../src/engine/types.js';
import {optionalNumber, optionalText} from '../internal/attributes.js';
import {LatentPictureElement} from '../internal/latent-picture-element.js';
import {assertType, type ToBlobOptions} from '../internal/to-blob.js';

/**
 * Shows one latent as an image. A `src` is shown as it is, pixel for pixel, and encoded, so that
 * `latent` can be read.
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

  #given: Latent | undefined;

  /**
   * The latent that is shown: what was set, which wins over `src` and `seed`, else what these were
   * encoded to; `undefined` until then. Set it to `undefined` to show `src` again.
   */
  @property({attribute: false})
  get latent(): Latent | undefined {
    return this.#given ?? this.picture.picture?.sources[0]?.latent;
  }

  set latent(latent: Latent | null | undefined) {
    this.#given = latent ?? undefined;
  }

  /** What is shown as `image/png` (default) or `image/webp`. */
  async toBlob(options: ToBlobOptions = {}): Promise<Blob | undefined> {
    if (!this.isConnected) return undefined;
    const {type = 'image/png', quality, signal} = options;
    assertType(type, STILL_TYPES);
    const bitmap = await this.picture.render((picture) => this.plan(picture), signal);
    return encodeStill(bitmap, type, quality);
  }

  protected override readonly frameProperties = ['latent'];

  protected override readonly description = 'Image';

  protected override inputs(): readonly PictureInput[] {
    const {src, seed} = this;
    if (this.#given) return [{latent: this.#given}];
    if (src) return [{image: src}];
    return seed === undefined ? [] : [{image: `seed:${seed}`}];
  }

  // Not the latent itself: a new one needs no loading, only another frame.
  protected override dependencies(): readonly unknown[] {
    return [this.#given !== undefined, this.src, this.seed];
  }

  protected override plan({model, sources, size}: Picture): PlannedFrame {
    const [source] = sources;
    const latent = this.#given;
    if (latent) {
      assertOwnLatent(model.manifest, latent);
      return {frame: {latent}, size: frameOfLatent(model.manifest, latent.shape)};
    }
    const {latent: encoded, isImage} = source!;
    return {frame: isImage ? {latent: encoded, source: 0} : {latent: encoded}, size};
  }

  protected override render(): TemplateResult {
    return this.renderStage();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'latent-image': LatentImage;
  }
}
