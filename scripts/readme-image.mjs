// Draws docs/images/morph.webp, the picture of the README, with the built package. Run it when the
// photos pack or the assets change: `node scripts/readme-image.mjs`.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {launch} from './browser.mjs';
import {dist, root} from './paths.mjs';
import {serve} from './serve.mjs';

const server = await serve({
  root: {'/dist': dist, '/assets': join(root, 'stories/assets'), '/': join(root, 'stories/demo')},
});
const browser = await launch();
const page = await browser.newPage();
await page.goto(`${server.url}/assets/leek.jpg`);
const base64 = await page.evaluate(async () => {
  await import('/dist/cdn/latent-elements.js');
  const element = document.createElement('latent-interpolator');
  Object.assign(element, {from: '/assets/leek.jpg', to: '/assets/acanthus.jpg', loading: 'eager'});
  document.body.append(element);
  await element.ready;
  const times = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const [width, height, gap] = [180, 240, 6];
  const canvas = new OffscreenCanvas(times.length * (width + gap) - gap, height);
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  for (const [i, t] of times.entries()) {
    context.drawImage(await element.frameAt(t), i * (width + gap), 0, width, height);
  }
  const blob = await canvas.convertToBlob({type: 'image/webp', quality: 0.85});
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
});
mkdirSync(join(root, 'docs/images'), {recursive: true});
writeFileSync(join(root, 'docs/images/morph.webp'), Buffer.from(base64, 'base64'));
await browser.close();
await server.close();
