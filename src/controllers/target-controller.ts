import type {ReactiveController, ReactiveControllerHost} from 'lit';

/** Milliseconds in which what an id names may still come: a framework renders piece by piece. */
const PATIENCE = 100;

/** What an id points to: nothing asked, an element, nothing yet, or nothing. */
export type Target = undefined | Element | 'pending' | 'missing';

/**
 * The element with an id in the host's own tree, whenever it comes, goes or takes another id; updates
 * the host when that changes.
 */
export class TargetController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #id: () => string | undefined;
  readonly #observer: MutationObserver | undefined;
  #watched: Node | undefined;
  #target: Target;
  #sought: string | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost & Element, id: () => string | undefined) {
    this.#host = host;
    this.#id = id;
    // Not on the server.
    if ('MutationObserver' in globalThis) this.#observer = new MutationObserver(this.#look);
    host.addController(this);
  }

  /** What the id points to at this moment. */
  get target(): Target {
    return this.#target;
  }

  hostConnected(): void {
    this.#look();
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#watched = undefined;
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  hostUpdate(): void {
    if (this.#id() !== this.#sought) this.#look();
  }

  readonly #look = (): void => {
    if (!this.#observer || !this.#host.isConnected) return;
    this.#sought = this.#id();
    if (this.#sought) this.#watch(this.#observer, this.#host.getRootNode());
    const found = this.#find(this.#sought);
    if (found !== 'missing') {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.#set(found);
    } else if (this.#target !== 'missing') {
      this.#set('pending');
      this.#patience ??= setTimeout(this.#giveUp, PATIENCE);
    }
  };

  #watch(observer: MutationObserver, root: Node): void {
    if (root === this.#watched) return;
    this.#watched = root;
    observer.observe(root, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['id'],
    });
  }

  readonly #giveUp = (): void => {
    this.#patience = undefined;
    if (this.#target !== 'pending') return;
    // The parser has not come to it yet.
    if (document.readyState === 'loading') this.#patience = setTimeout(this.#giveUp, PATIENCE);
    else this.#set('missing');
  };

  #find(id: string | undefined): Target {
    if (id === undefined || id === '') return undefined;
    const root = this.#host.getRootNode() as Partial<DocumentOrShadowRoot & NonElementParentNode>;
    const found = root.getElementById?.(id);
    if (!found) return 'missing';
    if (isDefined(found)) return found;
    void customElements.whenDefined(found.localName).then(this.#look);
    return 'missing';
  }

  #set(target: Target): void {
    if (target === this.#target) return;
    this.#target = target;
    this.#host.requestUpdate();
  }
}

function isDefined(element: Element): boolean {
  return !element.localName.includes('-') || customElements.get(element.localName) !== undefined;
}
