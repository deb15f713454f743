// What a visitor downloads before the first frame, per device, file by file, as a server with gzip
// sends it (brotli is smaller still). JSPI is what Chromium takes for WebGPU.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {dist} from '../../scripts/paths.mjs';
import {launch} from '../../scripts/browser.mjs';
import {table} from './statistics.mjs';

export const title = 'Bytes before the first frame';

export async function measure({url}) {
  for (const device of ['wasm', 'webgpu']) {
    const browser = await launch({webgpu: device === 'webgpu'});
    const context = await browser.newContext();
    const files = new Set();
    context.on('response', (response) => {
      const {pathname} = new URL(response.url());
      if (pathname.startsWith('/dist/') && response.status() === 200) files.add(pathname);
    });
    const page = await context.newPage();
    await page.goto(url);
    await page.evaluate(async (given) => {
      const {configure} = await import('/dist/cdn/latent-elements.js');
      configure({device: given});
      const element = document.createElement('latent-image');
      Object.assign(element, {model: 'avatars', src: 'seed:1', loading: 'eager'});
      document.body.append(element);
      await element.ready;
    }, device);
    await browser.close();
    const rows = [...files].sort().map((path) => {
      const bytes = readFileSync(join(dist, path.slice('/dist/'.length)));
      const quality = {params: {[constants.BROTLI_PARAM_QUALITY]: 9}};
      return [
        path,
        bytes.length,
        gzipSync(bytes).length,
        brotliCompressSync(bytes, quality).length,
      ];
    });
    const sum = (column) => rows.reduce((total, row) => total + row[column], 0);
    console.log(`\n${device}, \`<latent-image model="avatars" src="seed:1">\`:\n`);
    table(['file', 'bytes', 'gzip', 'brotli'], [...rows, ['sum', sum(1), sum(2), sum(3)]]);
  }
}
