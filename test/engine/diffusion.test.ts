import {expect} from '@open-wc/testing';
import {createLatent, type Latent} from '../../src/core/latent/latent.js';
import {noise, randomNormal} from '../../src/core/random/noise.js';
import type {DenoiseStep, Model, Progress} from '../../src/engine/types.js';
import {
  difference,
  disposeEngines,
  errorOf,
  noisy,
  pack,
  pixelsOf,
  sharedEngine,
  testEngine,
} from './support.js';

// The denoisers of test/fixtures/denoiser.mjs predict linear functions of all that they are told;
// what sampling makes of that is computed here from the definition of flow matching.
const OF = {sample: 0.5, timestep: 0.25, step: 0.125};
const CONDITION_WEIGHTS = [
  [0.5, -0.25, 0.125],
  [0, 1, 0],
  [0.25, 0.25, 0.25],
  [-0.5, 0, 0.75],
];
const TEXT_WEIGHTS = Array.from({length: 32}, (_, i) => ((i * 37 + 11) % 17) / 8 - 1);

const SHAPE = [3, 2, 2];
const start = createLatent(
  'blocks-1',
  SHAPE,
  Float32Array.from({length: 12}, (_, i) => Math.sin(i)),
);

interface Case {
  readonly steps: number;
  readonly strength?: number;
  readonly seed?: number;
  readonly noise?: Latent;
  /** What the condition adds to the velocity of each channel, guidance included. */
  readonly shift?: readonly number[];
  readonly step?: number;
}

/** x ← x − (σ − σ′)·v along σ = 1, …, 0, from (1 − σ)·start + σ·noise. */
function expected({steps, strength = 1, seed = 0, noise: given, shift, step}: Case): number[] {
  const first = steps * (1 - strength);
  const places = [first];
  for (let place = Math.floor(first) + 1; place <= steps; place++) places.push(place);
  const sigmas = places.map((place) => 1 - place / steps);
  const unit = given?.data ?? randomNormal(seed, 12);
  let x = Array.from(start.data, (value, i) => (1 - strength) * value + strength * unit[i]!);
  for (let n = 0; n + 1 < sigmas.length; n++) {
    const length = sigmas[n]! - sigmas[n + 1]!;
    x = x.map((value, i) => {
      const told = shift?.[Math.floor(i / 4)] ?? 0;
      const velocity =
        OF.sample * value + OF.timestep * sigmas[n]! + (step ?? OF.step) * length + told;
      return value - length * velocity;
    });
  }
  return x;
}

function expectData(latent: Latent, numbers: readonly number[]): void {
  expect(latent.space).to.equal('blocks-1');
  expect(latent.shape).to.deep.equal(SHAPE);
  expect(latent.data).to.have.length(numbers.length);
  latent.data.forEach((value, i) => {
    expect(value, `number ${i}`).to.be.closeTo(numbers[i]!, 2e-6);
  });
}

/** What phrases add to the channels: Σ polarity · embedding · weights, by the pack of words itself. */
async function shiftOf(words: Model, phrases: Readonly<Record<string, 1 | -1>>): Promise<number[]> {
  const condition = [0, 0, 0, 0];
  for (const [text, polarity] of Object.entries(phrases)) {
    const {data} = await words.embed(text);
    data.forEach((value, row) => {
      for (let i = 0; i < 4; i++) condition[i]! += polarity * value * TEXT_WEIGHTS[4 * row + i]!;
    });
  }
  return [0, 1, 2].map((channel) =>
    condition.reduce((sum, value, i) => sum + value * CONDITION_WEIGHTS[i]![channel]!, 0),
  );
}

const scaled = (shift: readonly number[], by: number) => shift.map((value) => by * value);
const loadFlow = (device: 'wasm' | 'webgpu' = 'wasm') =>
  sharedEngine({device}).load(pack('blocks-flow'));

