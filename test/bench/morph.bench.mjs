// Morphs against the cross-fade: contrast kept, pace, ghosts, what was aligned, and how long it takes: a
// solve and its slices, a frame on one thread, and the page's main thread while one drags.
// The pairs of the first list were tuned on, those of the second only looked at.
import {existsSync, readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {root} from '../../scripts/paths.mjs';
import {
  contrastKept,
  crossFade,
  flowError,
  foldedShare,
  ghostIndex,
  hasDetail,
  largestStep,
  warped,
} from './morph-measures.mjs';
import {median, quantile, table} from './statistics.mjs';
import {longestTask, TRACE_CATEGORIES} from './trace.mjs';

export const title = 'Morphs beside the cross-fade';

/** Where Kodak 01–08 are, as kodim01.png …; pairs of them are left out where it is absent. */
const PHOTOS = process.env.KODAK ?? `${root}/../shared/data/photos`;
const ASSETS = `${root}/stories/assets`;
const SIZE = 256;

const PAIRS = {
  'photographs tuned on': [
    ...['kodim01 kodim08', 'kodim02 kodim03', 'kodim04 kodim07', 'kodim05 kodim06'],
    ...['summer autumn', 'leek acanthus', 'alps canyon', 'boats sunset', 'dandelion summer'],
  ],
  'photographs held out': [
    ...['kodim01 kodim05', 'kodim03 kodim07', 'kodim02 kodim04', 'kodim06 kodim08'],
    ...['boats alps', 'leek dandelion', 'sunset autumn', 'canyon summer'],
  ],
  'drawings tuned on': [
    ...['plain-1 glasses-3', 'plain-2 glasses-1', 'glasses-2 glasses-5', 'plain-4 plain-6'],
  ],
  'drawings held out': [...['plain-3 plain-5', 'glasses-4 plain-2', 'glasses-6 glasses-1']],
};

// With leek: before its even ground a flow has nothing to hold on to, and it is the worst.
const WARPED = ['summer', 'autumn', 'boats', 'alps', 'leek', 'kodim01', 'kodim03', 'kodim07'];

const built = (file) => import(pathToFileURL(`${root}/build/js/${file}`).href);

export async function measure({browser, url}) {
  const page = await browser.newPage();
  const core = await built('src/core/morph/index.js');
  const decoded = (name, side) => decode(page, fileOf(name), side);
  await measureTimes(core, decoded);
  console.log('');
  const {wall, cpu} = await dragged(browser, url);
  table(
    ['main thread while dragged', 'ms'],
    [
      ['longest task', wall],
      ['of it on the processor', cpu],
    ],
  );
  console.log('');
  await measurePairs(core, decoded);
  console.log('\nMeans; the largest step at the median pair and at the worst.\n');
  await measureWarps(core, decoded);
  await page.close();
}

/** Milliseconds of each slice of a solve, and the plan. */
function prepare({prepareMorph}, a, b) {
  const slices = [];
  let step;
  const preparation = prepareMorph(a, b);
  do {
    const start = performance.now();
    step = preparation.next();
    slices.push(performance.now() - start);
  } while (!step.done);
  return {plan: step.value, slices};
}

const sum = (values) => values.reduce((x, y) => x + y);

/** A solve at 256², the first of the process and more of the same, and frames of three sizes. */
async function measureTimes(core, decoded) {
  const {PixelPainter} = await built('workers/morph/pixel-painter.js');
  const [first, second] = ['summer', 'autumn'];
  const [a, b] = [await decoded(first), await decoded(second)];
  const {plan, slices} = prepare(core, a, b);
  const more = Array.from({length: 8}, () => prepare(core, a, b).slices);
  // Whatever else the machine does makes single slices long.
  const least = slices.map((_, i) => Math.min(...more.map((each) => each[i])));
  table(
    ['solve at 256²', 'ms', 'longest slice ms'],
    [
      ['the first of a process', sum(slices), Math.max(...slices)],
      [
        'median of eight more',
        median(more.map(sum)),
        median(more.map((each) => Math.max(...each))),
      ],
      ['each slice at its best', sum(least), Math.max(...least)],
    ],
  );
  console.log('');
  const painter = new PixelPainter();
  const frames = [];
  for (const size of [256, 512, 1024]) {
    const pictures = {a: await decoded(first, size), b: await decoded(second, size)};
    frames.push([`${size}²`, ...frameTimes({painter, core, plan, ...pictures})]);
  }
  table(['frame on one thread', 'grids ms', 'pixels ms', 'both ms', 'least', 'p95'], frames);
}

async function measurePairs(core, decoded) {
  const head = ['pairs', 'contrast ½', 'full', 'gain', 'largest step', 'folded', 'ghosts', 's'];
  const rows = [];
  for (const [name, pairs] of Object.entries(PAIRS)) {
    const morphs = [];
    const fades = [];
    for (const pair of pairs) {
      const names = pair.split(' ');
      const missing = names.map(fileOf).find((file) => !existsSync(file));
      if (missing) {
        console.log(`${pair} left out: no ${missing}`);
        continue;
      }
      const [a, b] = [await decoded(names[0]), await decoded(names[1])];
      const {plan, slices} = prepare(core, a, b);
      const {before, after} = plan.alignment;
      const seen = [after - before, foldedShare(plan), sum(slices) / 1000];
      const ghosts = ghostIndex(a, b);
      morphs.push(figures((t) => core.composeFrame(plan, a, b, t), a, b, ghosts, seen));
      fades.push(figures(crossFade(a, b), a, b, ghosts, [0, 0, 0]));
    }
    rows.push([`${name}, morph`, ...summary(morphs)], [`${name}, cross-fade`, ...summary(fades)]);
  }
  table(head, rows);
}

async function measureWarps(core, decoded) {
  const warps = [];
  for (const [seed, name] of WARPED.entries()) {
    if (!existsSync(fileOf(name))) continue;
    const a = await decoded(name);
    for (const distance of [8, 32]) {
      const {picture, displacement} = warped(a, distance, seed + 1);
      const {plan} = prepare(core, a, picture);
      const seen = flowError(plan, displacement, hasDetail(picture));
      warps.push([name, distance, flowError(plan, displacement), seen]);
    }
  }
  table(['synthetic warp of', 'px of 256', 'mean error, px', 'where there is detail'], warps);
}

/** Medians of what a frame's grids and pixels take on the CPU, over a morph; and the least and p95 of both. */
function frameTimes({painter, core: {frameFields}, plan, a, b}) {
  const [grids, pixels, both] = [[], [], []];
  let fields;
  for (let i = 0; i < 160; i++) {
    const t = (i + 0.5) / 160;
    const start = performance.now();
    fields = frameFields(plan, t, fields);
    const middle = performance.now();
    painter.paint({a, b, plan, t}, fields);
    const end = performance.now();
    // The first compile.
    if (i < 20) continue;
    grids.push(middle - start);
    pixels.push(end - middle);
    both.push(end - start);
  }
  return [median(grids), median(pixels), median(both), Math.min(...both), quantile(both, 0.95)];
}

/** The longest task of the page's main thread while a morph of the built package is dragged. */
async function dragged(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.evaluate(async () => {
    await import('/dist/cdn/latent-elements.js');
    const element = document.createElement('latent-interpolator');
    const given = {from: '/assets/summer.jpg', to: '/assets/autumn.jpg', loading: 'eager'};
    Object.assign(element, {...given, interpolation: 'morph'});
    element.style.inlineSize = '32rem';
    document.body.append(element);
    globalThis.element = element;
    await element.ready;
  });
  const drag = () =>
    page.evaluate(async () => {
      for (let i = 0; i < 120; i++) {
        globalThis.element.value = i / 120;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
  await drag();
  await browser.startTracing(page, {categories: TRACE_CATEGORIES});
  await drag();
  const found = longestTask((await browser.stopTracing()).toString());
  await page.close();
  return found;
}

function fileOf(name) {
  if (name.startsWith('kodim')) return `${PHOTOS}/${name}.png`;
  return /-\d$/.test(name) ? `${ASSETS}/faces/${name}.webp` : `${ASSETS}/${name}.jpg`;
}

/** The picture, cut to a square (of portraits the upper part) of `side`² pixels. */
async function decode(page, file, side = SIZE) {
  const type = {png: 'png', jpg: 'jpeg', webp: 'webp'}[file.split('.').pop()];
  const url = `data:image/${type};base64,${readFileSync(file, 'base64')}`;
  const bytes = await page.evaluate(
    async ([source, size]) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const {naturalWidth: w, naturalHeight: h} = image;
      const side = Math.min(w, h);
      const canvas = new OffscreenCanvas(size, size).getContext('2d');
      canvas.imageSmoothingQuality = 'high';
      const top = (h - side) * (h > w ? 0.35 : 0.5);
      canvas.drawImage(image, (w - side) / 2, top, side, side, 0, 0, size, size);
      return [...canvas.getImageData(0, 0, size, size).data];
    },
    [url, side],
  );
  return {width: side, height: side, data: Uint8ClampedArray.from(bytes)};
}

function figures(frame, a, b, ghosts, [gain, folded, seconds]) {
  const half = contrastKept(frame, a, b, 2);
  const full = contrastKept(frame, a, b, 1);
  return {half, full, gain, step: largestStep(frame), folded, ghost: ghosts(frame(0.5)), seconds};
}

function summary(each) {
  const mean = (key) => each.reduce((total, one) => total + one[key], 0) / each.length;
  const steps = each.map(({step}) => step);
  const pace = `${median(steps).toFixed(2)}, ${Math.max(...steps).toFixed(2)}`;
  const [half, full, gain, ghost] = ['half', 'full', 'gain', 'ghost'].map((key) =>
    mean(key).toFixed(3),
  );
  return [half, full, gain, pace, mean('folded'), ghost, mean('seconds')];
}
