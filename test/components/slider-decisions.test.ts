import {expect} from '@open-wc/testing';
import {editedFrame} from '../../components/internal/edits.js';
import {
  keyValue,
  parseNumber,
  type Range,
  type RangeAttributes,
  rangeOf,
  sanitise,
  stepValue,
} from '../../components/latent-slider/range.js';
import {stripCount, stripValues} from '../../components/latent-slider/strip.js';
import {hintOf, titleOf, valueFormat} from '../../components/latent-slider/control.js';
import type {PackManifest} from '../../src/core/pack/pack.js';
import {sliderWords, Wording} from '../../src/core/strings/strings.js';

const native = (attributes: Record<string, number | string>, value: number | string): number => {
  const input = document.createElement('input');
  input.type = 'range';
  for (const [name, given] of Object.entries(attributes)) input.setAttribute(name, String(given));
  input.value = String(value);
  return input.valueAsNumber;
};

const {NaN: nothing} = Number;

describe('a range', () => {
  const ours = (given: RangeAttributes, wish: number) => sanitise(wish, rangeOf(given));

  it('is −3 to 3 in any step, 0 at first', () => {
    expect(rangeOf({})).to.deep.equal({min: -3, max: 3, step: undefined, base: 0, initial: 0});
    expect([-9, -3, 0.123, nothing, Infinity].map((wish) => ours({}, wish))).to.deep.equal([
      -3, -3, 0.123, 0, 3,
    ]);
  });

  it('takes what is nearest to 0 for what is no number', () => {
    expect(ours({min: 1, max: 5}, nothing)).to.equal(1);
    expect(ours({min: -5, max: -1}, nothing)).to.equal(-1);
    expect(ours({min: 1, max: 5, initial: 4}, nothing)).to.equal(4);
  });

  // Everything but the defaults is what the browser's own range makes of it.
  const ranges: Record<string, {min: number; max: number; step?: number}> = {
    'whole steps': {min: 0, max: 10, step: 1},
    'a step that does not divide': {min: 0, max: 10, step: 3},
    'steps from an odd minimum': {min: 1, max: 10, step: 2},
    'tenths from a hundredth': {min: 0.05, max: 1, step: 0.1},
    'tenths below zero': {min: -0.3, max: 0.3, step: 0.1},
    'a step larger than the range': {min: 2, max: 5, step: 10},
    'min above max': {min: 5, max: 1, step: 1},
    'a range of one value': {min: 2, max: 2, step: 1},
  };
  for (const [what, range] of Object.entries(ranges)) {
    it(`is what a native one is: ${what}`, () => {
      for (const wish of [
        -7, -0.26, -0.15, 0, 0.05, 0.15, 0.3, 1, 1.5, 2.5, 4.49, 4.5, 7.5, 10, 99,
      ]) {
        expect(ours(range, wish), String(wish)).to.equal(native(range, wish));
      }
    });
  }

  it('counts steps from value where there is no minimum, so that 0 can be had', () => {
    expect([-2.9, -1, 0.9, 1.1, 3].map((wish) => ours({step: 2}, wish))).to.deep.equal([
      -2, 0, 0, 2, 2,
    ]);
  });

  it('ignores a step that is none', () => {
    for (const step of [0, -1, nothing, Infinity]) expect(ours({step}, 0.3)).to.equal(0.3);
  });

  it('reads numbers as HTML does', () => {
    expect(['1.5', ' 2 ', '1e1', '-0.5'].map(parseNumber)).to.deep.equal([1.5, 2, 10, -0.5]);
    for (const none of [null, '', '  ', 'much', 'NaN', 'Infinity', '1,5']) {
      expect(parseNumber(none), String(none)).to.equal(undefined);
    }
  });

  it('has keys that follow the writing direction', () => {
    const range = rangeOf({});
    const wish = (key: string, rtl = false) => keyValue(key, 1, range, rtl);
    expect(wish('ArrowRight')).to.equal(1.06);
    expect(wish('ArrowRight', true)).to.equal(0.94);
    expect(wish('ArrowLeft', true)).to.equal(1.06);
    expect(wish('ArrowUp', true)).to.equal(1.06);
    expect(wish('PageDown')).to.equal(0.4);
    expect([wish('Home'), wish('End', true)]).to.deep.equal([-3, 3]);
    expect([wish('a'), wish('toString'), wish('Tab')]).to.deep.equal(Array(3).fill(undefined));
  });

  it('comes back to 0 exactly, however far it was moved', () => {
    const range = rangeOf({min: -1, max: 2});
    let value = 0;
    for (let i = 0; i < 7; i++) value = keyValue('ArrowRight', value, range, false)!;
    for (let i = 0; i < 7; i++) value = keyValue('ArrowLeft', value, range, false)!;
    expect(value).to.equal(0);
    expect(stepValue(stepValue(0, 3, range), -3, range)).to.equal(0);
  });

  it('moves by its own step, and by tenths of the range in whole steps', () => {
    const range = rangeOf({min: 0, max: 100, step: 4});
    expect(keyValue('ArrowUp', 8, range, false)).to.equal(12);
    expect(keyValue('PageUp', 8, range, false)).to.equal(20);
    const coarse = rangeOf({min: 0, max: 6, step: 2});
    expect(keyValue('PageUp', 2, coarse, false)).to.equal(4);
    expect(keyValue('ArrowUp', 5, rangeOf({min: 5, max: 5}), false)).to.equal(5);
  });
});

