// Draws the pictures of the README and of docs/morph.md with the built package: strips of a morph above
// the cross-fade of the same pictures, and what a plan consists of. Run it when the morph or the assets
// change: `node scripts/readme-image.mjs`.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {launch} from './browser.mjs';
import {build, dist, root} from './paths.mjs';
import {serve} from './serve.mjs';

const server = await serve({
  root: {
    '/dist': dist,
    '/build': build,
    '/assets': join(root, 'stories/assets'),
    '/': join(root, 'stories/demo'),
  },
});
const browser = await launch();
const page = await browser.newPage();
/** Strips to draw: file, the two pictures, and the size of a frame in them. */
const strips = [
  ['morph', 'leek.jpg', 'acanthus.jpg', [180, 240]],
  ['morph-mountains', 'summer.jpg', 'autumn.jpg', [180, 180]],
  ['morph-unlike', 'dandelion.jpg', 'alps.jpg', [180, 180]],
  ['morph-drawn', 'faces/plain-2.webp', 'faces/glasses-1.webp', [180, 180]],
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
        from: `/assets/${first}`,
        to: `/assets/${second}`,
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

/** Both pictures under the grid that the flow bends, the front, and two frames. */
const parts = await page.evaluate(
  async ([from, to, size]) => {
    const {composeFrame, prepareMorph} = await import('/build/js/src/core/morph/index.js');
    const pixelsOf = async (file) => {
      const image = await createImageBitmap(await (await fetch(`/assets/${file}`)).blob());
      const context = new OffscreenCanvas(size, size).getContext('2d');
      context.imageSmoothingQuality = 'high';
      const side = Math.min(image.width, image.height);
      const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
      context.drawImage(image, left, top, side, side, 0, 0, size, size);
      return context.getImageData(0, 0, size, size);
    };
    const [a, b] = [await pixelsOf(from), await pixelsOf(to)];
    const preparation = prepareMorph(a, b);
    let step = preparation.next();
    while (!step.done) step = preparation.next();
    const plan = step.value;
    const gap = 6;
    const canvas = new OffscreenCanvas(5 * (size + gap) - gap, size);
    const context = canvas.getContext('2d');
    const put = (place, {data}) =>
      context.putImageData(new ImageData(data, size, size), place * (size + gap), 0);
    /** Draws lines that are straight in the halfway domain where they are in a picture. */
    const grid = (place, sign) => {
      const points = Math.sqrt(plan.flow.length / 2);
      const at = (x, y) => {
        const o = 2 * (y * points + x);
        const on = (p, v) => size * (p / (points - 1) + sign * v);
        return [place * (size + gap) + on(x, plan.flow[o]), on(y, plan.flow[o + 1])];
      };
      context.strokeStyle = '#ffd400';
      for (let line = 0; line < points; line += 8) {
        for (const isRow of [true, false]) {
          context.beginPath();
          for (let k = 0; k < points; k++) context.lineTo(...(isRow ? at(k, line) : at(line, k)));
          context.stroke();
        }
      }
    };
    const cells = Math.sqrt(plan.order.length);
    /** The front from early, blue, to late, yellow; grey where both agree and dissolve. */
    const front = new Uint8ClampedArray(4 * size * size);
    for (let i = 0; i < size * size; i++) {
      const [x, y] = [i % size, Math.floor(i / size)].map((v) => Math.floor((v * cells) / size));
      const cell = y * cells + x;
      const share = plan.disagreement[cell];
      const late = 255 * plan.order[cell];
      front.set(
        [late, 90 + 0.5 * late, 255 - late].map((v) => share * v + (1 - share) * 128),
        4 * i,
      );
      front[4 * i + 3] = 255;
    }
    put(0, a);
    grid(0, -1);
    put(1, b);
    grid(1, 1);
    put(2, {data: front});
    put(3, composeFrame(plan, a, b, 0.35));
    put(4, composeFrame(plan, a, b, 0.65));
    const blob = await canvas.convertToBlob({type: 'image/webp', quality: 0.85});
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  },
  ['leek.jpg', 'acanthus.jpg', 220],
);
writeFileSync(join(root, 'docs/images/morph-parts.webp'), Buffer.from(parts, 'base64'));
await browser.close();
await server.close();
