// `npm run storybook` and `npm run build-storybook`: install and build what is missing, then hand over.
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {ensureInstalled} from './install.mjs';
import {root} from './paths.mjs';

ensureInstalled();
// The stories run the sources; of the build they need the worker, the packs and the manifest.
const {buildIfStale} = await import('./build.mjs');
await buildIfStale();
const {buildDocsSite} = await import('./docs-site.mjs');
buildDocsSite();
const {status} = spawnSync(
  process.execPath,
  [join(root, 'node_modules/storybook/dist/bin/dispatcher.js'), ...process.argv.slice(2)],
  {cwd: root, stdio: 'inherit', env: {...process.env, STORYBOOK_DISABLE_TELEMETRY: '1'}},
);
process.exitCode = status ?? 1;
