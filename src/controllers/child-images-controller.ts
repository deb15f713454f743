import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';
import type {SourceInput} from './surface-controller.js';

/** Attributes of an `<img>` that decide what it shows, or where it belongs. */
const WATCHED = ['src', 'srcset', 'slot', 'crossorigin'];

/** The `<img>`s in one of the host's slots, wrapped ones too; updates the host when they change. */
export class ChildImagesController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #name: string;
  #observer: MutationObserver | undefined;

  /** `name` is that of the slot; default: the one without a name. */
  constructor(host: ReactiveControllerHost & HTMLElement, name = '') {
    this.#host = host;
    this.#name = name;
    host.addController(this);
  }

  /** In document order, each with a version that tells one `src` from another. */
  get images(): SourceInput[] {
    return this.elements.map((image) => ({image, version: `${image.src} ${image.srcset}`}));
  }

  /** The elements themselves. */
  get elements(): HTMLImageElement[] {
    if (onServer) return [];
    const name = this.#name;
    const slot = this.#host.shadowRoot?.querySelector<HTMLSlotElement>(
      name === '' ? 'slot:not([name])' : `slot[name="${name}"]`,
    );
    const assigned =
      slot?.assignedElements({flatten: true}) ??
      [...this.#host.children].filter((child) => child.slot === name);
    return assigned.flatMap((element) =>
      element instanceof HTMLImageElement ? element : [...element.querySelectorAll('img')],
    );
  }

  /** For the slot's `slotchange`, which hears of what the observer cannot see. */
  readonly changed = (): void => this.#host.requestUpdate();

  hostConnected(): void {
    if (onServer) return;
    this.#observer = new MutationObserver(this.changed);
    this.#observer.observe(this.#host, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: WATCHED,
    });
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
  }
}
