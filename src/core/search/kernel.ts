import {FILTER_BASE64, RELAXED_SKETCH_BASE64, SKETCH_BASE64} from './kernel-bytes.js';

// No part of ECMAScript, yet in every browser, worker, Node and Deno (see ../utf8.ts).
declare const atob: (text: string) => string;
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {readonly exports: unknown};
};

/** The memory of a kernel's instance. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** An instance of filter.wat, which says what `scan` does, with a memory of its own. */
export interface FilterKernel {
  readonly memory: KernelMemory;
  readonly scan: (
    rows: number,
    list: number,
    count: number,
    stride: number,
    query: number,
    queryScale: number,
    queryNorm: number,
    threshold: number,
  ) => number;
}

/** An instance of sketch.wat, which says what its functions do, with a memory of its own. */
export interface SketchKernel {
  readonly memory: KernelMemory;
  readonly sum: (
    codes: number,
    blockBytes: number,
    list: number,
    count: number,
    tables: number,
    groups: number,
    errors: number,
    out: number,
    part: number,
    best: number,
  ) => void;
  readonly collect: (
    sums: number,
    blocks: number,
    place: number,
    least: number,
    out: number,
  ) => number;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE_BYTES = 65536;

const compiled = new Map<string, object | null>();

/** A fresh kernel, or undefined where there is no SIMD or a CSP refuses WebAssembly. */
export function createFilterKernel(): FilterKernel | undefined {
  return instantiate(FILTER_BASE64) as FilterKernel | undefined;
}

/** As `createFilterKernel`; with relaxed SIMD, where there is some, it takes a fifth less time. */
export function createSketchKernel(): SketchKernel | undefined {
  return (instantiate(RELAXED_SKETCH_BASE64) ?? instantiate(SKETCH_BASE64)) as
    SketchKernel | undefined;
}

/**
 * Makes room for `bytes` bytes from `start` on, and half as many more where it can, so that rows added
 * one by one do not grow it each time; false where memory ran out.
 */
export function grow(memory: KernelMemory, start: number, bytes: number): boolean {
  const missing = start + bytes - memory.buffer.byteLength;
  if (missing <= 0) return true;
  return [missing + bytes / 2, missing].some((more) => {
    try {
      memory.grow(Math.ceil(more / PAGE_BYTES));
      return true;
    } catch {
      return false;
    }
  });
}

function instantiate(base64: string): unknown {
  if (!compiled.has(base64)) compiled.set(base64, compile(base64));
  const module = compiled.get(base64);
  return module ? new WebAssembly.Instance(module).exports : undefined;
}

// At once, because 1 kB compiles in less time than a promise takes, also on a page's main thread.
function compile(base64: string): object | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new WebAssembly.Module(bytes);
  } catch {
    return null;
  }
}
