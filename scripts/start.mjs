// `npm start`: from a bare clone to the demo page, with nothing before it. `npm start -- --watch` builds anew
// what a change touches, unminified: reload the page to see it.
import {spawn} from 'node:child_process';
import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {ensureInstalled} from './install.mjs';
import {dist, root} from './paths.mjs';
import {serve} from './serve.mjs';

const PREFERRED_PORT = 8080;

async function serveDemo(port) {
  return serve({
    root: {
      '/docs-site': docsSite,
      '/': join(root, 'stories/demo'),
      '/measure': join(root, 'stories/measure'),
      '/assets': join(root, 'stories/assets'),
      '/dist': dist,
    },
    port,
  });
}

ensureInstalled();
// Not before there is something to build with.
const {buildIfStale, stamp} = await import('./build.mjs');
const isNew = await buildIfStale();
const {buildDocsSite, docsSite} = await import('./docs-site.mjs');
if (isNew || !existsSync(docsSite)) buildDocsSite();

/** Runs a tool that goes on until it is ended, with this program at the latest. */
function keepRunning(bin, ...parameters) {
  const child = spawn(process.execPath, [join(root, 'node_modules', bin), ...parameters], {
    cwd: root,
    stdio: 'inherit',
  });
  process.on('exit', () => child.kill());
}

const wanted = Number(process.env.PORT || PREFERRED_PORT);
const {url} = await serveDemo(wanted).catch((error) => {
  if (error.code !== 'EADDRINUSE' || process.env.PORT) throw error;
  return serveDemo(0);
});
if (process.argv.includes('--watch')) {
  // What is written from now on is not what is published.
  rmSync(stamp, {force: true});
  keepRunning(
    'typescript/bin/tsc',
    '--build',
    '--watch',
    '--preserveWatchOutput',
    'src',
    'workers',
  );
  keepRunning(
    'rollup/dist/bin/rollup',
    '--config',
    '--watch',
    '--no-watch.clearScreen',
    '--silent',
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
}
console.log(`\nThe demo page: ${url}/\nCtrl+C ends it.`);
