// Scrubbing a morph: from setting `value` to the painted frame, what of it is ours and what ONNX
// Runtime's, and how long the main thread was ever held. Beside it what a page would do without this
// package: the same network by onnxruntime-web on the main thread, the frame put on a canvas.
import {median, quantile, table} from './statistics.mjs';
import {longestTask, TRACE_CATEGORIES} from './trace.mjs';

export const title = 'Scrubbing: input to painted frame';

const FRAMES = 120;

export async function measure({browser, url}) {
  const rows = [];
  const tasks = [];
  for (const [model, from, to] of [
    ['avatars', 'seed:3', 'seed:12'],
    ['photos', '/data/photos/kodim03.png', '/data/photos/kodim07.png'],
  ]) {
    for (const threads of [1, 2]) {
      const page = await (await browser.newContext()).newPage();
      await page.goto(url);
      const given = {model, from, to, threads, frames: FRAMES};
      await page.evaluate(prepareElement, given);
      await browser.startTracing(page, {categories: TRACE_CATEGORIES});
      await page.evaluate(scrubElement, given);
      const task = longestTask(await browser.stopTracing());
      const ours = await page.evaluate(finishElement);
      tasks.push([model, threads, task.wall, task.cpu]);
      rows.push(row(`${model}, this package`, threads, ours));
      const peer = await page.evaluate(scrubMainThread, given);
      rows.push(row(`${model}, ORT on the main thread`, threads, peer));
      const ratio = (key) => median(peer[key]) / median(ours[key]);
      rows.push([
        'ratio peer / ours',
        threads,
        ratio('frame'),
        '',
        ratio('run'),
        '',
        Math.max(...peer.held) / Math.max(...ours.held),
      ]);
      await page.close();
    }
  }
  table(
    ['what', 'threads', 'frame ms', 'p95', 'of it run()', 'of it ours', 'longest hold of main'],
    rows,
  );
  console.log('\nLongest task of the main thread while this package scrubs:\n');
  table(['model', 'threads', 'ms', 'of it on the processor'], tasks);
}

const row = (name, threads, {frame, run, held}) => [
  name,
  threads,
  median(frame),
  quantile(frame, 0.95),
  median(run),
  median(frame.map((total, i) => total - run[i])),
  Math.max(...held),
];

/** In the page: a model, a canvas and two keyframes, and a few frames to warm up. */
async function prepareElement({model, from, to, threads}) {
  const {configure, createEngine} = await import('/dist/cdn/latent-elements.js');
  configure({device: 'wasm', threads});
  const engine = createEngine({device: 'wasm', threads});
  const lease = await engine.load(model);
  const canvas = document.body.appendChild(document.createElement('canvas'));
  const surface = await lease.createSurface(canvas);
  const a = await surface.setSource(0, from);
  const b = await surface.setSource(1, to, {frame: a.frame});
  const {lerp} = await import('/dist/cdn/latent-elements.js');
  const at = (t) => ({latent: lerp(a.latent, b.latent, t), detail: {0: (1 - t) ** 2, 1: t ** 2}});
  for (let i = 0; i < 10; i++) await surface.paint(at(i / 10 + 0.05), a.frame);
  globalThis.scrub = {engine, canvas, paint: (t) => surface.paint(at(t), a.frame)};
}

/** In the page: one value after another, each when the last is painted. */
async function scrubElement({frames}) {
  const {paint} = globalThis.scrub;
  const result = (globalThis.scrub.result = {frame: [], run: [], held: [0]});
  // A timer that comes late tells how long the main thread could not turn to it.
  const beat = 5;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    result.held.push(now - last - beat);
    last = now;
  }, beat);
  for (let i = 0; i < frames; i++) {
    const begin = performance.now();
    const report = await paint((i + 0.5) / frames);
    result.frame.push(performance.now() - begin);
    result.run.push(report.run);
  }
  clearInterval(timer);
}

/** In the page: what was measured. Apart, for the end of the engine and thousands of numbers on their way out are tasks too. */
async function finishElement() {
  const {engine, canvas, result} = globalThis.scrub;
  await engine.dispose();
  canvas.remove();
  return result;
}

/** In the page: the decoder by onnxruntime-web, where most examples put it. */
async function scrubMainThread({model, threads, frames}) {
  const ort = await import('/ort/ort.wasm.min.mjs');
  ort.env.wasm.wasmPaths = '/dist/ort/';
  ort.env.wasm.numThreads = threads;
  const manifest = await (await fetch(`/dist/models/${model}/pack.json`)).json();
  const {decoder} = manifest.parts;
  const session = await ort.InferenceSession.create(`/dist/models/${model}/${decoder.file}`);
  const shape = model === 'avatars' ? [1, 128] : [1, 32, 27, 40];
  const size = shape.reduce((product, side) => product * side);
  const canvas = document.body.appendChild(document.createElement('canvas'));
  const result = {frame: [], run: [], held: []};
  const latent = (t) => Float32Array.from({length: size}, (_, i) => Math.sin(i) * t);
  for (let i = 0; i < frames; i++) {
    const begin = performance.now();
    const feeds = {[decoder.inputs.latent]: new ort.Tensor('float32', latent(i / frames), shape)};
    const before = performance.now();
    const image = (await session.run(feeds))[decoder.outputs.image];
    result.run.push(performance.now() - before);
    const [, , height, width] = image.dims;
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d').putImageData(image.toImageData(), 0, 0);
    result.frame.push(performance.now() - begin);
    result.held.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve));
  }
  await session.release();
  canvas.remove();
  return result;
}
