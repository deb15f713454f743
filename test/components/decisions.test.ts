import {expect} from '@open-wc/testing';
import {keyStep} from '../../components/latent-interpolator/controls.js';
import {chooseKeyframes} from '../../components/latent-interpolator/keyframes.js';
import {clampValue, frameTime, pathFrame} from '../../components/latent-interpolator/path-frame.js';
import {LatestRun} from '../../src/controllers/latest-run.js';
import {isTransient, mayRecover, shareOf, stateOf} from '../../src/controllers/element-status.js';
import {DeviceError, LatentError} from '../../src/core/errors.js';
import {ticksOf} from '../../src/media/animation.js';

const latent = (value: number) => ({space: 's', shape: [1], data: Float32Array.of(value)});
const image = (value: number) => ({latent: latent(value), isImage: true});
const options = {interpolation: 'lerp', reconstruct: false} as const;

describe('the frame at a place of the path', () => {
  const sources = [image(0), image(1), image(3)];

  it('is the source itself at every keyframe', () => {
    expect([0, 0.5, 1].map((t) => pathFrame(sources, t, options).source)).to.deep.equal([0, 1, 2]);
  });

  it('carries the detail of its two neighbours', () => {
    const frame = pathFrame(sources, 0.75, options);
    expect([...frame.latent.data]).to.deep.equal([2]);
    expect(frame.source).to.equal(undefined);
    expect(frame.detail).to.deep.equal({1: 0.25, 2: 0.25});
  });

  it('is a decode alone with reconstruct, and next to latents', () => {
    const decode = {...options, reconstruct: true};
    expect(pathFrame(sources, 0, decode)).to.deep.equal({latent: latent(0)});
    const mixed = [{latent: latent(0), isImage: false}, image(2)];
    expect(pathFrame(mixed, 0, options)).to.deep.equal({latent: latent(0)});
    expect(pathFrame(mixed, 0.5, options).detail).to.deep.equal({1: 0.25});
  });

  it('of an animation runs over the path, or there and back', () => {
    const times = (count: number, loop: boolean) =>
      Array.from({length: count}, (_, i) => frameTime(i, count, loop));
    expect(times(5, false)).to.deep.equal([0, 0.25, 0.5, 0.75, 1]);
    expect(times(4, true)).to.deep.equal([0, 0.5, 1, 0.5]);
  });
});

describe('keyframes', () => {
  const none = {keyframes: undefined, images: [], from: undefined, to: undefined};

  it('come from the property, else the slot, else the attributes', () => {
    const images = [{image: 'c'}, {image: 'd'}];
    const all = {keyframes: ['a', latent(0)], images, from: 'e', to: 'f'};
    expect(chooseKeyframes(all)).to.deep.equal([{image: 'a'}, {latent: latent(0)}]);
    expect(chooseKeyframes({...all, keyframes: []})).to.deep.equal(images);
    const attributes = {...none, from: 'e', to: 'f'};
    expect(chooseKeyframes(attributes)).to.deep.equal([{image: 'e'}, {image: 'f'}]);
    expect(chooseKeyframes(none)).to.deep.equal([]);
    expect(chooseKeyframes({...none, from: ''})).to.deep.equal([]);
  });

  it('are two at least', () => {
    for (const one of [{from: 'a'}, {to: 'a'}, {images: [{image: 'a'}]}, {keyframes: ['a']}]) {
      expect(() => chooseKeyframes({...none, ...one})).to.throw(LatentError);
    }
  });

  it('of another type are a bad-argument that names the property', () => {
    for (const [keyframes, name] of [
      [5, 'keyframes'],
      ['ab', 'keyframes'],
      [{0: 'a', 1: 'b', length: 2}, 'keyframes'],
      [['a', 7], 'keyframes[1]'],
      [[null, 'b'], 'keyframes[0]'],
    ] as const) {
      expect(() => chooseKeyframes({...none, keyframes: keyframes as never}))
        .to.throw(LatentError, `${name} must be`)
        .with.property('code', 'bad-argument');
    }
    expect(chooseKeyframes({...none, keyframes: null as never})).to.deep.equal([]);
  });
});

