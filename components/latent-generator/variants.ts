import {html, nothing, type TemplateResult} from 'lit';
import type {StripContent} from '../../src/controllers/strip-controller.js';
import type {Picture} from '../../src/controllers/picture-controller.js';
import type {Variation} from '../../src/core/diffusion/noise-walk.js';
import type {Frame} from '../../src/shared/inference.js';
import {DEFAULT_AMOUNT} from './details.js';
import {randomSeed} from './walk.js';

/** As many as fit on a line, or on two. */
const COUNT = 6;

/** New images to choose from. */
export function newVariants(): Variation[] {
  return Array.from({length: COUNT}, () => ({seed: randomSeed(), amount: DEFAULT_AMOUNT}));
}

/** Draws the images beside that of a picture, small; `frame` says how one is made. */
export function variantsContent(
  {surface, size}: Picture,
  variants: readonly Variation[],
  frame: (variation: Variation) => Frame,
  key: readonly unknown[],
): StripContent {
  return {
    key,
    count: variants.length,
    open: () =>
      Promise.resolve({
        frame: (index, signal) => surface.render(frame(variants[index]!), size, {signal}),
        close: () => undefined,
      }),
  };
}

/** The images beside this one: a click takes one. */
export function renderVariants(
  frames: readonly (HTMLCanvasElement | undefined)[],
  {disabled, choose}: {readonly disabled: boolean; readonly choose: (index: number) => void},
): TemplateResult {
  return html`<div part="variants" class="variants" role="group" aria-label="Variations">
    ${Array.from({length: COUNT}, (_, index) => {
      const image = frames[index];
      return html`<button
        class="variant"
        type="button"
        aria-label="Variation ${index + 1}"
        ?disabled=${disabled || !image}
        @click=${() => choose(index)}
      >
        ${image ?? nothing}
      </button>`;
    })}
  </div>`;
}
