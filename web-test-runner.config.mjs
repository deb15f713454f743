// Tests in a real browser: sources as they are, the worker, ONNX Runtime and the packs from dist/.
import {mkdirSync, writeFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {relative} from 'node:path';
import {defaultReporter} from '@web/test-runner';
import {esbuildPlugin} from '@web/dev-server-esbuild';
import {playwrightLauncher} from '@web/test-runner-playwright';
import {setTimeout as wait} from 'node:timers/promises';
import {skipGaps} from './test/engine-gaps.mjs';
import {packFixture} from './test/fixtures/packs.mjs';
import {flags} from './scripts/browser.mjs';
import {noCounts} from './scripts/count-reporter.mjs';
import {engineLauncher} from './scripts/engine-launcher.mjs';
import {chromiumPath} from './scripts/ensure-chromium.mjs';
import {suiteFiles} from './scripts/files.mjs';

// What a page needs for SharedArrayBuffer, so for WASM threads.
function isolate(context, next) {
  context.set('cross-origin-opener-policy', 'same-origin');
  context.set('cross-origin-embedder-policy', 'require-corp');
  context.set('cross-origin-resource-policy', 'cross-origin');
  return next();
}

// Past the dev server, which caches by itself and would rewrite the imports in ORT's files.
function answer(context, type, body) {
  context.respond = false;
  context.res.writeHead(body === undefined ? 404 : 200, {
    ...context.response.headers,
    'content-type': type,
    'cache-control': 'no-cache',
  });
  context.res.end(body);
}

const built = [];
const requests = [];

async function serveBuilt(context, next) {
  const {path} = context;
  if (!path.startsWith('/dist/') || path.includes('..')) return next();
  built.push(path);
  const types = {js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm'};
  const type = types[path.split('.').at(-1)] ?? 'application/octet-stream';
  answer(context, type, await readFile(`.${path}`).catch(() => undefined));
}

// Also answers what was asked for since the last question, of fixtures and of the built package: tests
// count downloads by it.
async function servePacks(context, next) {
  const {path} = context;
  if (path === '/fixtures/log') {
    return answer(context, 'application/json', JSON.stringify(requests.splice(0)));
  }
  if (path === '/fixtures/built') {
    return answer(context, 'application/json', JSON.stringify(built.splice(0)));
  }
  const found = packFixture(path, `http://127.0.0.1:${context.req.socket.localPort}/`);
  if (!found) return next();
  requests.push(path);
  context.set('access-control-allow-origin', '*');
  await wait(found.delay);
  answer(context, found.type, found.body);
}

const countTests = (suite, counts, title = '') => {
  for (const {name, error, passed, skipped} of suite?.tests ?? []) {
    if (skipped) counts.skipped++;
    else if (passed) counts.passed++;
    else counts.failures.push([title + name, error?.message, error?.stack].join('\n'));
  }
  for (const inner of suite?.suites ?? []) countTests(inner, counts, `${title}${inner.name} `);
};

// Which browser: Chromium, or one of the other engines.
const engine = process.env.TEST_ENGINE ?? 'chromium';

/** Writes what each file counted, for the closing lines of `npm test`; a file that did not load is a failure. */
const countReporter = {
  stop({sessions}) {
    const files = {};
    for (const {testFile, testResults, errors} of sessions) {
      const counts = noCounts();
      if (errors.length > 0 || !testResults) {
        counts.failures.push(['did not run', ...errors.map(({message}) => message)].join('\n'));
      }
      countTests(testResults, counts);
      files[relative('.', testFile)] = counts;
    }
    mkdirSync('build/test-results', {recursive: true});
    const name = engine === 'chromium' ? 'browser' : `browser-${engine}`;
    writeFileSync(`build/test-results/${name}.json`, JSON.stringify(files));
  },
};

// The export of one is a CommonJS file, the modules of the other import one of Node's.
const browserModules = {
  'ml-matrix': '/node_modules/ml-matrix/src/index.js',
  mediabunny: '/node_modules/mediabunny/dist/bundles/mediabunny.min.mjs',
};

// Canvases of WebGPU want a browser that is slower with all else: their tests have one of their own, but where
// files are named.
const gpuCanvases = 'test/workers/inference/gpu-painter.test.ts';
const areNamed = process.argv.includes('--files');
// V8 optimizes a function of WebAssembly after ten times the work of its own choice: most workers of these tests end
// before it would be worth it.
const v8 = ['--wasm-tiering-budget=18000000'];
const chromium = (webgpu) =>
  playwrightLauncher({
    launchOptions: {executablePath: chromiumPath(), args: flags({webgpu, v8})},
  });

export default {
  files: suiteFiles('browser').filter((file) => !file.endsWith(gpuCanvases)),
  groups:
    areNamed || engine !== 'chromium'
      ? []
      : [{name: 'gpu', files: gpuCanvases, browsers: [chromium('canvases')]}],
  nodeResolve: {exportConditions: ['production']},
  concurrency: 1,
  // Many times what they take: a busy machine is no failure.
  testsFinishTimeout: 900_000,
  testFramework: {config: {timeout: 120_000}},
  browserStartTimeout: 120_000,
  browsers: [
    engine === 'chromium' ? chromium(areNamed ? 'canvases' : true) : engineLauncher(engine),
  ],
  middleware: [isolate, serveBuilt, servePacks],
  plugins: [
    {
      name: 'browser-modules',
      resolveImport: ({source}) => browserModules[source],
    },
    skipGaps(engine),
    esbuildPlugin({ts: true, tsconfig: 'tsconfig.base.json', target: 'es2022'}),
  ],
  reporters: [defaultReporter(), countReporter],
};
