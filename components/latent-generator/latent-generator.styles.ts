import {css} from 'lit';

/**
 * The looks of the controls, of the chips and of what lies over the picture. Comments stand here, since
 * those inside of a sheet are sent to every visitor:
 * - `.pad`: sideways is a walk; up and down still scrolls the page, unless the walk has begun.
 * - `.controls`: as wide as the picture, however long a line could be.
 * - `.main`: as wide when it says that it cancels.
 * - `.chips`: what goes on below fades; at the end that is the padding.
 * - `.group`: chips flow as one text, with a little more between two groups.
 */
export const generatorStyles = css`
  :host {
    min-inline-size: min(100%, 12rem);
    --_size: var(--latent-control-size, 2.25rem);
    --_corner: min(var(--_radius), calc(var(--_size) / 2));
  }

  .preview {
    visibility: visible;
  }

  .pad {
    position: absolute;
    inset: 0;
    border-radius: inherit;
    cursor: grab;
    user-select: none;
    touch-action: pan-y;
  }

  .pad:active {
    cursor: grabbing;
  }

  .axis {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    margin: 0;
    opacity: 0;
    pointer-events: none;
  }

  .pad:has(:focus-visible) {
    outline: 3px solid var(--_accent);
    outline-offset: -3px;
  }

  .controls {
    container-type: inline-size;
    display: flex;
    flex-direction: column;
    gap: 0.5rem;
    min-inline-size: 0;
    font:
      0.875rem/1.4 system-ui,
      sans-serif;
  }

  .field,
  .strength,
  .seed {
    display: flex;
    flex: 1 1 9rem;
    align-items: center;
    gap: 0.375rem;
    min-inline-size: 0;
  }

  .strength {
    flex: none;
  }

  .field {
    flex-direction: column;
    align-items: stretch;
    gap: 0.125rem;
  }

  label:not([class]),
  label > span {
    font-size: 0.75rem;
    opacity: 0.75;
  }

  .controls input {
    min-inline-size: 0;
    margin: 0;
  }

  .controls input:not([type='range']) {
    block-size: var(--_size);
    padding-inline: 0.625rem;
    border: 1px solid var(--_line);
    border-radius: var(--_corner);
    background: var(--latent-field, Field);
    color: FieldText;
    font: inherit;
  }

  .strength input {
    flex: 1;
    accent-color: var(--_accent);
    touch-action: pan-y;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
  }

  .ask {
    align-items: end;
  }

  .buttons {
    display: flex;
    gap: 0.5rem;
  }

  .seed input {
    flex: 1 1 4.5rem;
    max-inline-size: 9rem;
    font-variant-numeric: tabular-nums;
  }

  .icon,
  .plain,
  .main {
    block-size: var(--_size);
    padding: 0 0.875rem;
    border: 1px solid transparent;
    border-radius: var(--_corner);
    background: var(--_faint);
  }

  .icon {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: var(--_size);
    padding: 0;
  }

  .icon svg {
    inline-size: 60%;
    block-size: 60%;
    fill: currentColor;
  }

  .icon:hover:enabled,
  .plain:hover:enabled {
    background: var(--_line);
  }

  .plain[aria-expanded='true'] {
    border-color: var(--_accent);
  }

  .main {
    min-inline-size: 6.5rem;
    background: var(--_accent);
    color: light-dark(#fff, #16161a);
    font-weight: 600;
  }

  .main:hover:enabled {
    background: color-mix(in srgb, var(--_accent) 86%, currentColor);
  }

  .awaited {
    block-size: var(--latent-chips-size, 7.75rem);
  }

  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    max-block-size: var(--latent-chips-size, 7.75rem);
    margin: -0.25rem;
    padding: 0.25rem 0.25rem 0.75rem;
    overflow-y: auto;
    scrollbar-width: thin;
    mask-image: linear-gradient(#000 calc(100% - 1rem), transparent);
  }

  .group {
    display: contents;
  }

  .chip:last-child {
    margin-inline-end: 0.5rem;
  }

  .chip {
    padding: 0.0625rem 0.5625rem;
    border: 1px solid var(--_line);
    border-radius: 1rem;
    background: none;
    font-size: 0.8125rem;
    line-height: 1.4;
  }

  .chip:hover:enabled {
    background: var(--_faint);
  }

  .chip[aria-pressed='true'] {
    border-color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 18%, transparent);
  }

  .variants {
    display: grid;
    grid-template-columns: repeat(6, minmax(0, 1fr));
    gap: 0.25rem;
  }

  .variant {
    position: relative;
    aspect-ratio: var(--_ratio, 1);
    padding: 0;
    border: 0;
    border-radius: calc(var(--_radius) / 2);
    background: var(--_faint);
    overflow: clip;
  }

  .variant canvas {
    object-fit: cover;
    visibility: visible;
  }

  .variant:hover:enabled {
    outline: 2px solid var(--_accent);
    outline-offset: 1px;
  }

  @container (inline-size < 16rem) {
    .ask > .main,
    .buttons,
    .buttons > :not(.icon) {
      flex: 1 1 auto;
    }

    .variants {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
  }

  :host([disabled]) .controls {
    opacity: 0.5;
  }

  :host([disabled]) .pad {
    cursor: default;
  }

  @media (forced-colors: active) {
    .icon,
    .plain,
    .main,
    .variant {
      border: 1px solid ButtonText;
    }

    .chip[aria-pressed='true'],
    .plain[aria-expanded='true'] {
      border-color: Highlight;
      outline: 1px solid Highlight;
    }
  }
`;
