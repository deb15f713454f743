import {join, resolve} from 'node:path';

/** The repository. */
export const root = resolve(import.meta.dirname, '..');
/** What is published. */
export const dist = join(root, 'dist');
/** What tools leave behind: never published, never committed. */
export const build = join(root, 'build');
