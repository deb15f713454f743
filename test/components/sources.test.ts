import {expect, oneEvent} from '@open-wc/testing';
import type {Latent} from '../../src/core/latent/latent.js';
import {difference, errorOf, pack, pixelsOf} from '../engine/support.js';
import {
  frames,
  image,
  interpolator,
  part,
  record,
  scene,
  sliderOf,
  until,
  urlOf,
} from './support.js';

const pictures = [scene(1), scene(2), scene(3)] as const;
let urls: string[];

describe('what an interpolator goes through', () => {
  before(async () => {
    urls = await Promise.all(pictures.map((each) => urlOf(each)));
  });

  it('is nothing at first, which is no error', async () => {
    const el = await interpolator('<latent-interpolator controls></latent-interpolator>');
    await frames(3);
    expect(el.state).to.equal('idle');
    expect(part(el, 'error')).to.equal(null);
    expect(part(el, 'slider')).to.equal(null);
    expect((await errorOf(el.frameAt(0))).code).to.equal('bad-argument');
    el.from = urls[0];
    el.to = urls[1];
    await el.ready;
    el.from = el.to = undefined;
    await el.updateComplete;
    await frames(1);
    expect(el.state).to.equal('idle');
  });

  it('are the images inside it, of which one is seen until the first frame', async () => {
    const el = await interpolator(
      `<latent-interpolator from="/nowhere.png">
        ${urls.map((url, i) => `<img src="${url}" alt="Picture ${i}">`).join('')}
      </latent-interpolator>`,
    );
    const [first, second] = el.querySelectorAll('img');
    expect(getComputedStyle(first!).visibility).to.equal('visible');
    expect(getComputedStyle(second!).visibility).to.equal('hidden');
    await el.ready;
    await el.updateComplete;
    expect(getComputedStyle(first!).visibility).to.equal('hidden');
    expect(part(el, 'canvas')!.getAttribute('aria-label')).to.equal(
      'Morph: Picture 0 – Picture 1 – Picture 2',
    );
    for (const [i, t] of [0, 0.5, 1].entries()) {
      expect(difference(pixelsOf((await el.frameAt(t))!), pictures[i]!)).to.equal(0);
    }
  });

  it('follow the images: another src, one more, one less', async () => {
    const el = await interpolator(
      `<latent-interpolator><img src="${urls[0]}" alt=""><img src="${urls[1]}" alt="">
      </latent-interpolator>`,
    );
    await el.ready;
    el.querySelectorAll('img')[1]!.src = urls[2]!;
    await el.ready;
    expect(difference(pixelsOf((await el.frameAt(1))!), pictures[2])).to.equal(0);
    const more = document.createElement('img');
    more.src = urls[1]!;
    el.append(more);
    await el.ready;
    expect(difference(pixelsOf((await el.frameAt(0.5))!), pictures[2])).to.equal(0);
    el.querySelector('img')!.remove();
    await el.ready;
    expect(difference(pixelsOf((await el.frameAt(0))!), pictures[2])).to.equal(0);
    el.querySelector('img')!.remove();
    expect((await errorOf(el.ready)).code).to.equal('bad-argument');
  });

  it('are any image source, and the property wins', async () => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, {width: 48, height: 32});
    canvas.getContext('2d')!.putImageData(pictures[1], 0, 0);
    const el = await interpolator(
      `<latent-interpolator from="${urls[2]}" to="${urls[2]}"></latent-interpolator>`,
    );
    el.keyframes = [
      pictures[0],
      canvas,
      await createImageBitmap(pictures[2]),
      await (await fetch(urls[0]!)).blob(),
    ];
    await el.ready;
    for (const [i, t] of [0, 1 / 3, 2 / 3, 1].entries()) {
      expect(difference(pixelsOf((await el.frameAt(t))!), pictures[i % 3]!)).to.equal(0);
    }
  });

  it('are latents too, which have no detail to carry', async () => {
    const el = await interpolator('<latent-interpolator></latent-interpolator>');
    el.keyframes = [grey(0), pictures[0]];
    expect(pixelsOf((await el.frameAt(1))!).width, 'drawn to the size of the first').to.equal(16);
    el.keyframes = [pictures[0], grey(1)];
    expect((await errorOf(el.ready)).code, 'another shape').to.equal('bad-argument');
    el.keyframes = [grey(-0.5), grey(0.5)];
    await el.ready;
    const middle = pixelsOf((await el.frameAt(0.5))!);
    expect([middle.width, middle.height]).to.deep.equal([16, 16]);
    expect([...middle.data.slice(0, 4)]).to.deep.equal([128, 128, 128, 255]);
  });

  it('are samples of the model', async () => {
    const el = await interpolator(
      '<latent-interpolator from="seed:0" to="seed:7"></latent-interpolator>',
    );
    await el.ready;
    const [start, end] = [pixelsOf((await el.frameAt(0))!), pixelsOf((await el.frameAt(1))!)];
    expect(start.width).to.equal(16);
    expect(difference(start, end)).to.be.above(100);
  });

  it('take the size of the first, at most twice the resolution', async () => {
    const el = await interpolator(
      `<latent-interpolator from="${urls[0]}" to="${await urlOf(scene(5, 20, 60))}"
        resolution="12"></latent-interpolator>`,
    );
    const bitmap = await el.frameAt(1);
    expect([bitmap!.width, bitmap!.height]).to.deep.equal([24, 16]);
  });

  const bad = [
    ['from without to', `from="BLOB"`, 'bad-argument', /not to:/],
    ['to without from', `to="BLOB"`, 'bad-argument', /not from:/],
    ['an image that is not there', `from="/nowhere.png" to="BLOB"`, 'not-found', /nowhere\.png/],
    ['a page as an image', `from="BLOB" to="/fixtures/packs/html/pack.json"`, 'bad-image', /HTML/],
    ['a seed that is none', `from="seed:x" to="BLOB"`, 'bad-argument', /seed:x/],
    ['a model that is not there', `from="BLOB" to="BLOB" model="nowhere"`, 'not-found', /nowhere/],
    ['a broken pack', `from="BLOB" to="BLOB" model="${pack('html')}"`, 'bad-pack', /HTML/],
    ['a wrong hash', `from="BLOB" to="BLOB" model="${pack('wrong-hash')}"`, 'integrity', /SHA/],
    ['an unknown device', `from="BLOB" to="BLOB" device="gpu"`, 'bad-argument', /device/],
  ] as const;
  for (const [what, attributes, code, message] of bad) {
    it(`shows ${what} as ${code}, once, and the next good input works`, async () => {
      const markup = attributes.replaceAll('BLOB', urls[0]!);
      const el = document.createElement('latent-interpolator');
      el.interpolation = 'lerp';
      const seen = record(el, 'latent-error');
      const errors: unknown[] = [];
      el.addEventListener('latent-error', ({detail}) => errors.push(detail));
      const host = await interpolator(`<div></div>`);
      for (const [, name, value] of markup.matchAll(/([\w-]+)="([^"]*)"/g)) {
        el.setAttribute(name!, value!);
      }
      host.append(el);
      const error = await errorOf(el.ready);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
      await el.updateComplete;
      expect(el.state).to.equal('error');
      expect(el.error).to.equal(error);
      expect(part(el, 'error')!.getAttribute('role')).to.equal('alert');
      expect(part(el, 'error')!.textContent).to.contain(error.message);
      expect(seen).to.have.length(1);
      expect(errors).to.deep.equal([{code, message: error.message}]);
      el.removeAttribute('model');
      el.removeAttribute('device');
      el.from = urls[0];
      el.to = urls[1];
      await el.ready;
      await el.updateComplete;
      expect(part(el, 'error')).to.equal(null);
      expect(el.state).to.equal('ready');
    });
  }

  it('shows an error in full, and as wide as the picture was', async () => {
    const el = await interpolator(
      `<latent-interpolator from="${urls[0]}" to="${urls[1]}" controls></latent-interpolator>`,
    );
    await el.ready;
    await el.updateComplete;
    const {width, height} = el.getBoundingClientRect();
    el.to = '/nowhere.png';
    await errorOf(el.ready);
    await el.updateComplete;
    const box = el.getBoundingClientRect();
    expect(box.width).to.equal(width);
    expect(box.height).to.be.above(height);
    const error = part(el, 'error')!.getBoundingClientRect();
    expect(error.bottom).to.be.below(sliderOf(el).getBoundingClientRect().top);
  });

  it('tries again when the visitor asks for it', async () => {
    const el = await interpolator(
      `<latent-interpolator from="${urls[0]}" to="/late.png"></latent-interpolator>`,
    );
    await errorOf(el.ready);
    await el.updateComplete;
    const real = window.fetch;
    window.fetch = (_, options) => real(urls[1]!, options);
    part(el, 'error')!.querySelector('button')!.click();
    await el.ready;
    window.fetch = real;
    expect(el.state).to.equal('ready');
  });

  it('keeps to the newest of many changes', async () => {
    const el = await interpolator('<latent-interpolator></latent-interpolator>');
    const loads = record(el, 'latent-load', 'latent-error');
    el.to = urls[1];
    for (const from of [urls[0], '/nowhere.png', urls[1], urls[2]]) {
      el.from = from;
      await el.updateComplete;
    }
    await el.ready;
    expect(loads).to.deep.equal(['latent-load']);
    expect(difference(pixelsOf((await el.frameAt(0))!), pictures[2])).to.equal(0);
  });

  it('changes the model', async () => {
    const el = await interpolator(
      `<latent-interpolator from="${urls[0]}" to="${urls[1]}"></latent-interpolator>`,
    );
    await el.ready;
    el.model = pack('blocks-bgr');
    const {detail} = await oneEvent<CustomEvent<{space: string}>>(el, 'latent-load');
    expect(detail.space).to.equal('blocks-bgr-1');
    expect(difference(pixelsOf((await el.frameAt(0))!), pictures[0])).to.equal(0);
    await until(() => el.state === 'ready', 'it is ready');
  });
});

