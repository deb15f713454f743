// The photos pack against the FLUX.2 tiny autoencoder, which people would use instead: quality on
// Kodak 01–08, centre-cropped to a square and scaled to 256², and the time of a decode, alternating.
import {existsSync} from 'node:fs';
import {data, taef2Manifest} from '../e2e/support.mjs';
import {median, table} from './statistics.mjs';

export const title = 'photos against the FLUX.2 tiny autoencoder (taef2)';

const RUNS = 10;

export async function measure({browser, url}) {
  if (!existsSync(`${data}/taef2`)) {
    console.log('Skipped: needs the third-party test data (LATENT_TEST_DATA).');
    return;
  }
  const page = await (await browser.newContext()).newPage();
  await page.route('**/data/taef2/pack.json', (route) => route.fulfill({json: taef2Manifest()}));
  await page.goto(url);
  for (const threads of [1, 2]) {
    const {photos, taef2} = await page.evaluate(compare, {threads, runs: RUNS});
    const rows = Object.entries({photos, taef2}).map(([name, {psnr, encode, decode}]) => [
      name,
      psnr.reduce((sum, value) => sum + value) / psnr.length,
      Math.min(...psnr),
      median(encode),
      median(decode),
    ]);
    rows.push([
      'ratio taef2 / photos',
      '',
      '',
      median(taef2.encode) / median(photos.encode),
      median(taef2.decode) / median(photos.decode),
    ]);
    console.log(`\n${threads} thread(s):\n`);
    table(['pack', 'PSNR dB (mean of 8)', 'worst', 'encode 256² ms', 'decode 256² ms'], rows);
  }
}

/** In the page: both packs in turn, so that a noisy moment strikes both. */
async function compare({threads, runs}) {
  const {createEngine} = await import('/dist/cdn/latent-elements.js');
  const engine = createEngine({device: 'wasm', threads});
  const models = {
    photos: await engine.load('photos'),
    taef2: await engine.load('/data/taef2/pack.json'),
  };
  const images = [];
  for (let i = 1; i <= 8; i++) {
    const blob = await (await fetch(`/data/photos/kodim0${i}.png`)).blob();
    const bitmap = await createImageBitmap(blob);
    const side = Math.min(bitmap.width, bitmap.height);
    const context = new OffscreenCanvas(256, 256).getContext('2d');
    context.imageSmoothingQuality = 'high';
    const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    context.drawImage(bitmap, x, y, side, side, 0, 0, 256, 256);
    images.push(context.getImageData(0, 0, 256, 256));
  }
  const pixels = (bitmap) => {
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  };
  const psnr = (a, b) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) if (i % 4 < 3) sum += (a[i] - b[i]) ** 2;
    return 10 * Math.log10(255 ** 2 / (sum / (0.75 * a.length)));
  };
  const result = {};
  for (const name of Object.keys(models)) result[name] = {psnr: [], encode: [], decode: []};
  for (let i = 0; i < Math.max(runs, images.length); i++) {
    for (const [name, model] of Object.entries(models)) {
      const image = images[i % images.length];
      const begin = performance.now();
      const latent = await model.encode(image);
      const middle = performance.now();
      const decoded = await model.decode(latent);
      const end = performance.now();
      if (i < images.length) result[name].psnr.push(psnr(image.data, pixels(decoded)));
      if (i === 0) continue;
      result[name].encode.push(middle - begin);
      result[name].decode.push(end - middle);
    }
  }
  await engine.dispose();
  return result;
}
