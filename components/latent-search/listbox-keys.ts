/** What a key does to an open list of results. */
export type ListMove = {readonly active: number | undefined} | 'select' | 'close';

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
