import {aTimeout, expect, oneEvent} from '@open-wc/testing';
import type {ImageDetail} from '../../components/latent-generator/latent-generator.js';
import {configure} from '../../src/engine/config.js';
import {difference, disposeEngines, pack, pixelsOf, testEngine} from '../engine/support.js';
import {generator, part, shown} from './support.js';

const TURBO = pack('tiny-sd-turbo');
const BUDGET = 512 * 1024 * 1024;

// As the public models are, but tiny (test/fixtures/diffusion.mjs).
describe('latent-generator with a model of the Stable Diffusion kind', () => {
  afterEach(async () => {
    configure({memoryBudget: BUDGET});
    await disposeEngines();
  });

  // The element of the test before lets its model go once it counts as removed.
  beforeEach(() => aTimeout(200));

  it('shows what its prompt makes, by a manifest alone', async () => {
    const el = await generator('seed="7" prompt="a photo of a horse" controls', TURBO);
    const {detail} = await oneEvent<CustomEvent<ImageDetail>>(el, 'latent-image');
    expect(detail.seed).to.equal(7);
    const model = await testEngine().load(TURBO);
    const options = {seed: 7, prompt: 'a photo of a horse'};
    const image = await shown(el);
    expect([image.width, image.height]).to.deep.equal([512, 512]);
    expect(difference(image, pixelsOf(await model.generate(options)))).to.equal(0);
    el.prompt = 'hello world';
    await el.ready;
    const other = await model.generate({seed: 7, prompt: 'hello world'});
    expect(difference(await shown(el), pixelsOf(other))).to.equal(0);
  });

  it('brings one through that is larger than the memory budget', async () => {
    configure({memoryBudget: 18_000});
    const el = await generator('seed="1" prompt="hello"', `${TURBO}?not-in-memory`);
    await el.ready;
    const model = await testEngine({memoryBudget: BUDGET}).load(TURBO);
    const image = await model.generate({seed: 1, prompt: 'hello'});
    expect(difference(await shown(el), pixelsOf(image))).to.equal(0);
  });

  it('says that a part is larger than the budget', async () => {
    configure({memoryBudget: 17_000});
    const el = await generator('prompt="hello"', `${TURBO}?nor-this`);
    const {detail} = await oneEvent<CustomEvent<{code: string; message: string}>>(
      el,
      'latent-error',
    );
    expect(detail.code).to.equal('out-of-memory');
    expect(detail.message).to.contain('denoiser').and.to.contain('memory budget');
    expect(part(el, 'error')!.textContent).to.contain('memory budget');
  });
});
