import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {LatentError} from '../core/errors.js';
import {makeIndex} from './make-index.js';
import {HELP, parseCommand} from './usage.js';

const [FAILED, MISUSED] = [1, 2];
// The program is one file, dist/cli/latent-elements.js.
const packageFile = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

function main(given: readonly string[]): number {
  let command: ReturnType<typeof parseCommand>;
  try {
    command = parseCommand(given);
  } catch (error) {
    return fail(error, MISUSED);
  }
  if (command.name !== 'index') {
    process.stdout.write(command.name === 'help' ? HELP : `${version()}\n`);
    return 0;
  }
  try {
    const {summary, empty} = makeIndex(command.command, packageFile('dist/models'));
    for (const path of empty) process.stderr.write(`Nothing to find in ${path}\n`);
    process.stdout.write(`${summary}\n`);
    return 0;
  } catch (error) {
    return fail(error, FAILED);
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

process.exitCode = main(process.argv.slice(2));
