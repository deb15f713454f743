import {expect, fixture} from '@open-wc/testing';
import {configure} from '../../src/engine/config.js';
import {noisy, pack, pause, pixelsOf, until} from '../engine/support.js';
import '../../components/all.js';
import type {LatentGenerator} from '../../components/latent-generator/latent-generator.js';
import type {LatentImage} from '../../components/latent-image/latent-image.js';
import type {LatentInterpolator} from '../../components/latent-interpolator/latent-interpolator.js';
import type {LatentSlider} from '../../components/latent-slider/latent-slider.js';
import type {Direction} from '../../src/core/direction/direction.js';

export {pause, until};

configure({base: '/dist/', device: 'wasm', threads: 1, model: pack('blocks')});

/** A picture as a Blob URL, which lives as long as the page. */
export async function urlOf(image: ImageData): Promise<string> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return URL.createObjectURL(await canvas.convertToBlob());
}

/** A picture with detail that no model of the tests can keep; no two seeds alike. */
export function scene(seed: number, width = 48, height = 32): ImageData {
  const {data} = noisy(width, height);
  return new ImageData(
    data.map((value, i) => (i % 4 === 3 ? 255 : (value + seed * 83) % 256)),
    width,
    height,
  );
}

/** An interpolator in the page; on a line in latent space, unless the markup names another way. */
export function interpolator(markup: string): Promise<LatentInterpolator> {
  const way = markup.includes('interpolation=') ? '' : ' interpolation="lerp"';
  return fixture<LatentInterpolator>(
    markup.replaceAll('<latent-interpolator', `<latent-interpolator${way}`),
  );
}

/** Interpolators below each other, with how far each is from the middle of the screen. */
export async function column(
  count: number,
  pictures: (index: number) => readonly [ImageData, ImageData],
  interpolation = 'lerp',
): Promise<{elements: LatentInterpolator[]; distances: Map<LatentInterpolator, number>}> {
  const canvases = Array.from({length: count}, (_, i) => pictures(i).map(canvasFor));
  const root = await fixture<HTMLElement>(
    '<div style="position: fixed; inset: 0 auto auto 0"></div>',
  );
  const elements = canvases.map(([from, to]) => {
    const el = document.createElement('latent-interpolator');
    el.style.cssText = 'display: block; width: 64px; height: 40px';
    return Object.assign(el, {interpolation, from, to});
  });
  root.append(...elements);
  const middle = [innerWidth / 2, innerHeight / 2] as const;
  const distances = new Map(
    elements.map((el) => {
      const {height, width, x, y} = el.getBoundingClientRect();
      return [el, Math.hypot(x + width / 2 - middle[0], y + height / 2 - middle[1])];
    }),
  );
  return {elements, distances};
}

/** A picture on a canvas. */
function canvasFor(image: ImageData): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), {
    width: image.width,
    height: image.height,
  });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

/** An image element in the page. */
export function image(markup: string): Promise<LatentImage> {
  return fixture<LatentImage>(markup);
}

/** A pack that makes images, and takes prompts. */
export const FLOW = pack('blocks-flow');

/** A generator in the page. */
export function generator(attributes = '', model = FLOW): Promise<LatentGenerator> {
  return fixture<LatentGenerator>(
    `<latent-generator model="${model}" ${attributes}></latent-generator>`,
  );
}

/** What an element would write to a file. */
export async function shown(el: {toBlob(): Promise<Blob | undefined>}): Promise<ImageData> {
  return pixelsOf(await createImageBitmap((await el.toBlob())!));
}

/** A slider in the page, alone or in some markup. */
export async function slider(markup: string): Promise<LatentSlider> {
  const root = await fixture<HTMLElement>(`<div>${markup}</div>`);
  return root.querySelector('latent-slider')!;
}

/** In the space of the pack `blocks`: a unit makes every pixel `levels` of 255 brighter. */
export function lighter(levels: number, label?: string): Direction {
  // The pack's latents are (raw − 0.5) · 2.
  const data = new Float32Array(3).fill((2 * levels) / 255);
  return {space: 'blocks-1', shape: [3, 1, 1], data, ...(label !== undefined && {label})};
}

/** A part of an element's shadow root. */
export function part(host: Element, name: string): HTMLElement | null {
  return host.shadowRoot!.querySelector<HTMLElement>(`[part="${name}"]`);
}

/** The slider of an interpolator with controls. */
export function sliderOf(host: Element): HTMLInputElement {
  return part(host, 'slider') as HTMLInputElement;
}

/** The play button of an interpolator with controls. */
export function playButtonOf(host: Element): HTMLButtonElement {
  return part(host, 'play-button') as HTMLButtonElement;
}

/** The canvas of the moment. */
export function canvasOf(host: Element): HTMLCanvasElement {
  return part(host, 'canvas') as HTMLCanvasElement;
}

/** Waits for `count` frames of the screen. */
export async function frames(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Waits until a value stays the same for some frames of the screen, and gives it. */
export async function still<T>(value: () => T): Promise<T> {
  let seen: T;
  do {
    seen = value();
    await pause(150);
    await frames(4);
  } while (value() !== seen);
  return seen;
}

/** The names of the events that an element dispatches from now on. */
export function record(target: EventTarget, ...types: string[]): string[] {
  const seen: string[] = [];
  for (const type of types) target.addEventListener(type, () => seen.push(type));
  return seen;
}

/** Counts the `ImageBitmap`s that are closed from now on, until the count is asked for. */
export function closings(): () => number {
  const {close} = ImageBitmap.prototype;
  let count = 0;
  ImageBitmap.prototype.close = function (this: ImageBitmap) {
    count++;
    close.call(this);
  };
  return () => {
    ImageBitmap.prototype.close = close;
    return count;
  };
}

/** Whether a browser was started so that a test can collect garbage (--js-flags=--expose-gc). */
export const collects = 'gc' in globalThis;

/** Makes elements, removes them, and expects that none is kept in memory. */
export async function expectCollected(make: () => Promise<Element>): Promise<void> {
  const {gc} = globalThis as unknown as {gc: (options: {execution: 'async'}) => Promise<void>};
  const removed: WeakRef<Element>[] = [];
  for (let i = 0; i < 4; i++) {
    const el = await make();
    el.remove();
    removed.push(new WeakRef(el));
  }
  await pause(300);
  await gc({execution: 'async'});
  await gc({execution: 'async'});
  // The stack of this test may still hold the last.
  expect(removed.slice(0, -1).filter((weak) => weak.deref())).to.have.length(0);
}
