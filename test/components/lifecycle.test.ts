import {expect, fixture, oneEvent} from '@open-wc/testing';
import type {ErrorDetail, ProgressDetail} from '../../src/controllers/element-status.js';
import {difference, errorOf, pack, pixelsOf, watchWorkers} from '../engine/support.js';
import {
  collects,
  expectCollected,
  frames,
  interpolator,
  part,
  pause,
  record,
  scene,
  until,
  urlOf,
} from './support.js';

const ada = scene(1);
let attributes: string;

const morph = (more = '') =>
  interpolator(`<latent-interpolator ${attributes} ${more}></latent-interpolator>`);

const isExact = async (el: {frameAt(t: number): Promise<ImageBitmap | undefined>}) =>
  difference(pixelsOf((await el.frameAt(0))!), ada) === 0;

describe('the life of an element', () => {
  let watch: ReturnType<typeof watchWorkers>;

  before(async () => {
    watch = watchWorkers();
    attributes = `from="${await urlOf(ada)}" to="${await urlOf(scene(2))}"`;
  });

  after(() => watch.restore());

  it('shares one worker among ten elements, and outlives those that go', async () => {
    const host = await fixture(
      `<div>${`<latent-interpolator interpolation="lerp" ${attributes}></latent-interpolator>`.repeat(10)}</div>`,
    );
    const elements = [...host.querySelectorAll('latent-interpolator')];
    await Promise.all(elements.map((el) => el.ready));
    expect(watch.workers).to.have.length(1);
    for (const el of elements.slice(1)) el.remove();
    await pause(100);
    expect(await isExact(elements[0]!)).to.equal(true);
    expect(watch.workers).to.have.length(1);
  });

  it('downloads nothing before it is near the viewport', async () => {
    const el = await morph('style="position: absolute; top: 9000px"');
    const eager = await morph('style="position: absolute; top: 9000px" loading="eager"');
    await eager.ready;
    await frames(2);
    expect(el.state).to.equal('idle');
    el.style.top = '0';
    await el.ready;
  });

  it('reports progress that never falls, and shows it', async () => {
    const el = await morph(`model="${pack('slow')}"`);
    const seen: ProgressDetail[] = [];
    el.addEventListener('latent-progress', (event) => {
      seen.push(event.detail);
    });
    await until(() => el.state === 'loading', 'it loads');
    await el.updateComplete;
    expect(el.matches(':state(loading)')).to.equal(true);
    expect(part(el, 'progress')).to.be.instanceOf(HTMLProgressElement);
    await el.ready;
    await el.updateComplete;
    expect(part(el, 'progress')).to.equal(null);
    const ratios = seen.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
    expect(ratios.at(-1)).to.equal(1);
    expect(seen.map(({stage}) => stage)).to.include.members(['download', 'encode', 'decode']);
  });

  it('goes on when it is moved, loading or loaded', async () => {
    const el = await morph();
    const loads = record(el, 'latent-load', 'latent-error');
    const other = await fixture('<section></section>');
    await pause(5);
    other.append(el);
    await el.ready;
    expect(loads).to.deep.equal(['latent-load']);
    const canvas = part(el, 'canvas');
    document.body.append(el);
    await pause(100);
    expect(await isExact(el)).to.equal(true);
    expect(part(el, 'canvas'), 'the same canvas').to.equal(canvas);
    expect(loads).to.deep.equal(['latent-load']);
    el.remove();
  });

  it('gives up what is under way when it is removed', async () => {
    await caches.delete('latent-elements-packs-1');
    const el = await morph(`model="${pack('slow')}?again"`);
    const bitmap = el.frameAt(0);
    const errors = record(el, 'latent-error');
    await until(() => el.state === 'loading', 'it loads');
    el.remove();
    expect((await errorOf(bitmap)).name).to.equal('AbortError');
    expect(el.state).to.equal('idle');
    expect(errors).to.deep.equal([]);
  });

  it('begins again when it comes back', async () => {
    const el = await morph();
    await el.ready;
    const canvas = part(el, 'canvas');
    const parent = el.parentElement!;
    el.remove();
    await until(() => el.state === 'idle', 'it lets go');
    parent.append(el);
    await el.ready;
    expect(await isExact(el)).to.equal(true);
    expect(part(el, 'canvas'), 'a new canvas').to.not.equal(canvas);
    await frames(2);
    expect(el.state).to.equal('ready');
  });

  it('comes back by itself, once, from a worker that was killed', async () => {
    const el = await morph();
    await el.ready;
    await frames(3);
    const canvas = part(el, 'canvas');
    const errors = record(el, 'latent-error');
    const load = oneEvent(el, 'latent-load');
    watch.workers.at(-1)!.terminate();
    await load;
    expect(errors).to.deep.equal([]);
    expect(part(el, 'canvas'), 'a new canvas').to.not.equal(canvas);
    expect(await isExact(el)).to.equal(true);

    const failed = oneEvent<CustomEvent<ErrorDetail>>(el, 'latent-error');
    watch.workers.at(-1)!.terminate();
    const {detail} = await failed;
    expect(detail.code).to.equal('worker-crashed');
    await el.updateComplete;
    expect(errors).to.deep.equal(['latent-error']);
    part(el, 'error')!.querySelector('button')!.click();
    await el.ready;
    expect(await isExact(el)).to.equal(true);
  });

  it('never rejects where nobody listens', async () => {
    const unhandled: unknown[] = [];
    const listen = (event: PromiseRejectionEvent): void => {
      unhandled.push(event.reason);
    };
    addEventListener('unhandledrejection', listen);
    const el = await morph('strength="1"');
    void el.ready;
    await until(() => el.state === 'error', 'it failed');
    el.remove();
    await pause(150);
    removeEventListener('unhandledrejection', listen);
    expect(unhandled).to.deep.equal([]);
  });

  it('does not keep what was removed in memory', async function () {
    if (!collects) return this.skip();
    await expectCollected(async () => {
      const el = await morph('controls loop');
      await el.play();
      return el;
    });
  });
});
