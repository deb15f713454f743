import {html, nothing, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';
import {type Range, sanitise} from './range-value.js';

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
