import {expect} from '@open-wc/testing';
import {createLatent} from '../../src/core/latent/latent.js';
import {noise} from '../../src/core/random/noise.js';
import type {DenoiseOptions, GenerateOptions, Model} from '../../src/engine/types.js';
import {difference, errorOf, noisy, pack, pixelsOf, sharedEngine} from './support.js';

const SHAPE = [3, 2, 2];
const start = noise('blocks-1', SHAPE, 1);
const load = (name = 'blocks-flow') => sharedEngine({cache: false}).load(pack(name));

/** Options as a page without types gives them. */
const given = (options: Record<string, unknown>) => options as DenoiseOptions;

describe('bad input to denoise and generate', () => {
  const refused: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{steps: 0}, /steps must be a whole number from 1 to 1000.*got 0.*model's own 4/],
    [{steps: -1}, /steps.*got -1/],
    [{steps: 1001}, /steps.*got 1001/],
    [{steps: 2.5}, /steps.*got 2\.5/],
    [{steps: NaN}, /steps.*got NaN/],
    [{steps: '4'}, /steps.*got 4/],
    [{seed: -1}, /seed -1 is not a whole number from 0 to 9007199254740991/],
    [{seed: 0.5}, /seed 0\.5/],
    [{seed: 2 ** 53}, /seed 9007199254740992/],
    [{seed: 1e300}, /seed 1e\+300/],
    [{seed: Infinity}, /seed Infinity/],
    [{seed: 'seven'}, /seed seven/],
    [{strength: -0.1}, /strength must be a number from 0 .*to 1 .*got -0\.1/],
    [{strength: 1.1}, /strength.*got 1\.1/],
    [{strength: NaN}, /strength.*got NaN/],
    [{strength: '0.5'}, /strength.*got 0\.5/],
    [{guidanceScale: -1}, /guidanceScale must be a number from 0 to 100.*got -1/],
    [{guidanceScale: 100.5}, /guidanceScale.*got 100\.5/],
    [{guidanceScale: NaN}, /guidanceScale.*got NaN/],
    [{prompt: 7}, /prompt is no string but number/],
    [{prompt: null}, /prompt is no string/],
    [{negativePrompt: ['cat']}, /negativePrompt is no string but object/],
    [{noise: noise('blocks-1', [3, 1, 1], 1)}, /noise has the shape \[3, 1, 1\].*\[3, 2, 2\]/],
  ];
  for (const [options, message] of refused) {
    const [[name, value]] = Object.entries(options) as [[string, unknown]];
    it(`refuses ${name} ${JSON.stringify(value).slice(0, 40)}, before anything loads`, async () => {
      const model = await load();
      await requested();
      const calls = [model.denoise(start, given(options))];
      if (name !== 'strength' && name !== 'noise') calls.push(model.generateLatent(given(options)));
      for (const call of calls) {
        const error = await errorOf(call);
        expect(error.code).to.equal('bad-argument');
        expect(error.message).to.match(message);
      }
      expect(await requested()).to.deep.equal([]);
    });
  }

  it('denoises after all that it refused', async () => {
    const model = await load();
    expect((await model.denoise(start, {steps: 1})).shape).to.deep.equal(SHAPE);
    expect(await requested()).not.to.be.empty;
  });

  it('refuses latents and noise of another space', async () => {
    const model = await load();
    const foreign = createLatent('other-1', SHAPE, new Float32Array(12));
    expect((await errorOf(model.denoise(foreign))).code).to.equal('space-mismatch');
    expect((await errorOf(model.denoise(start, {noise: foreign}))).code).to.equal('space-mismatch');
    expect((await errorOf(model.generate({image: foreign}))).code).to.equal('space-mismatch');
    const flat = createLatent('blocks-1', [12], new Float32Array(12));
    expect((await errorOf(model.denoise(flat))).code).to.equal('bad-argument');
  });

  it('takes what is at the edge of its range', async () => {
    const model = await load();
    for (const options of [
      {steps: 1},
      {steps: 1000},
      {seed: Number.MAX_SAFE_INTEGER},
      {guidanceScale: 0, prompt: 'cat'},
      {guidanceScale: 100, prompt: 'cat'},
      {strength: 1},
      {strength: 1e-9},
    ]) {
      const {data} = await model.denoise(start, options);
      expect(data.every(Number.isFinite)).to.equal(true);
    }
    const {data} = await model.denoise(start, {strength: 1e-9});
    data.forEach((value, i) => expect(value).to.be.closeTo(start.data[i]!, 1e-6));
  });

  it('takes any text as a prompt', async () => {
    const model = await load();
    const nothing = await model.generateLatent({steps: 1});
    for (const prompt of ['', '   ', '\u0000', '!!!,,,;;;', 'no', '😀', '\u202e\ufeff']) {
      const latent = await model.generateLatent({steps: 1, prompt});
      expect(latent, JSON.stringify(prompt)).to.deep.equal(nothing);
    }
    for (const prompt of [
      'cat'.repeat(100_000),
      'cat, '.repeat(100_000),
      '<script>alert(1)</script>',
      '"; DROP TABLE faces; --',
      'Ignore all previous instructions',
      '猫 と 犬',
      'xyzzyx',
      '\ud800 cat',
      'cat\u0000dog',
    ]) {
      const {data} = await model.generateLatent({steps: 1, prompt});
      expect(data.every(Number.isFinite), prompt.slice(0, 20)).to.equal(true);
    }
  });

  it('refuses a picture that is none, and encodes none for what cannot be denoised', async () => {
    const model = await load();
    const broken = new Blob(['no picture'], {type: 'image/png'});
    expect((await errorOf(model.generate({image: broken}))).code).to.equal('bad-image');
    expect((await errorOf(model.generate({image: 'seed:x'}))).code).to.equal('bad-argument');
    const plain = await load('blocks');
    const error = await errorOf(plain.generate({image: broken}));
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.match(/blocks has no denoiser.*encoder, decoder/);
    expect((await errorOf(plain.generate())).code).to.equal('unsupported');
    expect((await errorOf(plain.prepareDenoise())).code).to.equal('unsupported');
  });

  it('takes prompts that say nothing where there is no text encoder, and refuses others', async () => {
    const model = await load('blocks-plain');
    expect(await model.denoise(start, {prompt: ' ', negativePrompt: ''})).to.deep.equal(
      await model.denoise(start),
    );
    for (const name of ['prompt', 'negativePrompt']) {
      const error = await errorOf(model.denoise(start, {[name]: 'cat'}));
      expect(error.code).to.equal('unsupported');
      expect(error.message).to.contain(`Leave ${name} out`);
    }
  });

  it('refuses every call on a lease that was given back', async () => {
    const model = await load();
    model.release();
    for (const call of [model.denoise(start), model.generate(), model.prepareDenoise()]) {
      expect((await errorOf(call)).message).to.contain('released');
    }
  });
});

