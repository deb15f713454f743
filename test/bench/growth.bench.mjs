// How cost grows: with the size at which a picture is worked on, with that at which it is shown, and with
// the number of elements that play on one page. Steps of diffusion have a bench of their own.
import {median, quantile, table} from './statistics.mjs';

export const title = 'Growth: size of a picture, elements on a page';

/** Side of the picture, and the longer side at which it is worked on. */
const SIZES = [
  [128, 128],
  [256, 256],
  [512, 256],
  [512, 512],
  [1024, 512],
  [1024, 1024],
];
const [FRAMES, PLAYED] = [9, 3000];

export async function measure({browser, url}) {
  const sizes = [];
  const elements = [];
  for (const threads of [1, 2]) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    for (const [side, resolution] of SIZES) {
      const {encode, frame, run} = await page.evaluate(edit, {side, resolution, threads, FRAMES});
      const own = frame.map((total, i) => total - run[i]);
      const names = [threads, `${side}²`, `${resolution}²`];
      sizes.push([...names, encode, median(frame), median(run), median(own)]);
    }
    await page.close();
  }
  for (const count of [1, 2, 4, 8, 16]) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    const {frames, waits} = await page.evaluate(play, {count, PLAYED});
    const rate = frames / (PLAYED / 1000);
    elements.push([count, rate, rate / count, median(waits), quantile(waits, 0.95)]);
    await page.close();
  }
  console.log('`photos`, an edit by a direction, one frame after another:\n');
  table(['threads', 'shown', 'worked on', 'encode ms', 'frame ms', 'of it run()', 'ours'], sizes);
  console.log('\n`avatars`, all elements play at once, one thread:\n');
  const heads = ['elements', 'frames/s, all', 'frames/s, each', 'ms to a screen frame', 'p95'];
  table(heads, elements);
}

/** In the page: a picture of waves and noise, encoded, and edited by another amount in each frame. */
async function edit({side, resolution, threads, FRAMES}) {
  const {configure, createEngine} = await import('/dist/cdn/latent-elements.js');
  configure({device: 'wasm', threads});
  const engine = createEngine({device: 'wasm', threads});
  const model = await engine.load('photos');
  const image = new ImageData(side, side);
  for (let i = 0; i < image.data.length; i++) {
    const [x, y] = [(i >> 2) % side, Math.floor((i >> 2) / side)];
    image.data[i] =
      i % 4 === 3 ? 255 : 128 + 90 * Math.sin((9 * x + 5 * y * (i % 4)) / side) + ((i * 7919) % 23);
  }
  const canvas = document.body.appendChild(document.createElement('canvas'));
  const surface = await model.createSurface(canvas);
  await surface.setSource(0, image, {resolution});
  const begin = performance.now();
  const {latent, frame: size} = await surface.setSource(0, image, {resolution});
  const encode = performance.now() - begin;
  const result = {encode, frame: [], run: []};
  for (let i = 0; i < FRAMES + 3; i++) {
    const before = performance.now();
    const {run} = await surface.paint(
      {latent, edits: {brightness: 0.2 + i / 10}, detail: {0: 1}},
      size,
    );
    if (i < 3) continue;
    result.frame.push(performance.now() - before);
    result.run.push(run);
  }
  await engine.dispose();
  canvas.remove();
  return result;
}

/** In the page: elements that play, what they paint, and how long the screen waits for its next frame. */
async function play({count, PLAYED}) {
  const {configure} = await import('/dist/cdn/latent-elements.js');
  configure({device: 'wasm', threads: 1});
  let frames = 0;
  const elements = Array.from({length: count}, (_, i) => {
    const element = document.createElement('latent-interpolator');
    Object.assign(element, {
      model: 'avatars',
      from: `seed:${i}`,
      to: `seed:${i + 30}`,
      loading: 'eager',
      interpolation: 'lerp',
      loop: true,
      duration: 1000,
    });
    element.style.cssText = 'display: inline-block; inline-size: 128px';
    element.addEventListener('latent-frame', () => frames++);
    return document.body.appendChild(element);
  });
  await Promise.all(elements.map(({ready}) => ready));
  for (const element of elements) void element.play();
  await new Promise((resolve) => setTimeout(resolve, 500));
  frames = 0;
  const waits = [];
  const end = performance.now() + PLAYED;
  let last = performance.now();
  while (last < end) {
    const now = await new Promise(requestAnimationFrame).then(() => performance.now());
    waits.push(now - last);
    last = now;
  }
  return {frames, waits};
}
