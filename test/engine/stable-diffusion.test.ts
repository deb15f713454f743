import {expect} from '@open-wc/testing';
import {createLatent, type Latent} from '../../src/core/latent/latent.js';
import {randomNormal} from '../../src/core/random/noise.js';
import type {DenoiseStep, Model} from '../../src/engine/types.js';
import {
  ALPHAS,
  ddimStep,
  decoded,
  filled,
  guide,
  half,
  lcmStep,
  OTHER,
  OTHER_IDS,
  PROMPT,
  PROMPT_IDS,
  someNoise,
  statesOf,
  toldBy,
  unet,
} from './reference-diffusion.js';
import {errorOf, pack, picture, pixelsOf, sharedEngine} from './support.js';

const load = (name: string): Promise<Model> => sharedEngine().load(pack(name), {parts: []});
const END = 49407;

function latentOf({manifest}: Model, shape: readonly number[]): Latent {
  const length = shape.reduce((product, side) => product * side, 1);
  return createLatent(manifest.space.id, shape, someNoise(length));
}

/** Every number within `share` of the largest. */
function expectNear(data: ArrayLike<number>, numbers: readonly number[], share: number): void {
  expect(data.length).to.equal(numbers.length);
  const most = numbers.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const worst = numbers.reduce((max, value, i) => Math.max(max, Math.abs(value - data[i]!)), 0);
  expect(worst / most).to.be.below(share);
}

function expectPixels(image: ImageBitmap, numbers: readonly number[]): void {
  const {data} = pixelsOf(image);
  expect(data.length).to.equal(numbers.length);
  const worst = numbers.reduce((max, value, i) => Math.max(max, Math.abs(value - data[i]!)), 0);
  // Half a step is rounding; the rest is what float32 leaves of it.
  expect(worst).to.be.below(0.6);
}

