import {KERNEL_BASE64} from './kernel-bytes.js';

// No part of ECMAScript, yet in every browser, worker, Node and Deno (see ../utf8.ts).
declare const atob: (text: string) => string;
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {readonly exports: unknown};
};

/** An instance of the kernel with a memory of its own; kernel.wat says what `scan` does. */
export interface Kernel {
  readonly memory: {readonly buffer: ArrayBuffer; grow(pages: number): number};
  readonly scan: (
    row: number,
    count: number,
    stride: number,
    query: number,
    queryScale: number,
    queryNorm: number,
    threshold: number,
    out: number,
  ) => number;
}

/** Bytes of a page of WebAssembly memory. */
export const PAGE_BYTES = 65536;

let compiled: object | null | undefined;

/** A fresh kernel, or undefined where there is no SIMD or a CSP refuses WebAssembly. */
export function createKernel(): Kernel | undefined {
  compiled ??= compile();
  return compiled ? (new WebAssembly.Instance(compiled).exports as Kernel) : undefined;
}

// At once, because 0.4 kB compile in less time than a promise takes, also on a page's main thread.
function compile(): object | null {
  try {
    const bytes = Uint8Array.from(atob(KERNEL_BASE64), (character) => character.charCodeAt(0));
    return new WebAssembly.Module(bytes);
  } catch {
    return null;
  }
}
