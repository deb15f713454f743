import {html, nothing, type TemplateResult} from 'lit';
import type {Picture} from '../../src/controllers/picture-controller.js';
import type {StripFrames} from '../../src/controllers/strip-controller.js';
import {type Direction} from '../../src/core/direction/direction.js';
import type {ImageSource} from '../../src/engine/types.js';
import {type EditBase, editedFrame} from '../internal/edits.js';
import {type Range, sanitise} from './range.js';

/** Pixels of the longer side at which small frames are worked on, for models of any size. */
const SMALL = 64;

const DEFAULT_COUNT = 7;
const MAX_COUNT = 31;

/** How many frames a strip has when so many are asked for. */
export function stripCount(asked = DEFAULT_COUNT): number {
  return Number.isNaN(asked) ? DEFAULT_COUNT : Math.min(MAX_COUNT, Math.max(0, Math.round(asked)));
}

/** The values whose frames stand evenly along the range, from end to end. */
export function stripValues(count: number, range: Range): number[] {
  const {min, max} = range;
  if (count === 1) return [sanitise((min + max) / 2, range)];
  return Array.from({length: count}, (_, i) =>
    sanitise(min + ((max - min) * i) / (count - 1), range),
  );
}

/** What small frames are made from. */
export interface StripSource {
  readonly picture: Picture;
  readonly base: EditBase;
  /** The image itself, where there is one. */
  readonly image: ImageSource | undefined;
  readonly direction: string | Direction;
  readonly reconstruct: boolean;
  readonly values: readonly number[];
}

/** Draws small frames: where the model takes any size, of a small copy of the picture. */
export async function openStrip(source: StripSource, signal: AbortSignal): Promise<StripFrames> {
  const {picture, direction, reconstruct, values} = source;
  const small = await smallCopy(source, signal);
  const {surface, base, size} = small ?? {...picture, base: source.base};
  return {
    frame: (index, given) => {
      const edits = [{direction, amount: values[index]!}];
      const frame = editedFrame(base, edits, reconstruct, picture.model.manifest);
      return surface.render(frame, size, {signal: given});
    },
    close: () => small?.surface.close(),
  };
}

async function smallCopy(
  {picture: {model, size}, base, image, direction}: StripSource,
  signal: AbortSignal,
): Promise<(Pick<Picture, 'surface' | 'size'> & {base: EditBase}) | undefined> {
  const fixed = model.manifest.space.shape.every((dimension) => typeof dimension === 'number');
  const bound =
    typeof direction !== 'string' && direction.shape.some((side, i) => i > 0 && side > 1);
  if (fixed || bound || image === undefined || Math.max(size.width, size.height) <= SMALL) {
    return undefined;
  }
  const surface = await model.createSurface();
  try {
    const {latent, frame} = await surface.setSource(0, image, {resolution: SMALL, signal});
    return {surface, size: frame, base: {...base, latent}};
  } catch (error) {
    surface.close();
    throw error;
  }
}

/** What the strip shows, and what a click on one of its frames does. */
export interface Strip {
  readonly frames: readonly (HTMLCanvasElement | undefined)[];
  readonly values: readonly number[];
  readonly value: number;
  readonly choose: (value: number) => void;
}

/** The strip; for eyes and pointers alone, since the slider says the same. */
export function renderStrip({frames, values, value, choose}: Strip): TemplateResult {
  const nearest = values.reduce(
    (best, each, i) => (Math.abs(each - value) < Math.abs(values[best]! - value) ? i : best),
    0,
  );
  return html`<div part="strip" class="strip" aria-hidden="true">
    ${values.map((each, i) => {
      return html`<span
        class="still ${i === nearest ? 'nearest' : ''}"
        @click=${() => choose(each)}
      >
        ${frames[i] ?? nothing}
      </span>`;
    })}
  </div>`;
}
