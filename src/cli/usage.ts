import {parseArgs} from 'node:util';
import {LatentError} from '../core/errors.js';

/** What `latent-elements index` is asked to do. */
export interface IndexCommand {
  readonly patterns: readonly string[];
  readonly output: string;
  readonly model: string;
  readonly base: string;
  /** CSS selector of what to index of a page; undefined for its main content. */
  readonly selector: string | undefined;
  readonly precision: 'float32' | 'int8';
  /** Whether the index becomes a head and parts: where it is large, or as was said. */
  readonly split: 'auto' | 'always' | 'never';
}

/** What `latent-elements pack` is asked to do. */
export interface PackCommand {
  /** A folder, a manifest's path, or the name of a shipped pack. */
  readonly source: string;
  /** Where the pack.json goes; undefined for where the source is. */
  readonly output: string | undefined;
}

/** What `latent-elements copy` is asked to do. */
export interface CopyCommand {
  readonly folder: string;
  /** Names of the packs to copy; none for all. */
  readonly models: readonly string[];
}

/** What the program is asked to do. */
export type Command =
  | {readonly name: 'help'}
  | {readonly name: 'version'}
  | {readonly name: 'copy'; readonly command: CopyCommand}
  | {readonly name: 'index'; readonly command: IndexCommand}
  | {readonly name: 'pack'; readonly command: PackCommand};

/** What `--help` prints. */
export const HELP = `Makes what <latent-…> elements load.

  latent-elements index <files…> [options]
  latent-elements pack <folder> [options]
  latent-elements copy <folder> [options]

index: a search index of HTML pages, for <latent-search index="…">

  <files…>               HTML files or patterns ("site/**/*.html": in quotes, so that it
                         works in every shell); what follows a ! is left out ("!site/old/**").
                         Each page is split at its headings; a result leads to the heading's id.
                         Pages with <meta name=robots content=noindex> are not indexed.

  -o, --output <file>    where the index goes             (search.latents)
  -m, --model <name>     a pack that embeds by a table: its name, or the path of a pack.json
                                                          (words)
  -b, --base <url>       where the pages are published    (/)
                         site/**/*.html puts site/docs/a.html at <base>docs/a.html
  -s, --selector <css>   what to index of a page          (its <main>, else <body>)
  -p, --precision <p>    float32, or int8 for a quarter of the size
                                                          (float32)
  --split <when>         the index as a small file and a folder of parts, of which a page fetches
                         what a query needs: always, never, or auto, from 2 000 passages on; the
                         parts have a precision of their own
                                                          (auto)

The page must use the same model: an index of another, or of another version of it, is refused.

pack: the pack.json of a model, from the manifest in a folder (pack.template.json, else pack.json) or
of a shipped template ("sd-turbo"), with the length and the SHA-256 of every file filled in

  -o, --output <file>    where it goes                    (pack.json, beside the manifest)

Files beside it are measured anew; of files elsewhere, those that lack a length or a hash are
downloaded once.

copy: what elements load while they run (workers, ONNX Runtime, models), into a folder that a page
serves and names by configure({base}): only needed where a bundler carries no files by itself

  -m, --model <names>    only these models, separated by commas        (all)

  -h, --help             this text
  -v, --version          the version of this program

Exit codes: 0 done, 1 something went wrong, 2 the command line makes no sense.
`;

/** Reads a command line; `bad-argument`, naming what makes no sense of it. */
export function parseCommand(given: readonly string[]): Command {
  const {values, positionals} = parse(given);
  if (values.help) return {name: 'help'};
  if (values.version) return {name: 'version'};
  const [name, ...patterns] = positionals;
  if (name === 'pack') return parsePackCommand(patterns, values);
  if (name === 'copy') return parseCopyCommand(patterns, values);
  if (name !== 'index') {
    throw usage(name === undefined ? 'No command is given.' : `There is no command "${name}".`);
  }
  if (patterns.length === 0) throw usage('No files are given.');
  const {output = 'search.latents', model = 'words', base = '/', selector} = values;
  const {precision = 'float32'} = values;
  if (precision !== 'float32' && precision !== 'int8') {
    throw usage(`There is no precision "${precision}".`);
  }
  const {split = 'auto'} = values;
  if (split !== 'auto' && split !== 'always' && split !== 'never') {
    throw usage(`--split is auto, always or never, not "${split}".`);
  }
  return {name: 'index', command: {patterns, output, model, base, selector, precision, split}};
}

function parsePackCommand(
  sources: readonly string[],
  {output, ...others}: ReturnType<typeof parse>['values'],
): Command {
  const [source, ...more] = sources;
  if (source === undefined) throw usage('No folder is given.');
  if (more.length > 0) throw usage(`One folder is taken, not ${String(sources.length)}.`);
  const [foreign] = Object.keys(others);
  if (foreign !== undefined) throw usage(`pack has no option --${foreign}.`);
  return {name: 'pack', command: {source, output}};
}

function parseCopyCommand(
  folders: readonly string[],
  {model, ...others}: ReturnType<typeof parse>['values'],
): Command {
  const [folder, ...more] = folders;
  if (folder === undefined) throw usage('No folder is given.');
  if (more.length > 0) throw usage(`One folder is taken, not ${String(folders.length)}.`);
  const [foreign] = Object.keys(others);
  if (foreign !== undefined) throw usage(`copy has no option --${foreign}.`);
  return {name: 'copy', command: {folder, models: model?.split(',') ?? []}};
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: {type: 'string', short: 'o'},
        model: {type: 'string', short: 'm'},
        base: {type: 'string', short: 'b'},
        selector: {type: 'string', short: 's'},
        precision: {type: 'string', short: 'p'},
        split: {type: 'string'},
        help: {type: 'boolean', short: 'h'},
        version: {type: 'boolean', short: 'v'},
      },
    });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function usage(fault: string, cause?: unknown): LatentError {
  return new LatentError('bad-argument', `${fault} Try: latent-elements --help`, {cause});
}
