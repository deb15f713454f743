// Ten elements on one page against one: workers, sessions (by what was fetched), memory.
import {table} from './statistics.mjs';

export const title = 'Ten elements against one';

export async function measure({browser, url}) {
  const rows = [];
  for (const count of [1, 10]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
      const Original = Worker;
      globalThis.started = 0;
      globalThis.Worker = class extends Original {
        constructor(...given) {
          super(...given);
          globalThis.started++;
        }
      };
    });
    const fetched = [];
    context.on('request', (request) => {
      if (request.url().endsWith('.onnx')) fetched.push(request.url());
    });
    await page.goto(url);
    rows.push([count, ...(await page.evaluate(fill, count)), fetched.length]);
    await context.close();
  }
  rows.push(['ratio', '', rows[1][2] / rows[0][2], '']);
  table(['elements', 'workers', 'memory MB', 'ONNX files fetched'], rows);
}

async function fill(count) {
  const {configure} = await import('/dist/cdn/latent-elements.js');
  configure({device: 'wasm', threads: 1});
  const elements = Array.from({length: count}, (_, i) => {
    const element = document.createElement('latent-interpolator');
    Object.assign(element, {model: 'avatars', loading: 'eager'});
    Object.assign(element, {from: `seed:${i}`, to: `seed:${i + 1}`});
    return document.body.appendChild(element);
  });
  for (const element of elements) await element.ready;
  const {bytes} = await performance.measureUserAgentSpecificMemory();
  return [globalThis.started, bytes / 1e6];
}
