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
}

/** What the program is asked to do. */
export type Command =
  | {readonly name: 'help'}
  | {readonly name: 'version'}
  | {readonly name: 'index'; readonly command: IndexCommand};

/** What `--help` prints. */
export const HELP = `Makes a search index of HTML pages, for <latent-search index="…">.

  latent-elements index <files…> [options]

  <files…>               HTML files or patterns ("site/**/*.html": in quotes, so that it
                         works in every shell). Each page is split at its headings; a result
                         leads to the heading's id.

  -o, --output <file>    where the index goes             (search.latents)
  -m, --model <name>     a pack that embeds by a table: its name, or the path of a pack.json
                                                          (words)
  -b, --base <url>       where the pages are published    (/)
                         site/**/*.html puts site/docs/a.html at <base>docs/a.html
  -s, --selector <css>   what to index of a page          (its <main>, else <body>)
  -p, --precision <p>    float32, or int8 for a quarter of the size
                                                          (float32)
  -h, --help             this text
  -v, --version          the version of this program

The page must use the same model: an index of another, or of another version of it, is refused.
Exit codes: 0 done, 1 something went wrong, 2 the command line makes no sense.
`;

/** Reads a command line; `bad-argument`, naming what makes no sense of it. */
export function parseCommand(given: readonly string[]): Command {
  const {values, positionals} = parse(given);
  if (values.help) return {name: 'help'};
  if (values.version) return {name: 'version'};
  const [name, ...patterns] = positionals;
  if (name !== 'index') {
    throw usage(name === undefined ? 'No command is given.' : `There is no command "${name}".`);
  }
  if (patterns.length === 0) throw usage('No files are given.');
  const {output, model, base, selector, precision} = values;
  if (precision !== 'float32' && precision !== 'int8') {
    throw usage(`There is no precision "${precision}".`);
  }
  return {name: 'index', command: {patterns, output, model, base, selector, precision}};
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: {type: 'string', short: 'o', default: 'search.latents'},
        model: {type: 'string', short: 'm', default: 'words'},
        base: {type: 'string', short: 'b', default: '/'},
        selector: {type: 'string', short: 's'},
        precision: {type: 'string', short: 'p', default: 'float32'},
        help: {type: 'boolean', short: 'h', default: false},
        version: {type: 'boolean', short: 'v', default: false},
      },
    });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function usage(fault: string, cause?: unknown): LatentError {
  return new LatentError('bad-argument', `${fault} Try: latent-elements --help`, {cause});
}
