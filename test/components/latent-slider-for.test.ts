import {expect, fixture} from '@open-wc/testing';
import type {LatentImage} from '../../components/latent-image/latent-image.js';
import type {LatentSlider} from '../../components/latent-slider/latent-slider.js';
import {difference, errorOf, pack, picture, pixelsOf} from '../engine/support.js';
import {canvasOf, frames, lighter, part, pause, record, slider, until, urlOf} from './support.js';

const grey = picture(48, 32, (x, y) => [100 + x, 100 + y, 120]);
let src: string;

const shown = async (el: {toBlob(): Promise<Blob | undefined>}) =>
  pixelsOf(await createImageBitmap((await el.toBlob())!));
/** How much lighter a picture is than its source. */
const light = async (el: {toBlob(): Promise<Blob | undefined>}) =>
  (await shown(el)).data[0]! - grey.data[0]!;

interface Desk {
  readonly root: HTMLElement;
  readonly image: LatentImage;
  readonly sliders: LatentSlider[];
}

/** An image, and sliders for it that make it lighter by 1, 10 and 20 a unit. */
async function desk(count = 2, attributes = ''): Promise<Desk> {
  const root = await fixture<HTMLElement>(`<div>
    <latent-image id="portrait" src="${src}" ${attributes}></latent-image>
    ${'<latent-slider for="portrait"></latent-slider>'.repeat(count)}
  </div>`);
  const sliders = [...root.querySelectorAll('latent-slider')];
  sliders.forEach((el, i) => (el.direction = lighter([1, 10, 20][i]!, `Light ${i}`)));
  await Promise.all(sliders.map((el) => el.ready));
  return {root, image: root.querySelector('latent-image')!, sliders};
}

