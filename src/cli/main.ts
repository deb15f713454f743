import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {LatentError} from '../core/errors.js';
import {completePack} from './complete-pack.js';
import {copyFiles} from './copy-files.js';
import {makeIndex} from './make-index.js';
import {type Command, HELP, parseCommand} from './usage.js';

const [FAILED, MISUSED] = [1, 2];
// The program is one file, dist/cli/latent-elements.js.
const packageFile = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

async function main(given: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(given);
  } catch (error) {
    return fail(error, MISUSED);
  }
  try {
    process.stdout.write(`${await run(command)}\n`);
    return 0;
  } catch (error) {
    return fail(error, FAILED);
  }
}

/** Does what was asked for, and says what to print. */
async function run(asked: Command): Promise<string> {
  const models = packageFile('dist/models');
  switch (asked.name) {
    case 'help':
      return HELP.trimEnd();
    case 'version':
      return version();
    case 'copy':
      return copyFiles(asked.command, packageFile('dist'));
    case 'pack':
      return completePack(asked.command, models, (file) => {
        process.stderr.write(`${file}\n`);
      });
    case 'index': {
      const {summary, empty} = makeIndex(asked.command, models);
      for (const path of empty) process.stderr.write(`Nothing to find in ${path}\n`);
      return summary;
    }
  }
}

function version(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as {version: string}).version;
}

function fail(error: unknown, code: number): number {
  // What is no LatentError is a fault of this program, whose trace tells where.
  if (!(error instanceof LatentError)) throw error;
  process.stderr.write(`latent-elements: ${error.message}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
