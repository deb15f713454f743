import assert from 'node:assert/strict';
import {test} from 'node:test';
import {frameToGenerate, latentShapeOf} from '../../../src/core/pack/image-size.js';
import {noise} from '../../../src/core/random/noise.js';
import {parsePack} from '../../../src/core/pack/parse-pack.js';
import {planSampling, type Sampling, PreviewBudget} from '../../../src/core/diffusion/sampling.js';
import {throwsLatentError} from '../support.js';

const file = {file: 'part.onnx', bytes: 1, sha256: '0'.repeat(64)};
const manifest = {
  format: 1,
  name: 'faces',
  version: '1',
  license: 'MIT',
  space: {id: 'faces-1', shape: [4, 'height/8', 'width/8'] as unknown[]},
  image: {size: {multiple: 16, pixels: 70_000, maxPixels: 200_000} as Record<string, number>},
  parts: {
    decoder: {...file, inputs: {latent: 'z'}, outputs: {image: 'x'}},
    denoiser: {
      ...file,
      inputs: {sample: 'x', timestep: 't', condition: 'c'} as Record<string, string>,
      outputs: {sample: 'v'},
    },
    textEncoder: {
      ...file,
      inputs: {embedding: 'e', polarity: 'p'} as Record<string, string>,
      outputs: {condition: 'c'} as Record<string, string>,
    },
  },
  scheduler: {type: 'flow-matching', steps: 6, guidance: 2} as Record<string, unknown>,
  tokenizer: {type: 'phrases', pack: '../words/pack.json', space: 'words-1'} as object,
  attributes: {smile: {prompts: ['smiling']}} as object,
};
/** Typed loosely, so that anything can be taken out. */
interface Json extends Omit<Partial<typeof manifest>, 'parts'> {
  parts: Partial<(typeof manifest)['parts']>;
}
const parse = (change: (json: typeof manifest) => void = () => undefined) => {
  const json = structuredClone(manifest);
  change(json);
  return parsePack(json, 'pack.json');
};
const pack = parse();
const plan = (sampling: Partial<Sampling> = {}) => planSampling(pack, {strength: 1, ...sampling});

test("what a sampling leaves out is the pack's", () => {
  assert.deepEqual(plan(), {
    parts: ['denoiser'],
    strength: 1,
    steps: 6,
    seed: 0,
    noise: undefined,
    prompt: '',
    negativePrompt: '',
    guidance: 2,
  });
  assert.equal(plan({guidanceScale: 0}).guidance, 0);
  assert.equal(plan({seed: 0, steps: 1}).steps, 1);
});

test('a sampling needs no more than it runs', () => {
  assert.deepEqual(plan().parts, ['denoiser']);
  assert.deepEqual(plan({prompt: 'a smile'}).parts, ['textEncoder', 'denoiser']);
  assert.deepEqual(plan({negativePrompt: 'hat'}).parts, ['textEncoder', 'denoiser']);
  assert.deepEqual(plan({prompt: 'no, ; !'}).parts, ['denoiser']);
  assert.deepEqual(plan({prompt: 'a smile', strength: 0}).parts, []);
});

test('noise is of the space, and as large as the latent', () => {
  const latent = noise('faces-1', [4, 2, 3], 1);
  const sampling = {strength: 1, noise: latent};
  assert.equal(planSampling(pack, sampling, latent).noise, latent);
  assert.equal(planSampling(pack, sampling).noise, latent);
  const other = noise('faces-1', [4, 3, 2], 1);
  throwsLatentError(() => planSampling(pack, sampling, other), 'bad-argument', /noise/);
  const foreign = noise('other-1', [4, 2, 3], 1);
  throwsLatentError(() => planSampling(pack, {...sampling, noise: foreign}), 'space-mismatch');
  throwsLatentError(() => planSampling(pack, sampling, foreign), 'space-mismatch');
});

test('a pack takes prompts where something turns them into what its denoiser is told', () => {
  const plain = parse((json: Json) => {
    delete json.tokenizer;
    delete json.parts.textEncoder;
  });
  assert.equal(planSampling(plain, {strength: 1, prompt: ' '}).prompt, ' ');
  throwsLatentError(() => planSampling(plain, {strength: 1, prompt: 'a hat'}), 'unsupported');
  const idle = parse((json: Json) => delete json.tokenizer);
  throwsLatentError(() => planSampling(idle, {strength: 1, prompt: 'a hat'}), 'unsupported');
});

