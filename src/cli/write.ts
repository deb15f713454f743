import {renameSync, writeFileSync} from 'node:fs';
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

/** What went wrong, in the system's words. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
