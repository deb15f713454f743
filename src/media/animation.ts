/** Frames to encode, in order; whoever takes one closes it. */
export interface Animation {
  readonly frames: AsyncIterable<ImageBitmap>;
  /** How many frames will come. */
  readonly count: number;
  /** Milliseconds of the whole. */
  readonly duration: number;
  /** Whether it begins again at its end, where the format can say so. */
  readonly loop: boolean;
}