const broken: [field: string, change: (json: typeof manifest) => void][] = [
  ['scheduler is missing', (json: Json) => delete json.scheduler],
  ['parts.denoiser is missing', (json: Json) => delete json.parts.denoiser],
  ['scheduler.steps', (json) => (json.scheduler.steps = 1001)],
  ['scheduler.guidance', (json) => (json.scheduler.guidance = -1)],
  ['scheduler.prediction', (json) => (json.scheduler.prediction = 'epsilon')],
  ['scheduler', (json) => (json.scheduler = {type: 'plms'})],
  ['inputs.sample', (json) => delete json.parts.denoiser.inputs.sample],
  ['inputs.timestep', (json) => delete json.parts.denoiser.inputs.timestep],
  ['inputs.condition', (json) => delete json.parts.denoiser.inputs.condition],
  ['condition and states', (json) => (json.parts.denoiser.inputs.states = 's')],
  ['inputs.embedding', (json) => delete json.parts.textEncoder.inputs.embedding],
  ['outputs.condition', (json) => delete json.parts.textEncoder.outputs.condition],
  ['inputs.embedding', (json: Json) => delete json.parts.textEncoder],
  ['tokenizer.pack', (json) => (json.tokenizer = {type: 'phrases', space: 'words-1'})],
  ['attributes.smile.prompts', (json) => (json.attributes = {smile: {prompts: []}})],
];
for (const [field, change] of broken) {
  test(`refuses a manifest for ${field}`, () => {
    throwsLatentError(() => parse(change), 'bad-pack', new RegExp(field));
  });
}

test('an image of noise has the size that is asked for, or the largest square of the pack', () => {
  const size = (width: number, height: number) => ({width, height});
  // √70 000 is 264.6.
  const whole = size(256, 256);
  assert.deepEqual(frameToGenerate(pack), {...whole, work: whole, padded: whole});
  const frame = frameToGenerate(pack, size(100, 50));
  assert.deepEqual(frame, {...size(100, 50), work: size(100, 50), padded: size(112, 64)});
  assert.deepEqual(latentShapeOf(pack, frame), [4, 8, 14]);
  for (const [width, height] of [
    [0, 8],
    [8.5, 8],
    [-8, 8],
    [500, 401],
    [Infinity, 1],
  ] as const) {
    throwsLatentError(() => frameToGenerate(pack, {width, height}), 'bad-argument', /faces/);
  }
  const fixed = parse((json) => {
    json.image.size = {width: 32, height: 16};
    json.space.shape = [7];
  });
  assert.deepEqual(latentShapeOf(fixed, frameToGenerate(fixed, size(32, 16))), [7]);
  throwsLatentError(() => frameToGenerate(fixed, size(16, 32)), 'bad-argument', /32×16/);
});

/** The steps that get a preview, where each step and each preview takes as long. */
function previewed(steps: number, step: number, preview: number): number[] {
  const budget = new PreviewBudget();
  return Array.from({length: steps}, (_, i) => i + 1).filter((index) => {
    if (!budget.allows(index * step)) return false;
    budget.spend(preview);
    return true;
  });
}

test('previews: every step of a small model has a preview', () => {
  assert.deepEqual(previewed(8, 1, 30), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(previewed(50, 4, 6).length, 50);
});

test('previews: a decoder that is slow beside the steps makes few, and the first tells what they cost', () => {
  assert.deepEqual(previewed(20, 2000, 2000), [1, 8, 12, 16, 20]);
  assert.deepEqual(previewed(1, 5000, 10_000), [1]);
});

test('previews never take more than the allowance, a quarter of the steps, and the first', () => {
  for (const step of [1, 10, 100, 1000]) {
    for (const preview of [1, 20, 400, 5000]) {
      const count = previewed(100, step, preview).length;
      assert.ok(count * preview <= 300 + 0.25 * 100 * step + preview);
    }
  }
});
