import {expect} from '@open-wc/testing';
import {configure} from '../../src/engine/config.js';
import {type Morph, type MorphOpenOptions, openMorph} from '../../src/engine/morph.js';
import type {ImageSource} from '../../src/engine/types.js';
import {
  difference,
  disposeEngines,
  errorOf,
  pack,
  picture,
  pixelsOf,
  testEngine,
  until,
  watchWorkers,
} from './support.js';

/** A disc on a plain ground. */
function disc(x: number, y: number, [width, height] = [96, 64]): ImageData {
  return picture(width, height, (px, py) =>
    Math.hypot(px - x, py - y) < 14
      ? [220, 60 + 2 * ((px * 7 + py * 3) % 20), 40]
      : [40, 90 + Math.round(py / 2), 160],
  );
}

describe('morph', () => {
  const morphs: Morph[] = [];

  async function morphOf(
    images: readonly ImageSource[],
    options: MorphOpenOptions = {},
  ): Promise<Morph> {
    const morph = await openMorph(images, options);
    morphs.push(morph);
    return morph;
  }

  let watch: ReturnType<typeof watchWorkers>;

  before(() => {
    configure({base: '/dist/'});
    watch = watchWorkers();
  });
  after(() => watch.restore());
  afterEach(() => {
    for (const morph of morphs.splice(0)) morph.close();
    document.querySelectorAll('canvas').forEach((canvas) => canvas.remove());
  });

  function canvas(): HTMLCanvasElement {
    return document.body.appendChild(document.createElement('canvas'));
  }

  /** Waits until the canvas shows an image: what a worker painted comes with a later frame. */
  async function expectShown(element: HTMLCanvasElement, image: ImageData, tolerance: number) {
    let most = Infinity;
    await until(async () => {
      most = difference(pixelsOf(await createImageBitmap(element)), image);
      return most <= tolerance;
    }, 'the canvas shows the image');
  }

  it('is at each keyframe the picture itself, bit for bit', async () => {
    const [a, b, c] = [disc(30, 30), disc(66, 30), disc(48, 44)];
    const morph = await morphOf([a, b, c]);
    expect(morph.size).to.deep.equal({width: 96, height: 64});
    for (const [t, image] of [
      [0, a],
      [0.5, b],
      [1, c],
    ] as const) {
      expect(difference(pixelsOf(await morph.frame(t)), image)).to.equal(0);
    }
  });

  it('moves what both pictures have, in place of fading it', async () => {
    const morph = await morphOf([disc(34, 32), disc(62, 32)]);
    const half = pixelsOf(await morph.frame(0.5));
    const red = (x: number, y: number): number => half.data[4 * (y * 96 + x)]!;
    // One disc in the middle, where a cross-fade has two pale ones beside it.
    expect(red(48, 32)).to.be.above(180);
    expect(red(26, 32)).to.be.below(80);
    expect(red(70, 32)).to.be.below(80);
    expect(morph.alignment).to.have.length(1);
    expect(morph.alignment![0]!.after).to.be.above(morph.alignment![0]!.before);
  });

  it('shows the plain line until it is solved, and never nothing', async () => {
    const [a, b] = [disc(34, 31), disc(62, 31)];
    const element = canvas();
    const morph = await morphOf([a, b], {canvas: element, painter: 'cpu'});
    const report = await morph.paint(0.5);
    expect(report.share).to.equal(0);
    const line = picture(96, 64, () => [0, 0, 0]);
    line.data.set(a.data.map((value, i) => (value + b.data[i]!) / 2));
    await expectShown(element, line, 1);
    await morph.ready;
    await until(async () => (await morph.paint(0.5)).share === 1, 'it is solved');
    await expectShown(element, pixelsOf(await morph.frame(0.5)), 1);
  });

  it('paints the same on the GPU', async () => {
    const element = canvas();
    const images = [disc(34, 32), disc(60, 40)];
    const morph = await morphOf(images, {canvas: element, painter: 'webgl', takeover: 0});
    await morph.ready;
    for (const value of [0, 0.2, 0.5, 0.9, 1]) {
      const report = await morph.paint(value);
      expect(report.painter).to.equal('webgl');
      await expectShown(element, pixelsOf(await morph.frame(value)), 2);
    }
  });

  it('keeps the points that the page names where it says', async () => {
    const pairs = [{from: [0.25, 0.5], to: [0.75, 0.5]}] as const;
    const grey = picture(64, 64, () => [128, 128, 128]);
    const dots = [16, 48].map((x) =>
      picture(64, 64, (px, py) =>
        Math.hypot(px - x, py - 32) < 5 ? [250, 0, 0] : [128, 128, 128],
      ),
    );
    const morph = await morphOf(dots, {pairs});
    const half = pixelsOf(await morph.frame(0.5));
    expect(half.data[4 * (32 * 64 + 32)]).to.be.above(200);
    expect(difference(pixelsOf(await morph.frame(0)), grey)).to.be.above(0);
  });

  it('takes pictures of any shape to that of the first, covering it', async () => {
    const morph = await morphOf([disc(30, 30, [60, 90]), disc(80, 30, [200, 60])]);
    expect(morph.size).to.deep.equal({width: 60, height: 90});
    const image = await morph.frame(0.5);
    expect([image.width, image.height]).to.deep.equal([60, 90]);
    const long = await morphOf([disc(5, 5, [400, 40]), disc(5, 5)], {resolution: 100});
    expect(long.size).to.deep.equal({width: 100, height: 10});
  });

  it('survives a pixel, a line, and twice the same picture', async () => {
    const one = picture(1, 1, () => [255, 0, 0]);
    const line = picture(1, 64, (_, y) => [y, y, y]);
    const same = disc(40, 30);
    for (const images of [
      [one, disc(30, 30)],
      [one, one],
      [line, line],
      [same, same],
      [disc(30, 30), picture(64, 64, () => [9, 9, 9])],
    ]) {
      const frame = pixelsOf(await (await morphOf(images)).frame(0.5));
      expect(frame.data[3]).to.equal(255);
      if (images[0] === same) expect(difference(frame, same)).to.be.at.most(1);
    }
  });

  it('says what is wrong, and the next call works', async () => {
    const few = await errorOf(openMorph([disc(3, 3)]));
    expect(few.code).to.equal('bad-argument');
    const missing = await errorOf(openMorph([disc(3, 3), '/nowhere.png']));
    expect(missing.code).to.equal('not-found');
    expect(missing.message).to.contain('nowhere.png');
    const morph = await morphOf([disc(34, 32), disc(62, 32)], {
      pairs: [{from: [Number.NaN, 0.5], to: [0.5, 0.5]}],
    });
    expect((await errorOf(morph.frame(0.5))).code).to.equal('bad-argument');
    expect((await morph.paint(0.5)).share).to.equal(0);
    morph.setPairs([]);
    expect((await morph.frame(0.5)).width).to.equal(96);
    expect((await errorOf(morph.frame(Number.NaN))).code).to.equal('bad-argument');
  });

  it('gives up what is replaced, aborted or closed', async () => {
    const morph = await morphOf([disc(34, 33), disc(62, 33)]);
    const first = errorOf(morph.ready);
    await morph.setKeyframes([disc(20, 20), disc(70, 40)]);
    expect((await first).code).to.equal('aborted');
    const controller = new AbortController();
    const second = errorOf(morph.frame(0.5, {signal: controller.signal}));
    controller.abort();
    expect((await second).code).to.equal('aborted');
    await morph.ready;
    await morph.setKeyframes([disc(21, 20), disc(71, 40)]);
    const third = errorOf(morph.ready);
    morph.close();
    expect((await third).code).to.equal('aborted');
  });

  it('tells its owner when the worker ends, and opens another', async () => {
    let lost = 0;
    const morph = await morphOf([disc(33, 32), disc(62, 32)], {onLost: () => lost++});
    const frame = errorOf(morph.frame(0.5));
    const solved = errorOf(morph.ready);
    watch.workers.at(-1)!.dispatchEvent(new ErrorEvent('error', {message: 'killed'}));
    expect((await frame).code).to.equal('worker-crashed');
    expect((await solved).code).to.equal('worker-crashed');
    expect(lost).to.equal(1);
    const next = await morphOf([disc(34, 32), disc(62, 32)]);
    expect((await next.frame(0.5)).width).to.equal(96);
  });

  it('is a method of a model, which gives the latents of its frames', async () => {
    const model = await testEngine().load(pack('blocks'));
    const morph = await model.morph(disc(34, 32), disc(62, 32));
    expect(morph.alignment).to.have.length(1);
    const half = await morph.frame(0.5);
    expect(half.width).to.equal(96);
    expect((await model.encode(half)).space).to.equal('blocks-1');
    morph.close();
    const pairs = [{from: [3, 0], to: [0, 0]}] as const;
    expect((await errorOf(model.morph(disc(34, 32), disc(62, 32), {pairs}))).code).to.equal(
      'bad-argument',
    );
    await disposeEngines();
  });
});
