/** A child of the page's list, by the id that results name it with. */
interface ListItem {
  readonly id: string;
  readonly element: HTMLElement;
}

/** Items that are shown at once: of 40 words each, some milliseconds of layout. */
const SHOWN_AT_ONCE = 64;
/** Frames in which a very long list is shown: each lays out all that is there, too, so there must not be many. */
const SHOWING_FRAMES = 32;

/** What some search of the page has hidden, which is there to be found all the same. */
const filteredOut = new WeakSet<Element>();

/** Whether it is a search that hides an item, and not the page. */
export function isFilteredOut(item: Element): boolean {
  return filteredOut.has(item);
}

/**
 * Shows in the page's own list what was found, and remembers how the list was. What is hidden is hidden at
 * once, or what is left of the list would move in every frame. A long list comes back in parts, from the top, one
 * to a frame: to lay out 20 000 paragraphs holds a page for seconds.
 */
export class ListOrder {
  readonly #quietly: (change: () => void) => void;
  #list: Element | undefined;
  #before: readonly Element[] = [];
  readonly #moved = new Set<Element>();
  /** Those that are hidden here, and not by the page. */
  readonly #hidden = new Set<HTMLElement>();
  /** The newest change, which ends those before it. */
  #change = 0;

  /** Every change of the list is made by `quietly`, so that whoever watches the list need not hear of it. */
  constructor(quietly: (change: () => void) => void) {
    this.#quietly = quietly;
  }

  /** Shows what was found first, in its order, and none of the other items. */
  show(found: readonly {readonly id: string}[], items: readonly ListItem[]): void {
    const list = items[0]?.element.parentElement;
    if (!list) return;
    if (list !== this.#list) {
      this.restore();
      [this.#list, this.#before] = [list, [...list.querySelectorAll(':scope > *')]];
    }
    const places = new Map(found.map(({id}, place) => [id, place]));
    const chosen: HTMLElement[] = [];
    for (const {id, element} of items) {
      const place = places.get(id);
      if (place !== undefined) chosen[place] = element;
    }
    const present = chosen.filter(Boolean);
    const kept = new Set(present);
    // At last what a change that was not at its end has left of another list.
    const order = [...items.map(({element}) => element), ...this.#hidden];
    this.#quietly(() => {
      for (const element of arrange(list, present)) this.#moved.add(element);
    });
    const isOut = (each: HTMLElement): boolean => each.parentElement === list && !kept.has(each);
    this.#settle(order, isOut, Infinity);
  }

  /** As it was; what came later is behind. */
  restore(): void {
    const list = this.#list;
    if (!list) return;
    const order = this.#before.filter((child) => child.parentElement === list);
    this.#quietly(() => {
      putBack(order, this.#moved);
      arrange(list, order);
    });
    [this.#list, this.#before] = [undefined, []];
    this.#moved.clear();
    const count = Math.max(SHOWN_AT_ONCE, order.length / SHOWING_FRAMES);
    this.#settle([...order, ...this.#hidden], () => false, count);
  }

  // Hides and shows, in this order, what is not as it should be: `count` now, and in each frame to come.
  #settle(
    order: readonly Element[],
    isOut: (element: HTMLElement) => boolean,
    count: number,
  ): void {
    const steps = this.#steps(order, isOut);
    const change = ++this.#change;
    const run = (): void => {
      if (change !== this.#change) return;
      this.#quietly(() => {
        for (let i = 0; i < count; i++) if (steps.next().done) return;
        requestAnimationFrame(run);
      });
    };
    run();
  }

  *#steps(order: readonly Element[], isOut: (element: HTMLElement) => boolean): Generator<void> {
    for (const element of order) {
      if (!(element instanceof HTMLElement)) continue;
      const changes = isOut(element) ? this.#hide(element) : this.#reveal(element);
      if (changes) yield;
    }
  }

  #hide(item: HTMLElement): boolean {
    if (item.hidden) return false;
    item.hidden = true;
    this.#hidden.add(item);
    filteredOut.add(item);
    return true;
  }

  #reveal(item: HTMLElement): boolean {
    if (!this.#hidden.delete(item)) return false;
    item.hidden = false;
    filteredOut.delete(item);
    return true;
  }
}

// Only what was moved moves back: to bring the others there would lay out all that stood before it.
function putBack(order: readonly Element[], moved: ReadonlySet<Element>): void {
  const last = order.findLast((child) => !moved.has(child));
  for (let i = order.length - 1; last && i >= 0; i--) {
    const [child, next] = [order[i]!, order[i + 1]];
    if (!moved.has(child)) continue;
    if (next) next.before(child);
    else last.after(child);
  }
}

// Only what is out of place moves: a moved element loses its focus and its scroll position.
function arrange(list: Element, order: readonly Element[]): Element[] {
  const moved: Element[] = [];
  let there = list.firstElementChild;
  for (const child of order) {
    if (child === there) {
      there = there.nextElementSibling;
    } else {
      list.insertBefore(child, there);
      moved.push(child);
    }
  }
  return moved;
}
