import {keyValue, type Range, type RangeAttributes, rangeOf, sanitise} from './range-value.js';

/** An element whose value is moved on a range. */
export interface RangeHost extends HTMLElement {
  value: number;
}

/** State of a range input, and the handlers of the native `<input type=range>` that shows it. */
export class RangeInput {
  readonly #host: RangeHost;
  readonly #changed: (value: number) => void;
  #given: RangeAttributes = {};
  /** What was last set, by script or by hand; undefined until then, and after a reset. */
  #asked: number | undefined;
  /** Whether `input` was fired since the last `change`. */
  #moved = false;

  /** `changed` hears of the value whenever something was set. */
  constructor(host: RangeHost, changed: (value: number) => void) {
    this.#host = host;
    this.#changed = changed;
    changed(this.value);
  }

  get range(): Range {
    return rangeOf(this.#given);
  }

  /** Takes what the attributes say. */
  give(given: RangeAttributes): void {
    this.#given = {...this.#given, ...given};
    this.#changed(this.value);
  }

  /** Kept within the range and on a step. */
  get value(): number {
    return sanitise(this.#asked ?? this.#given.initial ?? Number.NaN, this.range);
  }
  set value(value: number) {
    this.#asked = value;
    this.#changed(this.value);
  }

  /** Goes back to the initial value. */
  reset(): void {
    this.#asked = undefined;
    this.#changed(this.value);
  }

  /** Forgets a value that the limits cut off, as a native range does; not before all are known. */
  settle(): void {
    if (this.#asked !== undefined) this.#asked = this.value;
  }

  /** What the visitor does in one go: `input`, then `change`; nothing where nothing moves. */
  moveTo(value: number): void {
    this.#move(value);
    this.#settle();
  }

  readonly onInput = (event: Event): void => {
    event.stopPropagation();
    const slider = event.target as HTMLInputElement;
    this.#move(slider.valueAsNumber);
    slider.valueAsNumber = this.value;
  };

  readonly onChange = (event: Event): void => {
    event.stopPropagation();
    this.#settle();
  };

  // Browsers disagree on the keys of step="any": Firefox goes from end to end.
  readonly onKeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rtl = getComputedStyle(this.#host).direction === 'rtl';
    const value = keyValue(event.key, this.value, this.range, rtl);
    if (value === undefined) return;
    event.preventDefault();
    this.moveTo(value);
  };

  #move(value: number): void {
    const before = this.value;
    this.#host.value = value;
    if (this.value === before) return;
    this.#moved = true;
    this.#emit('input');
  }

  #settle(): void {
    if (!this.#moved) return;
    this.#moved = false;
    this.#emit('change');
  }

  #emit(type: 'input' | 'change'): void {
    this.#host.dispatchEvent(new Event(type, {bubbles: true, composed: true}));
  }
}
