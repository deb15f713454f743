/** How a morph plays. */
export interface PlayOptions {
  /** Milliseconds from 0 to 1, above 0. */
  readonly duration: number;
  /** Whether it goes back and forth for ever: to jump from 1 to 0 would not be a morph. */
  readonly loop: boolean;
}

/** Where the playing stands: 0..1 on the way there, 1..2 on the way back. */
export type Phase = number;

/** Milliseconds from 0 to 1, where the host names no duration above 0. */
export const DEFAULT_DURATION = 2000;

/** Milliseconds between two frames after which the page slept, and what plays did too. */
export const MAX_STEP = 100;

/** The value shown at a phase. */
export function valueAt(phase: Phase): number {
  return phase <= 1 ? phase : 2 - phase;
}

/** The phase to go on from when `value` is shown, in the direction of `last` where that fits. */
export function resume(value: number, last: Phase | undefined): Phase {
  return last !== undefined && valueAt(last) === value ? last : value;
}

/** The phase to begin with: what has played to its end begins again. */
export function start(phase: Phase, {loop}: PlayOptions): Phase {
  return !loop && phase >= 1 ? 0 : phase;
}

/** The phase `elapsed` milliseconds later, and whether that was the end. */
export function advance(
  phase: Phase,
  elapsed: number,
  {duration, loop}: PlayOptions,
): {readonly phase: Phase; readonly ended: boolean} {
  const next = phase + Math.min(elapsed, MAX_STEP) / duration;
  if (loop) return {phase: next % 2, ended: false};
  return {phase: Math.min(1, next), ended: next >= 1};
}

/** An element whose value plays. */
export interface ValueHost {
  value: number;
  readonly duration: number;
  readonly loop: boolean;
}

/** Moves the value of an element between 0 and 1. */
export class PlayClock {
  readonly #host: ValueHost;
  #phase: Phase | undefined;

  constructor(host: ValueHost) {
    this.#host = host;
  }

  /** How it plays. */
  get options(): PlayOptions {
    const {duration, loop} = this.#host;
    return {duration: duration > 0 ? duration : DEFAULT_DURATION, loop};
  }

  /** As `Movement.move`. */
  move(elapsed: number | undefined): boolean {
    const {options} = this;
    const from = resume(this.#host.value, this.#phase);
    const begin = elapsed === undefined ? start(from, options) : from;
    const {phase, ended} = advance(begin, elapsed ?? 0, options);
    this.#phase = phase;
    this.#host.value = valueAt(phase);
    return !ended;
  }
}
