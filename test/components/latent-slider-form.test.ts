import {expect, fixture} from '@open-wc/testing';
import type {LatentSlider} from '../../components/latent-slider/latent-slider.js';
import {pack} from '../engine/support.js';
import {itIsAFormControl} from './form-suite.js';
import {lighter, part, scene, slider, sliderOf, until, urlOf} from './support.js';

itIsAFormControl({
  tag: 'latent-slider',
  attribute: 'value',
  type: 'range',
  empty: '0',
  values: ['1.5', '-2', '2.5'],
  key: 'ArrowRight',
});

const form = async (content: string) => {
  const element = await fixture<HTMLFormElement>(`<form>${content}</form>`);
  const el = element.querySelector('latent-slider')!;
  const native = element.querySelector('input');
  return {element, el, native: native!, data: () => [...new FormData(element)]};
};

describe('a slider in a form', () => {
  it('submits its value under its name, beside a native range, at once', async () => {
    const {el, native, data} = await form(`
      <latent-slider name="ours" value="1.5"></latent-slider>
      <input type="range" name="native" min="-3" max="3" step="any" value="1.5" />`);
    expect(data()).to.deep.equal([
      ['ours', '1.5'],
      ['native', '1.5'],
    ]);
    el.value = native.valueAsNumber = -2;
    expect(data().map(([, value]) => value)).to.deep.equal(['-2', '-2']);
    el.setAttribute('max', '-2.5');
    native.setAttribute('max', '-2.5');
    expect(data().map(([, value]) => value)).to.deep.equal(['-2.5', '-2.5']);
    el.removeAttribute('name');
    expect(data().map(([name]) => name)).to.deep.equal(['native']);
    el.name = 'again';
    expect(data()[0]).to.deep.equal(['again', '-2.5']);
  });

  it('submits 0 when nobody has moved it, and what was set before it knew its range', async () => {
    const {data} = await form('<latent-slider name="x"></latent-slider>');
    expect(data()).to.deep.equal([['x', '0']]);
    const el = document.createElement('latent-slider');
    el.value = 50;
    el.max = 100;
    expect(el.value).to.equal(50);
  });

  it('is the native one to scripts', async () => {
    const {element, el} = await form(
      '<label for="s">Smile</label><latent-slider id="s" name="x" value="1"></latent-slider>',
    );
    expect(el.form).to.equal(element);
    expect(element.elements.namedItem('x')).to.equal(el);
    expect(el.type).to.equal('range');
    expect([...el.labels].map(({textContent}) => textContent)).to.deep.equal(['Smile']);
    expect([el.valueAsNumber, el.defaultValue, el.name]).to.deep.equal([1, 1, 'x']);
    expect([el.min, el.max, el.step]).to.deep.equal([-3, 3, 'any']);
    el.step = 0.5;
    el.stepUp();
    expect(el.value).to.equal(1.5);
    el.stepDown(2);
    expect(el.value).to.equal(0.5);
  });

  it('makes sense of what makes none', async () => {
    const {el} = await form(
      '<latent-slider value="much" min="" max="x" step="-1"></latent-slider>',
    );
    expect([el.value, el.min, el.max, el.step]).to.deep.equal([0, -3, 3, 'any']);
    el.value = Number.NaN;
    expect(el.value).to.equal(0);
    el.min = 5;
    el.max = 1;
    expect([el.min, el.max, el.value]).to.deep.equal([5, 5, 5]);
    await el.updateComplete;
    expect(sliderOf(el).valueAsNumber).to.equal(5);
    expect(el.checkValidity()).to.equal(true);
  });

  it('is reset in the middle of loading', async () => {
    const src = await urlOf(scene(1));
    const {element, el} = await form(
      `<latent-slider src="${src}" model="${pack('slow')}?reset" value="1"></latent-slider>`,
    );
    el.direction = lighter(10);
    el.value = 3;
    await until(() => el.state === 'loading', 'it loads');
    element.reset();
    await el.ready;
    expect(el.value).to.equal(1);
    expect(el.state).to.equal('ready');
  });

  it('is restored by the browser', async () => {
    const {el, data} = await form('<latent-slider name="x"></latent-slider>');
    el.formStateRestoreCallback('2.5');
    expect(el.value).to.equal(2.5);
    el.formStateRestoreCallback('nonsense');
    el.formStateRestoreCallback(null);
    expect(data()).to.deep.equal([['x', '2.5']]);
  });
});

describe('the name of a slider', () => {
  const nameOf = (el: LatentSlider) => sliderOf(el).getAttribute('aria-label');

  it('is not written again where a label of the page says it', async () => {
    const {el} = await form('<label for="s">Smile</label><latent-slider id="s"></latent-slider>');
    await el.updateComplete;
    expect(nameOf(el)).to.equal('Smile');
    expect(part(el, 'label')!.textContent).to.equal('');
  });

  it('is its own label first, which is also seen, else what its direction is called', async () => {
    const el = await slider('<latent-slider direction="hair-length"></latent-slider>');
    await el.updateComplete;
    expect([nameOf(el), part(el, 'label')!.textContent]).to.deep.equal([
      'Hair length',
      'Hair length',
    ]);
    el.label = 'Longer hair';
    await el.updateComplete;
    expect([nameOf(el), part(el, 'label')!.textContent]).to.deep.equal([
      'Longer hair',
      'Longer hair',
    ]);
  });
});
