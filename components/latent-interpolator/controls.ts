import {html, svg, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import {clampValue} from './path-frame.js';

/** What the controls show, and what they do. */
export interface Controls {
  readonly localize: LocalizeController;
  readonly paused: boolean;
  readonly disabled: boolean;
  readonly label: string;
  /** 0..1. */
  readonly value: number;
  /** Plays what pauses, pauses what plays. */
  toggle(): void;
  /** Called with each value that the visitor moves the slider to. */
  move(value: number): void;
  /** Called when the visitor has moved it. */
  moved(): void;
}

const PERCENT: Intl.NumberFormatOptions = {style: 'percent'};
const PLAY = svg`<path d="M8 5.5v13l11-6.5z" />`;
const PAUSE = svg`<path d="M7 5.5h3.5v13H7zm6.5 0H17v13h-3.5z" />`;

const KEY_STEPS: Readonly<Record<string, number>> = {
  ArrowUp: 0.01,
  ArrowDown: -0.01,
  PageUp: 0.1,
  PageDown: -0.1,
};

/** How far a key moves the slider, undefined for keys that do not. */
export function keyStep(key: string, rtl: boolean): number | undefined {
  const forward = rtl ? 'ArrowLeft' : 'ArrowRight';
  const backward = rtl ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return KEY_STEPS.ArrowUp;
  if (key === backward) return KEY_STEPS.ArrowDown;
  return Object.hasOwn(KEY_STEPS, key) ? KEY_STEPS[key] : undefined;
}

/** The play button and the slider. */
export function renderControls(controls: Controls): TemplateResult {
  const {paused, disabled, label, value, localize} = controls;
  return html`
    <div class="controls">
      <button
        part="play-button"
        class="play"
        type="button"
        aria-label=${localize.term(paused ? 'play' : 'pause')}
        ?disabled=${disabled}
        @click=${() => controls.toggle()}
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
        aria-valuetext=${localize.number(value, PERCENT)}
        .value=${live(String(value))}
        ?disabled=${disabled}
        @input=${(event: Event) => {
          event.stopPropagation();
          controls.move((event.target as HTMLInputElement).valueAsNumber);
        }}
        @change=${(event: Event) => {
          event.stopPropagation();
          controls.moved();
        }}
        @keydown=${(event: KeyboardEvent) => onKeydown(event, controls)}
      />
    </div>
  `;
}

// Browsers disagree on the step of step="any": Firefox goes from end to end.
function onKeydown(event: KeyboardEvent, controls: Controls): void {
  const {value} = controls;
  const rtl = getComputedStyle(event.currentTarget as Element).direction === 'rtl';
  const step = keyStep(event.key, rtl);
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = clampValue(value + step, value);
  if (next === value) return;
  controls.move(next);
  controls.moved();
}
