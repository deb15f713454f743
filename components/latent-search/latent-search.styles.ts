import {css} from 'lit';

/** The looks of the field, its popup, its progress and its error. */
export const searchStyles = css`
  :host {
    position: relative;
    display: block;
    box-sizing: border-box;
    max-inline-size: 100%;
    font:
      1rem/1.4 system-ui,
      sans-serif;
    --_accent: var(--latent-accent, light-dark(#5b5bd6, #9d97ff));
    --_faint: color-mix(in srgb, currentColor 7%, transparent);
    --_line: color-mix(in srgb, currentColor 26%, transparent);
    --_radius: var(--latent-radius, 0.5rem);
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  * {
    box-sizing: border-box;
  }

  .field {
    position: relative;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--latent-field, Field);
    color: FieldText;
    overflow: clip;
  }

  .field:focus-within {
    outline: 2px solid var(--_accent);
    outline-offset: 1px;
  }

  .field.dropping {
    border-color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 10%, Field);
  }

  svg {
    flex: none;
    inline-size: 1.125em;
    margin-inline-start: 0.75rem;
    opacity: 0.6;
    pointer-events: none;
  }

  input {
    flex: 1;
    min-inline-size: 0;
    padding: 0.625rem 0.75rem 0.625rem 0;
    border: 0;
    outline: 0;
    background: none;
    color: inherit;
    font: inherit;
  }

  :host(:dir(rtl)) input {
    padding: 0.625rem 0 0.625rem 0.75rem;
  }

  input:disabled {
    cursor: not-allowed;
    opacity: 0.6;
  }

  .picture {
    flex: none;
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    margin-inline-start: 0.5rem;
    padding: 0.125rem;
    border: 0;
    border-radius: 0.375rem;
    background: var(--_faint);
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  .picture img {
    inline-size: 2rem;
    block-size: 2rem;
    border-radius: 0.25rem;
    object-fit: cover;
  }

  progress {
    position: absolute;
    inset-inline: 0;
    inset-block-end: 0;
    inline-size: 100%;
    block-size: 2px;
    appearance: none;
    border: 0;
    background: none;
    color: var(--_accent);
    /* What is there at once needs no bar. */
    animation: appear 0.2s 0.25s both;
  }

  progress::-webkit-progress-bar {
    background: none;
  }

  progress::-webkit-progress-value {
    background: var(--_accent);
    transition: inline-size 0.15s linear;
  }

  progress::-moz-progress-bar {
    background: var(--_accent);
  }

  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  .popup {
    position: absolute;
    z-index: var(--latent-popup-layer, 10);
    inset-inline: 0;
    inset-block-start: calc(100% + 0.375rem);
    max-block-size: var(--latent-popup-size, min(26rem, 60vh));
    overflow: auto;
    overscroll-behavior: contain;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: Canvas;
    color: CanvasText;
    box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 0.16);
  }

  ul {
    margin: 0;
    padding: 0.25rem;
    list-style: none;
  }

  li {
    display: flex;
    align-items: flex-start;
    gap: 0.75rem;
    padding: 0.5rem 0.625rem;
    border-radius: calc(var(--_radius) - 0.125rem);
    cursor: pointer;
    scroll-margin: 0.25rem;
  }

  li:hover {
    background: var(--_faint);
  }

  li.active {
    background: color-mix(in srgb, var(--_accent) 16%, transparent);
    outline: 1px solid transparent;
  }

  li img {
    flex: none;
    inline-size: 3rem;
    block-size: 3rem;
    border-radius: 0.375rem;
    object-fit: cover;
  }

  .words {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .page,
  .title,
  .text {
    display: block;
  }

  .title {
    font-weight: 600;
  }

  .page {
    font-size: 0.8125em;
    color: color-mix(in srgb, currentColor 65%, transparent);
  }

  /* More of the same page. */
  .further {
    margin-inline-start: 1rem;
    padding-block: 0.25rem;
  }

  .title + .text {
    font-size: 0.875em;
    color: color-mix(in srgb, currentColor 78%, transparent);
  }

  mark {
    border-radius: 0.125em;
    background: color-mix(in srgb, var(--_accent) 24%, transparent);
    color: inherit;
  }

  .score {
    display: var(--latent-score-display, none);
    flex: none;
    font-size: 0.8125em;
    font-variant-numeric: tabular-nums;
    color: color-mix(in srgb, currentColor 70%, transparent);
  }

  .note {
    margin: 0;
    padding: 0.5rem 0.875rem 0.625rem;
    font-size: 0.8125em;
    color: color-mix(in srgb, currentColor 74%, transparent);
  }

  .error {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.75rem;
    margin-block-start: 0.375rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--latent-danger, light-dark(#c4320a, #ff9a76));
    border-radius: var(--_radius);
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }

  .error details {
    flex: 1 1 12rem;
  }

  .error p {
    margin: 0.375rem 0 0;
  }

  summary {
    cursor: pointer;
  }

  .consent {
    margin-block-start: 0.375rem;
  }

  .consent,
  .error button {
    padding: 0.25rem 0.75rem;
    border: 1px solid var(--_line);
    border-radius: 2rem;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  .consent:focus-visible,
  .error button:focus-visible,
  summary:focus-visible,
  .picture:focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    progress {
      animation: none;
    }
  }

  @media (forced-colors: active) {
    li.active {
      outline-color: Highlight;
      outline-width: 2px;
    }

    mark {
      background: Mark;
      color: MarkText;
    }
  }
`;
