/** The numbers of a range, as its attributes give them. */
export interface RangeAttributes {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Undefined for `any`, and for what is no step. */
  readonly step?: number | undefined;
  /** The value before anybody moves it. */
  readonly initial?: number | undefined;
}

/** A range that makes sense, whatever was given. */
export interface Range {
  readonly min: number;
  /** Never below `min`. */
  readonly max: number;
  /** Above 0; undefined: every number between is allowed. */
  readonly step: number | undefined;
  /** Steps are counted from here. */
  readonly base: number;
  readonly initial: number;
}

/** Standard deviations of the attribute, on both sides of 0, where nothing else is given. */
export const DEFAULT_REACH = 3;

/** As HTML reads a range: what is no number counts as not given, a maximum below the minimum is it. */
export function rangeOf({min, max, step, initial}: RangeAttributes): Range {
  const least = finite(min) ?? -DEFAULT_REACH;
  return {
    min: least,
    max: Math.max(least, finite(max) ?? DEFAULT_REACH),
    step: step !== undefined && step > 0 && step < Infinity ? step : undefined,
    base: finite(min) ?? finite(initial) ?? 0,
    initial: finite(initial) ?? 0,
  };
}

/** The number of an attribute as HTML reads it; undefined for what is none. */
export function parseNumber(text: string | null): number | undefined {
  return text === null || text.trim() === '' ? undefined : finite(Number(text));
}

// A quotient that should be whole misses it by a few ulps.
const TIE = 1e-9;

/**
 * The value that a range takes when `asked` for one: `initial` for NaN, clamped, then the nearest step (the
 * upper one of two) where one lies inside.
 */
export function sanitise(asked: number, {min, max, step, base, initial}: Range): number {
  const clamp = (value: number): number => Math.min(max, Math.max(min, value));
  const value = clamp(Number.isNaN(asked) ? initial : asked);
  if (step === undefined) return value;
  const digits = Math.max(digitsOf(step), digitsOf(base));
  const at = (count: number): number => Number((base + count * step).toFixed(digits));
  const nearest = Math.floor((value - base) / step + 0.5 + TIE);
  return [nearest, nearest - 1, nearest + 1].map(at).find((each) => clamp(each) === each) ?? value;
}

const MAX_DIGITS = 20;
const ARROWS = 100;
const PAGES = 10;
/** Digits of the span to which a value is moved, so that steps there and back end where they began. */
const EXACT = 9;

/** The value that a key asks for; undefined for keys that do not move a range. */
export function keyValue(
  key: string,
  value: number,
  range: Range,
  rtl: boolean,
): number | undefined {
  const {min, max, step} = range;
  const small = step ?? (max - min) / ARROWS;
  const large = small * Math.max(1, Math.round((max - min) / PAGES / small || 0));
  switch (key) {
    case 'Home':
      return min;
    case 'End':
      return max;
    case 'PageUp':
      return shifted(value, large, range);
    case 'PageDown':
      return shifted(value, -large, range);
    case 'ArrowUp':
    case rtl ? 'ArrowLeft' : 'ArrowRight':
      return shifted(value, small, range);
    case 'ArrowDown':
    case rtl ? 'ArrowRight' : 'ArrowLeft':
      return shifted(value, -small, range);
    default:
      return undefined;
  }
}

/** The value `count` steps on; with the step `any` a step is a hundredth of the range. */
export function stepValue(value: number, count: number, range: Range): number {
  return shifted(value, count * (range.step ?? (range.max - range.min) / ARROWS), range);
}

function shifted(value: number, by: number, {min, max}: Range): number {
  if (max === min) return min;
  // There and back must leave no 1e-17: only 0 shows the source.
  const digits = EXACT - Math.floor(Math.log10(max - min));
  return Number((value + by).toFixed(Math.min(MAX_DIGITS, Math.max(0, digits))));
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Digits behind the point, so that 3 · 0.1 is 0.3. */
export function digitsOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d*\.?(\d*)(?:e(.+))?$/.exec(String(value)) ?? [];
  return Math.min(MAX_DIGITS, Math.max(0, fraction.length - Number(exponent)));
}

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
