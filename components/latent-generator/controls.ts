import {html, nothing, svg, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';
import type {LocalizeController} from '../../src/controllers/localize-controller.js';
import type {Variation} from '../../src/core/diffusion/noise-walk.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {randomSeed} from './noise-walk-controller.js';

/** Variations on offer: as many as fit on a line, or on two. */
const VARIANTS = 6;
/** How far a variation turns the noise, 0..1: the same person, another picture. */
export const DEFAULT_AMOUNT = 0.3;

/** An attribute that a model knows, and the phrases for its values: a face has one hair colour at a time. */
export interface ChipGroup {
  readonly label: string;
  readonly prompts: readonly string[];
}

/** What the controls of a model offer. */
export interface Abilities {
  /** Whether it takes prompts. */
  readonly prompt: boolean;
  /** What it knows, in the order of its manifest. */
  readonly groups: readonly ChipGroup[];
}

/** What a model can do by its manifest. */
export function abilitiesOf({parts, attributes = {}}: PackManifest): Abilities {
  const {condition, states} = parts.denoiser?.inputs ?? {};
  if (!parts.textEncoder || (condition ?? states) === undefined) return {prompt: false, groups: []};
  const groups = Object.entries(attributes).map(([name, {label, prompts}]) => ({
    label: label ?? name,
    prompts,
  }));
  return {prompt: true, groups};
}

/** What the controls show and call. */
export interface Controls {
  readonly localize: LocalizeController;
  /** Text of the prompt's field; undefined where the model takes no prompt. */
  readonly prompt: string | undefined;
  readonly seed: number;
  /** Of image-to-image; undefined without an image. */
  readonly strength: number | undefined;
  readonly disabled: boolean;
  /** A generation takes so long that one may want to give it up. */
  readonly isRunning: boolean;
  /** The element does not walk by itself just now; undefined where it never does. */
  readonly paused: boolean | undefined;
  readonly chips: TemplateResult | typeof nothing;
  /** The variations; undefined while they are closed. */
  readonly variants: TemplateResult | undefined;
  /** Heard from the fields, which are told apart by their `name`: `prompt`, `strength`, `seed`. */
  readonly onInput: (event: Event) => void;
  readonly onChange: (event: Event) => void;
  readonly onNewSeed: () => void;
  readonly onVary: () => void;
  readonly onPlay: () => void;
  readonly onGenerate: () => void;
  readonly onCancel: () => void;
}

/** The whole number from 0 to 2⁵³ − 1 next to what was typed; undefined for text that is no number. */
export function seedFrom(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(number)) return undefined;
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(number)));
}

const PLAY = svg`<path d="M8 5.5v13l11-6.5z" />`;
const PAUSE = svg`<path d="M7 5.5h3.5v13H7zm6.5 0H17v13h-3.5z" />`;
const DICE = svg`<path
  fill="none"
  stroke="currentColor"
  stroke-width="1.75"
  d="M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"
/>
<path
  stroke="currentColor"
  stroke-width="3"
  stroke-linecap="round"
  d="M8.5 8.5h0m7 0h0M12 12h0m-3.5 3.5h0m7 0h0"
/>`;

/** A form of fields and buttons: Enter in a field generates. */
export function renderControls(controls: Controls): TemplateResult {
  const {localize, prompt, disabled, variants, onVary, onGenerate} = controls;
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    onGenerate();
  };
  const main = renderMain(controls);
  return html`<form class="controls" novalidate @submit=${onSubmit}>
    ${prompt === undefined ? nothing : html`<div class="row ask">${renderPrompt(controls)} ${main}</div>`}
    ${controls.chips} ${renderStrength(controls)}
    <div class="row">
      ${renderSeed(controls)}
      <span class="buttons">
        ${renderPlay(controls)}
        <button
          part="vary-button"
          class="plain"
          type="button"
          aria-expanded=${variants !== undefined}
          ?disabled=${disabled}
          @click=${onVary}
        >
          ${localize.term('vary')}
        </button>
        ${prompt === undefined ? main : nothing}
      </span>
    </div>
    ${variants ?? nothing}
  </form>`;
}

