import {html, type TemplateResult} from 'lit';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import {live} from 'lit/directives/live.js';
import type {ElementState} from '../../src/controllers/element-status.js';
import {MAX_STEP, PlayController, type PlayHost} from '../../src/controllers/play-controller.js';
import type {Position, Variation} from '../../src/core/diffusion/noise-walk.js';

/** The position of the image itself, where a walk begins. */
export const ORIGIN: Position = [0, 0];

/** A drag over the whole picture, in radians: at the other side nothing is left of the noise. */
const SPAN = Math.PI / 2;
const DEGREES = 180 / Math.PI;
/** Radians of an arrow key, and of one with Shift. */
const STEP = 5 / DEGREES;
const STRIDE = 20 / DEGREES;
/** The golden ratio: a walk at this slope never comes back to where it was. */
const SLOPE = (Math.sqrt(5) - 1) / 2;
/** Seeds that the elements pick are short enough to read out. */
const SEEDS = 1_000_000;

/** Radians a second: a face turns into another in about five seconds. */
export const DEFAULT_SPEED = 0.35;

/** Pixels that a finger trembles by. */
const THRESHOLD = 3;

/** An element that shows an image at a position around its noise. */
export interface NoiseWalkHost extends PlayHost {
  readonly localize: LocalizeController;
  position: Position;
  variations: readonly Variation[];
  /** Radians a second. */
  readonly speed: number;
  readonly state: ElementState;
}

/** Pixels. */
interface Offset {
  readonly x: number;
  readonly y: number;
}

interface Drag {
  readonly pointer: number;
  readonly from: Position;
  readonly start: Offset;
  moved: boolean;
}

/**
 * Moves an element's position: by hand on a pad over the picture, by keys, or by itself. Dispatches
 * `input` on the way and `change` at its end where the visitor moves.
 */
export class NoiseWalkController {
  readonly #host: NoiseWalkHost;
  readonly #player: PlayController;
  #drag: Drag | undefined;

  constructor(host: NoiseWalkHost) {
    this.#host = host;
    this.#player = new PlayController(host, {
      isReady: () => host.state === 'ready' || host.state === 'busy',
      move: (elapsed = 0) => {
        const speed = Number.isFinite(host.speed) ? host.speed : DEFAULT_SPEED;
        host.position = drifted(host.position, Math.min(elapsed, MAX_STEP), speed);
        return true;
      },
    });
  }

  /** Whether it does not walk by itself. */
  get paused(): boolean {
    return !this.#player.playing;
  }

  /** Walks by itself; with `loaded`, only where that does not fail, and rejects as that does. */
  async play(loaded?: Promise<unknown>): Promise<void> {
    if (loaded) await this.#player.playOnce(loaded);
    else this.#player.play();
  }

  pause(): void {
    this.#player.pause();
  }

  /**
   * The pad that lies over a picture of this name. To assistive technology it is two native sliders,
   * one a direction; their keys are the arrows that point the way.
   */
  render(label: string): TemplateResult {
    const [across, up] = this.#host.position;
    return html`<div
      part="pad"
      class="pad"
      role="group"
      aria-label=${this.#host.localize.term('walk', {image: label})}
      @pointerdown=${this.#onDown}
      @pointermove=${this.#onMove}
      @pointerup=${this.#onUp}
      @pointercancel=${this.#onUp}
      @dblclick=${this.#onReset}
      @keydown=${this.#onKeydown}
    >
      ${this.#renderAxis('across', across)} ${this.#renderAxis('up', up)}
    </div>`;
  }

  #renderAxis(axis: 'across' | 'up', angle: number): TemplateResult {
    const {localize, disabled} = this.#host;
    const degrees = degreesOf(angle);
    const isFirst = axis === 'across';
    return html`<input
      class="axis"
      type="range"
      min="-180"
      max="180"
      tabindex=${isFirst ? 0 : -1}
      aria-label=${localize.term(axis)}
      aria-orientation=${isFirst ? 'horizontal' : 'vertical'}
      aria-valuetext="${localize.number(degrees)}°"
      .value=${live(String(degrees))}
      ?disabled=${disabled}
      @input=${(event: Event) => this.#onAxis(event, isFirst)}
      @change=${this.#onAxisChange}
    />`;
  }

  #move(position: Position): void {
    this.#player.pause();
    this.#host.position = position;
    emit(this.#host, 'input');
  }

  readonly #onReset = (): void => {
    const {disabled, position, variations} = this.#host;
    if (disabled) return;
    this.#player.pause();
    if (samePosition(position, ORIGIN) && variations.length === 0) return;
    this.#host.variations = [];
    this.#move(ORIGIN);
    emit(this.#host, 'change');
  };

  readonly #onDown = (event: PointerEvent): void => {
    if (this.#drag || event.button !== 0 || this.#host.disabled) return;
    const pad = event.currentTarget as HTMLElement;
    pad.setPointerCapture(event.pointerId);
    pad.querySelector('input')?.focus({preventScroll: true});
    // Else the browser moves the focus on, to nothing.
    event.preventDefault();
    const start = {x: event.clientX, y: event.clientY};
    this.#drag = {pointer: event.pointerId, from: this.#host.position, start, moved: false};
  };

  readonly #onMove = (event: PointerEvent): void => {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    const offset = {x: event.clientX - drag.start.x, y: event.clientY - drag.start.y};
    if (!drag.moved) {
      if (Math.hypot(offset.x, offset.y) < THRESHOLD) return;
      // A finger that begins upwards scrolls the page.
      if (event.pointerType === 'touch' && Math.abs(offset.y) > Math.abs(offset.x)) {
        this.#drag = undefined;
        return;
      }
      drag.moved = true;
    }
    const size = (event.currentTarget as HTMLElement).getBoundingClientRect();
    this.#move(dragged(drag.from, offset, size));
  };

  readonly #onUp = (event: PointerEvent): void => {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    this.#drag = undefined;
    if (drag.moved) emit(this.#host, 'change');
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#host.disabled) return;
    if (event.key === 'Escape') {
      this.#onReset();
      return;
    }
    const position = keyed(this.#host.position, event.key, event.shiftKey);
    if (!position) return;
    event.preventDefault();
    this.#move(position);
    emit(this.#host, 'change');
  };

  // Moved by assistive technology: keys are answered above.
  #onAxis(event: Event, isFirst: boolean): void {
    // The element dispatches one of its own.
    event.stopPropagation();
    const angle = radiansOf((event.target as HTMLInputElement).valueAsNumber);
    const [across, up] = this.#host.position;
    this.#move(isFirst ? [angle, up] : [across, angle]);
  }

  readonly #onAxisChange = (event: Event): void => {
    event.stopPropagation();
    emit(this.#host, 'change');
  };
}

