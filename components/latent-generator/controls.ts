import {html, nothing, svg, type TemplateResult} from 'lit';
import {live} from 'lit/directives/live.js';

/** What the controls show, and what they do. */
export interface Controls {
  /** What stands in the prompt's field; undefined where the model takes none. */
  readonly prompt: string | undefined;
  readonly seed: number;
  /** Of image-to-image; undefined without an image. */
  readonly strength: number | undefined;
  readonly disabled: boolean;
  /** Whether it has been making an image for so long that one may want to give up. */
  readonly isRunning: boolean;
  /** Whether it walks by itself; undefined where it does not walk. */
  readonly paused: boolean | undefined;
  /** Whether the images beside this one are shown. */
  readonly isVarying: boolean;
  readonly chips: TemplateResult | typeof nothing;
  readonly variants: TemplateResult | typeof nothing;
  readonly onPrompt: (event: Event) => void;
  readonly onPromptChange: () => void;
  readonly onSeed: (event: Event) => void;
  readonly onStrength: (event: Event) => void;
  readonly onStrengthChange: (event: Event) => void;
  readonly newSeed: () => void;
  readonly vary: () => void;
  readonly togglePlay: () => void;
  readonly generate: () => void;
  readonly cancel: () => void;
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

/** The fields and buttons: Enter in a field makes the image. */
export function renderControls(controls: Controls): TemplateResult {
  const submit = (event: Event): void => {
    event.preventDefault();
    controls.generate();
  };
  const main = renderMain(controls);
  const prompt = renderPrompt(controls);
  return html`<form class="controls" novalidate @submit=${submit}>
    ${prompt && html`<div class="row ask">${prompt} ${main}</div>`} ${controls.chips}
    ${renderStrength(controls)}
    <div class="row">
      ${renderSeed(controls)}
      <span class="buttons">
        ${renderPlay(controls)}
        <button
          part="vary-button"
          class="plain"
          type="button"
          aria-expanded=${controls.isVarying}
          ?disabled=${controls.disabled}
          @click=${controls.vary}
        >
          Vary
        </button>
        ${prompt ? nothing : main}
      </span>
    </div>
    ${controls.variants}
  </form>`;
}

// One button, so that the focus stays where it was.
function renderMain({disabled, isRunning, cancel}: Controls): TemplateResult {
  return html`<button
    part="generate-button"
    class="main"
    type=${isRunning ? 'button' : 'submit'}
    ?disabled=${disabled}
    @click=${isRunning ? cancel : nothing}
  >
    ${isRunning ? 'Cancel' : 'Generate'}
  </button>`;
}

function renderPrompt(controls: Controls): TemplateResult | undefined {
  const {prompt, disabled, onPrompt, onPromptChange} = controls;
  if (prompt === undefined) return undefined;
  return html`<label class="field">
    <span>Prompt</span>
    <input
      part="prompt"
      type="text"
      autocomplete="off"
      enterkeyhint="go"
      dir="auto"
      .value=${live(prompt)}
      ?disabled=${disabled}
      @input=${onPrompt}
      @change=${onPromptChange}
    />
  </label>`;
}

function renderStrength({strength, disabled, onStrength, onStrengthChange}: Controls): unknown {
  if (strength === undefined) return nothing;
  return html`<label class="strength">
    <span>Strength</span>
    <input
      part="strength"
      type="range"
      min="0"
      max="1"
      step="0.01"
      .value=${live(String(strength))}
      ?disabled=${disabled}
      @input=${onStrength}
      @change=${onStrengthChange}
    />
  </label>`;
}

function renderSeed({seed, disabled, onSeed, newSeed}: Controls): TemplateResult {
  return html`<span class="seed">
    <label for="seed">Seed</label>
    <input
      part="seed"
      id="seed"
      type="number"
      min="0"
      max=${Number.MAX_SAFE_INTEGER}
      step="1"
      autocomplete="off"
      .value=${live(String(seed))}
      ?disabled=${disabled}
      @change=${onSeed}
    />
    <button
      part="seed-button"
      class="icon"
      type="button"
      aria-label="New seed"
      title="New seed"
      ?disabled=${disabled}
      @click=${newSeed}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">${DICE}</svg>
    </button>
  </span>`;
}

function renderPlay({paused, disabled, togglePlay}: Controls): unknown {
  if (paused === undefined) return nothing;
  return html`<button
    part="play-button"
    class="icon"
    type="button"
    aria-label=${paused ? 'Play' : 'Pause'}
    ?disabled=${disabled}
    @click=${togglePlay}
  >
    <svg viewBox="0 0 24 24" aria-hidden="true">${paused ? PLAY : PAUSE}</svg>
  </button>`;
}
