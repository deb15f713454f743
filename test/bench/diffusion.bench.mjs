// From noise to a painted face, and a repaired morph: what of a frame is ONNX Runtime's, and what the
// sampling costs beside it. The last is told by frames that are decoded only.
import {median, quantile, table} from './statistics.mjs';

export const title = 'Diffusion: noise to painted face';

const FRAMES = 60;
/** What is painted: frames of so many steps, a morph with and without repair. */
const CASES = [
  ['decode alone', undefined],
  ...[1, 2, 4, 8].map((steps) => [
    `face of noise, ${steps} step${steps > 1 ? 's' : ''}`,
    {strength: 1, steps},
  ]),
  ['morph half-way, strength 0.5, 4 steps', {strength: 0.5, steps: 4}],
];

export async function measure({browser, url}) {
  const rows = [];
  for (const threads of [1, 2]) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    await page.evaluate(prepare, threads);
    const results = await page.evaluate(paint, {cases: CASES, frames: FRAMES});
    CASES.forEach(([what], i) => {
      const {frame, run, own} = results[i];
      const times = [quantile(frame, 0.1), median(frame), quantile(frame, 0.95)];
      rows.push([threads, what, ...times, median(run), median(own), 1000 / median(frame)]);
    });
    await page.close();
  }
  table(
    ['threads', 'frame', 'ms, p10', 'median', 'p95', 'of it run()', "worker's own", 'frames/s'],
    rows,
  );
}

/** In the page: the model with its denoiser, a canvas, and two faces. */
async function prepare(threads) {
  const {configure, createEngine, lerp} = await import('/dist/cdn/latent-elements.js');
  configure({device: 'wasm', threads});
  const model = await createEngine({device: 'wasm', threads}).load('avatars');
  await model.prepareDenoise();
  const surface = await model.createSurface(
    document.body.appendChild(document.createElement('canvas')),
  );
  const {latent: a, frame: size} = await surface.setSource(0, 'seed:51');
  const {latent: b} = await surface.setSource(1, 'seed:15');
  globalThis.bench = {surface, size, latent: lerp(a, b, 0.5)};
}

/** In the page: one frame of each case after another, so that other work on the machine meets all. */
async function paint({cases, frames}) {
  const {surface, size, latent} = globalThis.bench;
  const results = cases.map(() => ({frame: [], run: [], own: []}));
  for (let seed = 0; seed < frames + 10; seed++) {
    for (const [i, [, denoise]] of cases.entries()) {
      const begin = performance.now();
      const frame = {latent, ...(denoise && {denoise: {...denoise, seed}})};
      const {run, total} = await surface.paint(frame, size);
      // The first ones warm up.
      if (seed < 10) continue;
      results[i].frame.push(performance.now() - begin);
      results[i].run.push(run);
      results[i].own.push(total - run);
    }
  }
  return results;
}
