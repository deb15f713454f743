// What a page makes of a store at an address: its results, or the error it gets.

/** Opens and searches in the page; a function of `page.evaluate`. */
export async function useStore({url, vector, k = 3, timeout, expected, threshold}) {
  const {openStore} = await import('/dist/cdn/latent-elements.js');
  try {
    const store = openStore(url, {timeout});
    const info = await store.open(expected);
    const latent = {space: 'test', shape: [vector.length], data: Float32Array.from(vector)};
    return {info, hits: await store.search(latent, k, {threshold})};
  } catch ({code, message}) {
    return {code, message};
  }
}
