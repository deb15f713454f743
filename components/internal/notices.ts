import {html, nothing, type TemplateResult} from 'lit';
import {isTransient} from '../../src/controllers/status.js';
import type {LatentError} from '../../src/core/errors.js';

/** The bar of loading, 0..1; undefined where nobody knows how far it is. */
export function renderProgress(ratio: number | undefined): TemplateResult {
  return html`<progress
    part="progress"
    aria-label="Loading"
    max="1"
    value=${ratio ?? nothing}
  ></progress>`;
}

/** What went wrong, and the way to try again where that helps. */
export function renderError(
  error: LatentError,
  {disabled, retry}: {readonly disabled: boolean; readonly retry: () => void},
): TemplateResult {
  return html`<div class="error" part="error" role="alert">
    <p dir="auto">${error.message}</p>
    ${
      isTransient(error)
        ? html`<button class="retry" ?disabled=${disabled} @click=${retry}>Retry</button>`
        : nothing
    }
  </div>`;
}