describe('what is written on a slider', () => {
  const valueText = (value: number, range: Range, lang: string) =>
    new Wording(lang, [], sliderWords).number(value, valueFormat(range));

  it('is the value with its sign, in the language of the page', () => {
    const range = rangeOf({});
    expect(valueText(1.5, range, 'en')).to.equal('+1.5');
    expect(valueText(0, range, 'en')).to.equal('0');
    expect(valueText(-0.001, range, 'en')).to.equal('0');
    expect(valueText(1.5, range, 'de')).to.equal('+1,5');
    expect(valueText(1.5, range, '§')).to.be.a('string');
    expect(valueText(0.0123, rangeOf({min: 0, max: 0.05}), 'en')).to.equal('+0.0123');
    expect(valueText(250.4, rangeOf({min: 0, max: 1000}), 'en')).to.equal('+250');
  });

  it('is a name in words, unless the pack or the direction says better', () => {
    expect(titleOf('hair-length')).to.equal('Hair length');
    expect(titleOf('hair', {hair: {label: 'Length of the hair', range: [-1, 1]}})).to.equal(
      'Length of the hair',
    );
    expect(titleOf('toString', {})).to.equal('ToString');
    expect(titleOf('smile.json'), 'an address is no title').to.equal('');
    const direction = {space: 's', shape: [1], data: Float32Array.of(1)};
    expect(titleOf({...direction, label: 'Smile'})).to.equal('Smile');
    expect(titleOf(direction)).to.equal('');
  });

  it('says when a direction is worth little, or missing', () => {
    const learned = (verdict: 'clear' | 'weak' | 'none') => ({
      ...{space: 's', shape: [1], data: Float32Array.of(1)},
      quality: {separation: 1, effect: 1, chance: 0, verdict},
    });
    const hint = (...given: Parameters<typeof hintOf>) => {
      const term = hintOf(...given);
      return term && sliderWords[term];
    };
    expect(hint('smile')).to.equal(undefined);
    expect(hint(learned('clear'))).to.equal(undefined);
    expect(hint(learned('weak'))).to.contain('More');
    expect(hint(learned('none'))).to.contain('chance');
    expect(hint(learned('none'), 16)).to.contain('chance');
    expect(hint(learned('none'), 4), 'not their fault').to.contain('few');
    expect(hint(learned('clear'), 4)).to.equal(undefined);
    expect(hint(undefined)).to.contain('no direction');
  });
});

describe('a strip', () => {
  it('goes from end to end, on steps', () => {
    expect(stripValues(7, rangeOf({}))).to.deep.equal([-3, -2, -1, 0, 1, 2, 3]);
    expect(stripValues(1, rangeOf({}))).to.deep.equal([0]);
    expect(stripValues(3, rangeOf({min: 0, max: 5, step: 2}))).to.deep.equal([0, 2, 4]);
  });

  it('has as many frames as are asked for, within reason', () => {
    expect([undefined, 0, 3.4, -2, 1000, nothing].map(stripCount)).to.deep.equal([
      7, 0, 3, 0, 31, 7,
    ]);
  });
});

describe('the frame of an edited picture', () => {
  const latent = {space: 's', shape: [2], data: Float32Array.of(1, 2)};
  const direction = {space: 's', shape: [2], data: Float32Array.of(1, 0)};
  const image = {latent, isImage: true};

  it('is the picture itself where nothing is left to do', () => {
    expect(editedFrame(image, [], false)).to.deep.equal({latent, source: 0});
    const undone = [
      {direction: 'smile', amount: 1},
      {direction, amount: 0},
      {direction: 'smile', amount: -1},
    ];
    expect(editedFrame(image, undone, false)).to.deep.equal({latent, source: 0});
  });

  it('is a decode plus all the detail elsewhere', () => {
    const frame = editedFrame(
      image,
      [
        {direction: 'smile', amount: 1},
        {direction, amount: 2},
        {direction: 'smile', amount: 0.5},
      ],
      false,
    );
    expect([...frame.latent.data]).to.deep.equal([3, 2]);
    expect(frame.edits).to.deep.equal({smile: 1.5});
    expect(frame.detail).to.deep.equal({0: 1});
    expect(frame.source).to.equal(undefined);
  });

  it('leaves out the detail that its directions remove, more the further they go', () => {
    const directions = {
      smile: {range: [-3, 3], editor: 0},
      painting: {range: [0, 3], editor: 1, detail: 0.5},
      haze: {range: [0, 3], editor: 2, detail: 0.8},
    } satisfies PackManifest['directions'];
    const left = (edits: Record<string, number>): number | undefined =>
      editedFrame(
        image,
        Object.entries(edits).map(([name, amount]) => ({direction: name, amount})),
        false,
        {directions},
      ).detail?.[0];
    expect(left({painting: 2})).to.be.closeTo(0.25, 1e-12);
    expect(left({painting: 1, haze: 1, smile: 3})).to.be.closeTo(0.4, 1e-12);
    expect(left({painting: 1e-6})).to.be.closeTo(1, 1e-6);
    // Nothing is removed on the way back, nor by a direction that says nothing.
    expect(left({painting: -2})).to.equal(1);
    expect(left({smile: 3})).to.equal(1);
  });

  it('is a decode alone with reconstruct, and of a latent', () => {
    const edits = [{direction: 'smile', amount: 1}];
    expect(editedFrame(image, [], true)).to.deep.equal({latent});
    expect(editedFrame(image, edits, true)).to.deep.equal({latent, edits: {smile: 1}});
    const bare = {latent, isImage: false};
    expect(editedFrame(bare, [], false)).to.deep.equal({latent});
    expect(editedFrame(bare, edits, false)).to.deep.equal({latent, edits: {smile: 1}});
  });
});
