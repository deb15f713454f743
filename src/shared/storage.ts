/** Where workers keep what they fetched and made for later visits, by storage. */
export const STORAGE = {
  /** In the Cache API. The number is the layout of its entries: raise it when that changes. */
  packs: 'latent-elements-packs-1',
  /** In IndexedDB. */
  embeddings: 'latent-elements-embeddings',
} as const;

/** The key in the Cache API of one version of a file: its hash, or of a manifest a name. */
export function storageKey(url: string, version: string): string {
  const key = new URL(url);
  key.search = new URLSearchParams({version}).toString();
  return key.href;
}
