import type {ReactiveController, ReactiveControllerHost} from 'lit';

/** Milliseconds in which a burst of changes counts as one. */
const CALM = 50;

/** Watches a list of the page, whatever changes in it; updates the host once it is calm again. */
export class PageListController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #list: () => Element | undefined;
  #observer: MutationObserver | undefined;
  #watched: Element | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #version = 0;

  constructor(host: ReactiveControllerHost, list: () => Element | undefined) {
    this.#host = host;
    this.#list = list;
    host.addController(this);
  }

  /** Another number whenever the list or anything in it has changed. */
  get version(): number {
    return this.#version;
  }

  hostUpdate(): void {
    const list = this.#list();
    if (list === this.#watched) return;
    this.#observer?.disconnect();
    this.#watched = list;
    this.#version++;
    if (!list) return;
    this.#observer = new MutationObserver(this.#changed);
    this.#watch();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#observer?.disconnect();
    this.#watched = undefined;
  }

  /** Changes the list without hearing of it. */
  quietly(change: () => void): void {
    const pending = this.#observer?.takeRecords() ?? [];
    this.#observer?.disconnect();
    change();
    this.#watch();
    if (pending.length > 0) this.#changed();
  }

  #watch(): void {
    if (!this.#watched) return;
    this.#observer?.observe(this.#watched, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ['alt', 'data-id', 'hidden', 'href', 'id', 'src'],
    });
  }

  readonly #changed = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#version++;
      this.#host.requestUpdate();
    }, CALM);
  };
}
