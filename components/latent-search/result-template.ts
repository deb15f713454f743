import type {SearchItem} from '../../src/search/search-types.js';

const filled = new WeakMap<HTMLTemplateElement, WeakMap<SearchItem, HTMLElement>>();

/**
 * A copy of the author's template, filled in: an element with `data-field="name"` gets the item's
 * field of that name, a picture as its `src`, everything else as its text. Nothing of an item is
 * ever read as HTML. The same item gives the same element again.
 */
export function fillTemplate(template: HTMLTemplateElement, item: SearchItem): HTMLElement {
  let copies = filled.get(template);
  if (!copies) filled.set(template, (copies = new WeakMap()));
  let copy = copies.get(item);
  if (!copy) copies.set(item, (copy = fill(template, item)));
  return copy;
}

function fill(template: HTMLTemplateElement, item: SearchItem): HTMLElement {
  const copy = document.createElement('div');
  copy.className = 'words';
  copy.append(document.importNode(template.content, true));
  for (const element of copy.querySelectorAll<HTMLElement>('[data-field]')) {
    const value = item[element.dataset.field!];
    if (element instanceof HTMLImageElement) element.src = pictureUrl(value) ?? '';
    else if (typeof value === 'string' || typeof value === 'number') {
      element.textContent = String(value);
    }
  }
  return copy;
}

/** The address of an item's picture, where it has one. */
export function pictureUrl(image: unknown): string | undefined {
  if (image instanceof HTMLImageElement) return image.currentSrc || image.src;
  if (image instanceof URL) return image.href;
  return typeof image === 'string' && image !== '' ? image : undefined;
}
