import {css} from 'lit';

/** The looks of the slider, its strip and its examples. */
export const sliderStyles = css`
  :host {
    /* As wide as its picture, or as a native range with some room. */
    min-inline-size: min(100%, 12rem);
  }

  .control {
    position: relative;
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    /* The thumb of a native slider is about this wide. */
    --_thumb: 1rem;
  }

  .head {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: 1rem;
    line-height: 1.4;
  }

  [part='label'] {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  [part='value'] {
    margin-inline-start: auto;
    font-variant-numeric: tabular-nums;
    /* The sign stays before the number in every script. */
    unicode-bidi: plaintext;
    opacity: 0.75;
  }

  input {
    inline-size: 100%;
    min-inline-size: 0;
    block-size: var(--latent-control-size, 2.25rem);
    margin: 0;
    accent-color: var(--_accent);
    border-radius: 0.5rem;
    outline-offset: 0;
    cursor: pointer;
    touch-action: pan-y;
  }

  input:disabled {
    cursor: default;
  }

  .disabled {
    opacity: 0.5;
  }

  .strip {
    /* As wide as the picture, however large its frames are. */
    contain: inline-size;
    display: flex;
    gap: 2px;
    margin-block-start: 0.375rem;
  }

  .still {
    position: relative;
    flex: 1 1 0;
    min-inline-size: 0;
    aspect-ratio: var(--_still);
    max-block-size: 5rem;
    overflow: clip;
    border-radius: calc(var(--_radius) / 2);
    background: var(--_faint);
    cursor: pointer;
  }

  .disabled .still {
    cursor: default;
  }

  .still canvas {
    position: static;
    object-fit: cover;
    visibility: visible;
  }

  .nearest::after {
    content: '';
    position: absolute;
    inset: 0;
    border: 2px solid var(--_accent);
    border-radius: inherit;
  }

  /* The middle of the thumb stands under the middle of the frame that it would show. */
  .strip ~ input {
    inline-size: calc(100% - 100% / var(--_count) + var(--_thumb));
    align-self: center;
  }

  [part='hint'] {
    margin: 0.25rem 0;
    font-size: 0.875em;
    line-height: 1.4;
    opacity: 0.8;
  }

  .examples {
    display: flex;
    justify-content: space-between;
    gap: 1rem;
    margin-block-start: 0.25rem;
  }

  .examples[hidden] {
    display: none;
  }

  .examples slot {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
  }

  .examples slot[name='positive'] {
    justify-content: flex-end;
  }

  .examples ::slotted(*) {
    inline-size: var(--latent-example-size, 2.5rem);
    block-size: var(--latent-example-size, 2.5rem);
    object-fit: cover;
    border-radius: calc(var(--_radius) / 2);
  }

  .control > .error {
    place-self: auto;
    inline-size: auto;
    margin: 0.5rem 0 0;
  }

  .control > progress {
    inset-inline: 0;
    inset-block-end: -0.25rem;
    inline-size: 100%;
  }

  @media (forced-colors: active) {
    .nearest::after {
      border-color: Highlight;
    }

    .still {
      border: 1px solid CanvasText;
    }
  }
`;