describe('sliders for one image', () => {
  before(async () => {
    src = await urlOf(grey);
  });

  it('add up, in whatever order they were moved', async () => {
    const {image, sliders} = await desk(3);
    const [a, b, c] = sliders as [LatentSlider, LatentSlider, LatentSlider];
    expect(difference(await shown(image), grey)).to.equal(0);
    a.value = 2;
    c.value = 1;
    b.value = -1;
    const first = await shown(image);
    expect(first.data[0]).to.be.closeTo(100 + 2 - 10 + 20, 1);
    a.value = b.value = c.value = 0;
    expect(difference(await shown(image), grey), 'all at 0').to.equal(0);
    b.value = -1;
    c.value = 1;
    a.value = 2;
    expect(difference(await shown(image), first), 'the other way round').to.equal(0);
  });

  it('add up within a network of the pack, too', async () => {
    const root = await fixture<HTMLElement>(`<div>
      <latent-image id="portrait" src="${src}" model="${pack('blocks-directions')}"></latent-image>
      ${['level', 'blue', 'light', 'level']
        .map((name) => `<latent-slider for="portrait" direction="${name}"></latent-slider>`)
        .join('')}
    </div>`);
    const image = root.querySelector('latent-image')!;
    const sliders = [...root.querySelectorAll('latent-slider')];
    await Promise.all(sliders.map((el) => el.ready));
    const values = [1, 1, -1, 0.5];
    sliders.forEach((el, i) => (el.value = values[i]!));
    const {data} = await shown(image);
    // Latents are twice as wide as pictures: level 1.5·0.1, blue 0.2, light −0.2, both 0.05·1.5.
    const expected = [0.15 - 0.2 - 0.2, 0.15 - 0.2 + 0.075, 0.15 + 0.2 - 0.2];
    expected.forEach((step, i) => {
      expect(data[i]! - grey.data[i]!).to.be.closeTo((step / 2) * 255, 1);
    });
    for (const el of sliders) el.value = 0;
    sliders.toReversed().forEach((el, i) => (el.value = values.at(-1 - i)!));
    expect([...(await shown(image)).data], 'the other way round').to.deep.equal([...data]);
    sliders[0]!.value = -0.5;
    sliders[1]!.value = sliders[2]!.value = 0;
    expect(difference(await shown(image), grey), 'half a step up and half down').to.equal(0);
  });

  it('paint the image by themselves, and show no picture of their own', async () => {
    const {image, sliders} = await desk();
    const copy = new OffscreenCanvas(48, 32).getContext('2d')!;
    sliders[1]!.value = 3;
    await until(() => {
      copy.drawImage(canvasOf(image), 0, 0);
      return Math.abs(copy.getImageData(0, 0, 1, 1).data[0]! - 130) <= 1;
    }, 'the image is lighter');
    expect(part(sliders[1]!, 'canvas')).to.equal(null);
    expect(await light(sliders[0]!), 'a slider writes what is shown').to.be.closeTo(30, 1);
  });

  it('ask for one frame, however many race', async () => {
    const {image, sliders} = await desk();
    await frames(3);
    const painted: Element[] = [];
    const canvas = canvasOf(image);
    for (let i = 0; i <= 30; i++) {
      sliders[i % 2]!.value = i / 10;
      if (i % 5 === 0) await sliders[0]!.updateComplete;
      painted.push(canvas);
    }
    // The last of both: 3 on the first, 2.9 on the second.
    expect(await light(image)).to.be.closeTo(3 + 29, 1);
  });

  it('give latents with the others where they are', async () => {
    const {image, sliders} = await desk();
    sliders[0]!.value = 3;
    const latent = await sliders[1]!.latentAt(1);
    expect(latent!.data[0]).to.be.closeTo(image.latent!.data[0]! + (2 * 13) / 255, 1e-5);
    sliders[1]!.value = 1;
    const edited = await image.editedLatent();
    expect([...edited!.data]).to.deep.equal([...latent!.data]);
    expect(image.latent, 'its own latent stays').to.not.equal(edited);
  });

  it('let go when they are removed, taken elsewhere or broken, but not when they are moved', async () => {
    const {root, image, sliders} = await desk();
    for (const el of sliders) el.value = 1;
    expect(await light(image)).to.be.closeTo(11, 1);
    root.prepend(sliders[0]!);
    await pause(100);
    const moved = await light(image);
    expect(moved, 'moved').to.be.closeTo(11, 1);
    sliders[0]!.remove();
    await until(async () => (await light(image)) < moved, 'it is let go');
    expect(await light(image), 'removed').to.be.closeTo(10, 1);
    root.append(sliders[0]!);
    await sliders[0]!.ready;
    expect(await light(image), 'back again').to.be.closeTo(11, 1);
    sliders[1]!.direction = 'no-such-direction';
    await errorOf(sliders[1]!.ready);
    expect(await light(image), 'broken').to.be.closeTo(1, 1);
    sliders[0]!.htmlFor = undefined;
    await sliders[0]!.updateComplete;
    expect(difference(await shown(image), grey)).to.equal(0);
  });

  it('go on when the image shows something else', async () => {
    const {image, sliders} = await desk();
    sliders[1]!.value = 2;
    const other = picture(40, 40, () => [50, 60, 70]);
    image.src = await urlOf(other);
    await image.ready;
    expect((await shown(image)).data[0]).to.be.closeTo(70, 1);
    image.latent = {space: 'blocks-1', shape: [3, 1, 1], data: Float32Array.of(0, 0, 0)};
    await image.ready;
    expect((await shown(image)).data[0]).to.be.closeTo(148, 1);
    expect(sliders[1]!.state).to.equal('ready');
    image.latent = undefined;
    sliders[1]!.value = 0;
    await image.ready;
    expect(difference(await shown(image), other)).to.equal(0);
  });

  it('say so when the image takes a model in whose space they are not', async () => {
    const {image, sliders} = await desk();
    sliders[1]!.value = 2;
    image.model = pack('blocks-bgr');
    await image.ready;
    await until(() => sliders[1]!.state === 'error', 'the slider says so');
    expect(sliders[1]!.error!.code).to.equal('space-mismatch');
    expect(image.state, 'the image is well').to.equal('ready');
    expect(difference(await shown(image), grey)).to.equal(0);
    image.model = undefined;
    await until(() => sliders[1]!.state === 'ready', 'it works again');
    expect(await light(image)).to.be.closeTo(20, 1);
  });

  it('show pure decodes where one of them, or the image, says so', async () => {
    const noisy = picture(48, 32, (x, y) => [(x * 37 + y * 11) % 256, 128, 128]);
    const {image, sliders} = await desk();
    image.src = await urlOf(noisy);
    await image.ready;
    expect(difference(await shown(image), noisy)).to.equal(0);
    sliders[0]!.reconstruct = true;
    await sliders[0]!.updateComplete;
    expect(difference(await shown(image), noisy)).to.be.above(20);
    sliders[0]!.reconstruct = false;
    image.reconstruct = true;
    expect(difference(await shown(image), noisy)).to.be.above(20);
  });

  it('are not kept in memory by the image that they have left', async function () {
    const {gc} = globalThis as {gc?: (options: {execution: 'async'}) => Promise<void>};
    // Only there in a browser that was started with --js-flags=--expose-gc.
    if (!gc) return this.skip();
    const {root} = await desk(1);
    const removed: WeakRef<Element>[] = [];
    for (let i = 0; i < 4; i++) {
      const el = document.createElement('latent-slider');
      el.htmlFor = 'portrait';
      el.direction = lighter(10);
      root.append(el);
      await el.ready;
      el.value = 1;
      await frames(2);
      el.remove();
      removed.push(new WeakRef(el));
    }
    await pause(200);
    await gc({execution: 'async'});
    await gc({execution: 'async'});
    // The stack of this test may still hold the last.
    expect(removed.slice(0, -1).filter((weak) => weak.deref())).to.have.length(0);
  });

  it('leave the message to the image when that fails, and recover with it', async () => {
    const {image, sliders} = await desk();
    image.src = '/nowhere.png';
    await errorOf(image.ready);
    await until(() => sliders[0]!.state === 'error', 'the slider knows');
    expect(sliders[0]!.error).to.equal(image.error);
    await sliders[0]!.updateComplete;
    expect(part(sliders[0]!, 'error')).to.equal(null);
    image.src = src;
    await image.ready;
    await until(() => sliders[0]!.state === 'ready', 'it recovers');
    sliders[1]!.value = 1;
    expect(await light(image)).to.be.closeTo(10, 1);
  });
});

