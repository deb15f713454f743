import {expect, oneEvent} from '@open-wc/testing';
import type {LatentInterpolator} from '../../components/latent-interpolator/latent-interpolator.js';
import type {ErrorDetail, ProgressDetail} from '../../src/controllers/element-status.js';
import {lerp} from '../../src/core/latent/arithmetic.js';
import {repairStrength} from '../../src/core/latent/path.js';
import {
  difference,
  disposeEngines,
  errorOf,
  pack,
  pixelsOf,
  testEngine,
} from '../engine/support.js';
import {frames, interpolator, part, record, scene, until, urlOf} from './support.js';

const ada = scene(1);
const grace = scene(2);
let from: string;
let to: string;

const morph = (attributes = '', model = 'blocks-flow'): Promise<LatentInterpolator> =>
  interpolator(
    `<latent-interpolator from="${from}" to="${to}" model="${pack(model)}" ${attributes}>` +
      '</latent-interpolator>',
  );

const pixelsAt = async (el: LatentInterpolator, t: number) => pixelsOf((await el.frameAt(t))!);

/** Asks for a change, and waits for the frame that comes of it. */
async function repainted(el: LatentInterpolator, change: () => void): Promise<void> {
  const frame = oneEvent(el, 'latent-frame');
  change();
  await frame;
}

