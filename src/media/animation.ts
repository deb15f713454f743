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

/** GIF counts in 1/100 s; in milliseconds. */
export const TICK = 10;
/** Browsers show anything shorter far too slowly. */
const MIN_TICKS = 2;

/** The ticks of frame `index`, rounded so that the errors of many frames do not add up. */
export function ticksOf(index: number, count: number, duration: number): number {
  const end = (frame: number): number => Math.round((frame * duration) / count / TICK);
  return Math.max(MIN_TICKS, end(index + 1) - end(index));
}
