import {type ErrorCode, LatentError} from '../errors.js';

// Every word of the interface, in English: what buttons, labels and messages say. `{name}` stands for a
// value; where the words depend on a count, there is a text for each plural category of the language. One
// table for each kind of element, so that a page has those of the elements that it uses.

/** What every element says. */
export const sharedWords = {
  load: 'Load {size}',
  loading: 'Loading',
  retry: 'Retry',
  play: 'Play',
  pause: 'Pause',
  image: 'Image',
  map: 'Map',
  unreadable: {one: '{count} item could not be read.', other: '{count} items could not be read.'},
} as const;

/** What `<latent-interpolator>` says. */
export const morphWords = {
  morph: 'Morph',
  'morph-of': 'Morph: {images}',
} as const;

/** What `<latent-slider>` says. */
export const sliderWords = {
  slider: 'Slider',
  examples: 'Examples',
  'no-direction': 'There is no direction yet. Name one, or give example pictures of both kinds.',
  'few-examples':
    'So few examples cannot tell whether they agree. Three of each kind, alike but for one thing, can.',
  'weak-direction':
    'The examples agree only in part. More of them, alike but for one thing, teach it better.',
  'chance-direction':
    'The examples do not agree on a direction: it is no better than chance. Give pictures of each ' +
    'kind that differ in one thing alone.',
} as const;

/** What `<latent-generator>` says. */
export const generatorWords = {
  'generated-image': 'Generated image',
  prompt: 'Prompt',
  strength: 'Strength',
  seed: 'Seed',
  'new-seed': 'New seed',
  generate: 'Generate',
  cancel: 'Cancel',
  vary: 'Vary',
  variations: 'Variations',
  variation: 'Variation {number}',
  'known-words': 'What this model knows',
  walk: 'Walk around {image}: drag, or use the arrow keys',
  across: 'Across',
  up: 'Up',
} as const;

/** What `<latent-search>` says. */
export const searchWords = {
  search: 'Search',
  results: 'Results',
  'remove-picture': 'Do not search by this picture',
  'by-words': 'By words so far; search by meaning is loading {share} …',
  'no-words': 'No such words; search by meaning is loading {share} …',
  'words-only': 'Found by words only.',
  'nothing-found': 'Nothing found.',
  'nothing-found-for': 'Nothing found for “{query}”.',
  unsure: 'Nothing fits well. Nearest:',
  'result-count': {one: '{count} result.', other: '{count} results.'},
} as const;

/** What `<latent-map>` says, once there is a map. */
export const mapWords = {
  'zoom-in': 'Zoom in',
  'zoom-out': 'Zoom out',
  'show-all': 'Show all',
  'show-table': 'Show as a table',
  'picture-here': 'The picture that lies here',
  item: 'Item',
  group: 'Group',
  'in-group': '{item}. Group: {group}.',
  more: {other: '{count} more …'},
  'nothing-to-draw': 'Nothing to draw.',
  'found-of': {other: '{count} of {total} found.'},
} as const;

/** A few words for visitors about each kind of error. */
export const errorWords = {
  'error-network': 'This could not be loaded. Is there a connection?',
  'error-not-found': 'Something that belongs here is missing.',
  'error-integrity': 'A file arrived damaged.',
  'error-bad-pack': 'This model cannot be used.',
  'error-bad-image': 'This picture cannot be read.',
  'error-tainted-image': 'This picture may not be read.',
  'error-bad-index': 'The search index cannot be read.',
  'error-space-mismatch': 'These come from different models, and do not fit together.',
  'error-unsupported': 'This cannot be done here.',
  'error-device-lost': 'The graphics processor stopped.',
  'error-out-of-memory': 'There is not enough memory for this.',
  'error-worker-crashed': 'This could not be computed.',
  'error-bad-argument': 'This is not set up correctly.',
  'error-aborted': 'This was cancelled.',
} as const satisfies Record<`error-${ErrorCode}`, string>;

type English = typeof sharedWords &
  typeof morphWords &
  typeof sliderWords &
  typeof generatorWords &
  typeof searchWords &
  typeof mapWords &
  typeof errorWords;

/** The name of a text. */
export type Term = keyof English;

/** Texts by the plural categories of a language (`Intl.PluralRules`), of which `other` stands for all that are absent. */
export type Plural<Text extends string> = {readonly other: Text} & Readonly<
  Partial<Record<Exclude<Intl.LDMLPluralRule, 'other'>, string>>
>;