describe('latent-image', () => {
  it('shows its source as it is, and gives its latent', async () => {
    const el = await image(`<latent-image src="${urls[0]}"></latent-image>`);
    expect(el.latent).to.equal(undefined);
    await el.ready;
    expect(el.latent!.shape).to.deep.equal([3, 4, 6]);
    const shown = await createImageBitmap((await el.toBlob())!);
    expect(difference(pixelsOf(shown), pictures[0])).to.equal(0);
  });

  it('shows a latent, and the next without loading anew', async () => {
    const el = await image('<latent-image></latent-image>');
    expect(el.state).to.equal('idle');
    el.latent = grey(0);
    await el.ready;
    expect(await colour(el)).to.equal(128);
    const seen = record(el, 'latent-load', 'latent-progress');
    el.latent = grey(0.25);
    expect(await colour(el)).to.equal(159);
    expect(seen).to.deep.equal([]);
  });

  it('goes back to its source when the latent is taken away', async () => {
    const el = await image(`<latent-image src="${urls[0]}"></latent-image>`);
    await el.ready;
    const encoded = el.latent;
    el.latent = grey(0);
    await el.ready;
    expect(el.latent).to.not.equal(encoded);
    // At rest, so that nothing else makes it look.
    await frames(3);
    el.latent = undefined;
    await el.ready;
    expect(el.latent).to.deep.equal(encoded);
  });

  it('shows a sample', async () => {
    const el = await image('<latent-image seed="7"></latent-image>');
    await el.ready;
    expect(el.latent!.shape).to.deep.equal([3, 2, 2]);
  });

  it('refuses a latent of another space, and takes the next good one', async () => {
    const el = await image('<latent-image></latent-image>');
    el.latent = grey(0);
    await el.ready;
    el.latent = {...grey(0), space: 'other'};
    await until(() => el.state === 'error', 'the error is shown');
    expect(el.error!.code).to.equal('space-mismatch');
    expect(el.error!.message).to.contain('other').and.to.contain('blocks-1');
    el.latent = grey(0);
    await until(() => el.state === 'ready', 'it is ready');
    await el.ready;
  });

  it('writes stills only', async () => {
    const el = await image('<latent-image seed="1"></latent-image>');
    expect((await el.toBlob({type: 'image/webp'}))!.type).to.equal('image/webp');
    expect((await errorOf(el.toBlob({type: 'image/gif'}))).code).to.equal('bad-argument');
  });
});

/** A 2×2 latent of one value; 0 is middle grey in the pack's scale. */
function grey(value: number): Latent {
  return {space: 'blocks-1', shape: [3, 2, 2], data: new Float32Array(12).fill(value)};
}

async function colour(el: {toBlob(): Promise<Blob | undefined>}): Promise<number> {
  return pixelsOf(await createImageBitmap((await el.toBlob())!)).data[0]!;
}
