import {aTimeout, expect, oneEvent} from '@open-wc/testing';
import {SHIPPED_PACKS} from '../../src/controllers/interpolation.js';
import type {ErrorDetail, LoadDetail} from '../../src/controllers/element-status.js';
import type {
  FrameDetail,
  LatentInterpolator,
} from '../../components/latent-interpolator/latent-interpolator.js';
import {configure} from '../../src/engine/config.js';
import {difference, errorOf, pack, picture, pixelsOf} from '../engine/support.js';
import {interpolator, part, until, urlOf} from './support.js';

/** A disc on a ground that is the same in every picture. */
function disc(x: number, y = 32): ImageData {
  return picture(96, 64, (px, py) =>
    Math.hypot(px - x, py - y) < 14
      ? [220, 60 + 2 * ((px * 7 + py * 3) % 20), 40]
      : [40, 90 + Math.round(py / 2), 160],
  );
}

/** The detail of the next event of a type. */
async function detailOf<Type extends keyof Details>(
  el: LatentInterpolator,
  type: Type,
): Promise<Details[Type]> {
  const event: CustomEvent<Details[Type]> = await oneEvent(el, type);
  return event.detail;
}

interface Details {
  'latent-load': LoadDetail;
  'latent-error': ErrorDetail;
  'latent-frame': FrameDetail;
}

