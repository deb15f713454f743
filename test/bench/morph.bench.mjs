// Morphs against the cross-fade: contrast kept, pace, ghosts, what was aligned, and how long it takes.
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
  largestStep,
  warped,
} from './morph-measures.mjs';
import {median, table} from './statistics.mjs';

export const title = 'Morphs beside the cross-fade';

/** Where Kodak 01–08 are, as kodim01.png …; pairs of them are left out where it is absent. */
const PHOTOS = process.env.KODAK ?? `${root}/../shared/data/photos`;
const ASSETS = `${root}/stories/assets`;
const SIZE = 256;

const PAIRS = {
  'tuned on': [
    ...['kodim01 kodim08', 'kodim02 kodim03', 'kodim04 kodim07', 'kodim05 kodim06'],
    ...['summer autumn', 'leek acanthus', 'alps canyon', 'boats sunset', 'dandelion summer'],
    ...['plain-1 glasses-3', 'plain-2 glasses-1', 'glasses-2 glasses-5', 'plain-4 plain-6'],
  ],
  'held out': [
    ...['kodim01 kodim05', 'kodim03 kodim07', 'kodim02 kodim04', 'kodim06 kodim08'],
    ...['boats alps', 'leek dandelion', 'sunset autumn', 'canyon summer'],
    ...['plain-3 plain-5', 'glasses-4 plain-2', 'glasses-6 glasses-1'],
  ],
};

// With leek: before its even ground a flow has nothing to hold on to, and it is the worst.
const WARPED = ['summer', 'autumn', 'boats', 'alps', 'leek'];

export async function measure({browser}) {
  const module = `${root}/build/js/src/core/morph/index.js`;
  const {composeFrame, prepareMorph} = await import(pathToFileURL(module).href);
  const page = await browser.newPage();
  const prepare = (a, b) => {
    const start = performance.now();
    const preparation = prepareMorph(a, b);
    let step = preparation.next();
    while (!step.done) step = preparation.next();
    return {plan: step.value, seconds: (performance.now() - start) / 1000};
  };
  const head = ['pairs', 'contrast ½', 'full', 'gain', 'largest step', 'folded', 'ghosts', 's'];
  const rows = [];
  for (const [name, pairs] of Object.entries(PAIRS)) {
    const morphs = [];
    const fades = [];
    for (const pair of pairs) {
      const files = pair.split(' ').map(fileOf);
      const missing = files.find((file) => !existsSync(file));
      if (missing) {
        console.log(`${pair} left out: no ${missing}`);
        continue;
      }
      const [a, b] = [await decode(page, files[0]), await decode(page, files[1])];
      const {plan, seconds} = prepare(a, b);
      const {before, after} = plan.alignment;
      const seen = [after - before, foldedShare(plan), seconds];
      const ghosts = ghostIndex(a, b);
      morphs.push(figures((t) => composeFrame(plan, a, b, t), a, b, ghosts, seen));
      fades.push(figures(crossFade(a, b), a, b, ghosts, [0, 0, 0]));
    }
    rows.push([`${name}, morph`, ...summary(morphs)], [`${name}, cross-fade`, ...summary(fades)]);
  }
  table(head, rows);
  console.log('\nMeans; the largest step at the median pair and at the worst.\n');
  const warps = [];
  for (const [seed, name] of WARPED.entries()) {
    const a = await decode(page, fileOf(name));
    for (const distance of [8, 32]) {
      const {picture, displacement} = warped(a, distance, seed + 1);
      warps.push([name, distance, flowError(prepare(a, picture).plan, displacement)]);
    }
  }
  table(['synthetic warp of', 'px of 256', 'mean error, px'], warps);
  await page.close();
}

function fileOf(name) {
  if (name.startsWith('kodim')) return `${PHOTOS}/${name}.png`;
  return /-\d$/.test(name) ? `${ASSETS}/faces/${name}.webp` : `${ASSETS}/${name}.jpg`;
}

/** The picture, cut to a square (of portraits the upper part) of SIZE². */
async function decode(page, file) {
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
    [url, SIZE],
  );
  return {width: SIZE, height: SIZE, data: Uint8ClampedArray.from(bytes)};
}

function figures(frame, a, b, ghosts, [gain, folded, seconds]) {
  const half = contrastKept(frame, a, b, 2);
  const full = contrastKept(frame, a, b, 1);
  return {half, full, gain, step: largestStep(frame), folded, ghost: ghosts(frame(0.5)), seconds};
}

function summary(each) {
  const mean = (key) => each.reduce((sum, one) => sum + one[key], 0) / each.length;
  const steps = each.map(({step}) => step);
  const pace = `${median(steps).toFixed(2)}, ${Math.max(...steps).toFixed(2)}`;
  const [half, full, gain] = [mean('half'), mean('full'), mean('gain')];
  return [half, full, gain, pace, mean('folded'), mean('ghost'), mean('seconds')];
}
