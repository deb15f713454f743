// `npm test`: installs what is missing, builds, runs everything, and closes with the sum. Arguments name
// some suites instead; more apps and the other engines run only then. Only Node's own modules are imported
// before the install.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import {basename} from 'node:path';
import {noCounts} from './count-reporter.mjs';
import {suiteFiles} from './files.mjs';
import {ensureInstalled} from './install.mjs';
import {root} from './paths.mjs';

ensureInstalled();
const {chromiumPath} = await import('./ensure-chromium.mjs');
chromiumPath();

const results = `${root}/build/test-results`;
rmSync(results, {recursive: true, force: true});
mkdirSync(results, {recursive: true});

const hasFailed = (files) => Object.values(files).some(({failures}) => failures.length > 0);

/** Runs a command and gives what it counted, by file; a run that counted nothing failed. */
async function suite(name, command, {isCounted = false, beside = false, env} = {}) {
  if (!beside) console.log(`\n── ${name} ──`);
  rmSync(`${results}/${name}.json`, {force: true});
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
  let files = {};
  try {
    if (isCounted) files = JSON.parse(readFileSync(`${results}/${name}.json`, 'utf8'));
  } catch {
    console.error(`${name} ended without a result.`);
  }
  if (status !== 0 && !hasFailed(files)) {
    files.itself = {...noCounts(), failures: [`ended with ${status}`]};
  } else if (!isCounted) {
    files.itself = {...noCounts(), passed: 1};
  }
  return files;
}

const nodeTests = (name, {files = suiteFiles(name), ...options} = {}) =>
  suite(
    name,
    [
      // What has no TypeScript need not wait for its compiler.
      ...(files.some((file) => file.endsWith('.ts')) ? ['--import=tsx'] : []),
      '--test',
      '--test-concurrency=1',
      // Ends what hangs: many times what the longest file takes.
      '--test-timeout=900000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/count-reporter.mjs',
      `--test-reporter-destination=${results}/${name}.json`,
      ...files,
    ],
    {isCounted: true, ...options},
  );

const browserTests = (name, {files = [], env} = {}) =>
  suite(
    name,
    [
      'node_modules/@web/test-runner/dist/bin.js',
      ...['--config', 'web-test-runner.config.mjs'],
      ...(files.length > 0 ? ['--files', ...files] : []),
    ],
    {isCounted: true, env},
  );

const only = process.argv.slice(2);
const wanted = (name) => only.length === 0 || only.includes(name);
// They run beside the browser suite, and need no more than one core.
const beside = true;
const tools = {
  types: () => suite('types', ['node_modules/typescript/bin/tsc', '--build'], {beside}),
  lint: () => suite('lint', ['node_modules/eslint/bin/eslint.js', '.'], {beside}),
  format: () =>
    suite(
      'format',
      ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
      {
        beside,
      },
    ),
};
const quiet = {
  ...tools,
  node: (files) => nodeTests('node', {files, beside}),
  // Real apps, each installed and built by its own tool: the three that matter most.
  apps: (files) => nodeTests('apps', {files, beside}),
};
const build = {build: () => suite('build', ['scripts/build.mjs'])};
const browser = {browser: (files) => browserTests('browser', {files})};

/** What runs only when it is named. */
const whenAsked = {
  'more-apps': (files) => nodeTests('more-apps', {files}),
  firefox: (files) => browserTests('browser-firefox', {files, env: {TEST_ENGINE: 'firefox'}}),
  webkit: (files) => browserTests('browser-webkit', {files, env: {TEST_ENGINE: 'webkit'}}),
};

/** What has run: its name, what it counted by file, and how it runs again. */
const done = [];
async function complete(name, run) {
  done.push({name, run, files: await run()});
}

/** One after the other. */
async function inTurn(all) {
  for (const [name, run] of Object.entries(all)) if (wanted(name)) await complete(name, run);
}

// Each file has a browser and a server of its own, so that they run in any order: whoever has time takes the next.
const waiting = wanted('e2e') ? suiteFiles('e2e') : [];
async function endToEnd() {
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    const name = `e2e-${basename(file, '.test.mjs')}`;
    await complete(name, () => nodeTests(name, {files: [file], beside}));
  }
}

const failuresOf = ({name, files}) =>
  Object.entries(files).flatMap(([file, {failures}]) =>
    failures.map((failure) => `${name}, ${file}: ${failure}`),
  );
const unsteady = [];

await inTurn(build);
// Nothing that follows means anything without a build. Two at a time, for two cores.
if (!done.some(({files}) => hasFailed(files))) {
  await Promise.all(
    [quiet, browser].map(async (first) => {
      await inTurn(first);
      await endToEnd();
    }),
  );
  if (only.length > 0) await inTurn(whenAsked);

  // A test that fails beside others, on cores that are never idle, runs once more by itself. What passes then is
  // told all the same: it depends on time, and wants to be mended.
  for (const ran of done.filter(({name, files}) => !(name in tools) && hasFailed(files))) {
    const before = failuresOf(ran);
    const failed = Object.keys(ran.files).filter((file) => ran.files[file].failures.length > 0);
    if (failed.includes('itself')) ran.files = await ran.run();
    else Object.assign(ran.files, await ran.run(failed));
    if (!hasFailed(ran.files)) unsteady.push(...before);
  }
}

const tell = (what, failures) => {
  if (failures.length > 0) console.log(`\n── ${what} ──\n${failures.join('\n\n')}`);
};
const failures = done.flatMap(failuresOf);
tell('failed beside others, passed alone', unsteady);
tell('failed', failures);
const counted = done.flatMap(({files}) => Object.values(files));
const sum = (key) => counted.reduce((total, file) => total + file[key], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`\n${sum('passed')} passed, ${failures.length} failed${skipped}`);
process.exitCode = failures.length > 0 ? 1 : 0;
