// Draws the pictures of the README and of docs/morph.md with the built package: strips of a morph above
// the cross-fade of the same pictures. Run it when the morph or the assets change:
// `node scripts/readme-image.mjs`.
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
/** Strips to draw: file, the two pictures, and the size of a frame in them. */
const strips = [
  ['morph', 'leek', 'acanthus', [180, 240]],
  ['morph-mountains', 'summer', 'autumn', [180, 180]],
  ['morph-unlike', 'dandelion', 'alps', [180, 180]],
];

mkdirSync(join(root, 'docs/images'), {recursive: true});
await page.goto(`${server.url}/assets/leek.jpg`);
for (const [file, from, to, size] of strips) {
  const base64 = await page.evaluate(
    async ([first, second, [width, height]]) => {
      await import('/dist/cdn/latent-elements.js');
      const element = document.createElement('latent-interpolator');
      Object.assign(element, {
        interpolation: 'morph',
        from: `/assets/${first}.jpg`,
        to: `/assets/${second}.jpg`,
        loading: 'eager',
      });
      document.body.append(element);
      await element.ready;
      const times = [0, 0.2, 0.4, 0.6, 0.8, 1];
      const gap = 6;
      const canvas = new OffscreenCanvas(times.length * (width + gap) - gap, 2 * height + gap);
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      /** Draws a picture so that it covers a place, as the element does. */
      const cover = (image, x, y) => {
        const scale = Math.max(width / image.width, height / image.height);
        const [w, h] = [width / scale, height / scale];
        const [left, top] = [(image.width - w) / 2, (image.height - h) / 2];
        context.drawImage(image, left, top, w, h, x, y, width, height);
      };
      const ends = [await element.frameAt(0), await element.frameAt(1)];
      for (const [i, t] of times.entries()) {
        const x = i * (width + gap);
        cover(await element.frameAt(t), x, 0);
        cover(ends[0], x, height + gap);
        context.globalAlpha = t;
        cover(ends[1], x, height + gap);
        context.globalAlpha = 1;
      }
      element.remove();
      const blob = await canvas.convertToBlob({type: 'image/webp', quality: 0.85});
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    },
    [from, to, size],
  );
  writeFileSync(join(root, `docs/images/${file}.webp`), Buffer.from(base64, 'base64'));
}
await browser.close();
await server.close();