/** Dispatches what a native input would after its visitor's doing. */
export function emit(target: EventTarget, type: 'input' | 'change'): void {
  target.dispatchEvent(new Event(type, {bubbles: true, composed: true}));
}

/** The position that a drag by so many pixels leads to, over a picture of this size. */
export function dragged(
  [across, up]: Position,
  {x, y}: Offset,
  {width, height}: {readonly width: number; readonly height: number},
): Position {
  return wrapped([across + (SPAN * x) / width, up - (SPAN * y) / height]);
}

const ARROWS: Readonly<Record<string, Position>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The position that a key leads to; undefined for keys that are no arrows. */
export function keyed([across, up]: Position, key: string, isFar: boolean): Position | undefined {
  const arrow = Object.hasOwn(ARROWS, key) ? ARROWS[key] : undefined;
  const step = isFar ? STRIDE : STEP;
  return arrow && wrapped([across + arrow[0] * step, up + arrow[1] * step]);
}

/** The position that a walk has come to after some milliseconds, at a speed in radians a second. */
export function drifted([across, up]: Position, milliseconds: number, speed: number): Position {
  const way = ((milliseconds / 1000) * speed) / Math.hypot(1, SLOPE);
  return wrapped([across + way, up + SLOPE * way]);
}

/** Compares two positions. */
export function samePosition([across, up]: Position, other: Position | undefined): boolean {
  return across === other?.[0] && up === other[1];
}

/** Whole degrees, as one reads them. */
export function degreesOf(angle: number): number {
  return Math.round(angle * DEGREES);
}

/** Radians of so many degrees. */
export function radiansOf(degrees: number): number {
  return degrees / DEGREES;
}

/** A seed that nobody chose. */
export function randomSeed(random = Math.random): number {
  return Math.floor(random() * SEEDS);
}

// Full turns change nothing: −π..π.
function wrapped([across, up]: Position): Position {
  const turn = 2 * Math.PI;
  const wrap = (angle: number): number => angle - turn * Math.round(angle / turn);
  return [wrap(across), wrap(up)];
}
