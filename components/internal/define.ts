/**
 * Registers an element once, in a browser: two copies of the package on a page must not fail. On
 * the server there is a registry too (Lit's).
 */
export function define(tag: string, element: CustomElementConstructor): void {
  const registry = (globalThis as Partial<typeof globalThis>).customElements;
  if (registry && !registry.get(tag)) registry.define(tag, element);
}
