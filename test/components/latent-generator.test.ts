import {expect, oneEvent} from '@open-wc/testing';
import type {
  LatentGenerator,
  ImageDetail,
  StepDetail,
} from '../../components/latent-generator/latent-generator.js';
import {LatentElement} from '../../components/internal/latent-element.js';
import {cosineSimilarity} from '../../src/core/latent/arithmetic.js';
import type {ProgressDetail} from '../../src/controllers/element-status.js';
import type {Model} from '../../src/engine/types.js';
import {
  difference,
  disposeEngines,
  errorOf,
  noisy,
  pack,
  pixelsOf,
  testEngine,
} from '../engine/support.js';
import {
  canvasOf,
  closings,
  FLOW,
  generator,
  image,
  part,
  pause,
  record,
  shown,
  until,
  urlOf,
} from './support.js';

/** Steps enough that one can do something meanwhile. */
const SLOW = 'steps="1000"';

/** What the canvas of the page shows in its middle. */
function seen(el: LatentGenerator): number[] {
  const copy = new OffscreenCanvas(1, 1).getContext('2d')!;
  copy.drawImage(canvasOf(el), -30, -30);
  return [...copy.getImageData(0, 0, 1, 1).data];
}

describe('latent-generator', () => {
  let model: Model;

  before(async () => {
    model = await testEngine().load(FLOW);
  });

  after(disposeEngines);

  it('shows the image of its properties without being told to', async () => {
    const el = await generator(
      'seed="3" steps="2" prompt="cat" negative-prompt="dog" guidance-scale="2"',
    );
    const {detail} = await oneEvent<CustomEvent<ImageDetail>>(el, 'latent-image');
    expect(detail.seed).to.equal(3);
    expect(detail.milliseconds).to.be.above(0);
    const options = {seed: 3, steps: 2, prompt: 'cat', negativePrompt: 'dog', guidanceScale: 2};
    expect(difference(await shown(el), pixelsOf(await model.generate(options)))).to.equal(0);
    expect(el.latent).to.deep.equal(await model.generateLatent(options));
    expect(el.state).to.equal('ready');
  });

  it('is seed 0 and nothing asked where nobody says anything', async () => {
    const el = await generator();
    await el.ready;
    expect(difference(await shown(el), pixelsOf(await model.generate({seed: 0})))).to.equal(0);
  });

  it('is as large as resolution says, where the model makes any size', async () => {
    const el = await generator('resolution="120"');
    const {width, height} = await shown(el);
    expect([width, height]).to.deep.equal([120, 120]);
    expect(el.latent!.shape).to.deep.equal([3, 15, 15]);
    await el.vary();
    expect(el.latent!.shape).to.deep.equal([3, 15, 15]);
  });

  it('shows another image when a property changes, and the last one until then', async () => {
    const el = await generator('seed="1"');
    await oneEvent(el, 'latent-image');
    await until(() => seen(el)[3] === 255, 'it is painted');
    const changes: [keyof LatentGenerator, unknown][] = [
      ['seed', 2],
      ['prompt', 'cat'],
      ['guidanceScale', 3],
      ['negativePrompt', 'dog'],
      ['steps', 1],
    ];
    for (const [name, value] of changes) {
      const before = seen(el);
      Object.assign(el, {[name]: value});
      expect(seen(el)).to.deep.equal(before);
      await oneEvent(el, 'latent-image');
      const {seed, prompt, negativePrompt, steps, guidanceScale} = el;
      const options = {seed, prompt, negativePrompt, steps, guidanceScale};
      const image = pixelsOf(await model.generate(options));
      expect(difference(await shown(el), image), name).to.equal(0);
      expect(canvasOf(el).width).to.equal(64);
    }
  });

  it('goes back to what attributes say when they are taken away', async () => {
    const el = await generator('prompt="cat" seed="4" steps="2" guidance-scale="2" strength="1"');
    for (const name of ['prompt', 'seed', 'steps', 'guidance-scale', 'strength']) {
      el.removeAttribute(name);
    }
    expect([el.prompt, el.seed, el.steps, el.guidanceScale, el.strength]).to.deep.equal([
      '',
      0,
      undefined,
      undefined,
      0.5,
    ]);
    await el.ready;
  });

  it('tells of every step, with a progress that never falls', async () => {
    const el = await generator('steps="5"');
    await el.ready;
    const steps: StepDetail[] = [];
    const progress: ProgressDetail[] = [];
    el.addEventListener('latent-step', ({detail}) => steps.push(detail));
    el.addEventListener('latent-progress', ({detail}) => progress.push(detail));
    const bitmap = (await el.generate())!;
    expect(steps.map(({step, steps: all}) => [step, all])).to.deep.equal(
      [1, 2, 3, 4, 5].map((step) => [step, 5]),
    );
    expect(difference(pixelsOf(steps.at(-1)!.preview!), pixelsOf(bitmap))).to.equal(0);
    const ratios = progress.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).to.equal(1);
    expect(ratios[0], 'what is there takes nothing of the bar').to.be.below(0.5);
    expect(progress.map(({stage}) => stage)).to.include('denoise');
  });

  it('paints previews over the last image, and takes them away', async () => {
    const el = await generator('steps="200"');
    const preview = () => el.shadowRoot!.querySelector<HTMLCanvasElement>('.preview');
    await until(() => preview() !== null, 'there is a preview of the first image');
    expect(preview()!.width).to.equal(64);
    await oneEvent(el, 'latent-image');
    await el.updateComplete;
    expect(preview()).to.equal(null);
  });

  it('closes the previews that no listener reads, and leaves the others to theirs', async () => {
    const el = await generator('steps="5"');
    await el.ready;
    let closed = closings();
    const steps = record(el, 'latent-step');
    const image = (await el.generate())!;
    expect(steps).to.have.length(5);
    expect(closed()).to.equal(5);
    const previews: (ImageBitmap | undefined)[] = [];
    el.addEventListener('latent-step', ({detail}) => previews.push(detail.preview));
    closed = closings();
    await el.generate();
    expect(closed(), 'the last one of before').to.equal(1);
    expect(previews.map((preview) => preview?.width)).to.deep.equal(Array(5).fill(image.width));
  });

  it('has no members in the page but those of its class and base, and no frameAt', () => {
    const own = Object.getOwnPropertyNames(
      Object.getPrototypeOf(document.createElement('latent-generator')),
    );
    expect(Object.getPrototypeOf(customElements.get('latent-generator'))).to.equal(LatentElement);
    expect('frameAt' in document.createElement('latent-generator')).to.equal(false);
    const methods = ['constructor', 'generate', 'vary', 'toBlob', 'play', 'pause'];
    const lit = ['willUpdate', 'updated', 'render'];
    const properties = [...['prompt', 'negativePrompt', 'seed', 'steps', 'guidanceScale', 'src']];
    properties.push('strength', 'resolution', 'variations', 'position', 'live', 'autoplay');
    properties.push('speed', 'controls', 'latent', 'paused');
    expect(own.sort()).to.deep.equal([...methods, ...lit, ...properties].sort());
  });

  describe('generate', () => {
    it('gives what it shows, of the properties that were just set', async () => {
      const el = await generator('seed="1"');
      el.seed = 8;
      const bitmap = pixelsOf((await el.generate())!);
      expect(difference(bitmap, pixelsOf(await model.generate({seed: 8})))).to.equal(0);
      expect(difference(await shown(el), bitmap)).to.equal(0);
      const steps = record(el, 'latent-step');
      await el.generate();
      expect(steps, 'it is made anew').to.have.length(4);
    });

    it('is superseded by the next', async () => {
      const el = await generator(SLOW);
      const first = el.generate();
      await pause(50);
      const second = el.generate();
      expect((await errorOf(first)).name).to.equal('AbortError');
      expect(pixelsOf((await second)!).width).to.equal(64);
    });

    it('is superseded by a property that changes', async () => {
      const el = await generator(SLOW);
      const first = el.generate();
      await pause(50);
      el.steps = 2;
      expect((await errorOf(first)).name).to.equal('AbortError');
      await el.ready;
      expect(difference(await shown(el), pixelsOf(await model.generate({steps: 2})))).to.equal(0);
    });

    it('ends within a step when it is aborted, and what was shown stays', async () => {
      const el = await generator('seed="1"');
      await el.ready;
      const before = await shown(el);
      el.steps = 1000;
      const abort = new AbortController();
      const errors = record(el, 'latent-error');
      const result = errorOf(el.generate({signal: abort.signal}));
      await oneEvent(el, 'latent-step');
      abort.abort();
      const steps = record(el, 'latent-step');
      expect((await result).name).to.equal('AbortError');
      expect(el.state).to.equal('ready');
      await el.ready;
      await pause(100);
      expect(steps).to.deep.equal([]);
      expect(errors).to.deep.equal([]);
      expect(difference(await shown(el), before)).to.equal(0);
      expect(el.shadowRoot!.querySelector('.preview')).to.equal(null);
      el.steps = 3;
      await el.ready;
      expect(difference(await shown(el), before)).to.be.above(0);
    });

    it('that is aborted before there is any image leaves none, and the next makes one', async () => {
      const el = await generator(SLOW);
      const abort = new AbortController();
      const result = errorOf(el.generate({signal: abort.signal}));
      await oneEvent(el, 'latent-step');
      abort.abort();
      expect((await result).name).to.equal('AbortError');
      expect(el.state).to.equal('idle');
      expect((await el.toBlob())!.type).to.equal('image/png');
      expect(el.state).to.equal('ready');
    });

    it('rejects at once with a signal that was aborted, and does nothing', async () => {
      const el = await generator();
      await el.ready;
      const steps = record(el, 'latent-step');
      const error = await errorOf(el.generate({signal: AbortSignal.abort()}));
      expect(error.name).to.equal('AbortError');
      expect((await errorOf(el.vary({signal: AbortSignal.abort()}))).name).to.equal('AbortError');
      expect(steps).to.deep.equal([]);
      expect(el.variations).to.deep.equal([]);
    });

    it('does nothing outside of the document', async () => {
      const el = document.createElement('latent-generator');
      expect(await el.generate()).to.equal(undefined);
      expect(await el.vary()).to.equal(undefined);
      expect(await el.toBlob()).to.equal(undefined);
      expect(el.latent).to.equal(undefined);
    });

    it('writes files', async () => {
      const el = await generator();
      expect((await el.toBlob({type: 'image/webp'}))!.type).to.equal('image/webp');
      expect((await errorOf(el.toBlob({type: 'image/gif'}))).code).to.equal('bad-argument');
    });
  });

  describe('vary', () => {
    it('shows a neighbour, the nearer the smaller the amount, and the same one again by its seed', async () => {
      const el = await generator('seed="5"');
      await el.ready;
      const start = el.latent!;
      const likeness: number[] = [];
      for (const amount of [0, 0.2, 0.5, 1]) {
        el.variations = [];
        const bitmap = pixelsOf((await el.vary({amount, seed: 9}))!);
        expect(difference(await shown(el), bitmap)).to.equal(0);
        expect(el.variations).to.deep.equal([{seed: 9, amount}]);
        await until(() => el.state === 'ready', 'it is there');
        await pause(50);
        likeness.push(cosineSimilarity(start, el.latent!));
      }
      expect(likeness[0]).to.be.closeTo(1, 1e-5);
      expect(likeness).to.deep.equal([...likeness].sort((a, b) => b - a));
      const other = await generator('seed="5"');
      other.variations = [{seed: 9, amount: 1}];
      expect(difference(await shown(other), await shown(el))).to.equal(0);
    });

    it('goes on from where it is, and a new seed forgets it', async () => {
      const el = await generator('seed="5"');
      await el.vary({amount: 0.3, seed: 1});
      el.position = [0.5, 0];
      await el.vary({amount: 0.2, seed: 2});
      expect(el.variations).to.deep.equal([
        {seed: 1, amount: 0.3},
        {seed: 2, amount: 0.2, position: [0.5, 0]},
      ]);
      expect(el.position).to.deep.equal([0, 0]);
      el.seed = 6;
      await el.ready;
      expect(el.variations).to.deep.equal([]);
      expect(difference(await shown(el), pixelsOf(await model.generate({seed: 6})))).to.equal(0);
    });

    it('refuses what is no amount, with its range', async () => {
      const el = await generator();
      for (const amount of [-0.1, 2, Number.NaN]) {
        const error = await errorOf(el.vary({amount}));
        expect(error.code).to.equal('bad-argument');
        expect(error.message).to.match(/amount .* from 0 .* to 1/);
      }
      await el.ready;
    });
  });

  describe('its latent', () => {
    it('goes on to an image', async () => {
      const el = await generator('seed="2"');
      await el.ready;
      await until(() => el.latent !== undefined, 'there is a latent');
      const other = await image(`<latent-image model="${FLOW}"></latent-image>`);
      other.latent = el.latent;
      await other.ready;
      const copy = pixelsOf(await createImageBitmap((await other.toBlob())!));
      expect(difference(copy, await shown(el))).to.equal(0);
    });
  });

  describe('with an image to begin with', () => {
    it('keeps as much of it as strength leaves', async () => {
      const picture = noisy(64, 64);
      const src = await urlOf(picture);
      const el = await generator(`src="${src}" seed="3" strength="0"`);
      const encoded = await model.encode(picture);
      const decoded = pixelsOf(await model.decode(encoded));
      expect(difference(await shown(el), decoded)).to.equal(0);
      for (const strength of [0.3, 1]) {
        el.strength = strength;
        await el.ready;
        const made = await model.generate({image: encoded, strength, seed: 3});
        expect(difference(await shown(el), pixelsOf(made)), String(strength)).to.equal(0);
      }
      el.strength = 0.5;
      el.removeAttribute('src');
      await el.ready;
      expect(difference(await shown(el), pixelsOf(await model.generate({seed: 3})))).to.equal(0);
    });

    it('walks from it, too', async () => {
      const el = await generator(`src="${await urlOf(noisy(64, 64))}" seed="3" strength="0.5"`);
      const whole = await shown(el);
      el.position = [0.4, 0];
      const near = difference(await shown(el), whole);
      expect(near).to.be.above(0);
      el.position = [0, 0];
      expect(difference(await shown(el), whole)).to.equal(0);
    });
  });

  describe('what is wrong', () => {
    const wrong = [
      ['seed="-1"', 'bad-argument', /seed.*0 to .*-1/],
      ['seed="1.5"', 'bad-argument', /seed.*1\.5/],
      ['seed="1e30"', 'bad-argument', /seed/],
      ['seed="seven"', 'bad-argument', /seed/],
      ['steps="0"', 'bad-argument', /steps.*1 to 1000.*0/],
      ['steps="1001"', 'bad-argument', /steps.*1 to 1000.*1001/],
      ['steps="2.5"', 'bad-argument', /steps/],
      ['guidance-scale="-1"', 'bad-argument', /0 .*100.*-1/],
      ['guidance-scale="101"', 'bad-argument', /0 .*100.*101/],
      ['src="seed:1" strength="1.5"', 'bad-argument', /strength.*0 .*1 .*1\.5/],
      ['src="seed:1" strength="-1"', 'bad-argument', /strength/],
      ['src="/nowhere.png"', 'not-found', /nowhere\.png/],
    ] as const;
    for (const [attributes, code, message] of wrong) {
      it(`is said, and mended by another value: ${attributes}`, async () => {
        const el = await generator(attributes);
        const error = await errorOf(el.ready);
        expect(error.code).to.equal(code);
        expect(error.message).to.match(message);
        await el.updateComplete;
        const box = part(el, 'error')!;
        expect(box.getAttribute('role')).to.equal('alert');
        expect(box.textContent).to.contain(error.message);
        for (const name of ['seed', 'steps', 'guidance-scale', 'strength', 'src']) {
          el.removeAttribute(name);
        }
        await el.ready;
        await el.updateComplete;
        expect(part(el, 'error')).to.equal(null);
        expect(difference(await shown(el), pixelsOf(await model.generate()))).to.equal(0);
      });
    }

    it('a pack without a denoiser is unsupported, and its parts are named', async () => {
      const el = await generator('controls', pack('blocks'));
      const error = await errorOf(el.ready);
      expect(error.code).to.equal('unsupported');
      expect(error.message).to.contain('denoiser').and.contain('encoder, decoder');
      el.model = FLOW;
      await el.ready;
    });

    it('a prompt for a pack that takes none is unsupported', async () => {
      const el = await generator('prompt="cat"', pack('blocks-plain'));
      const error = await errorOf(el.ready);
      expect(error.code).to.equal('unsupported');
      expect(error.message).to.contain('prompt');
      el.prompt = '';
      await el.ready;
    });

    it('no text is no prompt, as of a native field', async () => {
      const el = await generator('controls prompt="cat"');
      Object.assign(el, {prompt: null, negativePrompt: undefined});
      expect([el.prompt, el.negativePrompt]).to.deep.equal(['', '']);
      await el.ready;
    });

    for (const prompt of [
      '',
      ' , ;; ',
      'zzyzx qwrtp',
      '🦊'.repeat(3000),
      '<img src=x onerror=alert(1)>',
    ]) {
      it(`a prompt that nobody expects makes an image: "${prompt.slice(0, 30)}"`, async () => {
        const el = await generator('controls');
        el.prompt = prompt;
        await el.ready;
        expect(el.state).to.equal('ready');
        expect(el.latent?.data.every(Number.isFinite) ?? true).to.equal(true);
      });
    }
  });
});
