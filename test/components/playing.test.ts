import {expect, oneEvent} from '@open-wc/testing';
import {emulateMedia, sendKeys} from '@web/test-runner-commands';
import {advance, resume, start, valueAt} from '../../src/controllers/play-controller.js';
import {
  frames,
  interpolator,
  playButtonOf,
  record,
  scene,
  sliderOf,
  still,
  until,
  urlOf,
} from './support.js';

let from: string;
let to: string;

const morph = (attributes: string) =>
  interpolator(
    `<latent-interpolator from="${from}" to="${to}" ${attributes}></latent-interpolator>`,
  );

describe('playing', () => {
  before(async () => {
    from = await urlOf(scene(1));
    to = await urlOf(scene(2));
  });

  afterEach(() => emulateMedia({reducedMotion: 'no-preference'}));

  it('goes from the value to 1 and stops, with frames but no input', async () => {
    const el = await morph('value="0" duration="250"');
    const seen = record(el, 'input', 'change', 'latent-frame');
    expect(el.paused).to.equal(true);
    await el.play();
    expect(el.paused).to.equal(false);
    await until(() => el.paused, 'it stopped');
    expect(el.value).to.equal(1);
    await frames(4);
    expect(seen.length).to.be.above(3);
    expect(new Set(seen)).to.deep.equal(new Set(['latent-frame']));
  });

  it('begins again at the end', async () => {
    const el = await morph('value="1" duration="5000"');
    await el.play();
    await until(() => el.value < 0.5, 'it began again');
    el.pause();
    const {value} = el;
    await frames(3);
    expect(el.value).to.equal(value);
  });

  it('goes back and forth with loop, without a jump', async () => {
    const el = await morph('value="0.9" duration="400" loop');
    await el.ready;
    const values: number[] = [];
    el.addEventListener('latent-frame', () => values.push(el.value));
    await el.play();
    await until(() => Math.min(...values) < 0.8, 'it goes back');
    expect(el.paused).to.equal(false);
    el.pause();
    // Up to the end and back from there.
    expect(Math.max(...values)).to.be.above(0.9);
  });

  it('plays by itself when it is ready, unless the visitor prefers reduced motion', async () => {
    const el = await morph('autoplay loop');
    await el.ready;
    await until(() => !el.paused && el.value !== 0.5, 'it plays');
    await emulateMedia({reducedMotion: 'reduce'});
    await until(() => el.paused, 'it stopped');
    const still = await morph('autoplay loop controls');
    await still.ready;
    await frames(3);
    expect(still.paused).to.equal(true);
    expect(still.value).to.equal(0.5);
    await still.play();
    await until(() => still.value !== 0.5, 'it plays when asked to');
  });

  it('does not play when disabled', async () => {
    const el = await morph('autoplay disabled');
    await el.ready;
    await frames(3);
    expect(el.paused).to.equal(true);
    el.disabled = false;
    await until(() => !el.paused, 'it plays');
    el.disabled = true;
    await until(() => el.paused, 'it stopped');
  });

  it('sleeps off screen', async () => {
    const el = await morph('loop duration="20000"');
    await el.play();
    await until(() => el.value !== 0.5, 'it plays');
    el.style.cssText = 'position: absolute; top: 5000px';
    const value = await still(() => el.value);
    expect(el.paused, 'it still means to').to.equal(false);
    el.style.cssText = '';
    await until(() => el.value !== value, 'it goes on');
  });

  it('has a button, and stops under the visitor’s hand', async () => {
    const el = await morph('controls loop');
    await el.ready;
    const button = playButtonOf(el);
    expect(button.getAttribute('aria-label')).to.equal('Play');
    button.focus();
    await sendKeys({press: 'Space'});
    await el.updateComplete;
    expect(el.paused).to.equal(false);
    expect(button.getAttribute('aria-label')).to.equal('Pause');
    sliderOf(el).focus();
    await sendKeys({press: 'ArrowLeft'});
    expect(el.paused).to.equal(true);
    await el.updateComplete;
    expect(button.getAttribute('aria-label')).to.equal('Play');
  });

  it('loads what nobody has seen', async () => {
    const el = await morph('style="position: absolute; top: 9000px"');
    await frames(3);
    expect(el.state).to.equal('idle');
    void el.play();
    await oneEvent(el, 'latent-load');
  });
});

describe('the play clock', () => {
  const options = {duration: 1000, loop: false};

  it('reaches exactly 1', () => {
    expect(advance(0.95, 100, options)).to.deep.equal({phase: 1, ended: true});
    expect(advance(0.5, 100, options).phase).to.be.closeTo(0.6, 1e-12);
  });

  it('takes a long sleep for a short one', () => {
    expect(advance(0, 60_000, options).phase).to.be.closeTo(0.1, 1e-12);
  });

  it('turns at 1 and at 0', () => {
    const looping = {...options, loop: true};
    expect(valueAt(advance(0.98, 50, looping).phase)).to.be.closeTo(0.97, 1e-12);
    expect(valueAt(advance(1.98, 50, looping).phase)).to.be.closeTo(0.03, 1e-12);
  });

  it('goes on in its direction, unless the value was moved', () => {
    expect(resume(0.25, 1.75)).to.equal(1.75);
    expect(resume(0.5, 1.75)).to.equal(0.5);
    expect(resume(0.5, undefined)).to.equal(0.5);
  });

  it('begins again after the end', () => {
    expect(start(1, options)).to.equal(0);
    expect(start(1, {...options, loop: true})).to.equal(1);
    expect(start(0.5, options)).to.equal(0.5);
  });
});