describe('denoising', () => {
  afterEach(disposeEngines);

  for (const device of ['wasm', 'webgpu'] as const) {
    it(`walks the schedule by closed form on ${device}`, async () => {
      const model = await loadFlow(device);
      for (const each of [
        {steps: 4, strength: 1, seed: 7},
        {steps: 1, strength: 1, seed: 7},
        {steps: 4, strength: 0.5, seed: 7},
        // Between two whole steps, the first is shortened.
        {steps: 4, strength: 0.3, seed: 123_456_789_012},
        {steps: 10, strength: 0.1, seed: 0},
        {steps: 3, strength: 0.9, noise: noise('blocks-1', SHAPE, 3)},
      ]) {
        expectData(await model.denoise(start, each), expected(each));
      }
    });

    it(`tells a prompt to the network on ${device}`, async () => {
      const engine = sharedEngine({device});
      const model = await engine.load(pack('blocks-flow'));
      const words = await engine.load(pack('tiny-words'));
      const cat = await shiftOf(words, {cat: 1});
      const prompted = {prompt: 'cat', steps: 2, strength: 1};
      // The pack's own guidance is 1.5.
      expectData(
        await model.denoise(start, prompted),
        expected({...prompted, shift: scaled(cat, 1.5)}),
      );
      expectData(
        await model.denoise(start, {...prompted, guidanceScale: 0.25}),
        expected({...prompted, shift: scaled(cat, 0.25)}),
      );
      const several = await shiftOf(words, {'red boat': 1, cat: -1, dog: -1});
      expectData(
        await model.denoise(start, {
          ...prompted,
          prompt: 'red boat, no cat',
          negativePrompt: 'dog',
          guidanceScale: 1,
        }),
        expected({...prompted, shift: several}),
      );
    });
  }

  it('takes half of the strength and the steps of the pack by default, and seed 0', async () => {
    const model = await loadFlow();
    expectData(await model.denoise(start), expected({steps: 4, strength: 0.5, seed: 0}));
    const other = await model.denoise(start, {seed: 1});
    expectData(other, expected({steps: 4, strength: 0.5, seed: 1}));
  });

  it('gives the latent back, to the bit, at strength 0, without loading anything', async () => {
    const model = await testEngine({cache: false}).load(pack('blocks-flow'));
    await requested();
    expect(await model.denoise(start, {strength: 0, prompt: 'cat'})).to.deep.equal(start);
    expect(await requested()).to.deep.equal([]);
  });

  it('loads what it needs, when it needs it, and the words for a prompt that says something', async () => {
    const model = await testEngine({cache: false}).load(pack('blocks-flow'));
    await requested();
    await model.denoise(start, {prompt: ' , ; '});
    expect(await requested()).to.deep.equal(['/fixtures/packs/blocks-flow/denoiser-guided.onnx']);
    const seen: Progress[] = [];
    await model.denoise(start, {prompt: 'cat', onProgress: (progress) => seen.push(progress)});
    expect((await requested()).sort()).to.deep.equal([
      '/fixtures/packs/blocks-flow/prompt.onnx',
      '/fixtures/packs/tiny-words/pack.json',
      '/fixtures/packs/tiny-words/table.safetensors',
      '/fixtures/packs/tiny-words/vocabulary.txt',
    ]);
    const downloaded = seen.filter(({stage}) => stage === 'download').at(-1)!;
    const words = await testEngine().load(pack('tiny-words'));
    const {tokenizer, embedding} = words.manifest as unknown as Record<string, {bytes: number}>;
    expect(downloaded.total).to.equal(
      model.manifest.parts.textEncoder!.bytes + tokenizer!.bytes + embedding!.bytes,
    );
    await requested();
    await model.denoise(start, {prompt: 'dog'});
    expect(await requested()).to.deep.equal([]);
  });

  it('keeps the words in memory as long as the model that needs them, and no longer', async () => {
    const sizes = await testEngine().load(pack('tiny-words'));
    const {tokenizer, embedding} = sizes.manifest as unknown as Record<string, {bytes: number}>;
    const {parts} = (await loadFlow()).manifest;
    const own = Object.values(parts).reduce((sum, {bytes}) => sum + bytes, 0);
    const engine = testEngine({memoryBudget: own + tokenizer!.bytes + embedding!.bytes + 10});
    const model = await engine.load(pack('blocks-flow'));
    const first = await model.denoise(start, {prompt: 'cat'});
    const error = await errorOf(engine.load(pack('blocks')));
    expect(error.code).to.equal('out-of-memory');
    await requested();
    expect(await model.denoise(start, {prompt: 'cat'})).to.deep.equal(first);
    expect(await requested()).to.deep.equal([]);
    model.release();
    expect((await engine.load(pack('blocks'))).name).to.equal('blocks');
  });

  it('says how far it is: steps, and one ratio that never falls', async () => {
    const model = await loadFlow();
    const steps: DenoiseStep[] = [];
    const seen: Progress[] = [];
    await model.denoise(start, {
      strength: 0.5,
      steps: 6,
      onStep: (step) => steps.push(step),
      onProgress: (progress) => seen.push(progress),
    });
    expect(steps.map(({step, steps: all}) => [step, all])).to.deep.equal([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(seen.filter(({stage}) => stage === 'denoise').map(({loaded}) => loaded)).to.deep.equal([
      1, 2, 3, 3,
    ]);
    seen.forEach(({ratio}, i) => expect(ratio).to.be.at.least(seen[i - 1]?.ratio ?? 0));
    expect(seen.at(-1)!.ratio).to.equal(1);
  });

  it('guides what has no guidance of its own by two runs: v₀ + g·(v₁ − v₀)', async () => {
    const engine = sharedEngine();
    const model = await engine.load(pack('blocks-cfg'));
    const words = await engine.load(pack('tiny-words'));
    const [cat, dog] = [await shiftOf(words, {cat: 1}), await shiftOf(words, {dog: 1})];
    const options = {steps: 3, strength: 1, seed: 9};
    for (const [prompts, guidance, shift] of [
      // The pack's own is 2.
      [{prompt: 'cat'}, undefined, scaled(cat, 2)],
      [{prompt: 'cat'}, 1, cat],
      [{prompt: 'cat'}, 0, [0, 0, 0]],
      [{prompt: 'cat'}, 100, scaled(cat, 100)],
      [{prompt: 'cat', negativePrompt: 'dog'}, 3, cat.map((v, i) => 3 * v - 2 * dog[i]!)],
      [{negativePrompt: 'dog'}, 3, scaled(dog, -2)],
      [{}, 3, [0, 0, 0]],
    ] as const) {
      const latent = await model.denoise(start, {...options, ...prompts, guidanceScale: guidance});
      const most = Math.max(1, ...shift.map(Math.abs));
      expected({...options, shift, step: 0}).forEach((value, i) => {
        expect(latent.data[i]).to.be.closeTo(value, 5e-6 * most);
      });
    }
  });

  it('makes the same of the same seed on every device, and another of another', async () => {
    const options = {prompt: 'cat', seed: 2 ** 53 - 1, steps: 8};
    const [wasm, again, webgpu] = await Promise.all(
      (['wasm', 'wasm', 'webgpu'] as const).map(async (device) =>
        (await loadFlow(device)).generateLatent(options),
      ),
    );
    expect(again).to.deep.equal(wasm);
    webgpu!.data.forEach((value, i) => expect(value).to.be.closeTo(wasm!.data[i]!, 1e-5));
    const other = await (await loadFlow()).generateLatent({...options, seed: 2 ** 53 - 2});
    expect(Math.max(...other.data.map((v, i) => Math.abs(v - wasm!.data[i]!)))).to.be.above(0.5);
  });

  it('leaves the latent and the noise that it was given alone', async () => {
    const model = await loadFlow();
    const [latent, unit] = [noise('blocks-1', SHAPE, 1), noise('blocks-1', SHAPE, 2)];
    await model.denoise(latent, {noise: unit});
    expect(latent).to.deep.equal(noise('blocks-1', SHAPE, 1));
    expect(unit).to.deep.equal(noise('blocks-1', SHAPE, 2));
  });
});

describe('generating', () => {
  afterEach(disposeEngines);

  it('makes a latent of noise, at the size that is asked for', async () => {
    const model = await loadFlow();
    const latent = await model.generateLatent({seed: 5, steps: 2, size: {width: 15, height: 16}});
    expectData(latent, expected({steps: 2, seed: 5}));
    const whole = await model.generateLatent({seed: 5, steps: 1});
    expect(whole.shape).to.deep.equal([3, 8, 8]);
  });

  it('paints it', async () => {
    const model = await loadFlow();
    const options = {seed: 5, steps: 2, size: {width: 15, height: 16}};
    const seen: Progress[] = [];
    const image = pixelsOf(
      await model.generate({...options, onProgress: (progress) => seen.push(progress)}),
    );
    expect([image.width, image.height]).to.deep.equal([15, 16]);
    const decoded = await model.decode(await model.generateLatent(options), {size: options.size});
    expect(difference(image, pixelsOf(decoded))).to.equal(0);
    seen.forEach(({ratio}, i) => expect(ratio).to.be.at.least(seen[i - 1]?.ratio ?? 0));
    expect(seen.at(-1)).to.include({stage: 'decode', ratio: 1});
  });

  it('shows every step to whoever listens, the last as the image itself', async () => {
    const model = await loadFlow();
    const options = {seed: 5, steps: 3, size: {width: 15, height: 16}};
    const seen: DenoiseStep[] = [];
    const image = pixelsOf(await model.generate({...options, onStep: (step) => seen.push(step)}));
    expect(seen.map(({step, steps}) => [step, steps])).to.deep.equal([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    const previews = seen.map(({preview}) => pixelsOf(preview!));
    expect(difference(previews[2]!, image)).to.equal(0);
    // The first step's estimate of the image: x − σ·v at σ = 1, before anything else.
    const unit = randomNormal(5, 12);
    const estimate = Float32Array.from(unit, (x) => x - (0.5 * x + 0.25 + 0.125 / 3));
    const latent = createLatent('blocks-1', SHAPE, estimate);
    const first = pixelsOf(await model.decode(latent, {size: options.size}));
    expect(difference(previews[0]!, first)).to.be.at.most(1);
    const listened: DenoiseStep[] = [];
    const made = await model.generateLatent({...options, onStep: (step) => listened.push(step)});
    expect(difference(pixelsOf(listened[2]!.preview!), image)).to.equal(0);
    expect(made).to.deep.equal(await model.generateLatent(options));
  });

  it('makes no previews where the decoder is not there, nor for a listener that stays away', async () => {
    const engine = testEngine({cache: false});
    const model = await engine.load(pack('blocks-flow'), {parts: ['denoiser']});
    await requested();
    const seen: DenoiseStep[] = [];
    await model.generateLatent({steps: 2, onStep: (step) => seen.push(step)});
    expect(seen).to.have.length(2);
    expect(seen.every(({preview}) => preview === undefined)).to.equal(true);
    expect(await requested()).to.deep.equal([]);
  });

  it('begins with a picture, a seed or a latent, half of which it keeps', async () => {
    const model = await loadFlow();
    const options = {steps: 4, seed: 2};
    expectData(
      await model.generateLatent({...options, image: start}),
      expected({...options, strength: 0.5}),
    );
    const picture = noisy(16, 15);
    const encoded = await model.encode(picture);
    const repaired = await model.denoise(encoded, {...options, strength: 0.7});
    expect(await model.generateLatent({...options, image: picture, strength: 0.7})).to.deep.equal(
      repaired,
    );
    const image = await model.generate({...options, image: picture, strength: 0.7});
    expect([image.width, image.height]).to.deep.equal([16, 15]);
    expect(await model.generateLatent({image: 'seed:3', strength: 0})).to.deep.equal(
      await model.sample(3),
    );
    const cropped = await model.generate({image: picture, size: {width: 8, height: 8}});
    expect([cropped.width, cropped.height]).to.deep.equal([8, 8]);
  });

  it('refuses a strength without a picture, and a size that the pack cannot make', async () => {
    const model = await loadFlow();
    const error = await errorOf(model.generate({strength: 0.5}));
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('image');
    for (const size of [
      {width: 0, height: 8},
      {width: 8.5, height: 8},
      {width: 1e6, height: 8},
    ]) {
      const refused = await errorOf(model.generate({size}));
      expect(refused.code).to.equal('bad-argument');
      expect(refused.message).to.contain('blocks-flow');
    }
  });
});

describe('denoising frames', () => {
  afterEach(disposeEngines);

  it('paints what was denoised, says which latent that is, and edits it afterwards', async () => {
    const model = await loadFlow();
    const surface = await model.createSurface();
    const {frame} = await surface.setSource(0, noisy(16, 16));
    const denoise = {strength: 0.6, steps: 3, seed: 4};
    const report = await surface.paint({latent: start, denoise}, frame);
    expectData(report.latent!, expected(denoise));
    expect(report.run).to.be.above(0).and.at.most(report.total);
    const shown = pixelsOf(await surface.render({latent: start, denoise}, frame));
    expect(difference(shown, pixelsOf(await model.decode(report.latent!)))).to.equal(0);
    expect((await surface.paint({latent: start}, frame)).latent).to.equal(undefined);
  });

  it('tells prompts to frames', async () => {
    const engine = sharedEngine();
    const model = await engine.load(pack('blocks-flow'));
    const words = await engine.load(pack('tiny-words'));
    const surface = await model.createSurface();
    const {frame} = await surface.setSource(0, noisy(16, 16));
    for (const word of ['cat', 'dog', 'cat']) {
      const denoise = {strength: 1, steps: 2, prompt: word, guidanceScale: 2};
      const {latent} = await surface.paint({latent: start, denoise}, frame);
      const shift = scaled(await shiftOf(words, {[word]: 1}), 2);
      expectData(latent!, expected({...denoise, shift}));
    }
  });
});

describe('packs with denoisers', () => {
  afterEach(disposeEngines);

  const broken = [
    ['flow-no-scheduler', 'bad-pack', /scheduler is missing/],
    ['flow-no-polarity', 'bad-pack', /parts\.textEncoder\.inputs\.polarity is missing/],
    ['flow-no-timestep', 'bad-pack', /parts\.denoiser\.inputs\.timestep is missing/],
    ['flow-wrong-names', 'bad-pack', /no input named "nothing" for the role "sample"/],
    ['flow-foreign-words', 'space-mismatch', /'other-words-1' and 'tiny-words-1'/],
    ['flow-missing-words', 'not-found', /nowhere\/pack\.json/],
    ['blocks', 'unsupported', /blocks has no denoiser.*encoder, decoder/],
    ['blocks-plain', 'unsupported', /blocks-plain takes no prompts.*encoder, decoder, denoiser/],
  ] as const;

  for (const [name, code, message] of broken) {
    it(`refuses a prompt to the pack "${name}" with ${code}, and takes the next good one`, async () => {
      const engine = sharedEngine();
      const error = await errorOf(
        engine.load(pack(name)).then((model) => model.denoise(start, {prompt: 'cat'})),
      );
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
      const model = await engine.load(pack('blocks-flow'));
      expectData(await model.denoise(start), expected({steps: 4, strength: 0.5}));
    });
  }
});

/** The fixtures that the test server was asked for since the last question. */
async function requested(): Promise<string[]> {
  return (await (await fetch('/fixtures/log')).json()) as string[];
}
