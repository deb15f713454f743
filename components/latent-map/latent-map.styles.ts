import {css} from 'lit';

/** The looks of the map before there is anything on it; those of the rest come with what draws it. */
export const mapStyles = css`
  :host {
    display: block;
    box-sizing: border-box;
    min-block-size: 12rem;
    aspect-ratio: 4 / 3;
    font:
      0.875rem/1.4 system-ui,
      sans-serif;
    --_accent: var(--latent-accent, light-dark(#5b5bd6, #9d97ff));
    --_faint: color-mix(in srgb, currentColor 7%, transparent);
    --_line: color-mix(in srgb, currentColor 22%, transparent);
    --_radius: var(--latent-radius, 0.5rem);
  }

  :host([hidden]) {
    display: none;
  }

  .frame {
    position: relative;
    display: grid;
    block-size: 100%;
    overflow: clip;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
  }

  .stage {
    position: absolute;
    inset: 0;
  }

  canvas {
    display: block;
    inline-size: 100%;
    block-size: 100%;
  }

  progress {
    position: absolute;
    inset-inline: 0;
    inset-block-end: 0;
    inline-size: 100%;
    block-size: 0.25rem;
    accent-color: var(--_accent);
  }

  .consent {
    z-index: 1;
    place-self: center;
    padding: 0.5rem 1rem;
  }

  .error {
    z-index: 1;
    place-self: center;
    margin: 1rem;
    padding: 0.875rem 1rem;
    border: 1px solid var(--latent-danger, light-dark(#c4320a, #ff9a76));
    border-radius: var(--_radius);
    background: Canvas;
    color: CanvasText;
    text-align: center;
    overflow-wrap: anywhere;
  }

  .error p {
    margin: 0.5rem 0 0;
  }

  summary {
    cursor: pointer;
  }
`;
