// `npm test`: installs what is missing, builds, runs everything, and closes with the sum. Arguments name
// some suites instead; more apps and the other engines run only then. Only Node's own modules are imported
// before the install.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import {basename} from 'node:path';
import {suiteFiles} from './files.mjs';
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

const nodeTests = (name, {files = suiteFiles(name), ...options} = {}) =>
  suite(
    name,
    [
      // What has no TypeScript need not wait for its compiler.
      ...(files.some((file) => file.endsWith('.ts')) ? ['--import=tsx'] : []),
      '--test',
      '--test-concurrency=1',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/count-reporter.mjs',
      `--test-reporter-destination=${results}/${name}.json`,
      ...files,
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
const build = {build: () => suite('build', ['scripts/build.mjs'])};
const browser = {browser: () => browserTests('browser')};

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

// Each file has a browser and a server of its own, so that they run in any order: whoever has time takes the next.
const waiting = wanted('e2e') ? suiteFiles('e2e') : [];
async function endToEnd() {
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    const name = `e2e-${basename(file, '.test.mjs')}`;
    add(await nodeTests(name, {files: [file], beside}));
  }
}

await inTurn(build);
// Nothing that follows means anything without a build. Two at a time, for two cores.
if (total.failed === 0) {
  await Promise.all(
    [quiet, browser].map(async (first) => {
      await inTurn(first);
      await endToEnd();
    }),
  );
  if (only.length > 0) await inTurn(whenAsked);
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
