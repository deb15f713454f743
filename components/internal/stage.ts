import {html, nothing, type TemplateResult} from 'lit';
import {classMap} from 'lit/directives/class-map.js';
import {keyed} from 'lit/directives/keyed.js';
import {ref} from 'lit/directives/ref.js';
import type {ElementNeeds} from '../../src/controllers/consent.js';
import {type ElementStatus, isTransient} from '../../src/controllers/element-status.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import {onServer} from '../../src/controllers/server.js';
import {shippedPack} from '../../src/controllers/interpolation.js';
import type {LatentError} from '../../src/core/errors.js';
import type {Size} from '../../src/core/pack/image-size.js';

/** An element that shows a picture, progress or an error. */
export interface StageHost extends HTMLElement {
  readonly localize: LocalizeController;
  readonly model: string | undefined;
  readonly needs: ElementNeeds;
  readonly disabled: boolean;
}

/** A controller that shows something on a canvas. */
export interface StagePicture {
  /** Size of what the canvas shows; undefined while it shows nothing. */
  readonly size: Size | undefined;
  readonly isEmpty: boolean;
  /** Names the canvas that is wanted: for another name another is rendered. */
  readonly canvasKey: unknown;
  /** Takes the rendered canvas; a `ref` callback. */
  readonly attach: (canvas: Element | undefined) => void;
  readonly retry: () => void;
}

/** What a stage shows. */
export interface Stage {
  /** The element, whose children may stand in for the picture. */
  readonly element: StageHost;
  readonly picture: StagePicture;
  readonly status: ElementStatus;
  /** What the picture is called. */
  readonly label: string;
  /** Size of what is seen, undefined while nothing is; default: that of the painted frame. */
  readonly size?: Size | undefined;
  /** Whether children hold the place of the picture; default: whether there are any. */
  readonly isFilled?: boolean;
  /** Lies below the picture. */
  readonly under?: TemplateResult | typeof nothing;
  /** Lies over the picture. */
  readonly over?: TemplateResult | typeof nothing;
}

/** The canvas, what lies under and over it, the bar of loading and the error. */
export function renderStage({element, picture, status, ...stage}: Stage): TemplateResult {
  const {label, size = picture.size, under = nothing, over = nothing} = stage;
  const {state, error, progress} = status;
  const {isEmpty} = picture;
  const isFilled =
    state !== 'error' && (stage.isFilled ?? (!onServer && element.childElementCount > 0));
  const shape = shapeOf(element, size);
  const classes = {
    painted: size !== undefined,
    sized: shape !== undefined && !(isEmpty && !size),
    placeholder: !size && !isEmpty && !isFilled,
    filled: !size && isFilled,
    failed: state === 'error',
    empty: isEmpty,
    posted: !size && hasPoster(element),
  };
  // As a property: a style attribute, even an empty one, is refused by strict CSPs.
  const style = shape
    ? `--_width: ${shape.width}px; --_ratio: ${shape.width} / ${shape.height}`
    : '';
  return html`
    <div class="stage ${classMap(classes)}" .style=${style}>
      ${under} ${size ? nothing : html`<slot name="poster"></slot>`}
      ${keyed(
        picture.canvasKey,
        html`<canvas part="canvas" role="img" aria-label=${label} ${ref(picture.attach)}></canvas>`,
      )}
      ${over} ${renderConsent(element, status)}
      ${state === 'loading' ? renderProgress(element, progress?.ratio) : nothing}
      ${error ? renderError(element, error, picture.retry) : nothing}
    </div>
  `;
}

/**
 * The size that a picture takes: what the page holds free for it by `width` and `height`, as of an `<img>`, of
 * the element or of the first picture inside, so that nothing moves when it comes; else that of what is shown
 * (`size`); before that what all pictures of a model have. Undefined where nobody knows it yet.
 */
export function shapeOf(element: StageHost, size: Size | undefined): Size | undefined {
  const picture = onServer ? null : element.querySelector(':scope > img:not([slot])');
  return (
    statedSize(element) ??
    (picture ? statedSize(picture) : undefined) ??
    size ??
    shippedPack(element.model, element.needs.model)?.size
  );
}

function statedSize(element: Element): Size | undefined {
  const [width, height] = ['width', 'height'].map((name) => Number(element.getAttribute(name)));
  return width! > 0 && height! > 0 ? {width: width!, height: height!} : undefined;
}

const MEGABYTE = 1e6;

/** The button that agrees to a download, while the visitor is asked. */
export function renderConsent(
  element: StageHost,
  {asks, agree}: ElementStatus,
): TemplateResult | typeof nothing {
  if (asks === undefined) return nothing;
  const {localize} = element;
  const megabytes = Math.max(asks / MEGABYTE, 0.1);
  const size = localize.number(megabytes, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: megabytes < 10 ? 1 : 0,
  });
  return html`<button
    part="consent-button"
    class="consent"
    type="button"
    ?disabled=${isDisabled(element)}
    @click=${agree}
  >
    ${localize.term('load', {size})}
  </button>`;
}

/** Whether the page gave a poster. */
export function hasPoster(element: Element): boolean {
  return !onServer && element.querySelector(':scope > [slot=poster]') !== null;
}

/** The bar of loading, 0..1; undefined where nobody knows how far it is. */
export function renderProgress({localize}: StageHost, ratio: number | undefined): TemplateResult {
  return html`<progress
    part="progress"
    aria-label=${localize.term('loading')}
    max="1"
    value=${ratio ?? nothing}
  ></progress>`;
}

/**
 * A few words about an error for visitors, with a Retry button where trying again may help. What exactly
 * happened, and what the page's author can do, is there for those who open it.
 */
export function renderError(
  element: StageHost,
  error: LatentError,
  retry: () => void,
): TemplateResult {
  const {localize} = element;
  return html`<div class="error" part="error" role="alert">
    <details>
      <summary>${localize.term(`error-${error.code}`)}</summary>
      <p dir="auto" lang="en">${error.message}</p>
    </details>
    ${
      isTransient(error)
        ? html`<button class="retry" ?disabled=${isDisabled(element)} @click=${retry}>
            ${localize.term('retry')}
          </button>`
        : nothing
    }
  </div>`;
}

// By its own attribute, or as a form control by a fieldset.
function isDisabled(element: StageHost): boolean {
  return element.disabled || (!onServer && element.matches(':disabled'));
}
