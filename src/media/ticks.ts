/** GIF counts in 1/100 s; in milliseconds. */
export const TICK = 10;
/** Browsers show anything shorter far too slowly. */
const MIN_TICKS = 2;

/** The ticks of frame `index`, rounded so that the errors of many frames do not add up. */
export function ticksOf(index: number, count: number, duration: number): number {
  const end = (frame: number): number => Math.round((frame * duration) / count / TICK);
  return Math.max(MIN_TICKS, end(index + 1) - end(index));
}
