import {expect} from '@open-wc/testing';
import type {LatentInterpolator} from '../../components/latent-interpolator/latent-interpolator.js';
import {column, frames, interpolator, record, scene, until, urlOf} from '../components/support.js';

/** Names the calls that are sent to workers; those to render arrive when `free` says so. */
function watchCalls(free?: Promise<void>): {
  readonly calls: readonly string[];
  readonly restore: () => void;
} {
  const {postMessage} = Worker.prototype;
  const calls: string[] = [];
  Worker.prototype.postMessage = function (this: Worker, ...given: unknown[]) {
    const [message] = given as [{path?: string[]}];
    // As Comlink sends a call: {type: 'APPLY', path: ['paint'], …}.
    const name = message.path?.[0];
    if (name !== undefined) calls.push(name);
    const send = (): void => Reflect.apply(postMessage, this, given) as undefined;
    if (free && name === 'render') void free.then(send);
    else send();
  };
  return {calls, restore: () => (Worker.prototype.postMessage = postMessage)};
}

/** Counts the images that the page has decoded since. */
function watchDecoding(): {readonly count: () => number; readonly restore: () => void} {
  const {createImageBitmap} = globalThis;
  let count = 0;
  globalThis.createImageBitmap = async (...given: unknown[]) => {
    const bitmap = (await Reflect.apply(createImageBitmap, undefined, given)) as ImageBitmap;
    count++;
    return bitmap;
  };
  return {count: () => count, restore: () => (globalThis.createImageBitmap = createImageBitmap)};
}

describe('PictureController', () => {
  it('sends only the newest frame to a worker that was busy while the value moved', async () => {
    const el = await interpolator(
      `<latent-interpolator from="${await urlOf(scene(1))}" to="${await urlOf(scene(2))}"
        ></latent-interpolator>`,
    );
    await el.ready;
    const {calls, restore} = watchCalls();
    try {
      const shown = record(el, 'latent-frame');
      const busy = Promise.all(Array.from({length: 12}, () => el.frameAt(0.3)));
      await until(() => calls.includes('render'), 'the worker is busy');
      // In a task of its own each, as input events are.
      for (const value of [0.1, 0.2, 0.4, 0.9]) {
        el.value = value;
        await el.updateComplete;
        await new Promise((resolve) => setTimeout(resolve));
      }
      for (const frame of await busy) frame!.close();
      await until(() => shown.length > 0, 'a frame is shown');
      await el.updateComplete;
      expect(calls.filter((name) => name === 'paint')).to.have.length(1);
      expect(el.state).to.equal('ready');
    } finally {
      restore();
    }
  });

  it('finishes the picture nearest the middle of the screen first, and one after the other', async () => {
    const busy = await interpolator(
      `<latent-interpolator from="${await urlOf(scene(1))}" to="${await urlOf(scene(2))}"
        ></latent-interpolator>`,
    );
    await busy.ready;
    let release!: () => void;
    const {calls, restore} = watchCalls(new Promise((resolve) => (release = resolve)));
    const decoding = watchDecoding();
    try {
      const frame = busy.frameAt(0.3);
      await until(() => calls.includes('render'), 'the worker is busy');
      const {elements, distances} = await column(12, (i) => [scene(i), scene(i + 1)]);
      const loaded: LatentInterpolator[] = [];
      for (const el of elements) el.addEventListener('latent-load', () => loaded.push(el));
      // All twelve wait by the time that the worker has time for them.
      await until(() => decoding.count() >= 24, 'all pictures are decoded');
      await frames(3);
      release();
      await Promise.all(elements.map((el) => el.ready));
      (await frame)!.close();
      const order = loaded.map((el) => distances.get(el)!);
      expect(order).to.deep.equal([...order].sort((a, b) => a - b));
      const own = calls.filter((name) => name === 'setSource' || name === 'paint');
      expect(own).to.have.length(36);
      const turns = own
        .join(' ')
        .split(' paint')
        .map((turn) => turn.trim());
      expect(turns.slice(0, 12)).to.deep.equal(Array(12).fill('setSource setSource'));
    } finally {
      decoding.restore();
      restore();
    }
  });
});
