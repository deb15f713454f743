import {html, svg, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';

/** What the controls show, and what they do. */
export interface Controls {
  readonly paused: boolean;
  readonly disabled: boolean;
  readonly label: string;
  /** 0..1. */
  readonly value: number;
  readonly toggle: () => void;
  readonly input: (event: Event) => void;
  readonly change: (event: Event) => void;
  readonly keydown: (event: KeyboardEvent) => void;
}

const PERCENT = 100;
const PLAY = svg`<path d="M8 5.5v13l11-6.5z" />`;
const PAUSE = svg`<path d="M7 5.5h3.5v13H7zm6.5 0H17v13h-3.5z" />`;

/** The play button and the slider. */
export function renderControls(controls: Controls): TemplateResult {
  const {paused, disabled, label, value} = controls;
  return html`
    <div class="controls">
      <button
        part="play-button"
        class="play"
        type="button"
        aria-label=${paused ? 'Play' : 'Pause'}
        ?disabled=${disabled}
        @click=${controls.toggle}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">${paused ? PLAY : PAUSE}</svg>
      </button>
      <input
        part="slider"
        type="range"
        min="0"
        max="1"
        step="any"
        aria-label=${label}
        aria-valuetext="${Math.round(value * PERCENT)}%"
        .value=${live(String(value))}
        ?disabled=${disabled}
        @input=${controls.input}
        @change=${controls.change}
        @keydown=${controls.keydown}
      />
    </div>
  `;
}
