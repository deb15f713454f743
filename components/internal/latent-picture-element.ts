import {nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {
  type Picture,
  PictureController,
  type PictureInput,
  type PlannedFrame,
} from '../../src/controllers/picture-controller.js';
import {type ToBlobOptions, toStill} from '../../src/controllers/to-blob.js';
import type {Size} from '../../src/core/pack/image-size.js';
import type {PaintReport} from '../../src/shared/inference.js';
import {optionalNumber} from './attributes.js';
import {LatentElement} from './latent-element.js';
import {renderStage} from './stage.js';
import {stageStyles} from './stage.styles.js';

/** Goes when the generator has taken in what it needs of it. */
export abstract class LatentPictureElement extends LatentElement {
  static override styles = [stageStyles];

  /** Pixels of the longer side at which images are encoded and decoded. */
  @property({converter: optionalNumber}) resolution: number | undefined;

  protected readonly picture = new PictureController(this, this.status, {
    inputs: () => this.inputs(),
    dependencies: () => this.dependencies(),
    plan: (picture) => this.plan(picture),
    painted: (frame, milliseconds, report) => this.painted?.(frame, milliseconds, report),
  });

  protected abstract inputs(): readonly PictureInput[];
  protected abstract dependencies(): readonly unknown[];
  protected abstract plan(picture: Picture): PlannedFrame;
  protected abstract readonly frameProperties: readonly PropertyKey[];
  protected abstract readonly description: string;
  protected painted?(frame: PlannedFrame, milliseconds: number, report: PaintReport): void;

  protected get caption(): string {
    return this.label === undefined || this.label === '' ? this.description : this.label;
  }

  protected get pictureLabel(): string {
    return this.caption;
  }

  protected override updated(changed: PropertyValues): void {
    if (this.frameProperties.some((name) => changed.has(name))) this.picture.repaint();
  }

  protected async toStill(options: ToBlobOptions): Promise<Blob> {
    return toStill(this.picture, (picture) => this.plan(picture), options);
  }

  protected renderStage(): TemplateResult {
    const {picture, status, pictureLabel: label, frameSize: size} = this;
    return renderStage({element: this, picture, status, label, size, over: this.renderOver()});
  }

  protected get frameSize(): Size | undefined {
    return this.picture.size;
  }

  protected renderOver(): TemplateResult | typeof nothing {
    return nothing;
  }
}
