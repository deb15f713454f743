import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {type Strings, type Term, type Values, Wording} from '../core/strings/strings.js';
import {onStringsChange, pageStrings} from '../engine/config.js';
import {onServer} from './server.js';

/** The elements that are in the page, and what tells them of another language. */
const hosts = new Set<ReactiveControllerHost>();
const update = (): void => {
  for (const host of hosts) host.requestUpdate();
};
let stop: (() => void) | undefined;

/** Hears of a change of any `lang` outside of shadow roots, and of other words, as long as there are hosts. */
function listen(): () => void {
  const observer = new MutationObserver(update);
  observer.observe(document, {subtree: true, attributeFilter: ['lang']});
  const leave = onStringsChange(update);
  return () => {
    observer.disconnect();
    leave();
  };
}

/**
 * The words of an element in the language of its place: that of the nearest `lang`, its own included, as
 * HTML has it.
 */
export class LocalizeController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  #lang: string | undefined;
  #tables: readonly Strings[] | undefined;
  #words: object;
  #wording: Wording | undefined;

  /** `words` are the English ones of this kind of element. */
  constructor(host: ReactiveControllerHost & Element, words: object) {
    this.#host = host;
    this.#words = words;
    host.addController(this);
  }

  /** Adds the English words of what is loaded later. */
  add(words: object): void {
    this.#words = {...this.#words, ...words};
    this.#wording = undefined;
  }

  hostConnected(): void {
    if (onServer) return;
    hosts.add(this.#host);
    stop ??= listen();
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    hosts.delete(this.#host);
    if (hosts.size > 0) return;
    stop?.();
    stop = undefined;
  }

  /** A text of the interface; numbers among `values` are written as the language writes them. */
  readonly term = <T extends Term>(
    term: T,
    ...[values]: keyof Values<T> extends never ? [] : [Values<T>]
  ): string => this.#current.term(term, values ?? ({} as Values<T>));

  /** A number, as the language writes it. */
  number(value: number, options?: Intl.NumberFormatOptions): string {
    return this.#current.number(value, options);
  }

  get #current(): Wording {
    const [lang, tables] = [langOf(this.#host), pageStrings()];
    if (lang !== this.#lang || tables !== this.#tables) this.#wording = undefined;
    [this.#lang, this.#tables] = [lang, tables];
    return (this.#wording ??= new Wording(lang, tables, this.#words));
  }
}

/** The nearest `lang`, out of shadow roots too; undefined where the page names none. */
function langOf(element: Element): string | undefined {
  if (onServer) return undefined;
  for (let at: Element | null = element; at;) {
    const owner: Element | null = at.closest('[lang]');
    if (owner) return owner.getAttribute('lang') ?? undefined;
    const root: Node = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return undefined;
}
