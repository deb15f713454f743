// The page "Measure on this machine" in this Chromium, with whatever WebGPU adapter it has (a software one, where
// there is no card, is slower than WASM and says so by its name), and what a frame costs beside its networks.
import {launch} from '../../scripts/browser.mjs';
import {blocks, packFixture} from '../fixtures/packs.mjs';
import {median, table} from './statistics.mjs';

export const title =
  'WebGPU and WASM: the page "Measure on this machine", and frames beside their networks';

/** Of a software adapter, a network of pictures this size is all that can be waited for. */
const SIDES = [64, 128, 256];
const FRAMES = 15;

export async function measure({url}) {
  const browser = await launch({webgpu: 'canvases'});
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const text = await page.evaluate(async () => {
      const {measureMachine, toMarkdown} = await import('/measure/measure.js');
      const elements = await import('/dist/cdn/latent-elements.js');
      return toMarkdown(await measureMachine(elements));
    });
    console.log(text);
    await measureFrames(page);
  } finally {
    await browser.close();
  }
}

/**
 * Frames of a pack whose decoder only repeats each number 64 times, with the detail of two pictures: on the GPU, and
 * by the CPU, which paints what networks of the GPU made where a canvas has no context of WebGPU.
 */
export async function measureFrames(page) {
  await page.route('**/fixtures/packs/blocks/*', (route) => {
    const {pathname} = new URL(route.request().url());
    const {body, type} = packFixture(pathname);
    const image = {size: {multiple: 8, pixels: 2 ** 20, maxPixels: 2 ** 20}};
    const large = () => JSON.stringify({...blocks, image});
    const answer = pathname.endsWith('pack.json') ? large() : Buffer.from(body);
    return route.fulfill({body: answer, contentType: type});
  });
  const rows = await page.evaluate(
    async ({sides, frames}) => {
      const {createEngine} = await import('/dist/cdn/latent-elements.js');
      const worker = `import ${JSON.stringify(new URL('/dist/workers/inference.worker.js', location).href)};`;
      // On a software adapter frames are painted by the CPU.
      const asCard =
        "Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', {get: () => false});";
      const without = `
        const get = OffscreenCanvas.prototype.getContext;
        OffscreenCanvas.prototype.getContext = function (kind, ...given) {
          return kind === 'webgpu' ? null : get.call(this, kind, ...given);
        };`;
      const urlOf = (...code) => URL.createObjectURL(new Blob(code, {type: 'text/javascript'}));
      const ways = [
        ['wasm, painted by the CPU', 'wasm', urlOf(worker)],
        ['webgpu, read back and painted by the CPU', 'webgpu', urlOf(asCard, without, worker)],
        ['webgpu, painted on the GPU', 'webgpu', urlOf(asCard, worker)],
      ];
      const measured = [];
      for (const [way, device, workerUrl] of ways) {
        const engine = createEngine({device, workerUrl});
        const model = await engine.load('/fixtures/packs/blocks/pack.json');
        for (const side of sides) {
          const canvas = document.createElement('canvas');
          document.body.append(canvas);
          const surface = await model.createSurface(canvas);
          const picture = new ImageData(side, side);
          picture.data.forEach((_, i) => (picture.data[i] = i % 4 === 3 ? 255 : (i * 37) % 256));
          const {latent, frame} = await surface.setSource(0, picture);
          await surface.setSource(1, picture);
          const times = [];
          for (let i = -3; i < frames; i++) {
            const report = await surface.paint({latent, detail: {0: 0.6, 1: 0.3}}, frame);
            if (i >= 0) times.push(report);
          }
          measured.push({way, side, times});
          surface.close();
          canvas.remove();
        }
        await engine.dispose();
      }
      return measured;
    },
    {sides: SIDES, frames: FRAMES},
  );
  table(
    ['frame', 'way', 'ms', 'of it in run()'],
    rows.map(({way, side, times}) => [
      `${side}²`,
      way,
      median(times.map(({total}) => total)),
      median(times.map(({run}) => run)),
    ]),
  );
}
