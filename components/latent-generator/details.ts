import type {SignalOptions} from '../../src/controllers/to-blob.js';

/** What `latent-step` tells. */
export interface StepDetail {
  /** 1 … `steps`. */
  readonly step: number;
  readonly steps: number;
  /** How the image looks so far; not at every step of a model whose decoder is slow. */
  readonly preview: ImageBitmap | undefined;
}

/** What `latent-image` tells. */
export interface ImageDetail {
  readonly seed: number;
  /** From the beginning of its denoising to its being painted. */
  readonly milliseconds: number;
}

/** What `vary` takes. */
export interface VaryOptions extends SignalOptions {
  /** 0 (the same image) … 1 (another one); default 0.3. */
  readonly amount?: number;
  /** Of the noise that it is turned towards; default: a random one. */
  readonly seed?: number;
}

/** How far `vary` goes: the same person, another picture. */
export const DEFAULT_AMOUNT = 0.3;

declare global {
  interface HTMLElementEventMap {
    'latent-step': CustomEvent<StepDetail>;
    'latent-image': CustomEvent<ImageDetail>;
  }
}
