import {LatentError} from '../core/errors.js';
import {isBlank} from '../core/text/clean.js';
import type {SearchItem} from './search-types.js';

/** What an item is embedded by: its title and its text; undefined where it says nothing. */
export function textOf({title, text}: SearchItem): string | undefined {
  const said = [title, text].filter((part) => typeof part === 'string' && !isBlank(part));
  return said.length > 0 ? said.join('\n') : undefined;
}

/** What an item can be embedded by: it must be embedded anew when one of them changes. */
export function contentOf(item: SearchItem): readonly [text: unknown, picture: unknown] {
  const {image} = item;
  // The same element may show another picture.
  return [textOf(item), image instanceof HTMLImageElement ? image.src || image.currentSrc : image];
}

/** What is kept of an item in a file: its fields that are JSON, pictures by their address. */
export function storedFields(item: SearchItem): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) {
    if (name === 'id') continue;
    const stored = value instanceof HTMLImageElement ? value.currentSrc || value.src : value;
    if (isJson(stored)) fields[name] = stored;
  }
  return fields;
}

/** Throws `bad-argument` for an id that is empty, no text, or comes twice. */
export function assertIds(items: readonly SearchItem[]): void {
  const ids = new Set<unknown>();
  for (const {id} of items) {
    if (typeof id !== 'string' || id === '') {
      throw new LatentError(
        'bad-argument',
        `An item has the id ${JSON.stringify(id)}; it must be a text that is not empty.`,
      );
    }
    if (ids.has(id)) {
      throw new LatentError('bad-argument', `Two items have the id "${id}". Give each its own.`);
    }
    ids.add(id);
  }
}

function isJson(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    return (
      (Array.isArray(value) || prototype === Object.prototype) && Object.values(value).every(isJson)
    );
  }
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
