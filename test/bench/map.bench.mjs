// A map of 50 000 points that is zoomed and moved: how long frames take, and the longest task of the main
// thread. Beside it what a page would draw without this package: circles of an SVG, arcs on a canvas.
import {median, quantile, table} from './statistics.mjs';
import {longestTask, TRACE_CATEGORIES} from './trace.mjs';

export const title = 'A map of 50 000 points: zooming and moving';

const COUNT = 50_000;
const FRAMES = 90;

export async function measure({browser, url}) {
  const rows = [];
  for (const [what, begin] of [
    ['<latent-map>', drawElement],
    ['arcs on a canvas', drawArcs],
    ['circles of an SVG', drawCircles],
  ]) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    await page.evaluate(scatter, COUNT);
    await page.evaluate(begin);
    await browser.startTracing(page, {categories: TRACE_CATEGORIES});
    const gaps = await page.evaluate(move, FRAMES);
    const {cpu, wall} = longestTask(await browser.stopTracing());
    rows.push([what, median(gaps), quantile(gaps, 0.95), cpu, wall]);
    await page.close();
  }
  table(
    ['what', 'ms between frames', 'p95', 'longest task, ms on the processor', 'waiting included'],
    rows,
  );
}

/** In the page: points in some fifty heaps, two numbers each. */
function scatter(count) {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const heaps = Array.from({length: 50}, () => [random(), random(), 0.01 + 0.05 * random()]);
  globalThis.points = Array.from({length: count}, (_, i) => {
    const [x, y, size] = heaps[i % heaps.length];
    const [turn, far] = [2 * Math.PI * random(), size * Math.sqrt(-2 * Math.log(random()))];
    return [x + far * Math.cos(turn), y + far * Math.sin(turn)];
  });
  document.body.style.margin = '0';
}

/** In the page: the element. `look(deltaY, x, y)`, a turn of the wheel, is what the three have in common. */
async function drawElement() {
  await import('/dist/cdn/latent-elements.js');
  const el = document.createElement('latent-map');
  el.style.cssText = 'inline-size: 800px; block-size: 600px';
  el.loading = 'eager';
  el.items = globalThis.points.map(([x, y], i) => ({
    id: String(i),
    latent: {space: 'plane', shape: [2], data: Float32Array.of(x, y)},
  }));
  document.body.append(el);
  await el.ready;
  const layer = () => el.shadowRoot.querySelector('[part=map]');
  while (!layer()) await new Promise((next) => setTimeout(next, 50));
  // Points are on their way from the middle for a while.
  await new Promise((next) => setTimeout(next, 2000));
  globalThis.look = (deltaY, clientX, clientY) =>
    layer().dispatchEvent(
      new WheelEvent('wheel', {
        deltaY,
        clientX,
        clientY,
        bubbles: true,
        composed: true,
        cancelable: true,
      }),
    );
}

async function drawArcs() {
  const canvas = document.body.appendChild(document.createElement('canvas'));
  [canvas.width, canvas.height] = [800, 600];
  const context = canvas.getContext('2d');
  let scale = 600;
  globalThis.look = (deltaY) => {
    scale *= deltaY < 0 ? 1.05 : 1 / 1.05;
    context.clearRect(0, 0, 800, 600);
    context.fillStyle = '#5b5bd6';
    for (const [x, y] of globalThis.points) {
      context.beginPath();
      context.arc(x * scale, y * scale, 2, 0, 2 * Math.PI);
      context.fill();
    }
  };
}

async function drawCircles() {
  const circles = globalThis.points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="0.003"/>`);
  document.body.innerHTML = `<svg width="800" height="600" viewBox="0 0 1 1"><g fill="#5b5bd6">${circles.join('')}</g></svg>`;
  const group = document.querySelector('g');
  let scale = 1;
  globalThis.look = (deltaY) => {
    scale *= deltaY < 0 ? 1.05 : 1 / 1.05;
    group.setAttribute('transform', `scale(${scale})`);
  };
  await new Promise((next) => setTimeout(next, 2000));
}

/** In the page: nearer, then away again, one step a frame; milliseconds between frames. */
async function move(frames) {
  const gaps = [];
  let before;
  for (let i = 0; i < frames; i++) {
    const now = await new Promise(requestAnimationFrame);
    if (before !== undefined && i > 5) gaps.push(now - before);
    before = now;
    globalThis.look(i < frames / 2 ? -30 : 30, 300 + i, 300);
  }
  return gaps;
}
