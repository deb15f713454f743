import {css} from 'lit';

/** The looks of the keyframes before there is a frame, and of the controls. */
export const interpolatorStyles = css`
  /* With JavaScript on its way the first keyframe stands for the morph. */
  .keyframes::slotted(:not(:first-of-type)),
  .painted .keyframes::slotted(*) {
    position: absolute;
    visibility: hidden;
    inline-size: 1px;
    block-size: 1px;
  }

  .posted .keyframes {
    display: none;
  }

  .controls {
    display: flex;
    flex: none;
    align-items: center;
    gap: 0.625rem;
    min-inline-size: 0;
  }

  .play {
    flex: none;
    display: grid;
    place-items: center;
    inline-size: var(--latent-control-size, 2.25rem);
    block-size: var(--latent-control-size, 2.25rem);
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: var(--_faint);
    transition: background 0.15s;
  }

  .play:hover:enabled {
    background: var(--_line);
  }

  .play svg {
    inline-size: 62%;
    block-size: 62%;
    fill: currentColor;
  }

  input {
    flex: 1 1 6rem;
    min-inline-size: 0;
    block-size: var(--latent-control-size, 2.25rem);
    margin: 0;
    accent-color: var(--_accent);
    border-radius: 0.5rem;
    outline-offset: 0;
    cursor: pointer;
  }

  :host([disabled]) .controls {
    opacity: 0.5;
  }

  :host([disabled]) input {
    cursor: default;
  }

  @media (prefers-reduced-motion: reduce) {
    .play {
      transition: none;
    }
  }

  @media (forced-colors: active) {
    .play {
      border: 1px solid ButtonText;
    }
  }
`;
