import {html, nothing, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';
import type {Direction} from '../../src/core/direction/direction.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {digitsOf, type Range, sanitise} from './range.js';

/** What the slider shows, and what it does. */
export interface Control {
  readonly range: Range;
  readonly value: number;
  readonly disabled: boolean;
  /** The accessible name. */
  readonly label: string;
  /** What is written above the slider; undefined where the page names it. */
  readonly caption: string | undefined;
  /** The value as one reads it. */
  readonly text: string;
  /** What else there is to say. */
  readonly hint: string | undefined;
  readonly strip: TemplateResult | typeof nothing;
  readonly input: (event: Event) => void;
  readonly change: (event: Event) => void;
  readonly keydown: (event: KeyboardEvent) => void;
}

/** The caption, the strip and the slider itself. */
export function renderControl(control: Control): TemplateResult {
  const {range, value, disabled, label, caption, text, hint, strip} = control;
  return html`
    <div class="head">
      <label part="label" for="slider">${caption}</label>
      <span part="value" aria-hidden="true">${text}</span>
    </div>
    ${strip}
    <input
      part="slider"
      id="slider"
      type="range"
      list="origin"
      min=${sanitise(range.min, range)}
      max=${range.max}
      step=${range.step ?? 'any'}
      aria-label=${label}
      aria-valuetext=${text}
      aria-describedby=${hint === undefined ? nothing : 'hint'}
      .value=${live(String(value))}
      ?disabled=${disabled}
      @input=${control.input}
      @change=${control.change}
      @keydown=${control.keydown}
    />
    <datalist id="origin"><option value="0"></option></datalist>
    ${hint === undefined ? nothing : html`<p part="hint" id="hint">${hint}</p>`}
  `;
}

/** Digits that tell a thousandth of the span, or a step, from the next. */
function digits({min, max, step}: Range): number {
  if (step !== undefined) return digitsOf(step);
  const span = max - min;
  return span > 0 ? Math.min(12, Math.max(0, 3 - Math.ceil(Math.log10(span)))) : 2;
}

/** How a value is written so that one reads it, with its sign: `+1.5`. */
export function valueFormat(range: Range): Intl.NumberFormatOptions {
  return {maximumFractionDigits: digits(range), signDisplay: 'exceptZero'};
}

/** What to call a direction: its label, or its name in words: `hair-length` → `Hair length`. */
export function titleOf(
  direction: string | Direction | undefined,
  directions: PackManifest['directions'] = {},
): string {
  if (direction === undefined) return '';
  if (typeof direction !== 'string') return direction.label ?? '';
  const named = Object.hasOwn(directions, direction) ? directions[direction]?.label : undefined;
  if (named !== undefined) return named;
  // Not the address of a file.
  if (/[/.:?#]/.test(direction)) return '';
  const words = direction.replace(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const HINTS = {clear: undefined, weak: 'weak-direction', none: 'chance-direction'} as const;

/** Below this many examples nobody can tell whether they agree. */
const ENOUGH = 6;

/** What there is to say of a direction. */
type Hint = 'no-direction' | 'few-examples' | 'weak-direction' | 'chance-direction';

/**
 * What a visitor should know of a direction, learned from so many examples of the page, if from any;
 * undefined where all is well.
 */
export function hintOf(direction: string | Direction | undefined, examples = 0): Hint | undefined {
  if (direction === undefined) return 'no-direction';
  if (typeof direction === 'string' || !direction.quality) return undefined;
  const hint = HINTS[direction.quality.verdict];
  return hint !== undefined && examples > 0 && examples < ENOUGH ? 'few-examples' : hint;
}
