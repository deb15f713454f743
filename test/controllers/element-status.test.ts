// How often an element tells how far it is.
import {expect} from '@open-wc/testing';
import {ElementStatus, type ProgressDetail} from '../../src/controllers/element-status.js';
import {pause} from '../components/support.js';

describe("an element's progress", () => {
  const status = () => {
    const host = Object.assign(document.createElement('div'), {
      addController: () => undefined,
      removeController: () => undefined,
      requestUpdate: () => undefined,
      updateComplete: Promise.resolve(true),
    });
    const seen: ProgressDetail[] = [];
    host.addEventListener('latent-progress', ({detail}) => seen.push(detail));
    const internals = {states: new Set<string>()} as unknown as ElementInternals;
    return {status: new ElementStatus(host, internals), seen, host};
  };
  const download = (loaded: number, total = 300) => ({
    ...{stage: 'download' as const, loaded, total},
    ratio: (0.8 * loaded) / total,
  });

  it('of 300 chunks in a second comes 20 times or so, the newest and the last among them', async () => {
    const {status: own, seen} = status();
    own.begin();
    const began = performance.now();
    for (let loaded = 0; loaded < 300;) {
      const due = Math.min(300, Math.ceil(((performance.now() - began) / 1000) * 300));
      while (loaded < due) own.advance(download(++loaded));
      await pause(3);
    }
    const seconds = (performance.now() - began) / 1000;
    expect(seen.length).to.be.within(5, 20 * seconds + 3);
    expect(seen[0]!.loaded).to.equal(1);
    expect(seen.at(-1)!.loaded).to.equal(300);
    const ratios = seen.map(({ratio}) => ratio);
    expect(ratios).to.deep.equal([...ratios].sort((a, b) => a - b));
  });

  it('comes at once where a stage begins or ends, or has few steps, and before what ends it', () => {
    const {status: own, seen, host} = status();
    own.begin();
    own.advance({stage: 'compile', loaded: 0, total: 2, ratio: 0});
    own.advance({stage: 'compile', loaded: 1, total: 2, ratio: 0.1});
    own.advance(download(1));
    own.advance(download(2));
    const states: string[] = [];
    host.addEventListener('latent-progress', () => states.push(own.state));
    own.succeed({model: 'm', space: 's', device: 'wasm'});
    expect(states).to.deep.equal(['loading']);
    expect(seen.map(({stage, loaded}) => `${stage} ${String(loaded)}`)).to.deep.equal([
      'compile 0',
      'compile 1',
      'download 1',
      'download 2',
    ]);
  });

  it('of a method is the newest, though nothing follows it', async () => {
    const {status: own, seen} = status();
    for (const loaded of [1, 2, 3]) own.report(download(loaded));
    await pause(100);
    expect(seen.map(({loaded}) => loaded)).to.deep.equal([1, 3]);
  });
});
