import {html, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';
import {degreesOf, dragged, keyed, type Offset, type Position, radiansOf} from './walk.js';

/** Who walks. */
export interface Walker {
  position(): Position;
  /** Whether it takes no input. */
  isIdle(): boolean;
  /** The visitor is on the way. */
  move(position: Position): void;
  /** The visitor has arrived. */
  settle(): void;
  reset(): void;
}

interface Drag {
  readonly pointer: number;
  readonly from: Position;
  readonly start: Offset;
  moved: boolean;
}

/** Pixels that a finger trembles by. */
const THRESHOLD = 3;

/**
 * The surface over a picture that is walked on. To assistive technology it is two native sliders, one a
 * direction, under one name; their keys are the arrows that point the way.
 */
export class WalkPad {
  readonly #walker: Walker;
  #drag: Drag | undefined;

  constructor(walker: Walker) {
    this.#walker = walker;
  }

  render(label: string): TemplateResult {
    const [across, up] = this.#walker.position();
    return html`<div
      part="pad"
      class="pad"
      role="group"
      aria-label="Walk around ${label}: drag, or use the arrow keys"
      @pointerdown=${this.#onDown}
      @pointermove=${this.#onMove}
      @pointerup=${this.#onUp}
      @pointercancel=${this.#onUp}
      @dblclick=${this.#onReset}
      @keydown=${this.#onKeydown}
    >
      ${this.#renderAxis('Across', 'horizontal', across)} ${this.#renderAxis('Up', 'vertical', up)}
    </div>`;
  }

  #renderAxis(name: string, orientation: 'horizontal' | 'vertical', angle: number): TemplateResult {
    const degrees = degreesOf(angle);
    const isFirst = orientation === 'horizontal';
    return html`<input
      class="axis"
      type="range"
      min="-180"
      max="180"
      tabindex=${isFirst ? 0 : -1}
      aria-label=${name}
      aria-orientation=${orientation}
      aria-valuetext="${degrees}°"
      .value=${live(String(degrees))}
      ?disabled=${this.#walker.isIdle()}
      @input=${(event: Event) => this.#onAxis(event, isFirst)}
      @change=${this.#onChange}
    />`;
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (this.#drag || event.button !== 0 || this.#walker.isIdle()) return;
    const pad = event.currentTarget as HTMLElement;
    pad.setPointerCapture(event.pointerId);
    pad.querySelector('input')?.focus({preventScroll: true});
    // Else the browser moves the focus on, to nothing.
    event.preventDefault();
    const start = {x: event.clientX, y: event.clientY};
    this.#drag = {pointer: event.pointerId, from: this.#walker.position(), start, moved: false};
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
    this.#walker.move(dragged(drag.from, offset, size));
  };

  readonly #onUp = (event: PointerEvent): void => {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    this.#drag = undefined;
    if (drag.moved) this.#walker.settle();
  };

  readonly #onReset = (): void => {
    if (!this.#walker.isIdle()) this.#walker.reset();
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#walker.isIdle()) return;
    if (event.key === 'Escape') {
      this.#walker.reset();
      return;
    }
    const position = keyed(this.#walker.position(), event.key, event.shiftKey);
    if (!position) return;
    event.preventDefault();
    this.#walker.move(position);
    this.#walker.settle();
  };

  // Not by keys, but by assistive technology.
  #onAxis(event: Event, isFirst: boolean): void {
    event.stopPropagation();
    const angle = radiansOf((event.target as HTMLInputElement).valueAsNumber);
    const [across, up] = this.#walker.position();
    this.#walker.move(isFirst ? [angle, up] : [across, angle]);
  }

  readonly #onChange = (event: Event): void => {
    event.stopPropagation();
    this.#walker.settle();
  };
}
