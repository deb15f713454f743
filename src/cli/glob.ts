import {readdirSync, statSync} from 'node:fs';
import {join, normalize, relative, sep} from 'node:path';
import {LatentError} from '../core/errors.js';

/** A file that a pattern names. */
export interface FoundFile {
  readonly path: string;
  /** Its path below the fixed part of the pattern, with slashes. */
  readonly below: string;
}

const WILD = /[*?{[]/;

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
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => WILD.test(part));
  if (wild < 0) {
    const stats = statSync(pattern, {throwIfNoEntry: false});
    if (stats?.isDirectory()) return filesOf(`${pattern.replace(/\/$/, '')}/**/*.{html,htm}`);
    return stats ? [{path: pattern, below: parts.at(-1)!}] : [];
  }
  const root = parts.slice(0, wild).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const wanted = toRegExp(parts.slice(wild).join('/'));
  return walk(root).flatMap((path) => {
    const below = relative(root, path).split(sep).join('/');
    return wanted.test(below) ? [{path, below}] : [];
  });
}

function walk(folder: string): string[] {
  if (!statSync(folder, {throwIfNoEntry: false})?.isDirectory()) return [];
  return readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
  });
}

/** The paths that a pattern means, as a regular expression. */
export function toRegExp(pattern: string): RegExp {
  const meant = pattern.replace(
    /\*\*\/|\*\*|\*|\?|\{([^{}]*)\}|\[(!?)([^\]]+)\]|[.+^$()|\\{}[\]]/g,
    (token, choices?: string, not?: string, set?: string) => {
      if (token === '**/') return '(?:.*/)?';
      if (token === '**') return '.*';
      if (token === '*') return '[^/]*';
      if (token === '?') return '[^/]';
      if (choices !== undefined) return `(?:${choices.split(',').map(escape).join('|')})`;
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\^]/g, '\\$&')}]`;
      return escape(token);
    },
  );
  return new RegExp(`^${meant}$`, 'u');
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
