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
