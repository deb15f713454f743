import {expect} from '@open-wc/testing';
import {abilitiesOf, seedFrom} from '../../components/latent-generator/controls.js';
import {squareOf} from '../../components/latent-generator/generation-controller.js';
import {
  degreesOf,
  dragged,
  drifted,
  keyed,
  radiansOf,
  randomSeed,
} from '../../components/latent-generator/noise-walk-controller.js';
import {chosenPhrases, nextIndex} from '../../components/latent-generator/prompt-chips.js';
import type {Position} from '../../src/core/diffusion/noise-walk.js';
import type {PackManifest} from '../../src/core/pack/pack.js';

const size = {width: 200, height: 100};
const close = (actual: Position | undefined, expected: Position) => {
  expect(actual![0]).to.be.closeTo(expected[0], 1e-9);
  expect(actual![1]).to.be.closeTo(expected[1], 1e-9);
};

describe('a walk', () => {
  it('follows the hand: a quarter turn over the picture, right and up', () => {
    close(dragged([0, 0], {x: 200, y: 0}, size), [Math.PI / 2, 0]);
    close(dragged([0.1, 0.2], {x: 0, y: -50}, size), [0.1, 0.2 + Math.PI / 4]);
    const there = dragged([0, 0], {x: 31, y: 17}, size);
    close(dragged(there, {x: -31, y: -17}, size), [0, 0]);
  });

  it('follows the arrows, further with Shift, and no other key', () => {
    close(keyed([0, 0], 'ArrowRight', false), [radiansOf(5), 0]);
    close(keyed([0, 0], 'ArrowUp', true), [0, radiansOf(20)]);
    close(keyed(keyed([1, 1], 'ArrowLeft', false)!, 'ArrowRight', false), [1, 1]);
    for (const key of ['a', 'Enter', 'toString']) {
      expect(keyed([0, 0], key, false)).to.equal(undefined);
    }
  });

  it('goes round: a full turn is none', () => {
    close(dragged([3, 0], {x: 200, y: 0}, size), [3 + Math.PI / 2 - 2 * Math.PI, 0]);
    expect(degreesOf(Math.PI)).to.equal(180);
  });

  it('drifts at its speed, and does not come back to where it was', () => {
    const [across, up] = drifted([0, 0], 1000, 0.5);
    expect(Math.hypot(across, up)).to.be.closeTo(0.5, 1e-9);
    let position: Position = [0, 0];
    let nearest = Infinity;
    for (let i = 0; i < 20_000; i++) {
      position = drifted(position, 100, 0.5);
      if (i > 50) nearest = Math.min(nearest, Math.hypot(...position));
    }
    expect(nearest).to.be.above(0.01);
  });

  it('begins at seeds that are short and whole', () => {
    expect(randomSeed(() => 0)).to.equal(0);
    expect(randomSeed(() => 0.999_999_9)).to.equal(999_999);
    expect(Number.isSafeInteger(randomSeed())).to.equal(true);
  });
});

describe('what a model can do', () => {
  const part = {inputs: {}, outputs: {}};
  const manifest = (parts: object, attributes?: object) =>
    ({parts, attributes}) as unknown as PackManifest;

  it('is what the pack says', () => {
    const attributes = {hair: {label: 'Hair', prompts: ['long', 'short']}, hat: {prompts: ['hat']}};
    const told = {...part, inputs: {condition: 'c'}};
    const groups = [
      {label: 'Hair', prompts: ['long', 'short']},
      {label: 'hat', prompts: ['hat']},
    ];
    expect(abilitiesOf(manifest({denoiser: told, textEncoder: part}, attributes))).to.deep.equal({
      prompt: true,
      groups,
    });
    const states = {...part, inputs: {states: 's'}};
    expect(abilitiesOf(manifest({denoiser: states, textEncoder: part})).prompt).to.equal(true);
    const plain = manifest({denoiser: part, textEncoder: part}, attributes);
    expect(abilitiesOf(plain)).to.deep.equal({prompt: false, groups: []});
  });

  it('is as large as it is asked for, up to its limit', () => {
    const any = {image: {size: {multiple: 8, pixels: 4096, maxPixels: 10_000}}} as PackManifest;
    expect(squareOf(any, 80)).to.deep.equal({width: 80, height: 80});
    expect(squareOf(any, 1e6)).to.deep.equal({width: 100, height: 100});
    for (const side of [undefined, 0, -1, Number.NaN]) {
      expect(squareOf(any, side)).to.equal(undefined);
    }
    const fixed = {image: {size: {width: 64, height: 64}}} as PackManifest;
    expect(squareOf(fixed, 80)).to.equal(undefined);
  });

  it('is pressed where the prompt asks for it', () => {
    const group = {label: 'Hair', prompts: ['long hair', 'short hair']};
    expect(chosenPhrases('a man, Short hair', [group])).to.deep.equal(['short hair']);
    expect(chosenPhrases('a man, no short hair', [group])).to.deep.equal([undefined]);
  });
});

describe('the controls', () => {
  it('take the seed next to what is typed', () => {
    const cases: [string, number | undefined][] = [
      ['7', 7],
      [' 12 ', 12],
      ['-3', 0],
      ['1.6', 2],
      ['1e30', Number.MAX_SAFE_INTEGER],
      ['', undefined],
      ['seven', undefined],
    ];
    for (const [text, seed] of cases) expect(seedFrom(text), text).to.equal(seed);
  });

  it('go from chip to chip and around, the other way from right to left', () => {
    expect(nextIndex('ArrowRight', 4, 5, false)).to.equal(0);
    expect(nextIndex('ArrowLeft', 0, 5, false)).to.equal(4);
    expect(nextIndex('ArrowRight', 0, 5, true)).to.equal(4);
    expect(nextIndex('ArrowDown', 1, 5, true)).to.equal(2);
    expect(nextIndex('Home', 3, 5, false)).to.equal(0);
    expect(nextIndex('End', 3, 5, false)).to.equal(4);
    expect(nextIndex('x', 3, 5, false)).to.equal(undefined);
  });
});
