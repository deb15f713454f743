/** Whether the list of results is shown, and which of them the keys have come to. */
export class PopupState {
  readonly #changed: () => void;
  #dismissed = false;
  #active: number | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether the visitor does not want to see it. */
  get dismissed(): boolean {
    return this.#dismissed;
  }

  /** The option that has the virtual focus; undefined while one types. */
  get active(): number | undefined {
    return this.#active;
  }

  /** Shows it, as soon as there is something to show. */
  reveal(): void {
    this.#set(false, this.#active);
  }

  dismiss(): void {
    this.#set(true, undefined);
  }

  /** Back to the field: the options are others now. */
  leaveOptions(): void {
    this.#set(this.#dismissed, undefined);
  }

  /** What a key does to it, where it does something; `select` is for the caller to do. */
  press(
    key: string,
    {open, count}: {readonly open: boolean; readonly count: number},
  ): 'moved' | 'select' | undefined {
    const move = listMove(key, this.#active, count);
    if (move === undefined || move === 'select') return move;
    if (move === 'close') {
      // A second Escape empties the field, which is what the browser does with it.
      if (!open) return undefined;
      this.dismiss();
    } else {
      this.#set(false, move.active);
    }
    return 'moved';
  }

  #set(dismissed: boolean, active: number | undefined): void {
    if (dismissed === this.#dismissed && active === this.#active) return;
    [this.#dismissed, this.#active] = [dismissed, active];
    this.#changed();
  }
}

/** What a key does to an open list of results. */
type ListMove = {readonly active: number | undefined} | 'select' | 'close';

/**
 * The move of a key in a combobox with a listbox popup, as the ARIA Authoring Practices describe an
 * editable combobox: `active` is the option that has the virtual focus, none while one types. Arrows
 * wrap around through the input itself. Undefined for keys that belong to the text.
 */
export function listMove(
  key: string,
  active: number | undefined,
  count: number,
): ListMove | undefined {
  switch (key) {
    case 'ArrowDown':
      return {active: next(active, count, 1)};
    case 'ArrowUp':
      return {active: next(active, count, -1)};
    case 'Enter':
      return active === undefined ? undefined : 'select';
    case 'Escape':
      return 'close';
    default:
      return undefined;
  }
}

// The places are the input (−1) and the options.
function next(active: number | undefined, count: number, step: 1 | -1): number | undefined {
  if (count === 0) return undefined;
  const place = ((active ?? -1) + step + 1 + count + 1) % (count + 1);
  return place === 0 ? undefined : place - 1;
}
