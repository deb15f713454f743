import {expect} from '@open-wc/testing';
import {noise} from '../../src/core/random/noise.js';
import {RUNTIME_BYTES} from '../../src/engine/config.js';
import type {Progress} from '../../src/engine/types.js';
import {difference, disposeEngines, errorOf, pack, pixelsOf, testEngine} from './support.js';

const SD = pack('tiny-sd-turbo');
const FILES = '/fixtures/packs/tiny-sd-turbo/';
/** Bytes that the denoiser of tiny-sd-turbo needs, and with them the decoder, but no text encoder. */
const TIGHT = 18_000;

/** What the test server was asked for since the last question: fixtures, or files of the package. */
const requested = async (what: 'log' | 'built'): Promise<string[]> =>
  (await (await fetch(`/fixtures/${what}`)).json()) as string[];

describe('memory', () => {
  afterEach(disposeEngines);
  beforeEach(async () => {
    await caches.delete('latent-elements-packs-1');
    await requested('log');
    await requested('built');
  });

  it('tells what a model needs before the first byte of it', async () => {
    const needs = await testEngine().inspect(SD);
    const sizes = Object.fromEntries(needs.parts.map(({name, bytes}) => [name, bytes]));
    const {parts, tokenizer} = needs.manifest;
    if (tokenizer?.type !== 'huggingface') throw new Error('Another tokenizer.');
    expect(sizes).to.deep.equal({
      textEncoder: parts.textEncoder!.bytes + tokenizer.bytes,
      denoiser: parts.denoiser!.bytes,
      decoder: parts.decoder!.bytes,
    });
    expect(needs.bytes).to.equal(Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0));
    expect(needs.largest).to.equal(parts.denoiser!.bytes);
    expect(needs.fits).to.equal(true);
    expect(needs.url).to.equal(new URL(SD, location.href).href);
    expect(await requested('log')).to.deep.equal([`${FILES}pack.json`]);
    const built = await requested('built');
    expect(built.filter((path) => path.includes('ort-'))).to.deep.equal([]);
    expect((await testEngine({memoryBudget: 17_000}).inspect(SD)).fits).to.equal(false);
  });

  it('gives up an inspection, and names a pack that is none', async () => {
    const engine = testEngine();
    const aborted = engine.inspect(SD, {signal: AbortSignal.abort()});
    expect((await errorOf(aborted)).name).to.equal('AbortError');
    expect((await errorOf(engine.inspect(pack('nowhere')))).code).to.equal('not-found');
  });

  it('brings a model through that is larger than the budget, part by part', async () => {
    const options = {prompt: 'hello world', seed: 5};
    const whole = await testEngine().load(SD, {parts: []});
    const expected = pixelsOf(await whole.generate(options));
    await caches.delete('latent-elements-packs-1');
    await requested('log');

    const model = await testEngine({memoryBudget: TIGHT}).load(SD, {parts: []});
    const seen: Progress[] = [];
    const image = await model.generate({...options, onProgress: (each) => seen.push(each)});
    expect(difference(pixelsOf(image), expected)).to.equal(0);
    const downloads = seen.filter(({stage}) => stage === 'download');
    const {bytes} = await testEngine().inspect(SD);
    const all = bytes + RUNTIME_BYTES[''];
    expect(new Set(downloads.map(({total}) => total))).to.deep.equal(new Set([all]));
    expect(downloads.at(-1)!.loaded).to.equal(all);
    const ratios = seen.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).to.equal(1);
    const files = (await requested('log')).map((path) => path.replace(FILES, ''));
    const order = ['text_encoder/model.onnx', 'unet/model.onnx', 'vae_decoder/model.onnx'];
    expect(files.filter((file) => order.includes(file))).to.deep.equal(order);
    // What was let go is there again when it is needed, and needs no network.
    const again = await model.generate({...options, prompt: 'a horse', negativePrompt: 'x'});
    expect(difference(pixelsOf(again), expected)).to.be.above(0);
    expect(difference(pixelsOf(await model.generate(options)), expected)).to.equal(0);
  });

  it('calls at the same time wait for each other, whatever they need', async () => {
    const engine = testEngine({memoryBudget: TIGHT});
    const [first, second] = await Promise.all([1, 2].map(() => engine.load(SD, {parts: []})));
    const prompts = ['hello', 'a horse', '', 'a photo'];
    const latents = await Promise.all(
      prompts.map((prompt, i) => (i % 2 ? first! : second!).generateLatent({prompt, seed: 1})),
    );
    const decoded = await Promise.all([
      first!.decode(latents[0]!),
      second!.generate({prompt: 'a horse', seed: 1}),
    ]);
    expect(decoded.map(({width}) => width)).to.deep.equal([512, 512]);
    const whole = await testEngine().load(SD, {parts: []});
    for (const [i, prompt] of prompts.entries()) {
      const {data} = await whole.generateLatent({prompt, seed: 1});
      expect(latents[i]!.data).to.deep.equal(data);
    }
  });

  it('says that a part is larger than the budget before anything downloads', async () => {
    const model = await testEngine({memoryBudget: 17_000}).load(SD, {parts: []});
    for (const call of [
      model.generate({prompt: 'hello'}),
      model.denoise(noise(model.space, [4, 64, 64], 1)),
    ]) {
      const error = await errorOf(call);
      expect(error.code).to.equal('out-of-memory');
      expect(error.message).to.match(/tiny-sd-turbo needs 0\.0 MiB at once \(denoiser\)/);
      expect(error.message).to.contain('memory budget of 0.0 MiB');
    }
    expect(await requested('log')).to.deep.equal([`${FILES}pack.json`]);
  });

  it('loads nothing ahead of a generating model that is larger as a whole', async () => {
    const model = await testEngine({memoryBudget: TIGHT}).load(SD);
    expect(await requested('log')).to.deep.equal([`${FILES}pack.json`]);
    const surface = await model.createSurface();
    const latent = await model.generateLatent({prompt: 'hello', seed: 5});
    const frame = {width: 512, height: 512};
    const size = {...frame, work: frame, padded: frame};
    const image = await surface.render({latent}, size);
    const expected = await model.generate({prompt: 'hello', seed: 5});
    expect(difference(pixelsOf(image), pixelsOf(expected))).to.equal(0);
    // A frame that is denoised as it is painted goes through part by part as well.
    const denoise = {strength: 1, prompt: 'hello', seed: 5};
    const denoised = await surface.render({latent, denoise}, size);
    expect(difference(pixelsOf(denoised), pixelsOf(expected))).to.equal(0);
    const report = await surface.paint({latent, denoise}, size);
    expect(report.latent!.data).to.deep.equal(latent.data);
    surface.close();
  });

  it('lets no part of another leased model go', async () => {
    const engine = testEngine({memoryBudget: TIGHT});
    const blocks = await engine.load(pack('blocks'));
    const model = await engine.load(SD, {parts: []});
    const latent = await blocks.encode(new ImageData(8, 8));
    await model.generateLatent({prompt: 'hello'});
    expect((await blocks.decode(latent)).width).to.equal(8);
    const other = await engine.load(pack('tiny-lcm'), {parts: []});
    const error = await errorOf(other.generate({prompt: 'hello'}));
    expect(error.message).to.match(/beside the 0\.0 MiB of models in use/);
    model.release();
    expect((await other.generate({prompt: 'hello'})).width).to.equal(64);
  });

  it('an abort ends a wait, and leaves what others use', async () => {
    const engine = testEngine({memoryBudget: TIGHT});
    const model = await engine.load(SD, {parts: []});
    const controller = new AbortController();
    const kept = model.generate({prompt: 'hello', seed: 2});
    const given = model.generate({prompt: 'a horse', seed: 2, signal: controller.signal});
    controller.abort();
    expect((await errorOf(given)).name).to.equal('AbortError');
    expect((await kept).width).to.equal(512);
    expect((await model.generate({prompt: 'a horse', seed: 2})).width).to.equal(512);
  });
});