describe('Stable Diffusion by a manifest alone', () => {
  it('SD-Turbo: one step at σ = 14.6146, 512²', async () => {
    const model = await load('tiny-sd-turbo');
    const noise = latentOf(model, [4, 64, 64]);
    const latent = await model.generateLatent({prompt: PROMPT, noise});
    expect(latent.shape).to.deep.equal([4, 64, 64]);
    const sigma = Math.sqrt((1 - ALPHAS[999]!) / ALPHAS[999]!);
    expect(sigma).to.be.closeTo(14.6146, 5e-5);
    const told = toldBy(statesOf(filled(PROMPT_IDS, 0)));
    const x = Array.from(noise.data, (value) => sigma * value);
    const input = x.map((value) => value / Math.sqrt(sigma ** 2 + 1));
    const epsilon = unet(input, 999, told);
    const x0 = x.map((value, i) => value - sigma * epsilon[i]!);
    expectNear(latent.data, x0, 1e-6);
    const image = await model.generate({prompt: PROMPT, noise});
    expect([image.width, image.height]).to.deep.equal([512, 512]);
    expectPixels(image, decoded(x0, [64, 64]));
  });

  it('is told by every prompt, the empty one too, and the same seed is the same latent', async () => {
    const model = await load('tiny-sd-turbo');
    const latents = [];
    for (const prompt of [PROMPT, OTHER, '', undefined, PROMPT]) {
      latents.push((await model.generateLatent({prompt, seed: 3})).data);
    }
    const [photo, hello, empty, none, again] = latents;
    expect(photo).to.not.deep.equal(hello);
    expect(photo).to.not.deep.equal(empty);
    expect(none).to.deep.equal(empty);
    expect(again).to.deep.equal(photo);
    const other = await model.generateLatent({prompt: PROMPT, seed: 4});
    expect(other.data).to.not.deep.equal(photo);
  });

  it('Stable Diffusion 1.5: float16, DDIM in four steps, guidance 7.5 against a negative prompt', async () => {
    const model = await load('tiny-sd-15');
    const size = {width: 128, height: 64};
    const noise = latentOf(model, [4, 8, 16]);
    const steps: DenoiseStep[] = [];
    const options = {prompt: PROMPT, negativePrompt: OTHER, size, noise};
    const latent = await model.generateLatent({...options, onStep: (step) => steps.push(step)});
    expect(steps.map(({step}) => step)).to.deep.equal([1, 2, 3, 4]);
    expect(latent.shape).to.deep.equal([4, 8, 16]);
    const [wanted, unwanted] = [PROMPT_IDS, OTHER_IDS].map((ids) =>
      toldBy(statesOf(filled(ids, END), half)),
    );
    let x = [...noise.data];
    const timesteps = [751, 501, 251, 1];
    timesteps.forEach((timestep, i) => {
      // As float16 has the timestep: 751 and 501 are no problem to it.
      const runs = [unwanted!, wanted!].map((told) => unet(x, half(timestep), told, half));
      const epsilon = guide(runs[0]!, runs[1]!, 7.5);
      x = ddimStep(x, epsilon, ALPHAS[timestep]!, ALPHAS[timesteps[i + 1] ?? 0]!);
    });
    // A sum that lies between two halves may go to either; guidance makes 7.5 times as much of it.
    expectNear(latent.data, x, 3e-3);
    const image = await model.generate(options);
    expect([image.width, image.height]).to.deep.equal([128, 64]);
    expectPixels(image, decoded(latent.data, [8, 16], half));
  });

  it('guidance 1 leaves the negative prompt out, and 0 the prompt', async () => {
    const model = await load('tiny-sd-15');
    const generate = async (prompt: string, negativePrompt: string, guidanceScale: number) =>
      (await model.generateLatent({prompt, negativePrompt, guidanceScale})).data;
    const one = await generate(PROMPT, OTHER, 1);
    expect(await generate(PROMPT, '', 1)).to.deep.equal(one);
    const zero = await generate(PROMPT, OTHER, 0);
    expect(await generate('', OTHER, 0)).to.deep.equal(zero);
    expect(zero).to.not.deep.equal(one);
    expect(await generate(OTHER, '', 1)).to.deep.equal(zero);
  });

  it('image-to-image begins with the VAE encoder, scaled', async () => {
    const model = await load('tiny-sd-15');
    const image = picture(64, 64, (x, y) => [x < 32 ? 255 : 0, 51, y < 32 ? 0 : 102]);
    const noise = latentOf(model, [4, 8, 8]);
    const options = {image, noise, strength: 0.5, guidanceScale: 1, prompt: PROMPT};
    const latent = await model.generateLatent(options);
    // −1..1 for each 8×8 block of the picture.
    const colours = (place: number) => [
      place % 8 < 4 ? 1 : -1,
      (2 * 51) / 255 - 1,
      place < 32 ? -1 : (2 * 102) / 255 - 1,
    ];
    const clean = Array.from({length: 256}, (_, at) => {
      const [o, place] = [Math.floor(at / 64), at % 64];
      const sum = colours(place).reduce(
        (total, colour, i) => total + ((o + 1) / 4 - i / 3) * half(colour),
        0,
      );
      return 0.18215 * half(sum);
    });
    const alpha = ALPHAS[251]!;
    let x = clean.map((z, i) => Math.sqrt(alpha) * z + Math.sqrt(1 - alpha) * noise.data[i]!);
    const told = toldBy(statesOf(filled(PROMPT_IDS, END), half));
    x = ddimStep(x, unet(x, 251, told, half), alpha, ALPHAS[1]!);
    x = ddimStep(x, unet(x, 1, told, half), ALPHAS[1]!, ALPHAS[0]!);
    expectNear(latent.data, x, 1e-4);
  });

  it('a consistency model: four steps, fresh noise in between, a timestep without an axis', async () => {
    const model = await load('tiny-lcm');
    const noise = latentOf(model, [4, 8, 8]);
    const latent = await model.generateLatent({prompt: PROMPT, noise, seed: 11});
    const told = toldBy(statesOf(filled(PROMPT_IDS, END)));
    const timesteps = [999, 759, 499, 259];
    let x = [...noise.data];
    timesteps.forEach((timestep, i) => {
      const after = timesteps[i + 1];
      const next =
        after === undefined
          ? undefined
          : {alpha: ALPHAS[after]!, fresh: randomNormal(11, x.length, i + 1)};
      x = lcmStep(x, unet(x, timestep, told), timestep, next);
    });
    expectNear(latent.data, x, 1e-5);
  });

  it('cuts prompts that are too long, and takes hostile ones as words', async () => {
    const model = await load('tiny-sd-turbo');
    const long = `${'photo '.repeat(75)}horse horse`;
    const cut = await model.generateLatent({prompt: long});
    const same = await model.generateLatent({prompt: 'photo '.repeat(200)});
    expect(same.data).to.deep.equal(cut.data);
    for (const prompt of ['<script>alert(1)</script>', '{{}}\\"\'`', '!'.repeat(1e5)]) {
      expect((await model.generateLatent({prompt})).data.every(Number.isFinite)).to.equal(true);
    }
  });

  it('takes only the size that a pack of one size has', async () => {
    const model = await load('tiny-sd-turbo');
    const error = await errorOf(model.generate({size: {width: 256, height: 256}}));
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('512×512');
  });
});
