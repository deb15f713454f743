import {expect} from '@open-wc/testing';
import {cosineSimilarity} from '../../src/core/latent/arithmetic.js';
import type {Latent} from '../../src/core/latent/latent.js';
import type {DenoiseOptions, Model} from '../../src/engine/types.js';
import {pixelsOf, sharedEngine} from './support.js';

// Reference tensors that the training code computed with PyTorch from the weights as shipped.
interface Reference {
  readonly latent: readonly number[];
  readonly latentShape: readonly number[];
  readonly decoded: readonly number[];
  readonly decodedShape: readonly number[];
  readonly image?: readonly number[];
  readonly imageShape?: readonly number[];
  readonly reencoded?: readonly number[];
}

async function referenceOf(name: string): Promise<Reference> {
  return (await (await fetch(`/test/models/${name}.reference.json`)).json()) as Reference;
}

function latentOf(model: Model, reference: Reference): Latent {
  return {
    space: model.space,
    shape: reference.latentShape.slice(1),
    data: Float32Array.from(reference.latent),
  };
}

/** Planar numbers in 0..1 → 8-bit pixels. */
function toImage(planes: readonly number[], shape: readonly number[]): ImageData {
  const [, , height, width] = shape as [number, number, number, number];
  const image = new ImageData(width, height);
  const area = width * height;
  for (let i = 0; i < area; i++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * i + channel] = 255 * planes[channel * area + i]!;
    }
    image.data[4 * i + 3] = 255;
  }
  return image;
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

describe('shipped packs', () => {
  for (const name of ['photos', 'avatars']) {
    it(`${name} decodes its reference latent to the reference image`, async () => {
      const model = await sharedEngine().load(name);
      const reference = await referenceOf(name);
      const decoded = pixelsOf(await model.decode(latentOf(model, reference)));
      const expected = toImage(reference.decoded, reference.decodedShape);
      const largest = decoded.data.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)),
        0,
      );
      // Rounding to eight bits may fall either way.
      expect(largest).to.be.at.most(1);
    });

    it(`${name} encodes to its reference latent`, async () => {
      const model = await sharedEngine().load(name);
      const reference = await referenceOf(name);
      const {image = reference.decoded, imageShape = reference.decodedShape} = reference;
      const latent = await model.encode(toImage(image, imageShape));
      expect(latent.shape).to.deep.equal(reference.latentShape.slice(1));
      // The reference image had more than eight bits; numbers of about unit size move a little.
      const expected = reference.reencoded ?? reference.latent;
      expect(meanDifference(latent.data, expected)).to.be.below(0.02);
    });

    it(`${name} gives the same image on WebGPU`, async () => {
      const engine = sharedEngine();
      const wasm = await engine.load(name);
      const webgpu = await engine.load(name, {device: 'webgpu', parts: ['decoder']});
      const latent =
        name === 'avatars'
          ? await wasm.sample(5)
          : await wasm.encode(new ImageData(new Uint8ClampedArray(4 * 64).fill(200), 8));
      const [a, b] = [pixelsOf(await wasm.decode(latent)), pixelsOf(await webgpu.decode(latent))];
      expect(meanDifference(a.data, b.data)).to.be.below(0.1);
    }).timeout(120_000);
  }
});

interface DiffusionReference {
  readonly noise: readonly number[];
  readonly latent: readonly number[];
  readonly cases: readonly {
    readonly options: DenoiseOptions;
    readonly latent: readonly number[];
  }[];
}

describe('faces from noise and words', () => {
  it('avatars samples and repairs as its reference does, told by prompts or not', async () => {
    const model = await sharedEngine().load('avatars');
    const response = await fetch('/test/models/avatars-diffusion.reference.json');
    const {noise, latent, cases} = (await response.json()) as DiffusionReference;
    const own = (data: readonly number[]): Latent => ({
      space: model.space,
      shape: [data.length],
      data: Float32Array.from(data),
    });
    expect(cases).to.have.length(4);
    for (const {options, latent: expected} of cases) {
      const all = {...options, noise: own(noise)};
      const made =
        options.strength === undefined
          ? await model.generateLatent(all)
          : await model.denoise(own(latent), all);
      expect(meanDifference(made.data, expected), JSON.stringify(options)).to.be.below(1e-3);
    }
  }).timeout(60_000);

  it('avatars knows every prompt that it offers', async () => {
    const model = await sharedEngine().load('avatars');
    const {attributes} = model.manifest;
    const free = await model.generateLatent();
    const prompts = Object.values(attributes ?? {}).flatMap((attribute) => attribute.prompts);
    expect(prompts).to.include('glasses');
    for (const prompt of prompts) {
      const {data} = await model.generateLatent({prompt});
      expect(meanDifference(data, free.data), prompt).to.be.above(0.02);
    }
  }).timeout(60_000);
});

describe('pictures by what they show', () => {
  it('photos finds each picture by a mirrored piece of it', async () => {
    const model = await sharedEngine().load('photos', {parts: ['imageEncoder']});
    const names = ['acanthus', 'alps', 'autumn', 'boats', 'canyon', 'dandelion', 'leek', 'sunset'];
    const bitmaps = await Promise.all(
      names.map(async (name) =>
        createImageBitmap(await (await fetch(`/stories/assets/${name}.jpg`)).blob()),
      ),
    );
    const whole: Latent[] = [];
    const pieces: Latent[] = [];
    for (const bitmap of bitmaps) {
      const {width, height} = bitmap;
      const canvas = new OffscreenCanvas(Math.round(0.7 * width), Math.round(0.7 * height));
      const context = canvas.getContext('2d')!;
      context.scale(-1, 1);
      context.drawImage(bitmap, -0.85 * width, -0.15 * height);
      pieces.push(await model.embed(canvas));
      whole.push(await model.embed(bitmap));
    }
    expect(model.embeddingSpace).to.deep.equal({id: 'photos-similar-1', shape: [64]});
    const nearest = pieces.map((piece) => {
      const scores = whole.map((other) => cosineSimilarity(piece, other));
      return names[scores.indexOf(Math.max(...scores))];
    });
    expect(nearest).to.deep.equal(names);
  }).timeout(120_000);
});
