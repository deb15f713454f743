// The page "Measure on this machine" in this Chromium, with whatever WebGPU adapter it has: a software one,
// where there is no card, is slower than WASM and says so by its name.
import {launch} from '../../scripts/browser.mjs';

export const title = 'WebGPU and WASM: the page "Measure on this machine"';

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
  } finally {
    await browser.close();
  }
}
