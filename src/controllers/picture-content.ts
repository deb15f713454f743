import type {ReactiveControllerHost} from 'lit';
import type {LatentError} from '../core/errors.js';
import type {FrameSize} from '../core/pack/image-size.js';
import type {CallOptions, DevicePreference} from '../engine/types.js';
import type {Frame, PaintReport} from '../shared/inference.js';
import type {Picture, PictureInput} from './open-picture.js';

/** A frame to paint. */
export interface PlannedFrame {
  readonly frame: Frame;
  /** Where it is not the picture's. */
  readonly size?: FrameSize;
  /** The value that it was planned for. */
  readonly value?: number;
}

/** What the element that shows frames says of itself. */
export interface PictureHost extends ReactiveControllerHost, HTMLElement {
  readonly model: string | undefined;
  readonly device: DevicePreference | undefined;
  readonly loading: 'lazy' | 'eager';
  readonly resolution: number | undefined;
  /** The model where neither the host nor the page names one; default: the page's default. */
  readonly defaultModel?: string;
}

/** Another element's picture, which that one loads and paints. */
export interface PictureLender {
  /** Changes when the picture is loaded anew, and when it failed or recovered. */
  version(): string;
  /** Whether there is nothing to lend, nor will be. */
  isEmpty(): boolean;
  /** Why there is none. */
  error(): LatentError | undefined;
  /** The picture, as soon as it is there. */
  loaded(signal: AbortSignal): Promise<Picture>;
  repaint(): void;
}

/** What an element shows. */
export interface PictureContent {
  /** What to encode, none for nothing to do; throws `LatentError` for what makes no sense. */
  inputs(): readonly PictureInput[];
  /** All that `inputs` depends on: a change of one of them loads anew. */
  dependencies(): readonly unknown[];
  /** The frame to show now. */
  plan(picture: Picture): PlannedFrame;
  /** A frame is on screen; it took so many milliseconds to paint. */
  painted?(frame: PlannedFrame, milliseconds: number, report: PaintReport): void;
  /** Whose picture it is, where it is not the host's own; null where it is not known yet. */
  lender?(): PictureLender | null | undefined;
  /** Gets what else there must be, once the picture is there; undefined where that is all. */
  complete?(picture: Picture, options: CallOptions): Promise<void> | undefined;
}
