import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {onServer} from './server.js';
import type {SourceInput} from './surface-controller.js';

/** Attributes of an `<img>` that decide what it shows, or where it belongs. */
const WATCHED = ['src', 'srcset', 'slot', 'crossorigin'];

/** The `<img>`s in the host's default slot, wrapped ones too; updates the host when they change. */
export class ChildImagesController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #observer: MutationObserver | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  /** In document order, each with a version that tells one `src` from another. */
  get images(): SourceInput[] {
    return this.elements.map((image) => ({image, version: `${image.src} ${image.srcset}`}));
  }

  /** The elements themselves. */
  get elements(): HTMLImageElement[] {
    if (onServer) return [];
    const slot = this.#host.shadowRoot?.querySelector<HTMLSlotElement>('slot:not([name])');
    const assigned =
      slot?.assignedElements({flatten: true}) ?? [...this.#host.children].filter(({slot}) => !slot);
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
