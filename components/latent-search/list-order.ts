/** Shows some children of a list in an order, and remembers how the list was. */
export class ListOrder {
  readonly #list: Element;
  readonly #before: readonly Element[];
  /** Those that are hidden here, and not by the page. */
  readonly #hidden = new Set<HTMLElement>();

  constructor(list: Element) {
    this.#list = list;
    this.#before = [...list.children];
  }

  /** Shows `chosen` first, in this order, and none of the other items. */
  show(chosen: readonly HTMLElement[], items: readonly HTMLElement[]): void {
    const kept = new Set(chosen);
    for (const item of items) {
      if (kept.has(item)) this.#reveal(item);
      else this.#hide(item);
    }
    this.#arrange(chosen);
  }

  /** As it was; what came later is behind. */
  restore(): void {
    for (const item of [...this.#hidden]) this.#reveal(item);
    this.#arrange(this.#before.filter((child) => child.parentElement === this.#list));
  }

  #hide(item: HTMLElement): void {
    if (item.hidden) return;
    item.hidden = true;
    this.#hidden.add(item);
  }

  #reveal(item: HTMLElement): void {
    if (this.#hidden.delete(item)) item.hidden = false;
  }

  // Only what is out of place moves: a moved element loses its focus and its scroll position.
  #arrange(order: readonly Element[]): void {
    order.forEach((child, place) => {
      const there = this.#list.children[place] ?? null;
      if (there !== child) this.#list.insertBefore(child, there);
    });
  }
}
