// Making faces: in a walk, from a new position to the painted frame and frames a second of the screen;
// and from a new seed to the painted image, with the previews that come before it.
import {median, quantile, table} from './statistics.mjs';

export const title = 'Live: position to painted face';

const SECONDS = 4;
const IMAGES = 20;

export async function measure({browser, url}) {
  const rows = [];
  for (const threads of [1, 2]) {
    for (const [steps, prompt] of [
      [1, ''],
      [4, ''],
      [4, 'smiling, round glasses'],
      [8, ''],
    ]) {
      const page = await (await browser.newContext()).newPage();
      await page.goto(url);
      const given = {threads, steps, prompt, seconds: SECONDS, images: IMAGES};
      const {frames, perSecond, images} = await page.evaluate(walk, given);
      rows.push([
        ...[threads, steps, prompt || '–', perSecond],
        ...[median(frames), quantile(frames, 0.95), median(images)],
      ]);
      await page.close();
    }
  }
  table(['threads', 'steps', 'prompt', 'frames/s', 'frame ms', 'p95', 'seed to image ms'], rows);
}

/** In the page: a position for every frame of the screen, as a hand would; then one seed after another. */
async function walk({threads, steps, prompt, seconds, images}) {
  const {configure} = await import('/dist/cdn/latent-elements.js');
  configure({device: 'wasm', threads});
  const element = document.createElement('latent-generator');
  Object.assign(element, {model: 'avatars', steps, prompt, seed: 3});
  element.style.inlineSize = '20rem';
  document.body.append(element);
  await element.ready;
  const next = () =>
    new Promise((resolve) => element.addEventListener('latent-image', resolve, {once: true}));
  for (let i = 0; i < 20; i++) {
    element.position = [i / 10, 0];
    await next();
  }
  const result = {frames: [], images: []};
  const listen = ({detail}) => result.frames.push(detail.milliseconds);
  element.addEventListener('latent-image', listen);
  const begin = performance.now();
  for (let t = 0; t < 1000 * seconds; t = performance.now() - begin) {
    element.position = [t / 3000, t / 5000];
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  result.perSecond = (1000 * result.frames.length) / (performance.now() - begin);
  element.removeEventListener('latent-image', listen);
  // The last frames of the walk.
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let i = 0; i < images; i++) {
    const start = performance.now();
    element.seed = 100 + i;
    await next();
    result.images.push(performance.now() - start);
  }
  return result;
}
