import {expect} from '@open-wc/testing';
import type {LatentInterpolator} from '../../components/latent-interpolator/latent-interpolator.js';
import {column, interpolator, record, scene, until, urlOf} from '../components/support.js';

/** Names the calls that are sent to workers. */
function watchCalls(): {readonly calls: readonly string[]; readonly restore: () => void} {
  const {postMessage} = Worker.prototype;
  const calls: string[] = [];
  Worker.prototype.postMessage = function (this: Worker, ...given: unknown[]) {
    const [message] = given as [{path?: string[]}];
    // As Comlink sends a call: {type: 'APPLY', path: ['paint'], …}.
    if (message.path?.[0] !== undefined) calls.push(message.path[0]);
    Reflect.apply(postMessage, this, given);
  };
  return {calls, restore: () => (Worker.prototype.postMessage = postMessage)};
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
    const {calls, restore} = watchCalls();
    try {
      // All twelve wait by the time that the worker has time for them.
      const frames = Promise.all(Array.from({length: 60}, () => busy.frameAt(0.3)));
      const {elements, distances} = await column(12, (i) => [scene(i), scene(i + 1)]);
      const loaded: LatentInterpolator[] = [];
      for (const el of elements) el.addEventListener('latent-load', () => loaded.push(el));
      await Promise.all(elements.map((el) => el.ready));
      for (const frame of await frames) frame!.close();
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
      restore();
    }
  });
});
