import {html, type nothing, type TemplateResult} from 'lit';
import {property} from 'lit/decorators.js';
import {MAX_STEP, PlayController} from '../../src/controllers/play-controller.js';
import {numberOr} from '../internal/attributes.js';
import type {SignalOptions} from '../../src/controllers/to-blob.js';
import {GeneratingElement} from './generating-element.js';
import {WalkPad} from './walk-pad.js';
import {drifted, ORIGIN, type Position, samePosition} from './walk.js';

/** Radians a second: a face turns into another in about five seconds. */
const DEFAULT_SPEED = 0.35;

/**
 * An image that can be walked around in: by hand, or by itself.
 *
 * @fires {Event} input - The visitor types, moves or chooses.
 * @fires {Event} change - The visitor has changed what is shown.
 */
export abstract class WalkingElement extends GeneratingElement {
  /**
   * The visitor walks around the image by dragging on it, or by the arrow keys; Escape and a double
   * click lead back. Default `false`.
   */
  @property({type: Boolean, reflect: true}) live = false;

  /**
   * Walks by itself as soon as it is ready and on screen, and on for ever; not for visitors who prefer
   * reduced motion. Default `false`.
   */
  @property({type: Boolean}) autoplay = false;

  /** How fast it walks, in radians a second; default 0.35. */
  @property({converter: numberOr(DEFAULT_SPEED)}) speed = DEFAULT_SPEED;

  readonly #player = new PlayController(this, {
    isReady: () => this.state === 'ready' || this.state === 'busy',
    move: (elapsed = 0) => {
      const speed = Number.isFinite(this.speed) ? this.speed : DEFAULT_SPEED;
      this.position = drifted(this.position, Math.min(elapsed, MAX_STEP), speed);
      return true;
    },
  });

  readonly #pad = new WalkPad({
    position: () => this.position,
    isIdle: () => this.disabled,
    move: (position) => this.#walkTo(position),
    settle: () => this.emit('change'),
    reset: () => this.#reset(),
  });

  /** Whether it does not walk by itself. */
  get paused(): boolean {
    return !this.#player.playing;
  }

  /** Walks from where it stands; resolves when the first image is there. */
  async play({signal}: SignalOptions = {}): Promise<void> {
    if (this.isConnected) await this.#player.playOnce(this.picture.loaded(signal));
  }

  /** Stays where it is. */
  pause(): void {
    this.#player.pause();
  }

  protected override renderOver(): TemplateResult | typeof nothing {
    const over = super.renderOver();
    return this.live ? html`${over} ${this.#pad.render(this.pictureLabel)}` : over;
  }

  protected readonly togglePlay = (): void => {
    if (this.paused) this.#player.play();
    else this.#player.pause();
    this.picture.want();
  };

  /** Tells of what the visitor did. */
  protected emit(type: 'input' | 'change'): void {
    this.dispatchEvent(new Event(type, {bubbles: true, composed: true}));
  }

  #walkTo(position: Position): void {
    this.#player.pause();
    this.position = position;
    this.emit('input');
  }

  #reset(): void {
    this.#player.pause();
    if (samePosition(this.position, ORIGIN) && this.variations.length === 0) return;
    this.variations = [];
    this.#walkTo(ORIGIN);
    this.emit('change');
  }
}
