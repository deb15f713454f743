import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {advance, type Phase, type PlayOptions, resume, start, valueAt} from './play-clock.js';
import {onServer} from './server.js';
import {VisibilityController} from './visibility-controller.js';

/** An element whose value plays. */
export interface PlayHost extends ReactiveControllerHost, Element {
  value: number;
  readonly autoplay: boolean;
  readonly disabled: boolean;
  readonly duration: number;
  readonly loop: boolean;
}

/** Milliseconds from 0 to 1, where the host names no duration above 0. */
export const DEFAULT_DURATION = 2000;

const REDUCED_MOTION = '(prefers-reduced-motion: reduce)';

/**
 * Moves the host's value with time: only while it is on screen and has something to show, and
 * unasked only where the visitor has nothing against motion.
 */
export class PlayController implements ReactiveController {
  readonly #host: PlayHost;
  readonly #isReady: () => boolean;
  readonly #view: VisibilityController;
  #reducedMotion: MediaQueryList | undefined;
  #playing = false;
  #unasked = false;
  #autoplayed = false;
  #phase: Phase | undefined;
  #tick: number | undefined;
  #last: number | undefined;

  constructor(host: PlayHost, isReady: () => boolean) {
    this.#host = host;
    this.#isReady = isReady;
    this.#view = new VisibilityController(host);
    host.addController(this);
  }

  /** Whether it plays, or will as soon as it can. */
  get playing(): boolean {
    return this.#playing;
  }

  /** How it plays. */
  get options(): PlayOptions {
    const {duration, loop} = this.#host;
    return {duration: duration > 0 ? duration : DEFAULT_DURATION, loop};
  }

  play(): void {
    this.#set(true);
    this.#unasked = false;
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
    if (autoplay && !disabled && !this.#autoplayed && this.#isReady()) {
      this.#autoplayed = true;
      if (!this.#reducedMotion?.matches) {
        this.play();
        this.#unasked = true;
      }
    }
    const moves = this.#playing && this.#host.isConnected && this.#view.visible && this.#isReady();
    if (!moves) this.#stop();
    else this.#tick ??= requestAnimationFrame(this.#onFrame);
  }

  readonly #onMotionChange = ({matches}: MediaQueryListEvent): void => {
    if (matches && this.#unasked) this.pause();
  };

  readonly #onFrame = (now: number): void => {
    this.#tick = requestAnimationFrame(this.#onFrame);
    const options = this.options;
    const from = resume(this.#host.value, this.#phase);
    const elapsed = now - (this.#last ?? now);
    const begin = this.#last === undefined ? start(from, options) : from;
    this.#last = now;
    const {phase, ended} = advance(begin, elapsed, options);
    this.#phase = phase;
    this.#host.value = valueAt(phase);
    if (ended) this.pause();
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
