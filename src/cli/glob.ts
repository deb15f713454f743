import {readdirSync, statSync} from 'node:fs';
import {join, relative, sep} from 'node:path';
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
 * it. `not-found` for a pattern that names nothing.
 */
export function findFiles(patterns: readonly string[]): FoundFile[] {
  const found = new Map<string, FoundFile>();
  for (const pattern of patterns) {
    const files = filesOf(pattern.split(sep).join('/'));
    if (files.length === 0) {
      throw new LatentError('not-found', `No file matches ${pattern}. Check the path.`);
    }
    for (const file of files) if (!found.has(file.path)) found.set(file.path, file);
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
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
