import {expect} from '@open-wc/testing';
import {errorOf, pack} from '../engine/support.js';
import {image, interpolator, part, scene, until, urlOf} from './support.js';

describe('accessibility', () => {
  let attributes: string;

  before(async () => {
    attributes = `from="${await urlOf(scene(1))}" to="${await urlOf(scene(2))}"`;
  });

  const morph = (more = '') =>
    interpolator(`<latent-interpolator ${attributes} ${more}></latent-interpolator>`);

  it('is there while nothing is', async () => {
    await expect(
      await interpolator('<latent-interpolator controls></latent-interpolator>'),
    ).to.be.accessible();
  });

  it('is there while it loads', async () => {
    const el = await morph(`controls model="${pack('slow')}"`);
    await until(() => el.state === 'loading', 'it loads');
    await expect(el).to.be.accessible();
  });

  it('is there when it is ready, under its label', async () => {
    const el = await morph('controls label="From Ada to Grace"');
    await el.ready;
    await el.updateComplete;
    await expect(el).to.be.accessible();
    expect(part(el, 'canvas')!.getAttribute('role')).to.equal('img');
    expect(part(el, 'canvas')!.getAttribute('aria-label')).to.equal('From Ada to Grace');
    expect(part(el, 'slider')!.getAttribute('aria-label')).to.equal('From Ada to Grace');
    el.focus();
    expect(el.shadowRoot!.activeElement).to.equal(part(el, 'play-button'));
  });

  it('is there when it failed', async () => {
    const el = await interpolator(
      '<latent-interpolator controls from="/nowhere.png" to="seed:1"></latent-interpolator>',
    );
    await errorOf(el.ready);
    await el.updateComplete;
    await expect(el).to.be.accessible();
    expect(part(el, 'error')!.querySelector('button')!.textContent.trim()).to.equal('Retry');
  });

  it('is there for a single image', async () => {
    const el = await image('<latent-image seed="3" label="Grey"></latent-image>');
    await el.ready;
    await el.updateComplete;
    await expect(el).to.be.accessible();
    expect(part(el, 'canvas')!.getAttribute('aria-label')).to.equal('Grey');
  });
});
