import {statSync} from 'node:fs';
import {join, normalize, sep} from 'node:path';
import {globSync} from 'tinyglobby';
import {LatentError} from '../core/errors.js';

/** A file that a pattern names. */
export interface FoundFile {
  readonly path: string;
  /** Its path below the fixed part of the pattern, with slashes. */
  readonly below: string;
}

const WILD = /[*?{[(]/;

/**
 * The files that patterns name (`*`, `**`, `?`, `{a,b}`, `[abc]`), each once, sorted by path; hidden
 * folders and node_modules are left out. A plain path names itself, and a folder the HTML files in
 * it. What a pattern after `!` names is left out. `not-found` for a pattern that names nothing.
 */
export function findFiles(patterns: readonly string[]): FoundFile[] {
  const [without, wanted] = [true, false].map((not) =>
    patterns
      .filter((pattern) => pattern.startsWith('!') === not)
      .flatMap((pattern) => filesNamed(not ? pattern.slice(1) : pattern)),
  ) as [FoundFile[], FoundFile[]];
  const found = new Map<string, FoundFile>();
  for (const file of wanted) if (!found.has(keyOf(file))) found.set(keyOf(file), file);
  for (const file of without) found.delete(keyOf(file));
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesNamed(pattern: string): FoundFile[] {
  const files = filesOf(pattern.split(sep).join('/'));
  if (files.length > 0) return files;
  throw new LatentError('not-found', `No file matches ${pattern}. Check the path.`);
}

// Two patterns may write one path in two ways.
function keyOf({path}: FoundFile): string {
  return normalize(path);
}

function filesOf(pattern: string): FoundFile[] {
  const stats = statSync(pattern, {throwIfNoEntry: false});
  if (stats?.isDirectory()) return filesOf(`${pattern.replace(/\/$/, '')}/**/*.{html,htm}`);
  const parts = pattern.split('/');
  if (stats) return [{path: pattern, below: parts.at(-1)!}];
  const wild = parts.findIndex((part) => WILD.test(part));
  const root = parts.slice(0, wild).join('/') || (pattern.startsWith('/') ? '/' : '.');
  if (wild < 0 || !statSync(root, {throwIfNoEntry: false})) return [];
  const options = {cwd: root, ignore: ['**/node_modules/**'], expandDirectories: false};
  return globSync(parts.slice(wild).join('/'), options).map((below) => ({
    path: join(root, below),
    below,
  }));
}
