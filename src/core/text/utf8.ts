// No part of ECMAScript, yet in every browser, worker, Node and Deno: declared here, so that this
// folder compiles without the types of any of them.
declare const TextEncoder: new () => {encode(text: string): Uint8Array<ArrayBuffer>};
declare const TextDecoder: new (
  label: string,
  options: {readonly fatal: boolean},
) => {decode(bytes: Uint8Array): string};

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8 bytes; throws a TypeError when they are not valid. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
}
