// `npm start`: from a bare clone to the demo page, with nothing before it.
import {existsSync} from 'node:fs';
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
const {buildIfStale} = await import('./build.mjs');
const isNew = await buildIfStale();
const {buildDocsSite, docsSite} = await import('./docs-site.mjs');
if (isNew || !existsSync(docsSite)) buildDocsSite();

const wanted = Number(process.env.PORT || PREFERRED_PORT);
const {url} = await serveDemo(wanted).catch((error) => {
  if (error.code !== 'EADDRINUSE' || process.env.PORT) throw error;
  return serveDemo(0);
});
console.log(`\nThe demo page: ${url}/\nCtrl+C ends it.`);
