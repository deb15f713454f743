import {mkdirSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {LatentError} from '../core/errors.js';

/** Writes a file whole or not at all: one that is written halfway would be served. */
export function write(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, path);
  } catch (cause) {
    throw new LatentError('bad-argument', `${path} cannot be written: ${reason(cause)}.`, {cause});
  }
}

/** A part's name, which begins with its build. */
const PART = /^[0-9a-f]{16}-[a-z]+-[\d-]+$/;

/** Writes the parts of an index into their folder, and removes those of older builds. */
export function writeFolder(folder: string, parts: ReadonlyMap<string, Uint8Array>): void {
  try {
    mkdirSync(folder, {recursive: true});
    for (const [name, bytes] of parts) writeFileSync(join(folder, name), bytes);
    for (const name of readdirSync(folder)) {
      if (PART.test(name) && !parts.has(name)) rmSync(join(folder, name));
    }
  } catch (cause) {
    throw new LatentError('bad-argument', `${folder} cannot be written: ${reason(cause)}.`, {
      cause,
    });
  }
}

/** What went wrong, in the system's words. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