type EnglishText<T extends Term> = English[T] extends {readonly other: infer Other}
  ? Other
  : English[T];

/** The names in braces of a text. */
type Placeholders<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** A text that has the same names in braces, wherever they stand. */
type Translation<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? `${string}{${Name}}${string}` & Translation<Rest>
  : string;

/** What stands in the place of the names: numbers as the language writes them. */
export type Values<T extends Term> = Readonly<
  Record<Placeholders<EnglishText<T>>, string | number>
>;

/**
 * The words of the interface in a language, for `configure({strings})`. What is missing stays English.
 *
 * @example
 *   configure({strings: {lang: 'nl', retry: 'Opnieuw', load: '{size} laden'}});
 */
export type Strings = {
  /** The language, as in the attribute `lang` (BCP 47): `de`, `pt-BR`. Without it the texts hold for all. */
  readonly lang?: string;
} & {
  readonly [T in Term]?: English[T] extends string
    ? Translation<EnglishText<T>>
    : Translation<EnglishText<T>> | Plural<Translation<EnglishText<T>>>;
};

/** The tables that a page gave as `strings`; `bad-argument` names the entry that is none. */
export function readStrings(strings: unknown): readonly Strings[] {
  const tables: unknown[] = [strings].flat();
  for (const table of tables) {
    const entries: [string, unknown][] = isRecord(table) ? Object.entries(table) : [['', table]];
    for (const [term, text] of entries) {
      if (term === '' || !(term === 'lang' ? isTag : isText)(text)) {
        throw new LatentError(
          'bad-argument',
          `strings: ${term || 'a table'} must not be ${JSON.stringify(text)}. Give tables of texts ` +
            'by name, and as lang a language tag.',
        );
      }
    }
  }
  return tables as Strings[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

// Or texts by plural category.
function isText(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    (isRecord(value) && 'other' in value && Object.values(value).every(isText))
  );
}

function isTag(lang: unknown): lang is string {
  try {
    return typeof lang === 'string' && Intl.getCanonicalLocales(lang).length === 1;
  } catch {
    return false;
  }
}

const PLAIN: Intl.NumberFormatOptions = {};

/** The words and numbers of one language. */
export class Wording {
  readonly #texts: Readonly<Record<string, string | Plural<string> | undefined>>;
  readonly #lang: string;
  #plurals: Intl.PluralRules | undefined;
  /** Of numbers; undefined for the browser's. */
  readonly #locale: string | undefined;
  readonly #formats = new WeakMap<Intl.NumberFormatOptions, Intl.NumberFormat>();

  /**
   * `lang` is what the place in the page says of its language: the texts come from the tables of that
   * language and of those that contain it (`de-AT`, `de`), then from those without one, then from the
   * English ones. Where the page says nothing, the first table that has a language names it.
   */
  constructor(lang: string | undefined, tables: readonly Strings[], words: object) {
    const wanted = (lang === '' ? undefined : lang) ?? tables.find((table) => table.lang)?.lang;
    this.#locale = isTag(wanted) ? wanted : undefined;
    const known = `${String(this.#locale).toLowerCase()}-`;
    const suited = tables
      .filter((table) => !table.lang || known.startsWith(`${table.lang.toLowerCase()}-`))
      .sort((a, b) => (a.lang?.length ?? 0) - (b.lang?.length ?? 0));
    this.#texts = Object.assign({}, words, ...suited) as Record<string, string>;
    this.#lang = suited.at(-1)?.lang ?? 'en';
  }

  /** A text of the interface. */
  term<T extends Term>(term: T, values: Values<T>): string {
    const given = values as Readonly<Record<string, string | number>>;
    const text = this.#texts[term] ?? '';
    const form = typeof text === 'string' ? text : this.#plural(text, Number(given.count));
    const filled = form.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
      const value = given[name] ?? placeholder;
      return typeof value === 'number' ? this.number(value) : value;
    });
    // Where a value is empty, the blank before it is too much.
    return filled.replace(/ {2,}/g, ' ');
  }

  #plural(text: Plural<string>, count: number): string {
    this.#plurals ??= new Intl.PluralRules(this.#lang);
    return text[this.#plurals.select(count)] ?? text.other;
  }

  /** A number as the language writes it. Options that stay the same object cost nothing the second time. */
  number(value: number, options = PLAIN): string {
    let format = this.#formats.get(options);
    if (!format)
      this.#formats.set(options, (format = new Intl.NumberFormat(this.#locale, options)));
    return format.format(value);
  }
}
