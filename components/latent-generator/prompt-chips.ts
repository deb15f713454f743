import {html, nothing, type TemplateResult} from 'lit';
import type {ChipGroup} from './controls.js';
import {addPhrase, phraseKey, phraseKeys, removePhrase} from './prompt-text.js';

/** What the chips show and change. */
export interface ChipProps {
  /** The accessible name. */
  readonly label: string;
  readonly groups: readonly ChipGroup[];
  readonly prompt: string;
  readonly disabled: boolean;
  /** Takes the prompt that a click makes. */
  readonly choose: (prompt: string) => void;
}

/** The phrase of each group that a prompt asks for; the prompt is parsed once for all of them. */
export function chosenPhrases(
  prompt: string,
  groups: readonly ChipGroup[],
): (string | undefined)[] {
  const asked = phraseKeys(prompt);
  return groups.map(({prompts}) => prompts.find((phrase) => asked.has(phraseKey(phrase))));
}

/**
 * A toolbar of what the model knows: one stop for Tab, the arrows go from chip to chip. A chip puts its
 * phrase into the prompt, in place of the others of its attribute, and takes it out again.
 */
export class PromptChips {
  readonly #update: () => void;
  /** The chip that Tab stops at. */
  #stop = 0;
  // A prompt may be long and the chips many: it is parsed when it changes, not once a chip a frame.
  #parsed: Pick<ChipProps, 'groups' | 'prompt'> = {groups: [], prompt: ''};
  #chosen: readonly (string | undefined)[] = [];

  /** `update` renders again. */
  constructor(update: () => void) {
    this.#update = update;
  }

  render(props: ChipProps): TemplateResult | typeof nothing {
    const {groups, prompt} = props;
    const count = groups.reduce((sum, {prompts}) => sum + prompts.length, 0);
    if (count === 0) return nothing;
    if (this.#stop >= count) this.#stop = 0;
    if (prompt !== this.#parsed.prompt || groups !== this.#parsed.groups) {
      this.#parsed = {groups, prompt};
      this.#chosen = chosenPhrases(prompt, groups);
    }
    let index = 0;
    return html`<div
      part="chips"
      class="chips"
      role="toolbar"
      aria-label=${props.label}
      @keydown=${this.#onKeydown}
      @focusin=${this.#onFocus}
    >
      ${groups.map(
        (group, at) =>
          html`<div class="group" role="group" aria-label=${group.label}>
            ${group.prompts.map((phrase) =>
              this.#renderChip(props, group, phrase, phrase === this.#chosen[at], index++),
            )}
          </div>`,
      )}
    </div>`;
  }

  #renderChip(
    {prompt, disabled, choose}: ChipProps,
    {prompts}: ChipGroup,
    phrase: string,
    isPressed: boolean,
    index: number,
  ): TemplateResult {
    const others = prompts.filter((other) => other !== phrase);
    const onClick = (): void =>
      choose(isPressed ? removePhrase(prompt, phrase) : addPhrase(prompt, phrase, others));
    return html`<button
      part="chip"
      class="chip"
      type="button"
      tabindex=${index === this.#stop ? 0 : -1}
      aria-pressed=${isPressed}
      ?disabled=${disabled}
      @click=${onClick}
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

/** The index that a key leads to in a row of `count` that closes on itself; undefined for other keys. */
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

function chipsOf(event: Event): HTMLButtonElement[] {
  return [...(event.currentTarget as HTMLElement).querySelectorAll('button')];
}