describe('what for points to', () => {
  const lonely = async (id = 'later') => {
    const el = await slider(`<latent-slider for="${id}"></latent-slider>`);
    el.direction = lighter(10);
    return el;
  };
  const add = (el: LatentSlider, markup: string) => {
    el.parentElement!.insertAdjacentHTML('beforeend', markup);
    return el.parentElement!.querySelector('latent-image')!;
  };

  it('may come later: in a moment, without a word', async () => {
    const el = await lonely();
    const errors = record(el, 'latent-error');
    expect(el.state).to.equal('idle');
    await frames(1);
    const image = add(el, `<latent-image id="later" src="${src}"></latent-image>`);
    await el.ready;
    el.value = 1;
    expect(await light(image)).to.be.closeTo(10, 1);
    expect(errors).to.deep.equal([]);
  });

  it('is missed after a while, and found whenever it comes', async () => {
    const el = await lonely();
    const error = await errorOf(el.ready);
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('"later"');
    await el.updateComplete;
    expect(part(el, 'error')!.textContent).to.contain('"later"');
    const image = add(el, `<latent-image src="${src}"></latent-image>`);
    image.id = 'later';
    await until(() => el.state === 'ready', 'it is found');
    el.value = 1;
    expect(await light(image)).to.be.closeTo(10, 1);
    expect(part(el, 'error')).to.equal(null);
  });

  it('may take another id, or be removed', async () => {
    const el = await lonely();
    const image = add(el, `<latent-image id="later" src="${src}"></latent-image>`);
    await el.ready;
    el.value = 1;
    image.id = 'other';
    await until(() => el.state === 'error', 'it is missed');
    expect(difference(await shown(image), grey)).to.equal(0);
    el.htmlFor = 'other';
    await el.ready;
    expect(await light(image)).to.be.closeTo(10, 1);
    image.remove();
    await until(() => el.state === 'error', 'it is missed again');
    expect(el.error!.code).to.equal('bad-argument');
    el.value = 2;
    el.htmlFor = undefined;
    await el.updateComplete;
    await frames(1);
    expect(el.state).to.equal('idle');
  });

  it('is an image, nothing else', async () => {
    const el = await lonely('box');
    add(el, '<div id="box"></div>');
    const error = await errorOf(el.ready);
    expect(error.code).to.equal('bad-argument');
    expect(error.message).to.contain('<div>');
  });

  it('is in the same tree', async () => {
    const host = await fixture('<section></section>');
    const root = host.attachShadow({mode: 'open'});
    root.innerHTML = `<latent-image id="inner" src="${src}"></latent-image>
      <latent-slider for="inner"></latent-slider>`;
    const el = root.querySelector('latent-slider')!;
    el.direction = lighter(10);
    await el.ready;
    el.value = 1;
    expect(await light(root.querySelector('latent-image')!)).to.be.closeTo(10, 1);
    const outside = await lonely('inner');
    expect((await errorOf(outside.ready)).code).to.equal('bad-argument');
  });

  it('waits with an image that has nothing to show yet', async () => {
    const el = await lonely();
    const image = add(el, '<latent-image id="later"></latent-image>');
    await pause(150);
    expect(el.state).to.equal('idle');
    expect(el.error).to.equal(undefined);
    image.src = src;
    await el.ready;
    el.value = 1;
    expect(await light(image)).to.be.closeTo(10, 1);
  });
});