// One button, so that the focus stays where it was.
function renderMain({localize, disabled, isRunning, onCancel}: Controls): TemplateResult {
  return html`<button
    part="generate-button"
    class="main"
    type=${isRunning ? 'button' : 'submit'}
    ?disabled=${disabled}
    @click=${isRunning ? onCancel : nothing}
  >
    ${localize.term(isRunning ? 'cancel' : 'generate')}
  </button>`;
}

function renderPrompt(controls: Controls): TemplateResult {
  const {localize, prompt = '', disabled, onInput, onChange} = controls;
  return html`<label class="field">
    <span>${localize.term('prompt')}</span>
    <input
      part="prompt"
      name="prompt"
      type="text"
      autocomplete="off"
      enterkeyhint="go"
      dir="auto"
      .value=${live(prompt)}
      ?disabled=${disabled}
      @input=${onInput}
      @change=${onChange}
    />
  </label>`;
}

function renderStrength(controls: Controls): TemplateResult | typeof nothing {
  const {localize, strength, disabled, onInput, onChange} = controls;
  if (strength === undefined) return nothing;
  return html`<label class="strength">
    <span>${localize.term('strength')}</span>
    <input
      part="strength"
      name="strength"
      type="range"
      min="0"
      max="1"
      step="0.01"
      .value=${live(String(strength))}
      ?disabled=${disabled}
      @input=${onInput}
      @change=${onChange}
    />
  </label>`;
}

function renderSeed(controls: Controls): TemplateResult {
  const {localize, seed, disabled, onChange, onNewSeed} = controls;
  const label = localize.term('new-seed');
  return html`<span class="seed">
    <label for="seed">${localize.term('seed')}</label>
    <input
      part="seed"
      id="seed"
      name="seed"
      type="number"
      min="0"
      max=${Number.MAX_SAFE_INTEGER}
      step="1"
      autocomplete="off"
      .value=${live(String(seed))}
      ?disabled=${disabled}
      @change=${onChange}
    />
    ${renderIcon({part: 'seed-button', label, icon: DICE, disabled, onClick: onNewSeed})}
  </span>`;
}

function renderPlay({
  localize,
  paused,
  disabled,
  onPlay,
}: Controls): TemplateResult | typeof nothing {
  if (paused === undefined) return nothing;
  const label = localize.term(paused ? 'play' : 'pause');
  const icon = paused ? PLAY : PAUSE;
  return renderIcon({part: 'play-button', label, icon, disabled, onClick: onPlay});
}

function renderIcon(button: {
  readonly part: string;
  readonly label: string;
  readonly icon: TemplateResult<2>;
  readonly disabled: boolean;
  readonly onClick: () => void;
}): TemplateResult {
  return html`<button
    part=${button.part}
    class="icon"
    type="button"
    aria-label=${button.label}
    title=${button.label}
    ?disabled=${button.disabled}
    @click=${button.onClick}
  >
    <svg viewBox="0 0 24 24" aria-hidden="true">${button.icon}</svg>
  </button>`;
}

/** Variations of random seeds to choose from. */
export function newVariants(): Variation[] {
  return Array.from({length: VARIANTS}, () => ({seed: randomSeed(), amount: DEFAULT_AMOUNT}));
}

/** The images beside this one, those that are drawn so far: a click takes one. */
export function renderVariants(
  images: readonly (HTMLCanvasElement | undefined)[],
  {
    localize,
    disabled,
    choose,
  }: Pick<Controls, 'localize' | 'disabled'> & {
    readonly choose: (index: number) => void;
  },
): TemplateResult {
  return html`<div
    part="variants"
    class="variants"
    role="group"
    aria-label=${localize.term('variations')}
  >
    ${Array.from({length: VARIANTS}, (_, index) => {
      const image = images[index];
      return html`<button
        class="variant"
        type="button"
        aria-label=${localize.term('variation', {number: index + 1})}
        ?disabled=${disabled || !image}
        @click=${() => choose(index)}
      >
        ${image ?? nothing}
      </button>`;
    })}
  </div>`;
}
