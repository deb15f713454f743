// `npm test`: installs what is missing, builds, runs everything, and closes with the sum. Arguments name
// some suites instead; more apps and the other engines run only then. Only Node's own modules are imported
// before the install.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {suiteFiles} from './files.mjs';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import {ensureInstalled} from './install.mjs';
import {root} from './paths.mjs';

ensureInstalled();
const {chromiumPath} = await import('./ensure-chromium.mjs');
chromiumPath();

const results = `${root}/build/test-results`;
rmSync(results, {recursive: true, force: true});
mkdirSync(results, {recursive: true});

/** Runs a command and gives what it counted; a run that counted nothing failed. */
async function suite(name, command, counts, {beside = false, env} = {}) {
  if (!beside) console.log(`\n── ${name} ──`);
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: beside ? 'pipe' : 'inherit',
    env: {...process.env, ...env},
  });
  // What runs beside others speaks when it is done.
  const said = [];
  for (const stream of beside ? [child.stdout, child.stderr] : []) {
    stream.on('data', (part) => said.push(part));
  }
  const [status] = await once(child, 'close');
  if (beside) console.log(`\n── ${name} ──\n${Buffer.concat(said)}`);
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

const nodeTests = (name, {concurrency = 1, ...options} = {}) =>
  suite(
    name,
    [
      '--import=tsx',
      '--test',
      `--test-concurrency=${concurrency}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/count-reporter.mjs',
      `--test-reporter-destination=${results}/${name}.json`,
      ...suiteFiles(name),
    ],
    `${name}.json`,
    options,
  );

const browserTests = (name, env) =>
  suite(
    name,
    ['node_modules/@web/test-runner/dist/bin.js', '--config', 'web-test-runner.config.mjs'],
    `${name}.json`,
    {env},
  );

const only = process.argv.slice(2);
const wanted = (name) => only.length === 0 || only.includes(name);
// They run beside the browser suite, and need no more than one core.
const beside = true;
const quiet = {
  types: () => suite('types', ['node_modules/typescript/bin/tsc', '--build'], undefined, {beside}),
  node: () => nodeTests('node', {beside}),
  lint: () => suite('lint', ['node_modules/eslint/bin/eslint.js', '.'], undefined, {beside}),
  format: () =>
    suite(
      'format',
      ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
      undefined,
      {beside},
    ),
  // Real apps, each installed and built by its own tool: the three that matter most.
  apps: () => nodeTests('apps', {beside}),
};
const suites = {
  build: () => suite('build', ['scripts/build.mjs']),
  browser: () => browserTests('browser'),
  // Much of their time is waiting; each file has a browser and a server of its own.
  e2e: () => nodeTests('e2e', {concurrency: 2}),
};

/** What runs only when it is named. */
const whenAsked = {
  'more-apps': () => nodeTests('more-apps'),
  firefox: () => browserTests('browser-firefox', {TEST_ENGINE: 'firefox'}),
  webkit: () => browserTests('browser-webkit', {TEST_ENGINE: 'webkit'}),
};

const total = {passed: 0, failed: 0, skipped: 0};
const add = (sum) => {
  for (const key of Object.keys(total)) total[key] += sum[key];
};

/** One after the other. */
async function inTurn(all) {
  for (const [name, run] of Object.entries(all)) if (wanted(name)) add(await run());
}

await inTurn({build: suites.build});
// Nothing that follows means anything without a build.
if (total.failed === 0) {
  await Promise.all([inTurn(quiet), inTurn({browser: suites.browser})]);
  await inTurn({e2e: suites.e2e});
  if (only.length > 0) await inTurn(whenAsked);
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