describe('latent-interpolator with strength', () => {
  before(async () => {
    from = await urlOf(ada);
    to = await urlOf(grace);
  });
  afterEach(disposeEngines);

  it('repairs what lies between, as the engine does, and nothing at the keyframes', async () => {
    const el = await morph('strength="0.8" steps="3" seed="7"');
    const model = await testEngine().load(pack('blocks-flow'));
    const [a, b] = [(await el.latentAt(0))!, (await el.latentAt(1))!];
    const straight = await morph();
    expect(await straight.latentAt(0)).to.deep.equal(a);
    expect(await straight.latentAt(1)).to.deep.equal(b);
    for (const t of [0.1, 0.5, 0.8]) {
      const strength = repairStrength(2, t, 0.8);
      const expected = await model.denoise(lerp(a, b, t), {strength, steps: 3, seed: 7});
      expect(await el.latentAt(t)).to.deep.equal(expected);
    }
    expect(difference(await pixelsAt(el, 0), ada)).to.equal(0);
    expect(difference(await pixelsAt(el, 1), grace)).to.equal(0);
  });

  it('shows the repaired latent, with the detail of the sources as ever', async () => {
    const el = await morph('strength="0.8"');
    const straight = await morph();
    // The sources' detail is the same on both, so that the difference is that of the decodes.
    const shown = await pixelsAt(el, 0.5);
    const plain = await pixelsAt(straight, 0.5);
    expect(difference(shown, plain)).to.be.above(10);
    el.reconstruct = straight.reconstruct = true;
    const decoded = await pixelsAt(el, 0.5);
    const model = await testEngine().load(pack('blocks-flow'));
    const image = await model.decode((await el.latentAt(0.5))!);
    expect(difference(decoded, pixelsOf(image))).to.equal(0);
    const blob = await el.toBlob();
    expect(difference(pixelsOf(await createImageBitmap(blob!)), decoded)).to.equal(0);
  });

  it('moves smoothly: the same noise all along, and no jump where the steps become more', async () => {
    const el = await morph('strength="1" steps="4"');
    const path: Float32Array[] = [];
    for (let t = 0.2; t < 0.805; t += 0.02) path.push((await el.latentAt(t))!.data);
    const moves = path
      .slice(1)
      .map((data, i) => Math.hypot(...data.map((v, k) => v - path[i]![k]!)));
    const median = moves.toSorted((x, y) => x - y)[moves.length >> 1]!;
    expect(Math.max(...moves)).to.be.below(3 * median);
    // Towards the ends it falls to nothing.
    const [end, near] = [(await el.latentAt(1))!.data, (await el.latentAt(1 - 1e-8))!.data];
    near.forEach((value, i) => expect(value).to.be.closeTo(end[i]!, 1e-3));
  });

  it('has the denoiser loaded before it is ready, and says how far that is', async () => {
    await (await fetch('/fixtures/log')).json();
    const el = await morph('strength="0.5" loading="eager"');
    const stages: string[] = [];
    let ratio = 0;
    el.addEventListener('latent-progress', ({detail}: CustomEvent<ProgressDetail>) => {
      expect(detail.ratio).to.be.at.least(ratio);
      ({ratio} = detail);
      stages.push(detail.stage);
    });
    await el.ready;
    expect(ratio).to.equal(1);
    const asked = (await (await fetch('/fixtures/log')).json()) as string[];
    const seen = record(el, 'latent-progress', 'latent-load');
    await repainted(el, () => (el.value = 0.4));
    expect(await (await fetch('/fixtures/log')).json()).to.deep.equal([]);
    expect(seen).to.deep.equal([]);
    expect(asked.filter((path) => path.includes('prompt'))).to.deep.equal([]);
  });

  it('repaints without loading anew when strength, steps or seed change', async () => {
    const el = await morph('strength="0.5" seed="1"');
    await el.ready;
    await frames(3);
    const seen = record(el, 'latent-load', 'latent-progress', 'latent-error');
    const shots = [await pixelsAt(el, 0.5)];
    for (const change of [
      () => (el.strength = 0.9),
      () => (el.steps = 1),
      () => (el.seed = 2),
      () => (el.strength = 0),
      () => (el.strength = 0.5),
    ]) {
      await repainted(el, change);
      expect(el.state).to.equal('ready');
      shots.push(await pixelsAt(el, 0.5));
      expect(difference(shots.at(-1)!, shots.at(-2)!)).to.be.above(0);
    }
    expect(seen).to.deep.equal([]);
    // 0 is the straight line.
    expect(difference(shots[4]!, await pixelsAt(await morph(), 0.5))).to.equal(0);
  });

  it('loads the denoiser when the strength is raised later', async () => {
    const el = await morph();
    await el.ready;
    const loaded = oneEvent(el, 'latent-load');
    el.setAttribute('strength', '0.5');
    await loaded;
    const other = await morph('strength="0.5"');
    expect(difference(await pixelsAt(el, 0.5), await pixelsAt(other, 0.5))).to.equal(0);
  });

  it('says unsupported, and which parts there are, for a model without a denoiser', async () => {
    const el = await morph('strength="0.5"', 'blocks');
    const error = await errorOf(el.ready);
    expect(error.code).to.equal('unsupported');
    expect(error.message).to.match(/blocks has no denoiser.*encoder, decoder/);
    await el.updateComplete;
    expect(part(el, 'error')!.textContent).to.contain('denoiser');
    el.strength = 0;
    await el.ready;
    expect(el.state).to.equal('ready');
    expect(part(el, 'error')).to.equal(null);
  });

  for (const [name, bad, good] of [
    ['strength', '1.5', '0.5'],
    ['strength', '-0.1', '0'],
    ['strength', 'much', '0.25'],
    ['steps', '0', '1'],
    ['steps', '2.5', '2'],
    ['steps', '1001', '4'],
    ['seed', '-1', '1'],
    ['seed', '0.5', '5'],
    ['seed', '1e300', '9007199254740991'],
    ['seed', 'seven', '7'],
  ] as const) {
    it(`shows what is wrong with ${name}="${bad}", from the start or later, and recovers`, async () => {
      const rest = name === 'strength' ? '' : 'strength="0.5"';
      const el = await morph(`${rest} ${name}="${bad}"`);
      const error = await errorOf(el.ready);
      expect(error.code).to.equal('bad-argument');
      expect(error.message).to.contain(name);
      await el.updateComplete;
      expect(part(el, 'error')!.textContent).to.contain(name);
      el.setAttribute(name, good);
      await until(() => el.state === 'ready', 'it is ready again');
      await el.ready;
      const failed = oneEvent<CustomEvent<ErrorDetail>>(el, 'latent-error');
      el.setAttribute(name, bad);
      expect((await failed).detail.code).to.equal('bad-argument');
      el.setAttribute(name, good);
      await until(() => el.state === 'ready', 'it is ready once more');
      expect(part(el, 'error')).to.equal(null);
    });
  }

  it('scrubs with the newest frame only', async () => {
    const el = await morph('strength="0.7" steps="8"');
    await el.ready;
    await frames(3);
    const values: number[] = [];
    el.addEventListener('latent-frame', ({detail}) => values.push(detail.value));
    for (let i = 0; i <= 200; i++) el.value = i / 200;
    await until(() => values.at(-1) === 1, 'the last value is shown');
    expect(values.length).to.be.below(20);
  });
});
