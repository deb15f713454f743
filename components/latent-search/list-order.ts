/** A child of the page's list, by the id that results name it with. */
interface ListItem {
  readonly id: string;
  readonly element: HTMLElement;
}

/** What some search of the page has hidden, which is there to be found all the same. */
const filteredOut = new WeakSet<Element>();

/** Whether it is a search that hides an item, and not the page. */
export function isFilteredOut(item: Element): boolean {
  return filteredOut.has(item);
}

/** Shows in the page's own list what was found, and remembers how the list was. */
export class ListOrder {
  readonly #quietly: (change: () => void) => void;
  #list: Element | undefined;
  #before: readonly Element[] = [];
  /** Those that are hidden here, and not by the page. */
  readonly #hidden = new Set<HTMLElement>();

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
      [this.#list, this.#before] = [list, [...list.children]];
    }
    const elements = new Map(items.map(({id, element}) => [id, element]));
    const chosen = found.flatMap(({id}) => elements.get(id) ?? []);
    const kept = new Set(chosen);
    this.#quietly(() => {
      for (const {element} of items) {
        if (kept.has(element)) this.#reveal(element);
        else this.#hide(element);
      }
      this.#arrange(list, chosen);
    });
  }

  /** As it was; what came later is behind. */
  restore(): void {
    const list = this.#list;
    if (!list) return;
    this.#list = undefined;
    this.#quietly(() => {
      for (const item of [...this.#hidden]) this.#reveal(item);
      this.#arrange(
        list,
        this.#before.filter((child) => child.parentElement === list),
      );
    });
  }

  #hide(item: HTMLElement): void {
    if (item.hidden) return;
    item.hidden = true;
    this.#hidden.add(item);
    filteredOut.add(item);
  }

  #reveal(item: HTMLElement): void {
    if (!this.#hidden.delete(item)) return;
    item.hidden = false;
    filteredOut.delete(item);
  }

  // Only what is out of place moves: a moved element loses its focus and its scroll position.
  #arrange(list: Element, order: readonly Element[]): void {
    order.forEach((child, place) => {
      const there = list.children[place] ?? null;
      if (there !== child) list.insertBefore(child, there);
    });
  }
}