describe('the slider', () => {
  it('has keys that follow the writing direction', () => {
    expect(keyStep('ArrowRight', false)).to.equal(0.01);
    expect(keyStep('ArrowRight', true)).to.equal(-0.01);
    expect(keyStep('ArrowUp', true)).to.equal(0.01);
    expect(keyStep('PageDown', false)).to.equal(-0.1);
    expect(keyStep('Home', false)).to.equal(undefined);
    expect(keyStep('toString', false)).to.equal(undefined);
  });

  it('clamps', () => {
    expect([-1, 2, Number.NaN, '0.25', undefined].map((v) => clampValue(v, 0.7))).to.deep.equal([
      0, 1, 0.7, 0.25, 0.7,
    ]);
  });
});

describe('the status', () => {
  it('is busy only where it is ready', () => {
    expect(stateOf({state: 'ready'}, 1)).to.equal('busy');
    expect(stateOf({state: 'ready'}, 0)).to.equal('ready');
    expect(stateOf({state: 'loading'}, 1)).to.equal('loading');
  });

  it('puts the steps of loading into one bar that never falls', () => {
    const step = {stage: 'download', loaded: 1, total: 2, ratio: 0.5} as const;
    const first = shareOf(step, 0, 0.8, undefined);
    expect(first).to.deep.equal({...step, ratio: 0.4});
    expect(shareOf({...step, ratio: 0}, 0, 0.8, first).ratio).to.equal(0.4);
    expect(shareOf({...step, ratio: 2}, 0.8, 1, first).ratio).to.equal(1);
  });

  it('knows what another attempt may mend, and what it mends unasked', () => {
    const crash = new LatentError('worker-crashed', '');
    expect(isTransient(crash)).to.equal(true);
    expect(isTransient(new LatentError('bad-image', ''))).to.equal(false);
    expect(mayRecover(crash, [], 0)).to.equal(true);
    expect(mayRecover(crash, [0], 29_000)).to.equal(false);
    // A worker that never answers is given up after 30 s.
    expect(mayRecover(crash, [0], 30_100)).to.equal(false);
    expect(mayRecover(crash, [0], 61_000)).to.equal(true);
    expect(mayRecover(new LatentError('network', ''), [], 0)).to.equal(false);
    // Twice of a GPU, so that `auto` gets to what comes after it.
    const lost = new DeviceError('device-lost', '');
    expect(mayRecover(lost, [0], 1)).to.equal(true);
    expect(mayRecover(lost, [0, 1], 29_000)).to.equal(false);
    expect(mayRecover(lost, [0, 1], 61_000)).to.equal(true);
    expect(mayRecover(new DeviceError('unsupported', ''), [], 0)).to.equal(false);
  });
});

describe('LatestRun', () => {
  it('runs at once, then once more for all who asked meanwhile', async () => {
    let runs = 0;
    let end!: () => void;
    const run = new LatestRun(() => {
      runs++;
      return new Promise((resolve) => (end = resolve));
    });
    const first = run.request();
    expect(runs).to.equal(1);
    const rest = [run.request(), run.request(), run.request()];
    end();
    await first;
    await Promise.resolve();
    expect(runs).to.equal(2);
    end();
    await Promise.all(rest);
    expect(runs).to.equal(2);
  });

  it('goes on after a failure, which only its own callers hear of', async () => {
    let runs = 0;
    const run = new LatestRun(() =>
      ++runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve(),
    );
    const results = await Promise.allSettled([run.request(), run.request()]);
    expect(results.map(({status}) => status)).to.deep.equal(['rejected', 'fulfilled']);
  });
});

describe('the time of a GIF frame', () => {
  it('adds up to the whole, in hundredths of a second', () => {
    const ticks = Array.from({length: 30}, (_, i) => ticksOf(i, 30, 1000));
    expect(ticks.reduce((sum, each) => sum + each)).to.equal(100);
    expect(ticksOf(0, 1000, 1000), 'browsers slow down what is faster').to.equal(2);
  });
});
