import {expect, fixture, oneEvent} from '@open-wc/testing';
import {emulateMedia} from '@web/test-runner-commands';
import {difference, errorOf, pack} from '../engine/support.js';
import {
  collects,
  expectCollected,
  FLOW,
  frames,
  generator,
  part,
  pause,
  record,
  shown,
  until,
} from './support.js';

describe('the life of latent-generator', () => {
  it('downloads nothing before it is near the viewport, unless it is eager or asked', async () => {
    const far = 'style="position: absolute; top: 9000px"';
    const el = await generator(far);
    const eager = await generator(`${far} loading="eager"`);
    await eager.ready;
    await frames(2);
    expect(el.state).to.equal('idle');
    await el.generate();
    expect(el.state).to.equal('ready');
  });

  it('says how loading goes, and shows it', async () => {
    const el = await generator('controls', pack('slow-flow'));
    await until(() => el.state === 'loading', 'it loads');
    await el.updateComplete;
    expect(el.matches(':state(loading)')).to.equal(true);
    expect(part(el, 'progress')).to.be.instanceOf(HTMLProgressElement);
    const load = oneEvent(el, 'latent-load');
    await el.ready;
    expect(((await load) as CustomEvent<object>).detail).to.include({
      model: 'blocks-flow',
      space: 'blocks-1',
      device: 'wasm',
    });
    await el.updateComplete;
    expect(part(el, 'progress')).to.equal(null);
    expect(el.matches(':state(ready)')).to.equal(true);
  });

  it('goes on when it is moved, while it generates and after', async () => {
    const el = await generator('steps="1000" live');
    const loads = record(el, 'latent-load', 'latent-error');
    await oneEvent(el, 'latent-step');
    const other = await fixture('<section></section>');
    other.append(el);
    await el.ready;
    expect(loads).to.deep.equal(['latent-load']);
    const canvas = part(el, 'canvas');
    document.body.append(el);
    await pause(100);
    expect(part(el, 'canvas'), 'the same canvas').to.equal(canvas);
    expect(el.state).to.equal('ready');
    el.remove();
  });

  it('gives up what it makes when it is removed', async () => {
    const el = await generator('steps="1000"');
    const call = errorOf(el.generate());
    await oneEvent(el, 'latent-step');
    const steps = record(el, 'latent-step', 'latent-error');
    el.remove();
    expect((await call).name).to.equal('AbortError');
    expect(el.state).to.equal('idle');
    // What was on its way.
    steps.length = 0;
    await pause(150);
    expect(steps).to.deep.equal([]);
  });

  it('shows the same place again when it comes back', async () => {
    const el = await generator('seed="3"');
    await el.vary({seed: 4});
    el.position = [0.3, 0];
    const before = await shown(el);
    const parent = el.parentElement!;
    el.remove();
    await until(() => el.state === 'idle', 'it lets go');
    parent.append(el);
    await el.ready;
    expect(difference(await shown(el), before)).to.be.below(2);
  });

  it('does not keep what was removed in memory', async function () {
    if (!collects) return this.skip();
    await expectCollected(async () => {
      const el = await generator('controls live autoplay');
      await el.vary();
      return el;
    });
  });
});

describe('the accessibility of latent-generator', () => {
  const full = 'controls live prompt="cat" src="seed:2" label="A face"';

  it('is there when everything is', async () => {
    const el = await generator(full);
    await el.ready;
    part(el, 'vary-button')!.click();
    await until(
      () => !part(el, 'variants')?.querySelector(':disabled') && !!part(el, 'variants'),
      'they are drawn',
    );
    await expect(el).to.be.accessible();
    expect(part(el, 'canvas')!.getAttribute('aria-label')).to.equal('A face');
    expect(part(el, 'pad')!.getAttribute('aria-label')).to.contain('A face');
    el.focus();
    expect(el.shadowRoot!.activeElement!.getAttribute('type')).to.equal('range');
  });

  it('is there in the dark', async () => {
    await emulateMedia({colorScheme: 'dark'});
    const el = await generator(
      `${full} style="color-scheme: dark; background: #16161a; color: #fff"`,
    );
    await el.ready;
    await el.updateComplete;
    await expect(el).to.be.accessible();
    await emulateMedia({colorScheme: 'light'});
  });

  it('is there while it loads', async () => {
    await caches.delete('latent-elements-packs-1');
    const el = await generator('controls live', `${pack('slow-flow')}?again`);
    await until(() => part(el, 'generate-button')!.textContent.trim() === 'Cancel', 'it loads');
    await expect(el).to.be.accessible();
  });

  it('is there when it failed, and disabled', async () => {
    const el = await generator('controls seed="-1" disabled');
    await errorOf(el.ready);
    await el.updateComplete;
    await expect(el).to.be.accessible();
  });

  it('calls the picture what was asked for, where nobody names it', async () => {
    const el = await generator('prompt=" a red boat "');
    const name = () => part(el, 'canvas')!.getAttribute('aria-label');
    expect(name()).to.equal('a red boat');
    el.prompt = '';
    await el.updateComplete;
    expect(name()).to.equal('Generated image');
    el.model = FLOW;
    await el.ready;
  });
});
