import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';
import {VisibilityController} from './visibility-controller.js';

/** An element that plays. */
export interface PlayHost extends ReactiveControllerHost, Element {
  readonly autoplay: boolean;
  readonly disabled: boolean;
}

/** What playing moves. */
export interface Movement {
  /** Whether there is something to show. */
  isReady(): boolean;
  /** Moves on by so many milliseconds, undefined in the first frame; false where that was the end. */
  move(elapsed: number | undefined): boolean;
}

const REDUCED_MOTION = '(prefers-reduced-motion: reduce)';

/**
 * Moves what its host shows with time: only while it is on screen and has something to show, and
 * unasked only where the visitor has nothing against motion.
 */
export class PlayController implements ReactiveController {
  readonly #host: PlayHost;
  readonly #movement: Movement;
  readonly #view: VisibilityController;
  #reducedMotion: MediaQueryList | undefined;
  #playing = false;
  #unasked = false;
  #autoplayed = false;
  #tick: number | undefined;
  #last: number | undefined;

  constructor(host: PlayHost, movement: Movement) {
    this.#host = host;
    this.#movement = movement;
    this.#view = new VisibilityController(host);
    host.addController(this);
  }

  /** Whether it plays, or will as soon as it can. */
  get playing(): boolean {
    return this.#playing;
  }

  play(): void {
    this.#set(true);
    this.#unasked = false;
  }

  /** Plays as soon as what it shows is `loaded`; where that fails it does not, and this rejects too. */
  async playOnce(loaded: Promise<unknown>): Promise<void> {
    this.play();
    try {
      await loaded;
    } catch (error) {
      this.pause();
      throw error;
    }
  }

  pause(): void {
    this.#set(false);
  }

  hostConnected(): void {
    if (onServer) return;
    this.#reducedMotion = matchMedia(REDUCED_MOTION);
    this.#reducedMotion.addEventListener('change', this.#onMotionChange);
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#reducedMotion?.removeEventListener('change', this.#onMotionChange);
    this.#stop();
  }

  hostUpdated(): void {
    const {autoplay, disabled} = this.#host;
    if (!autoplay) this.#autoplayed = false;
    if (disabled && this.#playing) this.pause();
    if (autoplay && !disabled && !this.#autoplayed && this.#movement.isReady()) {
      this.#autoplayed = true;
      if (!this.#reducedMotion?.matches) {
        this.play();
        this.#unasked = true;
      }
    }
    const moves =
      this.#playing && this.#host.isConnected && this.#view.visible && this.#movement.isReady();
    if (!moves) this.#stop();
    else this.#tick ??= requestAnimationFrame(this.#onFrame);
  }

  readonly #onMotionChange = ({matches}: MediaQueryListEvent): void => {
    if (matches && this.#unasked) this.pause();
  };

  readonly #onFrame = (now: number): void => {
    this.#tick = requestAnimationFrame(this.#onFrame);
    const elapsed = this.#last === undefined ? undefined : now - this.#last;
    this.#last = now;
    if (!this.#movement.move(elapsed)) this.pause();
  };

  #set(playing: boolean): void {
    if (this.#playing === playing) return;
    this.#playing = playing;
    if (!playing) this.#stop();
    this.#host.requestUpdate();
  }

  #stop(): void {
    if (this.#tick !== undefined) cancelAnimationFrame(this.#tick);
    this.#tick = undefined;
    this.#last = undefined;
  }
}

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
