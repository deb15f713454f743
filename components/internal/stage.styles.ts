import {css} from 'lit';

/** The looks of the picture's frame, its placeholder, its progress and its error. */
export const stageStyles = css`
  :host {
    display: inline-flex;
    flex-direction: column;
    gap: var(--latent-gap, 0.625rem);
    box-sizing: border-box;
    max-inline-size: 100%;
    min-inline-size: 0;
    vertical-align: bottom;
    --_accent: var(--latent-accent, light-dark(#5b5bd6, #9d97ff));
    --_faint: color-mix(in srgb, currentColor 9%, transparent);
    --_line: color-mix(in srgb, currentColor 22%, transparent);
    --_radius: var(--latent-radius, 0.5rem);
  }

  :host([hidden]) {
    display: none;
  }

  * {
    box-sizing: border-box;
  }

  .stage {
    position: relative;
    display: grid;
    grid-template-columns: 100%;
    flex: 1 1 auto;
    min-block-size: 0;
    min-inline-size: 0;
    overflow: clip;
    border-radius: var(--_radius);
  }

  /* A box that the page made, though it is no flex box any more (display: block). */
  .stage:only-child {
    inline-size: 100%;
    block-size: 100%;
  }

  /* As wide as the picture where there is room, and as narrow as there is room. */
  .stage::before {
    content: '';
    grid-area: 1 / 1;
    inline-size: var(--_width, 16rem);
  }

  .placeholder:not(.sized) {
    min-block-size: var(--latent-placeholder-size, 10rem);
  }

  .placeholder {
    background: var(--latent-placeholder, var(--_faint));
  }

  .empty {
    display: none;
  }

  .filled::before {
    inline-size: 0;
  }

  .sized {
    aspect-ratio: var(--_ratio);
  }

  canvas {
    position: absolute;
    inset: 0;
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: var(--latent-object-fit, contain);
    visibility: hidden;
  }

  .painted canvas {
    visibility: visible;
  }

  /* An error must be readable: as high as the picture, or higher. */
  .failed {
    aspect-ratio: auto;
    min-block-size: min-content;
  }

  .sized.failed::after {
    content: '';
    grid-area: 1 / 1;
    align-self: start;
    inline-size: 100%;
    aspect-ratio: var(--_ratio);
  }

  .failed canvas {
    opacity: 0.35;
  }

  slot {
    grid-area: 1 / 1;
    display: block;
    min-inline-size: 0;
  }

  ::slotted(*) {
    display: block;
    max-inline-size: 100%;
    border-radius: inherit;
  }

  progress {
    position: absolute;
    inset-inline: 0.5rem;
    inset-block-end: 0.5rem;
    inline-size: calc(100% - 1rem);
    block-size: 0.25rem;
    appearance: none;
    border: 0;
    border-radius: 1rem;
    overflow: clip;
    background: var(--_line);
    color: var(--_accent);
    /* What is there at once needs no bar. */
    animation: appear 0.2s 0.25s both;
  }

  progress::-webkit-progress-bar {
    background: none;
  }

  progress::-webkit-progress-value {
    border-radius: inherit;
    background: var(--_accent);
    transition: inline-size 0.15s linear;
  }

  progress::-moz-progress-bar {
    background: var(--_accent);
  }

  progress:indeterminate {
    background: linear-gradient(90deg, transparent, var(--_accent), transparent) 0 / 50% 100%
      var(--_line) no-repeat;
    animation:
      appear 0.2s 0.25s both,
      sweep 1.4s infinite linear;
  }

  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  @keyframes sweep {
    from {
      background-position-x: -100%;
    }
    to {
      background-position-x: 200%;
    }
  }

  .error {
    position: relative;
    z-index: 1;
    grid-area: 1 / 1;
    place-self: center;
    display: grid;
    /* A long message must not widen the element. */
    contain: inline-size;
    justify-items: center;
    gap: 0.75rem;
    inline-size: min(100% - 1.5rem, 26rem);
    margin: 0.75rem;
    padding: 0.875rem 1rem;
    border: 1px solid var(--latent-danger, light-dark(#c4320a, #ff9a76));
    border-radius: var(--_radius);
    background: Canvas;
    color: CanvasText;
    font:
      0.875rem/1.4 system-ui,
      sans-serif;
    text-align: center;
    overflow-wrap: anywhere;
  }

  .error p {
    margin: 0.5rem 0 0;
  }

  summary {
    cursor: pointer;
  }

  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
  }

  button:disabled {
    cursor: default;
  }

  .consent {
    position: relative;
    z-index: 1;
    grid-area: 1 / 1;
    place-self: center;
    background: Canvas;
    color: CanvasText;
    font:
      0.875rem/1.4 system-ui,
      sans-serif;
  }

  .consent,
  .retry {
    padding: 0.375rem 0.875rem;
    border: 1px solid var(--_line);
    border-radius: 2rem;
    background: Canvas;
  }

  .consent:hover:enabled,
  .retry:hover:enabled {
    background: color-mix(in srgb, CanvasText 8%, Canvas);
  }

  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  @media (prefers-reduced-motion: reduce) {
    progress,
    progress:indeterminate {
      animation: none;
    }
  }

  @media print {
    progress,
    .consent,
    .retry {
      display: none;
    }

    .placeholder {
      background: none;
    }
  }

  @media (forced-colors: active) {
    .placeholder {
      border: 1px solid GrayText;
    }

    progress {
      border: 1px solid CanvasText;
    }

    progress::-webkit-progress-value {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;
