import {html, nothing, type TemplateResult} from 'lit';
import {type ChipGroup, chosen} from './abilities.js';
import {addPhrase, removePhrase} from './prompt-text.js';

/** What the chips show, and whom they tell. */
export interface Chips {
  readonly groups: readonly ChipGroup[];
  readonly prompt: string;
  readonly disabled: boolean;
  /** The visitor wants this prompt. */
  readonly choose: (prompt: string) => void;
}

/**
 * What the model knows, as a toolbar: one stop for Tab, the arrows go from chip to chip. A chip puts
 * its phrase into the prompt, in place of the others of its attribute, and takes it out again.
 */
export class ChipBar {
  readonly #update: () => void;
  /** The chip that Tab stops at. */
  #stop = 0;

  /** `update` renders again. */
  constructor(update: () => void) {
    this.#update = update;
  }

  render(chips: Chips): TemplateResult | typeof nothing {
    const {groups} = chips;
    const count = groups.reduce((sum, {prompts}) => sum + prompts.length, 0);
    if (count === 0) return nothing;
    if (this.#stop >= count) this.#stop = 0;
    let index = 0;
    return html`<div
      part="chips"
      class="chips"
      role="toolbar"
      aria-label="What this model knows"
      @keydown=${this.#onKeydown}
      @focusin=${this.#onFocus}
    >
      ${groups.map(
        (group) =>
          html`<div class="group" role="group" aria-label=${group.label}>
            ${group.prompts.map((phrase) => this.#renderChip(chips, group, phrase, index++))}
          </div>`,
      )}
    </div>`;
  }

  #renderChip(
    {prompt, disabled, choose}: Chips,
    group: ChipGroup,
    phrase: string,
    index: number,
  ): TemplateResult {
    const isPressed = chosen(prompt, group) === phrase;
    return html`<button
      part="chip"
      class="chip"
      type="button"
      tabindex=${index === this.#stop ? 0 : -1}
      aria-pressed=${isPressed}
      ?disabled=${disabled}
      @click=${() => choose(isPressed ? removePhrase(prompt, phrase) : added(prompt, phrase, group))}
    >
      ${phrase}
    </button>`;
  }

  readonly #onFocus = (event: FocusEvent): void => {
    this.#stop = chipsOf(event).indexOf(event.target as HTMLButtonElement);
    this.#update();
  };

  readonly #onKeydown = (event: KeyboardEvent): void => {
    const all = chipsOf(event);
    const isRtl = getComputedStyle(event.currentTarget as HTMLElement).direction === 'rtl';
    const to = nextIndex(event.key, this.#stop, all.length, isRtl);
    if (to === undefined) return;
    event.preventDefault();
    all[to]?.focus();
  };
}

/** Where a key leads in a row of `count` that closes on itself; undefined for keys that do not. */
export function nextIndex(
  key: string,
  at: number,
  count: number,
  isRtl: boolean,
): number | undefined {
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
  const backward = isRtl ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward || key === 'ArrowDown') return (at + 1) % count;
  if (key === backward || key === 'ArrowUp') return (at - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}

function added(prompt: string, phrase: string, {prompts}: ChipGroup): string {
  const others = prompts.filter((other) => other !== phrase);
  return addPhrase(prompt, phrase, others);
}

function chipsOf(event: Event): HTMLButtonElement[] {
  return [...(event.currentTarget as HTMLElement).querySelectorAll('button')];
}
