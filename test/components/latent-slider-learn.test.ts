import {expect} from '@open-wc/testing';
import type {LearnOptions} from '../../src/controllers/direction-controller.js';
import type {ProgressDetail} from '../../src/controllers/element-status.js';
import {errorOf, pack, picture, pixelsOf} from '../engine/support.js';
import {frames, lighter, part, scene, slider, sliderOf, until, urlOf} from './support.js';

const grey = picture(48, 32, () => [110, 120, 130]);
/** Pictures that differ in how red they are, and a little in everything. */
const example = (red: number, i: number) =>
  picture(16, 16, (x, y) => [
    red + 3 * i,
    90 + ((i * 29) % 40),
    90 + ((i * 53 + (x >> 3) + y) % 40),
  ]);
const reds = [0, 1, 2, 3].map((i) => example(190, i));
const others = [0, 1, 2, 3].map((i) => example(60, i));

const images = async (slot: string, pictures: readonly ImageData[]) => {
  const urls = await Promise.all(pictures.map((each) => urlOf(each)));
  return urls.map((url, i) => `<img slot="${slot}" src="${url}" alt="${slot} ${i}">`).join('');
};

describe('a direction learned in the page', () => {
  let src: string;
  let examples: string;

  before(async () => {
    src = await urlOf(grey);
    examples = (await images('positive', reds)) + (await images('negative', others));
  });

  const shown = async (el: {toBlob(): Promise<Blob | undefined>}) =>
    pixelsOf(await createImageBitmap((await el.toBlob())!)).data;

  it('comes from the pictures in the slots', async () => {
    const el = await slider(`<latent-slider src="${src}">${examples}</latent-slider>`);
    await el.ready;
    expect(el.directionData!.quality!.verdict).to.equal('clear');
    expect(el.directionData!.shape, 'for pictures of any size').to.deep.equal([3, 1, 1]);
    el.value = 1;
    const redder = await shown(el);
    expect(redder[0]! - 110).to.be.above(30);
    expect(Math.abs(redder[1]! - 120)).to.be.below(15);
    el.value = 0;
    expect([...(await shown(el)).slice(0, 3)]).to.deep.equal([110, 120, 130]);
  });

  it('shows its examples small, and its picture while it learns', async () => {
    const el = await slider(`<latent-slider src="${src}">${examples}</latent-slider>`);
    expect([...el.querySelectorAll('img')].every((each) => each.checkVisibility())).to.equal(true);
    expect(el.querySelector('img')!.getBoundingClientRect().width).to.be.below(60);
    await until(() => el.shadowRoot!.querySelector('.painted') !== null, 'the picture is there');
    await el.ready;
  });

  it('reports how far it is', async () => {
    const el = await slider(`<latent-slider src="${src}">${examples}</latent-slider>`);
    const seen: ProgressDetail[] = [];
    el.addEventListener('latent-progress', ({detail}) => seen.push(detail));
    await el.ready;
    const ratios = seen.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
    expect(seen.filter(({stage, total}) => stage === 'encode' && total === 8)).to.have.length(8);
  });

  it('follows the examples, and encodes them once', async () => {
    const el = await slider(`<latent-slider src="${src}">${examples}</latent-slider>`);
    await el.ready;
    const first = el.directionData;
    el.src = await urlOf(scene(3));
    await el.ready;
    expect(el.directionData, 'another picture needs no other direction').to.equal(first);
    el.querySelector('[slot=positive]')!.remove();
    await el.ready;
    expect(el.directionData).to.not.equal(first);
  });

  it('gives way to a direction that is named', async () => {
    const el = await slider(`<latent-slider src="${src}">${examples}</latent-slider>`);
    await el.ready;
    el.direction = lighter(10);
    await el.ready;
    el.value = 1;
    expect((await shown(el))[1]).to.be.closeTo(130, 1);
    expect(el.querySelector('img')!.checkVisibility()).to.equal(false);
  });

  const bad: [string, () => Promise<string>, RegExp][] = [
    ['one kind alone', () => images('positive', reds), /slot="negative"/],
    [
      'one picture of each',
      async () =>
        (await images('positive', reds.slice(0, 1))) +
        (await images('negative', others.slice(0, 1))),
      /two|more/,
    ],
    [
      'identical pictures',
      async () => {
        const same = [reds[0]!, reds[0]!, reds[0]!];
        return (await images('positive', same)) + (await images('negative', same));
      },
      /./,
    ],
    [
      'a picture that is not there',
      async () =>
        (await images('positive', reds)) + '<img slot="negative" src="/nowhere.png" alt="">',
      /nowhere\.png/,
    ],
  ];
  for (const [what, markup, message] of bad) {
    it(`shows what is wrong with ${what}, and the picture all the same`, async () => {
      const el = await slider(`<latent-slider src="${src}">${await markup()}</latent-slider>`);
      const error = await errorOf(el.ready);
      expect(error.message).to.match(message);
      expect(error.code).to.match(/bad-argument|not-found/);
      await el.updateComplete;
      expect(part(el, 'error')!.textContent).to.contain(error.message);
      expect(el.shadowRoot!.querySelector('.painted')).to.not.equal(null);
    });
  }

  it('says that contradictory examples are worth nothing, and works all the same', async () => {
    const mixed = [reds[0]!, others[1]!, reds[1]!, others[3]!];
    const rest = [others[0]!, reds[2]!, others[2]!, reds[3]!];
    const el = await slider(
      `<latent-slider src="${src}">${await images('positive', mixed)}${await images('negative', rest)}
      </latent-slider>`,
    );
    await el.ready;
    await el.updateComplete;
    expect(el.directionData!.quality!.verdict).to.equal('none');
    expect(part(el, 'hint')!.textContent).to.contain('chance');
    expect(sliderOf(el).getAttribute('aria-describedby')).to.equal('hint');
    expect(sliderOf(el).disabled).to.equal(false);
  });

  describe('by learn()', () => {
    it('takes any pictures and latents, and is what the slider moves along', async () => {
      const el = await slider(`<latent-slider src="${src}"></latent-slider>`);
      await el.ready;
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 16;
      canvas.getContext('2d')!.putImageData(reds[1]!, 0, 0);
      const grey = {space: 'blocks-1', shape: [3, 2, 2], data: new Float32Array(12)};
      const states: string[] = [];
      el.addEventListener('latent-progress', () => states.push(el.state));
      const direction = await el.learn({
        positive: [reds[0]!, canvas, await urlOf(reds[2]!)],
        negative: [...others, grey],
      });
      expect(states[0], 'busy while it learns').to.equal('busy');
      expect(direction!.quality!.separation).to.be.within(0, 1);
      expect(el.directionData).to.equal(direction);
      expect(el.state).to.equal('ready');
      el.value = 1;
      expect((await shown(el))[0]).to.be.above(125);
    });

    it('needs no picture to show', async () => {
      const el = await slider('<latent-slider label="Red"></latent-slider>');
      const direction = await el.learn({positive: reds, negative: others});
      expect(direction!.label).to.equal('Red');
      expect(el.state).to.equal('idle');
      const blob = await el.directionToBlob({type: 'application/json'});
      expect(JSON.parse(await blob!.text())).to.include({kind: 'direction', space: 'blocks-1'});
    });

    it('works for the picture of an image', async () => {
      const el = await slider(
        `<latent-image id="pic" src="${src}"></latent-image>
          <latent-slider for="pic"></latent-slider>`,
      );
      await el.learn({positive: reds, negative: others});
      el.value = 1;
      const {data} = pixelsOf(await createImageBitmap((await el.toBlob())!));
      expect(data[0]! - 110).to.be.above(30);
    });

    it('rejects what teaches nothing, and leaves the slider as it was', async () => {
      const el = await slider(`<latent-slider src="${src}"></latent-slider>`);
      el.direction = lighter(10);
      await el.ready;
      for (const [positive, negative] of [
        [[], []],
        [reds, []],
        [[reds[0]!], [others[0]!]],
        [
          [reds[0]!, reds[0]!],
          [reds[0]!, reds[0]!],
        ],
      ] as const) {
        expect((await errorOf(el.learn({positive, negative}))).code).to.equal('bad-argument');
      }
      expect(el.state).to.equal('ready');
      el.value = 1;
      expect((await shown(el))[0]).to.be.closeTo(120, 1);
    });

    it('names what is no list of examples', async () => {
      const el = await slider('<latent-slider></latent-slider>');
      const learn = (given?: unknown) => errorOf(el.learn(given as LearnOptions));
      for (const error of [await learn({positive: 5, negative: []}), await learn()]) {
        expect(error.code).to.equal('bad-argument');
        expect(error.message).to.contain('positive must be a list');
      }
    });

    it('is given up when it is told so, or when the slider goes', async () => {
      const el = await slider(`<latent-slider src="${src}"></latent-slider>`);
      await el.ready;
      const controller = new AbortController();
      const learned = el.learn({positive: reds, negative: others, signal: controller.signal});
      controller.abort();
      expect((await errorOf(learned)).name).to.equal('AbortError');
      expect(el.state).to.equal('ready');
      // Enough to last until the slider counts as gone.
      const many = Array.from({length: 300}, (_, i) => reds[i % 4]!);
      const again = el.learn({positive: many, negative: others});
      el.remove();
      expect((await errorOf(again)).name).to.equal('AbortError');
    });

    it('is of no use in another space', async () => {
      const el = await slider(`<latent-slider src="${src}"></latent-slider>`);
      await el.learn({positive: reds, negative: others});
      el.model = pack('blocks-bgr');
      const error = await errorOf(el.ready);
      expect(error.code).to.equal('space-mismatch');
      expect(error.message).to.contain('blocks-1').and.to.contain('blocks-bgr-1');
      await frames(1);
    });
  });
});