describe('latent-interpolator that morphs', () => {
  const pictures = [disc(30), disc(66), disc(48, 40)];
  let urls: string[];

  before(async () => {
    urls = await Promise.all(pictures.map(urlOf));
  });

  const morph = (attributes = ''): Promise<LatentInterpolator> =>
    interpolator(
      `<latent-interpolator interpolation="morph" from="${urls[0]!}" to="${urls[1]!}" ${attributes}>
      </latent-interpolator>`,
    );

  const pixelsAt = async (el: LatentInterpolator, t: number): Promise<ImageData> =>
    pixelsOf((await el.frameAt(t))!);

  const requested = async (): Promise<string[]> =>
    (await (await fetch('/fixtures/log')).json()) as string[];

  it('needs no model: nothing of one is fetched', async () => {
    await requested();
    const el = await morph('model="photos"');
    const loaded = detailOf(el, 'latent-load');
    await el.ready;
    const {model, space, device} = await loaded;
    expect([model, space, device]).to.deep.equal(['photos', 'photos-1', 'wasm']);
    expect(await requested()).to.deep.equal([]);
    expect(difference(await pixelsAt(el, 0), pictures[0]!)).to.equal(0);
    expect(difference(await pixelsAt(el, 1), pictures[1]!)).to.equal(0);
  });

  it('moves the shape, and paints a frame for each value', async () => {
    const el = await morph('controls');
    await el.ready;
    const red = ({data}: ImageData, x: number): number => data[4 * (32 * 96 + x)]!;
    const half = await pixelsAt(el, 0.5);
    expect(red(half, 48)).to.be.above(180);
    expect(red(half, 30)).to.be.below(180);
    const frame = detailOf(el, 'latent-frame');
    el.value = 0.25;
    expect((await frame).value).to.equal(0.25);
    expect(part(el, 'slider')).to.have.property('value', '0.25');
    expect(el.state).to.equal('ready');
  });

  it('shows the plain line while it is solved', async () => {
    const el = await morph('');
    let frames = 0;
    el.addEventListener('latent-frame', () => frames++);
    await until(() => frames > 0, 'a frame');
    expect(part(el, 'canvas')!.getBoundingClientRect().height).to.be.above(0);
    await el.ready;
  });

  it('passes through every keyframe', async () => {
    const el = await morph('');
    el.keyframes = pictures;
    await el.ready;
    for (const [i, image] of pictures.entries()) {
      expect(difference(await pixelsAt(el, i / 2), image)).to.equal(0);
    }
    expect(difference(await pixelsAt(el, 0.25), pictures[0]!)).to.be.above(50);
  });

  it('keeps the points of the page, and says which are wrong', async () => {
    const el = await morph(`pairs='[{"from": [0.3125, 0.5], "to": [0.6875, 0.5]}]'`);
    await el.ready;
    const {data} = await pixelsAt(el, 0.5);
    expect(data[4 * (32 * 96 + 48)]).to.be.above(180);
    const failed = detailOf(el, 'latent-error');
    el.pairs = '[{"from": [2, 0], "to": [0, 0]}]';
    expect((await failed).code).to.equal('bad-argument');
    expect((await failed).message).to.contain('pairs[0]');
    // The plain line is still there to be moved along.
    const frame = detailOf(el, 'latent-frame');
    el.value = 0.7;
    await frame;
    el.pairs = 'nonsense';
    expect((await errorOf(el.ready)).message).to.contain('JSON');
    el.pairs = undefined;
    await el.ready;
    expect(el.state).to.equal('ready');
  });

  it('gives the latent of its frame, for which the model is loaded', async () => {
    const el = await morph('');
    const latent = await el.latentAt(0.5);
    expect(latent!.space).to.equal('blocks-1');
    expect(latent!.shape).to.deep.equal([3, 7, 10]);
  });

  it('suits the model: morph where latents have places, a line elsewhere and with strength', async () => {
    const el = await morph('');
    el.interpolation = undefined;
    const loaded = detailOf(el, 'latent-load');
    await el.ready;
    // The fixture pack has latents with places; its manifest said so.
    expect((await loaded).space).to.equal('blocks-1');
    expect(difference(await pixelsAt(el, 0), pictures[0]!)).to.equal(0);
    expect((await pixelsAt(el, 0.5)).width).to.equal(96);
    el.reconstruct = true;
    const again = detailOf(el, 'latent-load');
    await el.ready;
    expect((await again).device).to.equal('wasm');
    expect(difference(await pixelsAt(el, 0), pictures[0]!)).to.be.above(0);
  });

  it('says the same of shipped packs as their manifests', async () => {
    for (const [name, {space, way, size, prompts}] of SHIPPED_PACKS) {
      const manifest = (await (await fetch(`/dist/models/${name}/pack.json`)).json()) as {
        space: {id: string; shape: unknown[]};
        image: {size: {width?: number; height?: number}};
        attributes?: object;
      };
      expect(manifest.space.id).to.equal(space);
      expect(manifest.space.shape.length > 1 ? 'morph' : 'lerp').to.equal(way);
      if (size) expect(manifest.image.size).to.deep.equal(size);
      expect(manifest.attributes !== undefined).to.equal(prompts === true);
    }
  });

  it('changes its way on the same element, and pictures meanwhile', async () => {
    const el = await morph('');
    await el.ready;
    el.interpolation = 'lerp';
    await el.ready;
    el.interpolation = 'morph';
    el.to = urls[2];
    await aTimeout(30);
    el.from = urls[1];
    await el.ready;
    expect(difference(await pixelsAt(el, 0), pictures[1]!)).to.equal(0);
    expect(difference(await pixelsAt(el, 1), pictures[2]!)).to.equal(0);
    expect(el.state).to.equal('ready');
  });

  it('shows a missing picture as not-found, and one that came as the next', async () => {
    const el = await morph('');
    const failed = detailOf(el, 'latent-error');
    el.to = '/nowhere.png';
    expect((await failed).code).to.equal('not-found');
    el.to = urls[2];
    await el.ready;
    expect(difference(await pixelsAt(el, 1), pictures[2]!)).to.equal(0);
  });

  it('makes stills and animations of real frames', async () => {
    const el = await morph('value="0.5" duration="200"');
    const still = pixelsOf(await createImageBitmap((await el.toBlob())!));
    expect(difference(still, await pixelsAt(el, 0.5))).to.equal(0);
    const gif = await el.toBlob({type: 'image/gif', frames: 4});
    expect(gif!.type).to.equal('image/gif');
    expect(gif!.size).to.be.above(1000);
  });

  it('holds latents as keyframes, which the model draws', async () => {
    configure({model: pack('blocks')});
    const el = await morph('');
    const latent = (await el.latentAt(0.3))!;
    el.keyframes = [latent, pictures[1]!];
    await el.ready;
    expect(await el.latentAt(0)).to.equal(latent);
    expect((await el.frameAt(0.5))!.width).to.equal(80);
  });
});
