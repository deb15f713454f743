// `npm test`: installs what is missing, builds, runs everything, and closes with the sum. Only Node's
// own modules are imported before the install.
import {spawnSync} from 'node:child_process';
import {testFiles} from './files.mjs';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import {ensureInstalled} from './install.mjs';
import {root} from './paths.mjs';

ensureInstalled();
const {chromiumPath} = await import('./ensure-chromium.mjs');
chromiumPath();

const results = `${root}/build/test-results`;
rmSync(results, {recursive: true, force: true});
mkdirSync(results, {recursive: true});

/** Runs a command and adds what it counted; a run that counted nothing failed. */
function suite(name, command, counts) {
  console.log(`\n── ${name} ──`);
  const {status} = spawnSync(process.execPath, command, {cwd: root, stdio: 'inherit'});
  let sum = {passed: 0, failed: 0, skipped: 0};
  try {
    if (counts) sum = JSON.parse(readFileSync(`${results}/${counts}`, 'utf8'));
  } catch {
    console.error(`${name} ended without a result.`);
  }
  if (counts ? status !== 0 && sum.failed === 0 : status !== 0) sum.failed++;
  else if (!counts) sum.passed++;
  return sum;
}

const nodeTests = (name, ...patterns) =>
  suite(
    name,
    [
      '--import=tsx',
      '--test',
      '--test-concurrency=1',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/count-reporter.mjs',
      `--test-reporter-destination=${results}/${name}.json`,
      ...patterns.flatMap((pattern) => testFiles(pattern)),
    ],
    `${name}.json`,
  );

const only = process.argv.slice(2);
const suites = {
  build: () => suite('build', ['scripts/build.mjs']),
  types: () => suite('types', ['node_modules/typescript/bin/tsc', '--build']),
  lint: () => suite('lint', ['node_modules/eslint/bin/eslint.js', '.']),
  format: () =>
    suite('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']),
  node: () => nodeTests('node', 'test/core', 'test/shared', 'test/cli', 'test/package'),
  browser: () =>
    suite(
      'browser',
      ['node_modules/@web/test-runner/dist/bin.js', '--config', 'web-test-runner.config.mjs'],
      'browser.json',
    ),
  e2e: () => nodeTests('e2e', 'test/e2e'),
};

const total = {passed: 0, failed: 0, skipped: 0};
for (const [name, run] of Object.entries(suites)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const sum = run();
  for (const key of Object.keys(total)) total[key] += sum[key];
  // Nothing that follows means anything without a build.
  if (name === 'build' && sum.failed > 0) break;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
