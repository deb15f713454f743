import {expect} from '@open-wc/testing';
import {detailLeft, type Edits} from '../../src/core/direction/direction.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {Model} from '../../src/engine/types.js';
import {pixelsOf, sharedEngine} from './support.js';

/** The latent of the reference picture. */
async function referenceLatent(model: Model): Promise<Latent> {
  const response = await fetch('/test/models/photos.reference.json');
  const {latent, latentShape} = (await response.json()) as {
    readonly latent: readonly number[];
    readonly latentShape: readonly number[];
  };
  return {space: model.space, shape: latentShape.slice(1), data: Float32Array.from(latent)};
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

describe('edits of photographs', () => {
  const tones = ['brightness', 'contrast', 'saturation', 'warmth', 'sharpness'];

  const styles = [
    ...['cinematic', 'vintage', 'painting', 'sketch', 'watercolour'],
    ...['night', 'golden-hour', 'haze', 'bokeh'],
  ];

  it('edit as their reference does, alone and together', async () => {
    const model = await sharedEngine().load('photos');
    expect(Object.keys(model.manifest.directions!)).to.deep.equal([...tones, ...styles]);
    const latent = await referenceLatent(model);
    const response = await fetch('/test/models/photos-edits.reference.json');
    const cases = (await response.json()) as {
      readonly edits: Record<string, number>;
      readonly everyEighth: readonly number[];
    }[];
    // Each tone up and down, each style, and some together.
    expect(cases).to.have.length(2 * tones.length + styles.length + 1);
    for (const {edits, everyEighth} of cases) {
      const {data} = await model.edit(latent, edits);
      const some = data.filter((_, i) => i % 8 === 0);
      expect(some).to.have.length(everyEighth.length);
      expect(meanDifference(some, everyEighth), JSON.stringify(edits)).to.be.below(1e-3);
      expect(meanDifference(data, latent.data), JSON.stringify(edits)).to.be.above(0.02);
    }
  }).timeout(60_000);

  it('change nothing at 0 and below, to the bit, and leave the other directions alone', async () => {
    const model = await sharedEngine().load('photos');
    const latent = await referenceLatent(model);
    const warm = await model.edit(latent, {warmth: 1});
    expect(meanDifference(warm.data, latent.data)).to.be.above(0.02);
    for (const style of styles) {
      expect(await model.edit(latent, {[style]: -1}), style).to.deep.equal(latent);
      expect(await model.edit(latent, {warmth: 1, [style]: -1}), style).to.deep.equal(warm);
    }
  }).timeout(60_000);

  it('begin at the picture: a small amount changes little', async () => {
    const model = await sharedEngine().load('photos');
    const latent = await referenceLatent(model);
    for (const style of styles) {
      const {data} = await model.edit(latent, {[style]: 0.002});
      expect(meanDifference(data, latent.data), style).to.be.below(0.02);
    }
  }).timeout(60_000);

  it('painting wipes texture away and keeps edges, and the detail does not bring it back', async () => {
    const model = await sharedEngine().load('photos');
    const surface = await model.createSurface();
    const source = woven(256);
    const {latent, frame} = await surface.setSource(0, source);
    const {detail = 1} = model.manifest.directions!.painting!;
    const painted = pixelsOf(
      await surface.render({latent, edits: {painting: 2}, detail: {0: detail ** 2}}, frame),
    );
    // Left of the middle, right of it, and across it.
    expect(deviation(painted, 16, 112)).to.be.below(0.5 * deviation(source, 16, 112));
    expect(deviation(painted, 144, 240)).to.be.below(0.5 * deviation(source, 144, 240));
    expect(mean(painted, 144, 240) - mean(painted, 16, 112)).to.be.above(60);
  }).timeout(60_000);

  it('tones move what they are named for, up and down', async () => {
    const model = await sharedEngine().load('photos');
    const surface = await model.createSurface();
    const source = woven(256);
    const {latent, frame} = await surface.setSource(0, source);
    const edited = async (edits: Edits): Promise<ImageData> => {
      const detail = {0: detailLeft(model.manifest, edits)};
      return pixelsOf(await surface.render({latent, edits, detail}, frame));
    };
    const texture = (image: ImageData): number => deviation(image, 16, 112);
    const step = (image: ImageData): number => mean(image, 144, 240) - mean(image, 16, 112);
    for (const [amount, least, most] of [
      [1, 1.4, 2.6],
      [-1, 0.3, 0.7],
    ] as const) {
      const sharpened = await edited({sharpness: amount});
      expect(texture(sharpened) / texture(source)).to.be.within(least, most);
      expect(step(sharpened) / step(source)).to.be.closeTo(1, 0.1);
    }
    expect(step(await edited({contrast: 1})) / step(source)).to.be.within(1.3, 2);
    expect(step(await edited({contrast: -1})) / step(source)).to.be.within(0.4, 0.75);
  }).timeout(60_000);

  it('make the same latent on WebGPU', async () => {
    const engine = sharedEngine();
    const wasm = await engine.load('photos', {parts: ['editor']});
    const webgpu = await engine.load('photos', {device: 'webgpu', parts: ['editor']});
    const latent = await referenceLatent(wasm);
    const edits = {warmth: 1, painting: 1, night: 1};
    const [a, b] = [await wasm.edit(latent, edits), await webgpu.edit(latent, edits)];
    expect(meanDifference(a.data, b.data)).to.be.below(1e-3);
    expect(meanDifference(a.data, latent.data)).to.be.above(0.02);
  }).timeout(120_000);
});

/** A dark half and a bright half, both with a texture of two pixels. */
function woven(size: number): ImageData {
  const image = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const thread = ((x >> 1) + (y >> 1)) % 2 === 0 ? 18 : -18;
    image.data.fill((x < size / 2 ? 80 : 170) + thread, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** The green of the columns `from` to `to`, without the rows at the edges. */
function green({data, width, height}: ImageData, from: number, to: number): number[] {
  const values: number[] = [];
  for (let y = 16; y < height - 16; y++) {
    for (let x = from; x < to; x++) values.push(data[4 * (y * width + x) + 1]!);
  }
  return values;
}

function mean(image: ImageData, from: number, to: number): number {
  const values = green(image, from, to);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(image: ImageData, from: number, to: number): number {
  const centre = mean(image, from, to);
  const values = green(image, from, to);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}