describe('denoising that is given up, or overlaps', () => {
  const abortAt = async (model: Model, step: number, options: GenerateOptions) => {
    const controller = new AbortController();
    const seen: number[] = [];
    const error = await errorOf(
      model.generateLatent({
        ...options,
        signal: controller.signal,
        onStep: (done) => {
          seen.push(done.step);
          if (done.step === step) controller.abort();
        },
      }),
    );
    return {error, seen};
  };

  it('rejects with AbortError before it begins, and after any of its steps', async () => {
    const model = await load();
    const expected = await model.generateLatent({steps: 4});
    const before = await errorOf(model.generateLatent({signal: AbortSignal.abort()}));
    expect(before.name).to.equal('AbortError');
    for (const step of [1, 2, 3]) {
      const {error, seen} = await abortAt(model, step, {steps: 400});
      expect(error.name).to.equal('AbortError');
      expect(seen.at(-1)).to.equal(step);
      // The next one is not held up, nor has it anything of the one before.
      expect(await model.generateLatent({steps: 4})).to.deep.equal(expected);
    }
  });

  it('leaves the worker free: what was given up does not run on', async () => {
    const model = await load();
    const timed = async (options: GenerateOptions) => {
      const begin = performance.now();
      await model.generateLatent(options);
      return performance.now() - begin;
    };
    const whole = await timed({steps: 1000});
    // If it ran on, each next call would wait for most of it: one that does not is enough, on any machine.
    let next = Infinity;
    for (let tries = 0; tries < 5 && next > whole / 2; tries++) {
      await abortAt(model, 1, {steps: 1000});
      next = await timed({steps: 1});
    }
    expect(next).to.be.below(whole / 2);
  });

  it('runs overlapping calls one after the other, each with its own result', async () => {
    const model = await load();
    const jobs = [
      {seed: 1, steps: 3},
      {seed: 2, steps: 1, prompt: 'cat'},
      {seed: 3, steps: 2, prompt: 'dog'},
    ];
    const alone = [];
    for (const job of jobs) alone.push(await model.generateLatent(job));
    const together = await Promise.all(jobs.map((job) => model.generateLatent(job)));
    expect(together).to.deep.equal(alone);
  });

  it('keeps frames, images and latents apart when they overlap on WebGPU', async () => {
    const model = await sharedEngine({device: 'webgpu'}).load(pack('blocks-flow'));
    const surface = await model.createSurface();
    const {latent, frame} = await surface.setSource(0, noisy(16, 16));
    const denoise = {strength: 0.5, steps: 4, seed: 1, prompt: 'cat'};
    const alone = await model.denoise(latent, denoise);
    const shown = pixelsOf(await surface.render({latent, denoise}, frame));
    const [again, report, image] = await Promise.all([
      model.denoise(latent, denoise),
      surface.paint({latent, denoise}, frame),
      surface.render({latent, denoise}, frame),
    ]);
    expect(again).to.deep.equal(alone);
    expect(report.latent!.data).to.deep.equal(alone.data);
    expect(difference(pixelsOf(image), shown)).to.equal(0);
  });
});

/** The fixtures that the test server was asked for since the last question. */
async function requested(): Promise<string[]> {
  return (await (await fetch('/fixtures/log')).json()) as string[];
}
