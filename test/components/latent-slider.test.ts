import {expect} from '@open-wc/testing';
import {sendKeys, sendMouse, setViewport} from '@web/test-runner-commands';
import type {LatentSlider} from '../../components/latent-slider/latent-slider.js';
import {toDirectionFile} from '../../src/core/direction/direction-file.js';
import {difference, errorOf, pack, picture, pixelsOf} from '../engine/support.js';
import {
  canvasOf,
  frames,
  lighter,
  part,
  record,
  scene,
  slider,
  sliderOf,
  until,
  urlOf,
} from './support.js';

const ada = scene(1);
// Far from black and white, so that nothing is clipped.
const grey = picture(48, 32, (x, y) => [100 + x, 100 + y, 120 + ((x * y) % 9)]);
let src: string;

const shown = async (el: LatentSlider) =>
  pixelsOf(await createImageBitmap((await el.toBlob({type: 'image/png'}))!));

/** A slider on a picture, along a direction that makes it lighter by 10 a unit. */
const light = async (attributes = '', url = src): Promise<LatentSlider> => {
  const el = await slider(`<latent-slider src="${url}" ${attributes}></latent-slider>`);
  el.direction = lighter(10, 'Light');
  await el.ready;
  return el;
};

describe('latent-slider', () => {
  before(async () => {
    src = await urlOf(grey);
  });

  it('shows the source itself at 0, and the source plus the difference elsewhere', async () => {
    const el = await light('', await urlOf(ada));
    expect(difference(await shown(el), ada)).to.equal(0);
    el.src = src;
    for (const value of [-2, 0, 1.5, 3]) {
      el.value = value;
      const moved = picture(48, 32, (x, y) => {
        const d = 10 * value;
        return [100 + x + d, 100 + y + d, 120 + ((x * y) % 9) + d];
      });
      expect(difference(await shown(el), moved), String(value)).to.be.at.most(1);
    }
  });

  it('paints what it is moved to, and the source again at 0', async () => {
    const el = await light();
    const copy = new OffscreenCanvas(48, 32).getContext('2d')!;
    const canvas = () => {
      copy.drawImage(canvasOf(el), 0, 0);
      return copy.getImageData(0, 0, 48, 32).data;
    };
    el.value = 3;
    await until(() => Math.abs(canvas()[0]! - 130) <= 1, 'it is lighter');
    el.value = 0;
    await until(() => canvas()[0] === 100, 'it is itself');
  });

  it('shows pure decodes with reconstruct', async () => {
    const el = await light('reconstruct', await urlOf(ada));
    expect(difference(await shown(el), ada)).to.be.above(10);
  });

  it('gives latents along the direction', async () => {
    const el = await light();
    const [at0, at2, beyond] = await Promise.all([el.latentAt(0), el.latentAt(2), el.latentAt(5)]);
    at0!.data.forEach((start, i) => {
      expect(at2!.data[i]).to.be.closeTo(start + (2 * 20) / 255, 1e-5);
      expect(beyond!.data[i]).to.be.closeTo(start + (5 * 20) / 255, 1e-5);
    });
    expect((await errorOf(el.latentAt(Number.NaN))).code).to.equal('bad-argument');
  });

  it('writes what it shows', async () => {
    const el = await light('value="1"');
    expect((await el.toBlob({type: 'image/webp'}))!.type).to.equal('image/webp');
    expect((await errorOf(el.toBlob({type: 'image/gif'}))).code).to.equal('bad-argument');
    const aborted = await errorOf(el.toBlob({signal: AbortSignal.abort()}));
    expect(aborted.name).to.equal('AbortError');
  });

  it('does nothing outside of the document', async () => {
    const el = document.createElement('latent-slider');
    el.src = src;
    expect(await el.toBlob()).to.equal(undefined);
    expect(await el.latentAt(1)).to.equal(undefined);
    expect(await el.learn({positive: [src], negative: [src]})).to.equal(undefined);
    expect(await el.directionToBlob()).to.equal(undefined);
    el.value = 2;
    expect(el.value).to.equal(2);
  });

  describe('in the hand', () => {
    it('moves by the keyboard, and tells of it as a native range does', async () => {
      const el = await light();
      const seen = record(document, 'input', 'change');
      sliderOf(el).focus();
      await sendKeys({press: 'ArrowRight'});
      expect(el.value).to.equal(0.06);
      expect(seen).to.deep.equal(['input', 'change']);
      await sendKeys({press: 'PageDown'});
      expect(el.value).to.equal(-0.54);
      await sendKeys({press: 'End'});
      expect(el.value).to.equal(3);
      await sendKeys({press: 'ArrowUp'});
      expect(seen, 'nothing moved').to.have.length(6);
      await sendKeys({press: 'Home'});
      await el.updateComplete;
      expect(sliderOf(el).valueAsNumber).to.equal(-3);
      expect(sliderOf(el).getAttribute('aria-valuetext')).to.equal('-3');
      expect(part(el, 'value')!.textContent).to.equal('-3');
    });

    it('turns round with the writing direction', async () => {
      const el = await light('dir="rtl"');
      sliderOf(el).focus();
      await sendKeys({press: 'ArrowLeft'});
      expect(el.value).to.equal(0.06);
      await sendKeys({press: 'ArrowRight'});
      expect(el.value).to.equal(0);
    });

    it('moves by the mouse: input while it moves, change at the end', async () => {
      const el = await light('style="inline-size: 300px"');
      const box = sliderOf(el).getBoundingClientRect();
      const at = (share: number): [number, number] => [
        Math.round(box.left + share * box.width),
        Math.round(box.top + box.height / 2),
      ];
      const seen = record(el, 'input', 'change');
      await sendMouse({type: 'move', position: at(0.5)});
      await sendMouse({type: 'down'});
      await sendMouse({type: 'move', position: at(0.7)});
      await sendMouse({type: 'move', position: at(0.9)});
      await sendMouse({type: 'up'});
      expect(el.value).to.be.closeTo(2.4, 0.3);
      expect(seen.filter((type) => type === 'change')).to.have.length(1);
      expect(seen.at(-1)).to.equal('change');
      expect(seen.filter((type) => type === 'input').length).to.be.at.least(2);
    });

    it('goes in steps, and tells only of what changed', async () => {
      const el = await light('step="2" min="-4" max="4" style="inline-size: 300px"');
      const seen = record(el, 'input', 'change');
      sliderOf(el).focus();
      await sendKeys({press: 'ArrowRight'});
      expect(el.value).to.equal(2);
      const box = sliderOf(el).getBoundingClientRect();
      const y = Math.round(box.top + box.height / 2);
      const at2 = Math.round(box.left + 8 + 0.75 * (box.width - 16));
      await sendMouse({type: 'move', position: [at2, y]});
      await sendMouse({type: 'down'});
      await sendMouse({type: 'move', position: [at2 + 10, y]});
      await sendMouse({type: 'up'});
      expect(el.value).to.equal(2);
      expect(sliderOf(el).valueAsNumber).to.equal(2);
      expect(seen).to.deep.equal(['input', 'change']);
    });

    it('is quiet when it is set', async () => {
      const el = await light();
      const seen = record(el, 'input', 'change');
      el.value = 2;
      el.setAttribute('min', '-1');
      el.stepUp();
      await el.updateComplete;
      await frames(2);
      expect(seen).to.deep.equal([]);
      expect(el.value).to.be.closeTo(2.04, 1e-9);
    });

    it('takes no input when disabled, but values', async () => {
      const el = await light('disabled');
      expect(sliderOf(el).disabled).to.equal(true);
      el.value = 1;
      expect(difference(await shown(el), grey)).to.be.closeTo(10, 1);
    });

    it('can be used while it loads', async () => {
      const el = await slider(
        `<latent-slider src="${src}" model="${pack('slow')}"></latent-slider>`,
      );
      el.direction = lighter(10);
      await until(() => el.state === 'loading', 'it loads');
      sliderOf(el).focus();
      await sendKeys({press: 'End'});
      expect(el.value).to.equal(3);
      await el.ready;
      expect(el.value).to.equal(3);
      expect(difference(await shown(el), grey)).to.be.closeTo(30, 1);
    });
  });

  describe('its strip', () => {
    const stills = (el: LatentSlider) => [...part(el, 'strip')!.querySelectorAll('canvas')];
    const complete = (el: LatentSlider, count: number) =>
      until(() => !!part(el, 'strip') && stills(el).length === count, 'the strip is drawn');

    it('shows where it leads, lightest at the end', async () => {
      const el = await light();
      await complete(el, 7);
      const levels = stills(el).map(
        (canvas) => canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data[0]!,
      );
      expect(levels).to.deep.equal([...levels].sort((a, b) => a - b));
      expect(levels[6]! - levels[0]!).to.be.closeTo(60, 2);
      expect(levels[3], 'the middle is the source').to.equal(100);
    });

    it('moves the slider when it is clicked, as the hand does', async () => {
      const el = await light();
      await complete(el, 7);
      const seen = record(el, 'input', 'change');
      stills(el)[5]!.click();
      expect(el.value).to.equal(2);
      expect(seen).to.deep.equal(['input', 'change']);
      el.disabled = true;
      await el.updateComplete;
      stills(el)[0]!.click();
      expect(el.value).to.equal(2);
    });

    it('has as many frames as are asked for, or none', async () => {
      const el = await light('strip="3"');
      await complete(el, 3);
      el.strip = 0;
      await el.updateComplete;
      expect(part(el, 'strip')).to.equal(null);
    });

    it('follows the direction and the range', async () => {
      const el = await light('strip="3"');
      await complete(el, 3);
      const first = () => stills(el)[0]!.getContext('2d')!.getImageData(0, 0, 1, 1).data[0]!;
      expect(first()).to.be.closeTo(70, 1);
      el.min = -1;
      await until(() => Math.abs(first() - 90) <= 1, 'the range is followed');
      el.direction = lighter(-10);
      await until(() => Math.abs(first() - 110) <= 1, 'the direction is followed');
    });

    it('stands so that every frame is above its value', async () => {
      await setViewport({width: 800, height: 600});
      const el = await light('style="inline-size: 350px"');
      await complete(el, 7);
      const still = stills(el)[0]!.getBoundingClientRect();
      const track = sliderOf(el).getBoundingClientRect();
      expect(track.left + 8).to.be.closeTo(still.left + still.width / 2, 2);
    });
  });

  describe('its direction', () => {
    const file = (type: 'json' | 'safetensors', direction = lighter(10, 'Light')) =>
      URL.createObjectURL(new Blob([toDirectionFile(direction, type)]));

    for (const type of ['json', 'safetensors'] as const) {
      it(`comes from a ${type} file`, async () => {
        const el = await slider(
          `<latent-slider src="${src}" direction="${file(type)}" value="1"></latent-slider>`,
        );
        await el.ready;
        await el.updateComplete;
        expect(difference(await shown(el), grey)).to.be.closeTo(10, 1);
        expect(el.directionData!.label).to.equal('Light');
        expect(part(el, 'label')!.textContent).to.equal('Light');
      });
    }

    it('is given back as a file that it takes', async () => {
      const el = await light('value="2"');
      for (const type of ['application/json', 'application/octet-stream']) {
        const blob = (await el.directionToBlob({type}))!;
        expect(blob.type).to.equal(type);
        const other = await slider(
          `<latent-slider src="${src}" direction="${URL.createObjectURL(blob)}" value="2"></latent-slider>`,
        );
        expect(difference(await shown(other), await shown(el))).to.equal(0);
      }
      expect((await errorOf(el.directionToBlob({type: 'text/html'}))).code).to.equal(
        'bad-argument',
      );
    });

    const bad = [
      ['an unknown name', 'simle', 'bad-argument', /simle/],
      ['a file that is not there', '/nowhere.json', 'not-found', /nowhere\.json/],
      ['a file that is none', '/fixtures/packs/html/pack.json', 'bad-argument', /html\/pack\.json/],
    ] as const;
    for (const [what, direction, code, message] of bad) {
      it(`shows ${what} as ${code}, and the next good one works`, async () => {
        const el = await slider(
          `<latent-slider src="${src}" direction="${direction}"></latent-slider>`,
        );
        const error = await errorOf(el.ready);
        expect(error.code).to.equal(code);
        expect(error.message).to.match(message);
        await el.updateComplete;
        expect(part(el, 'error')!.textContent).to.contain(error.message);
        el.value = 1;
        await frames(3);
        expect(el.state, 'moving it mends nothing').to.equal('error');
        el.direction = lighter(10);
        await el.ready;
        await el.updateComplete;
        expect(part(el, 'error')).to.equal(null);
        expect(difference(await shown(el), grey)).to.be.closeTo(10, 1);
      });
    }

    it('of another space is a mismatch that names both', async () => {
      const other = {...lighter(10), space: 'elsewhere-1'};
      const el = await slider(
        `<latent-slider src="${src}" direction="${file('json', other)}"></latent-slider>`,
      );
      const error = await errorOf(el.ready);
      expect(error.code).to.equal('space-mismatch');
      expect(error.message).to.contain('elsewhere-1').and.to.contain('blocks-1');
    });

    it('may be missing: then it says so, and does not move', async () => {
      const el = await slider(`<latent-slider src="${src}"></latent-slider>`);
      await el.ready;
      await el.updateComplete;
      expect(el.state).to.equal('ready');
      expect(part(el, 'hint')!.textContent).to.contain('no direction');
      expect(sliderOf(el).disabled).to.equal(true);
      expect(difference(await shown(el), grey)).to.equal(0);
      el.direction = lighter(10);
      await el.ready;
      await el.updateComplete;
      expect(part(el, 'hint')).to.equal(null);
      expect(sliderOf(el).disabled).to.equal(false);
    });

    describe('in the pack', () => {
      const named = (direction: string, value = 0) =>
        slider(
          `<latent-slider src="${src}" model="${pack('blocks-directions')}"
            direction="${direction}" value="${value}"></latent-slider>`,
        );
      const first = async (el: LatentSlider) => [...(await shown(el)).data.slice(0, 3)];

      it('is a vector or a network alike, under the name that the pack gives it', async () => {
        const light = await named('light', 1);
        await light.ready;
        await light.updateComplete;
        // 0.2 in the latent is 0.1 in the picture.
        expect(difference(await shown(light), grey)).to.be.closeTo(25.5, 1);
        expect(sliderOf(light).getAttribute('aria-label')).to.equal('Light');
        const level = await named('level', 2);
        expect(difference(await shown(level), grey)).to.be.closeTo(25.5, 1);
        level.value = 0;
        expect(difference(await shown(level), grey)).to.equal(0);
        expect(level.directionData).to.equal(undefined);
        expect((await errorOf(level.directionToBlob())).message).to.contain('pack');
      });

      it('gives latents as it gives pictures', async () => {
        const el = await named('blue');
        const [at0, at1] = await Promise.all([el.latentAt(0), el.latentAt(1)]);
        expect(at1!.data[0]).to.be.closeTo(at0!.data[0]! - 0.2, 1e-5);
        el.value = 1;
        const [r, , b] = await first(el);
        expect([r! - 100, b! - 120]).to.satisfy(
          ([red, blue]: [number, number]) =>
            Math.abs(red + 25.5) <= 1 && Math.abs(blue - 25.5) <= 1,
        );
      });

      it('is missed with the list of those that there are', async () => {
        const el = await named('brightness');
        const error = await errorOf(el.ready);
        expect(error.code).to.equal('bad-argument');
        for (const name of ['brightness', 'warmth', 'level', 'blue', 'light']) {
          expect(error.message).to.contain(`"${name}"`);
        }
        await el.updateComplete;
        el.direction = 'light';
        await el.ready;
        expect(el.state).to.equal('ready');
      });

      it('changes without encoding the picture again', async () => {
        const el = await named('light', 1);
        await el.ready;
        const stages: string[] = [];
        el.addEventListener('latent-progress', ({detail}) => stages.push(detail.stage));
        await fetch('/fixtures/log');
        el.direction = 'warmth';
        await el.ready;
        const [r, g] = await first(el);
        expect(r! - 100).to.be.closeTo(12.75, 1);
        expect(g).to.equal(100);
        const requests = (await (await fetch('/fixtures/log')).json()) as string[];
        expect(requests, 'nothing is fetched').to.deep.equal([]);
      });
    });
  });
});
