import {html, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {classMap} from 'lit/directives/class-map.js';
import {keyed} from 'lit/directives/keyed.js';
import {ref} from 'lit/directives/ref.js';
import {encodeStill, STILL_TYPES} from '../../src/controllers/encode.js';
import {
  type Picture,
  PictureController,
  type PictureInput,
  type PictureLender,
  type PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {onServer} from '../../src/controllers/server.js';
import type {LatentError} from '../../src/core/errors.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {CallOptions} from '../../src/engine/types.js';
import type {PaintReport} from '../../src/shared/inference.js';
import {optionalNumber} from './attributes.js';
import {LatentElement} from './latent-element.js';
import {renderError, renderProgress} from './notices.js';
import {stageStyles} from './stage.styles.js';
import {assertType, type ToBlobOptions} from './to-blob.js';

/**
 * An element that shows frames of a latent space on a canvas, which a worker paints.
 *
 * @slot poster - Shown until the first frame is there.
 *
 * @csspart canvas - The picture.
 * @csspart progress - The bar shown while loading, a `<progress>`.
 * @csspart error - The message shown when something failed.
 *
 * @cssprop [--latent-accent=light-dark(#5b5bd6, #9d97ff)] - Colour of the controls, the bar and the focus ring.
 * @cssprop [--latent-danger] - Colour of the line around an error.
 * @cssprop [--latent-gap=0.625rem] - Between the picture and the controls.
 * @cssprop [--latent-object-fit=contain] - How the picture fills an element of another shape.
 * @cssprop [--latent-placeholder] - Background before the first frame.
 * @cssprop [--latent-placeholder-size=10rem] - Height before the first frame.
 * @cssprop [--latent-radius=0.5rem] - Radius of the corners; 0 for none.
 */
export abstract class LatentPictureElement extends LatentElement {
  static override styles = [stageStyles];

  /**
   * Pixels of the longer side at which images are encoded and decoded, for models of any size; they
   * are shown at up to twice that. Default: the model's own working size, also for what is not above
   * 0; the model states its limit.
   */
  @property({converter: optionalNumber}) resolution: number | undefined;

  protected readonly picture = new PictureController(this, this.status, {
    inputs: () => (onServer ? [] : this.inputs()),
    dependencies: () => this.dependencies(),
    plan: (picture) => this.plan(picture),
    painted: (frame, milliseconds, report) => this.painted?.(frame, milliseconds, report),
    lender: () => this.lender?.(),
    ...(this.complete && {complete: (picture, options) => this.complete!(picture, options)}),
  });

  /** What to encode; throws `LatentError` for what makes no sense. */
  protected abstract inputs(): readonly PictureInput[];
  /** All that `inputs` depends on. */
  protected abstract dependencies(): readonly unknown[];
  /** The frame to show now. */
  protected abstract plan(picture: Picture): PlannedFrame;
  /** The properties that change the frame alone. */
  protected abstract readonly frameProperties: readonly PropertyKey[];
  /** What the picture is, where no `label` says it. */
  protected abstract readonly description: string;

  /** A frame is on screen. */
  protected painted?(frame: PlannedFrame, milliseconds: number, report: PaintReport): void;

  /** Whose picture it is, where it is not this element's own; null where that is not known yet. */
  protected lender?(): PictureLender | null | undefined;

  /** Gets what else there must be, once the picture is there; undefined where that is all. */
  protected complete?(picture: Picture, options: CallOptions): Promise<void> | undefined;

  /** What the element is called. */
  protected get caption(): string {
    return this.label === undefined || this.label === '' ? this.description : this.label;
  }

  /** What the picture is called. */
  protected get pictureLabel(): string {
    return this.caption;
  }

  /** Whether something in the slots stands where the picture will be. */
  protected get holdsPlace(): boolean {
    return !onServer && this.childElementCount > 0;
  }

  protected override updated(changed: PropertyValues): void {
    if (this.frameProperties.some((name) => changed.has(name))) this.picture.repaint();
  }

  /** The frame of this moment as a file. */
  protected async toStill({type = 'image/png', quality, signal}: ToBlobOptions): Promise<Blob> {
    assertType(type, STILL_TYPES);
    const bitmap = await this.picture.render((picture) => this.plan(picture), signal);
    return encodeStill(bitmap, type, quality);
  }

  /** The picture with all that lies over it. */
  protected renderStage(content: TemplateResult | typeof nothing = nothing): TemplateResult {
    const {surfaces} = this.picture;
    const {state, isEmpty, frameSize: size} = this;
    // What the page put inside holds the place until there is a frame.
    const filled = state !== 'error' && this.holdsPlace;
    const classes = {
      painted: size !== undefined,
      placeholder: !size && !isEmpty && !filled,
      filled: !size && filled,
      failed: state === 'error',
      empty: isEmpty,
      posted: !size && !onServer && this.querySelector(':scope > [slot=poster]') !== null,
    };
    // As a property: a style attribute, even an empty one, is refused by strict CSPs.
    const style = size ? `--_width: ${size.width}px; --_ratio: ${size.width} / ${size.height}` : '';
    return html`
      <div class="stage ${classMap(classes)}" .style=${style}>
        ${content} ${size ? nothing : html`<slot name="poster"></slot>`}
        ${keyed(
          surfaces.key,
          html`<canvas
            part="canvas"
            role="img"
            aria-label=${this.pictureLabel}
            ${ref(surfaces.attach)}
          ></canvas>`,
        )}
        ${this.renderOver()} ${state === 'loading' ? this.renderProgress() : nothing}
        ${this.error ? this.renderError(this.error) : nothing}
      </div>
    `;
  }

  /** The size of what is seen; undefined while nothing is. */
  protected get frameSize(): Size | undefined {
    return this.picture.size;
  }

  /** What lies over the picture. */
  protected renderOver(): TemplateResult | typeof nothing {
    return nothing;
  }

  /** Whether there is nothing to show, nor will be. */
  protected get isEmpty(): boolean {
    if (onServer || this.state !== 'idle') return false;
    try {
      return this.inputs().length === 0;
    } catch {
      return false;
    }
  }

  /** The bar; of a method's progress where that is given. */
  protected renderProgress(ratio = this.status.progress?.ratio): TemplateResult {
    return renderProgress(ratio);
  }

  /** What went wrong, and the way to try again where that helps. */
  protected renderError(error: LatentError): TemplateResult {
    return renderError(error, {disabled: this.disabled, retry: this.#retry});
  }

  readonly #retry = (): void => this.picture.retry();
}
